#!/usr/bin/env python3
"""Writes a small BERT as Hugging Face's libraries store one, jobs that fill variables with TensorFlow's
names from it, and what must come of them. Needs nothing but Python; what it writes is kept beside it."""

import json
import pathlib
import struct

HERE = pathlib.Path(__file__).resolve().parent
LAYERS, WIDTH, INNER, TOKENS, POSITIONS = 12, 8, 32, 60, 16
KERNEL, PLAIN = True, False  # whether a matrix is the other's transpose


def weights():
    """Hugging Face's name, TensorFlow's, shape in the file, and whether TensorFlow has it transposed."""
    def norm(theirs, ours):
        yield f"{theirs}.LayerNorm.weight", f"{ours}/LayerNorm/gamma", [WIDTH], PLAIN
        yield f"{theirs}.LayerNorm.bias", f"{ours}/LayerNorm/beta", [WIDTH], PLAIN

    def dense(theirs, ours, outputs, inputs):
        yield f"{theirs}.weight", f"{ours}/kernel", [outputs, inputs], KERNEL
        yield f"{theirs}.bias", f"{ours}/bias", [outputs], PLAIN

    for kind, rows in (("word", TOKENS), ("position", POSITIONS), ("token_type", 2)):
        yield (f"bert.embeddings.{kind}_embeddings.weight", f"bert/embeddings/{kind}_embeddings", [rows, WIDTH],
               PLAIN)
    yield from norm("bert.embeddings", "bert/embeddings")
    for n in range(LAYERS):
        theirs, ours = f"bert.encoder.layer.{n}", f"bert/encoder/layer_{n}"
        for part in ("query", "key", "value"):
            yield from dense(f"{theirs}.attention.self.{part}", f"{ours}/attention/self/{part}", WIDTH, WIDTH)
        yield from dense(f"{theirs}.attention.output.dense", f"{ours}/attention/output/dense", WIDTH, WIDTH)
        yield from norm(f"{theirs}.attention.output", f"{ours}/attention/output")
        yield from dense(f"{theirs}.intermediate.dense", f"{ours}/intermediate/dense", INNER, WIDTH)
        yield from dense(f"{theirs}.output.dense", f"{ours}/output/dense", WIDTH, INNER)
        yield from norm(f"{theirs}.output", f"{ours}/output")
    yield from dense("bert.pooler.dense", "bert/pooler/dense", WIDTH, WIDTH)


def entries():
    """One for each kind of weight."""
    layer, ours = "bert.encoder.layer.{n}.", "bert/encoder/layer_{n}/"
    transposed = [
        (layer + "attention.self.{part}.weight", ours + "attention/self/{part}/kernel"),
        (layer + "attention.output.dense.weight", ours + "attention/output/dense/kernel"),
        (layer + "{part}.dense.weight", ours + "{part}/dense/kernel"),
        ("bert.pooler.dense.weight", "bert/pooler/dense/kernel"),
    ]
    plain = [
        ("bert.embeddings.{kind}_embeddings.weight", "bert/embeddings/{kind}_embeddings"),
        (layer + "attention.self.{part}.bias", ours + "attention/self/{part}/bias"),
        (layer + "attention.output.dense.bias", ours + "attention/output/dense/bias"),
        (layer + "{part}.dense.bias", ours + "{part}/dense/bias"),
        (layer + "attention.output.LayerNorm.weight", ours + "attention/output/LayerNorm/gamma"),
        (layer + "attention.output.LayerNorm.bias", ours + "attention/output/LayerNorm/beta"),
        (layer + "output.LayerNorm.weight", ours + "output/LayerNorm/gamma"),
        (layer + "output.LayerNorm.bias", ours + "output/LayerNorm/beta"),
        ("bert.embeddings.LayerNorm.weight", "bert/embeddings/LayerNorm/gamma"),
        ("bert.embeddings.LayerNorm.bias", "bert/embeddings/LayerNorm/beta"),
        ("bert.pooler.dense.bias", "bert/pooler/dense/bias"),
    ]
    return {**{theirs: {"to": to, "transpose": [1, 0]} for theirs, to in transposed},
            **{theirs: {"to": to} for theirs, to in plain}}


def noise(count, seed):
    """Reproducible float32 in [-1, 1)."""
    state = seed * 2654435761 % 2**32
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        yield (state >> 8) / 2**23 - 1


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return f"0x{crc ^ 0xFFFFFFFF:08x}"


def size(shape):
    count = 1
    for length in shape:
        count *= length
    return count


def write_safetensors(path, tensors):
    """name: (dtype, shape, bytes). The large elements first, then by name, as their writer does."""
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name in sorted(tensors, key=lambda one: (tensors[one][0] != "I64", one)):
        dtype, shape, values = tensors[name]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def rows_of(shape, values):
    """A matrix, or a vector as one of a single column."""
    width = shape[1] if len(shape) == 2 else 1
    return [values[at:at + width] for at in range(0, len(values), width)]


def packed(rows):
    return b"".join(struct.pack(f"<{len(row)}f", *row) for row in rows)


def cut(length, parts):
    """Lengths of the parts: the first ones are one longer where it does not come out even."""
    return [length // parts + (i < length % parts) for i in range(parts)]


def write_job(name, variables, in_parts):
    """`in_parts`: matrices lie in three parts of rows, kernels in two of columns."""
    described, expected = [], []
    for variable, shape, rows in variables:
        one = {"name": variable, "shape": shape, "dtype": "float32"}
        if in_parts and len(shape) == 2:
            axis, parts = (1, 2) if variable.endswith("kernel") else (0, 3 if shape[0] > 2 else 2)
            one["partitions"] = [parts if d == axis else 1 for d in range(2)]
            begin = 0
            for part, length in enumerate(cut(shape[axis], parts)):
                piece = ([row[begin:begin + length] for row in rows] if axis else rows[begin:begin + length])
                expected.append({"name": f"{variable}/part_{part}", "dtype": "float32",
                                 "shape": [len(piece), len(piece[0])], "crc32c": crc32c(packed(piece))})
                begin += length
        else:
            expected.append({"name": variable, "dtype": "float32", "shape": shape, "crc32c": crc32c(packed(rows))})
        described.append(one)
    job = {"variables": described,
           "initialize": [{"checkpoint": "../checkpoints/model.safetensors", "assignment_map": entries()}]}
    jobs = HERE / "jobs"
    jobs.mkdir(exist_ok=True)
    (jobs / f"{name}.job.json").write_text(json.dumps(job, indent=1) + "\n")
    (jobs / f"{name}.expected.json").write_text(
        json.dumps({"status": "ok", "variables": expected}, indent=1) + "\n")


def main():
    stored = {"bert.embeddings.position_ids": ("I64", [1, POSITIONS], struct.pack(f"<{POSITIONS}q", *range(POSITIONS))),
              "cls.predictions.bias": ("F32", [TOKENS], packed([list(noise(TOKENS, 1))]))}
    variables = []
    for seed, (theirs, ours, shape, transposed) in enumerate(weights(), 2):
        rows = rows_of(shape, list(noise(size(shape), seed)))
        stored[theirs] = ("F32", shape, packed(rows))
        variables.append((ours, shape[::-1], [list(row) for row in zip(*rows)]) if transposed
                         else (ours, shape, rows))
    write_safetensors(HERE / "checkpoints/model.safetensors", stored)
    write_job("bert", variables, in_parts=False)
    write_job("bert_in_parts", variables, in_parts=True)


if __name__ == "__main__":
    main()
