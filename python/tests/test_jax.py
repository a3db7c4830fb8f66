"""JAX: trees of new arrays, sharded over eight devices of the host."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest
import warmstart as ws
from conftest import ROOT, float32, write_safetensors
from jax.sharding import NamedSharding, PartitionSpec, SingleDeviceSharding

Make = Callable[..., str]
Spec = PartitionSpec


class Layer(NamedTuple):
    kernel: Any
    bias: Any


def leaf(*shape: int, dtype: Any = np.float32, sharding: Any = None) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(shape, dtype, sharding=sharding)


def over(shape: tuple[int, ...], *spec: str | None) -> NamedSharding:
    return NamedSharding(jax.make_mesh(shape, ("x", "y")[: len(shape)]), Spec(*spec))


def bytes_needed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of each load that follows, what it needs of the files and of memory."""
    counts: list[int] = []
    load = ws.VariableStore.run_initializers

    def counted(self: ws.VariableStore, **options: Any) -> ws.LoadReport:
        report = load(self, **options)
        counts.append(report.bytes_needed)
        return report

    monkeypatch.setattr(ws.VariableStore, "run_initializers", counted)
    return counts


@pytest.fixture
def model(tmp_path: Path) -> str:
    """Of two layers and a step; the names have dots."""
    tensors = {
        "layers.0.kernel": ("F32", (8, 6), float32(8, 6).tobytes()),
        "layers.0.bias": ("F32", (6,), float32(6).tobytes()),
        "layers.1.kernel": ("F32", (8, 6), (float32(8, 6) + 100).tobytes()),
        "layers.1.bias": ("F32", (6,), (float32(6) + 100).tobytes()),
        "step": ("I32", (), np.int32(7).tobytes()),
    }
    return write_safetensors(tmp_path / "model.safetensors", tensors)


def layers(**options: Any) -> list[Layer]:
    return [Layer(leaf(8, 6, **options), leaf(6)) for _ in range(2)]


def test_leaves_are_called_by_keys_indices_and_attributes(model: str) -> None:
    tree = {"layers": layers(), "step": leaf(dtype=np.int32), "nothing": None}
    loaded = ws.jax.load(tree, model)
    assert jax.tree.structure(loaded) == jax.tree.structure(tree)
    assert all(isinstance(one, jax.Array) for one in jax.tree.leaves(loaded))
    assert np.array_equal(loaded["layers"][0].kernel, float32(8, 6))
    assert np.array_equal(loaded["layers"][1].bias, float32(6) + 100)
    assert loaded["step"] == 7
    assert loaded["step"].dtype == jnp.int32


def test_what_eval_shape_gives_is_loaded_and_used(model: str) -> None:
    def init(key: jax.Array) -> Any:
        keys = jax.random.split(key, 2)
        return {"layers": [{"kernel": jax.random.normal(one, (8, 6)), "bias": jnp.zeros(6)} for one in keys]}

    params = ws.jax.load(jax.eval_shape(init, jax.random.key(0)), model)
    called = jax.jit(lambda p, x: x @ p["layers"][1]["kernel"] + p["layers"][1]["bias"])(params, jnp.ones((1, 8)))
    assert np.allclose(called, np.ones((1, 8)) @ (float32(8, 6) + 100) + float32(6) + 100)


@pytest.mark.parametrize("scope", ["layers/", "layers."])
@pytest.mark.parametrize("target", ["params/layers/", "params.layers/", "params.layers."])
def test_scopes_of_leaves_are_targets(scope: str, target: str, model: str) -> None:
    loaded = ws.jax.load({"params": {"layers": layers()}}, model, {scope: target})
    assert np.array_equal(loaded["params"]["layers"][1].kernel, float32(8, 6) + 100)


def test_patterns_entries_and_names_are_targets(model: str) -> None:
    tree = {"blocks": [{"w": leaf(6, 8)}, {"w": leaf(6, 8)}], "count": leaf(dtype=np.float32)}
    loaded = ws.jax.load(
        tree,
        ws.open(model),
        [
            ("layers.{n}.kernel", ws.Entry("blocks.{n}.w", transpose=(1, 0))),
            ("step", ws.Entry("count", cast=True)),
        ],
    )
    assert np.array_equal(loaded["blocks"][1]["w"], (float32(8, 6) + 100).T)
    assert loaded["count"] == 7.0


@pytest.mark.parametrize(
    ("mesh", "spec", "boxes"),
    [
        ((8,), ("x",), 8),
        ((8,), (None, None), 1),
        ((4, 2), ("x", "y"), 8),
        ((4, 2), ("y", None), 2),
        ((2, 4), (("y", "x"), None), 8),
    ],
    ids=str,
)
def test_each_device_has_its_slice_and_each_slice_is_read_once(
    mesh: tuple[int, ...], spec: Any, boxes: int, make_file: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = float32(16, 8)
    needed = bytes_needed(monkeypatch)
    sharding = over(mesh, *spec)
    loaded = ws.jax.load({"a": leaf(16, 8)}, make_file(a=stored), sharding=sharding)["a"]
    assert loaded.sharding == sharding
    assert len({str(one.index) for one in loaded.addressable_shards}) == boxes
    for shard in loaded.addressable_shards:
        assert shard.data.devices() == {shard.device}
        assert np.array_equal(shard.data, stored[shard.index])
    assert needed == [stored.nbytes]


def test_slices_of_a_transformed_tensor(make_file: Make) -> None:
    stored = float32(8, 12)
    loaded = ws.jax.load(
        {"a": leaf(12, 8, dtype=jnp.bfloat16)},
        make_file(t=stored),
        {"t": ws.Entry("a", transpose=(1, 0), cast=True)},
        sharding=over((4, 2), "x", "y"),
    )["a"]
    assert np.array_equal(loaded, stored.T.astype(ml_dtypes.bfloat16))


def test_shardings_are_the_leaves_or_the_callers_or_a_tree_of_them(make_file: Make) -> None:
    path = make_file(a=float32(8), b=float32(8), c=float32(8), d=float32(8))
    rows, device = over((8,), "x"), jax.devices()[5]
    tree = {"a": leaf(8, sharding=rows), "b": leaf(8), "c": jax.device_put(jnp.zeros(8), device), "d": jnp.zeros(8)}
    default = ws.jax.load(tree, path)
    assert default["a"].sharding == rows
    assert default["c"].devices() == {device}
    assert not default["b"].committed  # goes where a computation needs it
    assert not default["d"].committed
    for one, where in ((rows, rows), (device, SingleDeviceSharding(device))):
        assert all(leaf.sharding == where for leaf in jax.tree.leaves(ws.jax.load(tree, path, sharding=one)))
    each = ws.jax.load({"p": tree}, path, {"/": "p/"}, sharding={"p": {"a": None, "b": device, "c": rows, "d": rows}})
    assert [each["p"][name].sharding for name in "abc"] == [rows, SingleDeviceSharding(device), rows]
    upper = ws.jax.load({"p": tree, "q": {"a": leaf(8)}}, path, [("/", "p/"), ("a", "q.a")],
                        sharding={"p": rows, "q": device})  # fmt: skip
    assert upper["p"]["d"].sharding == rows
    assert upper["q"]["a"].devices() == {device}
    for wrong, why in (({"p": rows}, "no tree like"), ({"p": rows, "q": Spec("x")}, "expected a Sharding")):
        with pytest.raises(ws.InvalidArgumentError, match=why):
            ws.jax.load({"p": tree, "q": {"a": leaf(8)}}, path, sharding=wrong)


def test_arrays_share_the_memory_that_was_read_into(make_file: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = set()
    view = ws.Variable.numpy

    def noted(self: ws.Variable, replica: int = 0) -> np.ndarray:
        addresses.add(self.data_ptr(replica))
        return view(self, replica)

    monkeypatch.setattr(ws.Variable, "numpy", noted)
    path = make_file(a=float32(16, 1 << 16), b=float32(5), c=float32(8))
    tree = {"a": leaf(16, 1 << 16), "b": leaf(5), "c": leaf(8)}
    where = {"a": over((8,), "x"), "b": None, "c": over((8,))}
    loaded = ws.jax.load(tree, path, sharding=where)
    shards = {name: [one.data.unsafe_buffer_pointer() for one in loaded[name].addressable_shards] for name in tree}
    assert {one for each in shards.values() for one in each} == addresses
    assert [len(set(shards[name])) for name in "abc"] == [8, 1, 1]  # replicas on the host share one


def test_a_donated_array_leaves_the_others_alone(make_file: Make) -> None:
    path = make_file(a=float32(8))
    twice = ws.jax.load({"a": leaf(8), "b": leaf(8)}, path, [("a", "a"), ("a", "b")], sharding=over((8,)))
    step = jax.jit(lambda x: x * 2, donate_argnums=0)
    assert np.array_equal(step(twice["a"]), float32(8) * 2)
    assert np.array_equal(twice["b"], float32(8))


def test_memory_is_given_back_with_the_arrays(make_file: Make) -> None:
    import gc
    import os

    path = make_file(a=float32(1 << 22))

    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    ws.jax.load({"a": leaf(1 << 22)}, path)
    gc.collect()
    before = resident()
    for _ in range(8):
        ws.jax.load({"a": leaf(1 << 22)}, path)
        gc.collect()
    assert resident() - before < 32 << 20


def test_dtypes_are_jaxs(tmp_path: Path, make_file: Make) -> None:
    names = {"F32": "float32", "F16": "float16", "BF16": "bfloat16", "F8_E4M3": "float8_e4m3fn", "I8": "int8",
             "U32": "uint32", "BOOL": "bool", "C64": "complex64"}  # fmt: skip
    stored = {key: np.array([0, 1, 1, 0]).astype(jnp.dtype(name)) for key, name in names.items()}
    path = write_safetensors(
        tmp_path / "all.safetensors", {key: (key, one.shape, one.tobytes()) for key, one in stored.items()}
    )
    loaded = ws.jax.load({key: leaf(4, dtype=one.dtype) for key, one in stored.items()}, path)
    for key, one in stored.items():
        assert loaded[key].dtype == one.dtype
        assert np.asarray(loaded[key]).tobytes() == one.tobytes()


def test_64_bits_are_32_unless_jax_has_them(tmp_path: Path) -> None:
    wide = np.arange(4, dtype=np.float64)
    path = write_safetensors(tmp_path / "wide.safetensors", {"a": ("F64", (4,), wide.tobytes())})
    tree = {"a": leaf(4, dtype=np.float64)}
    with pytest.raises(ws.MismatchError, match=r"leaf a cannot take tensor a .*float32.*float64.*cast"):
        ws.jax.load(tree, path)
    assert ws.jax.load(tree, path, cast=True)["a"].dtype == np.float32
    with jax.enable_x64(True):
        loaded = ws.jax.load(tree, path)["a"]
        assert (loaded.dtype, loaded.tolist()) == (np.float64, wide.tolist())


def test_scalars_empty_arrays_and_python_numbers(tmp_path: Path) -> None:
    path = write_safetensors(
        tmp_path / "few.safetensors",
        {"step": ("I32", (), np.int32(7).tobytes()), "none": ("F32", (0, 3), b"")},
    )
    loaded = ws.jax.load({"step": 0, "none": jnp.ones((0, 3))}, path, sharding=over((8,)))
    assert loaded["step"] == 7
    assert loaded["none"].shape == (0, 3)
    assert ws.jax.load({}, path, {}) == {}


def test_all_problems_are_named_at_once(model: str) -> None:
    tree = {
        "layers": [Layer(leaf(8, 6), leaf(7)), Layer(leaf(8, 6, dtype=np.float16), leaf(6))],
        "head": {"kernel": leaf(6, 2)},
    }
    with pytest.raises(ws.Error) as caught:
        ws.jax.load(tree, model)
    assert {(one.code, one.variable) for one in caught.value.problems} == {
        ("mismatch", "layers.0.bias"), ("mismatch", "layers.1.kernel"), ("not_found", "head.kernel"),
    }  # fmt: skip
    assert "leaf layers.0.bias cannot take tensor layers.0.bias of" in str(caught.value)
    assert "for leaf head.kernel is not found in" in str(caught.value)
    with pytest.raises(ws.Error) as caught:
        ws.jax.load(tree, model, {"layers/": "layers/"})
    assert ("not_found", "head.kernel") in {(one.code, one.variable) for one in caught.value.problems}
    assert len(caught.value.problems) == 3
    assert "leaf head.kernel: no entry of the assignment map names it" in str(caught.value)


def test_leaves_without_a_tensor_stay_as_they_are(model: str) -> None:
    head, bias = leaf(6, 2), jnp.full(7, 3.0)
    tree = {"layers": [Layer(leaf(8, 6), bias)], "head": head}
    options = {"strict": False, "ignore_mismatched": True}
    for map_ in (None, {"layers/": "layers/"}):
        loaded = ws.jax.load(tree, model, map_, **options)
        assert loaded["head"] is head
        assert loaded["layers"][0].bias is bias
        assert np.array_equal(loaded["layers"][0].kernel, float32(8, 6))
    kept = ws.jax.load(tree, model, except_=["head", "layers.0.bias"])
    assert kept["layers"][0].bias is bias
    with pytest.raises(ws.MismatchError):
        ws.jax.load(tree, model, strict=False)
    with pytest.raises(ws.NotFoundError):
        ws.jax.load(tree, model, ignore_mismatched=True)


def test_leaves_that_cannot_be_are_refused_together(model: str) -> None:
    tree = {"a.b": leaf(2), "a": {"b": leaf(2)}, "key": jax.random.key(0), "text": "text",
            "uneven": leaf(10, sharding=over((8,), "x"))}  # fmt: skip
    with pytest.raises(ws.InvalidArgumentError) as caught:
        ws.jax.load(tree, model)
    assert {one.variable for one in caught.value.problems} == {"a.b", "key", "text", "uneven"}
    with pytest.raises(ws.InvalidArgumentError, match="no name"):
        ws.jax.load(leaf(6), model)
    for wrong in (np.zeros(6, np.float32), ["layers.0.bias"]):
        with pytest.raises(ws.InvalidArgumentError, match="a target is the name"):
            ws.jax.load({"a": leaf(6)}, model, {"layers.0.bias": wrong})


def test_arrays_of_jax_are_no_targets(model: str) -> None:
    array = jnp.zeros(6)
    with ws.open(model) as ckpt:
        for call in (
            lambda: ckpt["layers.0.bias"].read(out=array),
            lambda: ckpt.read_into([("layers.0.bias", array)]),
            lambda: ws.VariableStore("cpu:0").init_from_checkpoint(ckpt, {"layers.0.bias": array}),
        ):
            with pytest.raises(ws.InvalidArgumentError, match=r"warmstart\.jax\.load"):
                call()
    assert not array.any()


def test_damage_is_an_error(trained: str, tmp_path: Path) -> None:
    for one in Path(trained).iterdir():
        content = bytearray(one.read_bytes())
        if ".data-" in one.name:
            content = bytearray(len(content))
        (tmp_path / one.name).write_bytes(content)
    with pytest.raises(ws.CorruptError, match="net/w"):
        ws.jax.load({"net": {"w": leaf(5, 4)}}, tmp_path / "model.ckpt-3")


def test_options_of_loads_are_passed_on(model: str) -> None:
    seen: list[tuple[int, int]] = []
    with ws.Engine(reader_threads=1) as engine:
        ws.jax.load(
            {"step": leaf(dtype=np.int32)}, model, engine=engine, budget_bytes=64 << 20,
            progress=lambda done, total: seen.append((done, total)),
        )  # fmt: skip
    assert seen[-1] == (4, 4)


PROCESS = """
import sys
import jax, numpy as np, warmstart as ws
from jax.sharding import NamedSharding, PartitionSpec
number, port, path = int(sys.argv[1]), sys.argv[2], sys.argv[3]
jax.distributed.initialize(f"localhost:{port}", 2, number)
everywhere = NamedSharding(jax.make_mesh((4,), ("x",)), PartitionSpec("x"))
there = jax.sharding.SingleDeviceSharding(jax.devices()[0])  # of the first process
tree = {"a": jax.ShapeDtypeStruct((8, 3), np.float32, sharding=everywhere),
        "b": jax.ShapeDtypeStruct((8, 3), np.float32, sharding=there)}
load, needed = ws.VariableStore.run_initializers, []
ws.VariableStore.run_initializers = lambda *given, **options: needed.append(load(*given, **options).bytes_needed)
loaded = ws.jax.load(tree, path, [("a", "a"), ("a", "b")])
assert needed == [96 if number == 0 else 48], needed
stored = np.arange(24, dtype=np.float32).reshape(8, 3)
shards = loaded["a"].addressable_shards
assert [one.index[0].start for one in shards] == [4 * number, 4 * number + 2], shards
assert all(np.array_equal(one.data, stored[one.index]) for one in shards)
assert len(loaded["b"].addressable_shards) == 1 - number
"""


def test_each_process_reads_what_its_devices_need(make_file: Make) -> None:
    import os
    import socket

    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    command = [sys.executable, "-c", PROCESS]
    started = [
        subprocess.Popen([*command, str(number), str(port), make_file(a=float32(8, 3))], env=environment, cwd=ROOT,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for number in range(2)
    ]  # fmt: skip
    printed = [one.communicate(timeout=120)[0] for one in started]
    assert [one.returncode for one in started] == [0, 0], printed
