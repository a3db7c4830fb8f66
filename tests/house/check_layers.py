#!/usr/bin/env python3
"""Checks that rooms depend on each other only the allowed way: by includes and by forward declarations. And
that internal headers declare nothing in the namespace of the public API.

usage: check_layers.py ROOT        one line a violation, exit status 1 if there is one
       check_layers.py --self-test
"""

import pathlib
import re
import sys
import tempfile

# What each room may include, besides itself: the flow of data from top to bottom.
ALLOWED = {
    "base": set(),
    "tensor": {"base"},
    "checksum": {"base", "tensor"},
    "io": {"base"},
    "model": {"base", "tensor", "checksum", "io"},
    "formats": {"base", "tensor", "checksum", "io", "model"},
    "resolve": {"base", "tensor", "model"},
    "plan": {"base", "tensor", "checksum", "model"},
    "engine": {"base", "tensor", "checksum", "io", "model", "plan"},
    "variables": {"base", "tensor", "model", "engine/backend.hpp", "warmstart/memory.hpp"},
    "cuda": {"base", "tensor", "checksum", "model", "engine/backend.hpp", "engine/pages.hpp",
             "warmstart/memory.hpp"},
    "load": {"base", "tensor", "checksum", "io", "model", "formats", "plan", "engine", "variables"},
    "api": {"base", "tensor", "checksum", "io", "model", "formats", "resolve", "plan", "engine", "variables",
            "load"},
    "testing": {"base", "tensor", "engine/backend.hpp"},
    "cli": {"base", "io"},
}

# What is built on the public API: all of its headers, but for those for tests.
ON_TOP = {"testing", "cli"}

# A public header belongs to the room that needs it first.
PUBLIC = {
    "base": ["error", "export"],
    "tensor": ["dtype", "shape", "slice"],
    "io": ["file_system"],
    "model": ["device", "links", "partial_checksums", "progress", "stream_ref", "trace"],
    "engine": ["host_buffer", "memory"],
    "variables": ["dlpack", "initializer", "partitioner", "variable", "variable_store"],
    # What a load is told and reports; the calls themselves are in api.
    "load": ["checkpoint", "engine", "init_from_checkpoint", "run", "transform", "verify"],
    "api": ["load_checkpoint", "plan", "read_back", "version", "warmstart"],
    "testing": [f"testing/{name}" for name in ["check_result", "compare", "gtest", "memory", "poison",
                                               "resident"]],
}
PUBLIC_LAYER = {f"warmstart/{name}.hpp": layer for layer, names in PUBLIC.items() for name in names}

# Headers of the CUDA toolkit: for the layer cuda alone.
TOOLKIT = re.compile(r"(cuda|thrust|cub|nv|cooperative_groups)\b|cuda_|driver_types|vector_types|crt/")

INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.MULTILINE)
SOURCES = {".hpp", ".cpp", ".cu", ".cuh"}
DECLARATION = re.compile(r"^(?:class|struct) (\w+);", re.MULTILINE)
DEFINITION = re.compile(r"^(?:template <[^\n]*>\n)?(?:class|struct) (?:WARMSTART_EXPORT )?(\w+)(?: final)?(?: :[^\n]*)? \{",
                        re.MULTILINE)
PUBLIC_NAMESPACE = re.compile(r"^namespace warmstart \{", re.MULTILINE)


def layer_of(path):
    """The layer of a file, by its path from the root; None outside of the layers."""
    parts = path.parts
    if parts[0] == "include":
        name = "/".join(parts[1:])
        if name not in PUBLIC_LAYER:
            raise SystemExit(f"{path}: say in {__file__} which layer this public header belongs to")
        return PUBLIC_LAYER[name]
    if parts[0] == "cuda":
        return "cuda"
    return parts[1] if parts[0] == "src" and len(parts) > 2 else None


def target_of(include):
    """The layer that an include reaches, or None for what is not ours."""
    if include in PUBLIC_LAYER:
        return PUBLIC_LAYER[include]
    first = include.split("/")[0]
    return first if "/" in include and first in ALLOWED else None


def sources(root, *tops):
    """The sources in some folders of the root: their paths from there, and their texts."""
    for path in (p for top in tops for p in sorted((root / top).rglob("*"))):
        if path.suffix in SOURCES:
            yield path.relative_to(root), path.read_text()


def forward_declarations(root):
    """What a room declares and a room that it may not use defines."""
    texts = dict(sources(root, "include", "src", "cuda"))
    rooms = {}
    for relative, text in texts.items():
        for name in DEFINITION.findall(text):
            rooms.setdefault(name, set()).add(layer_of(relative))
    for relative, text in texts.items():
        layer = layer_of(relative)
        for name in DECLARATION.findall(text):
            where = rooms.get(name, {layer})
            if not where & (ALLOWED.get(layer, set()) | {layer}):
                yield f"{relative}: {layer} must not declare {name} ({', '.join(sorted(map(str, where)))})"


def public_names_of_internal_headers(root):
    for relative, text in sources(root, "src", "cuda"):
        if relative.suffix in {".hpp", ".cuh"} and PUBLIC_NAMESPACE.search(text):
            yield f"{relative}: internal headers declare in warmstart::detail"


def violations(root):
    yield from forward_declarations(root)
    yield from public_names_of_internal_headers(root)
    for relative, text in sources(root, "tests", "bench", "examples"):
        if relative.parts[:2] != ("tests", "cuda"):
            for include in INCLUDE.findall(text):
                if target_of(include) == "cuda":
                    yield f"{relative}: only cuda and its tests may include {include}"
    for relative, text in sources(root, "include", "src", "cuda"):
        layer = layer_of(relative)
        if layer is None:
            continue
        if layer not in ALLOWED:
            yield f"{relative}: there is no layer {layer}"
            continue
        for include in INCLUDE.findall(text):
            target = target_of(include)
            if layer != "cuda" and TOOLKIT.match(include):
                yield f"{relative}: {layer} must not include {include} (CUDA)"
                continue
            if target in (None, layer) or target in ALLOWED[layer] or include in ALLOWED[layer]:
                continue
            if layer in ON_TOP and include in PUBLIC_LAYER and target != "testing":
                continue
            yield f"{relative}: {layer} must not include {include} ({target})"


def self_test():
    cases = {
        "src/base/a.hpp": ('#include "io/file.hpp"', True),
        "src/io/a.cpp": ('#include "base/units.hpp"', False),
        "src/io/b.cpp": ('#include "tensor/box.hpp"', True),
        "src/load/c.cpp": ('#include "api/assign.hpp"', True),
        "src/api/a.cpp": ('#include "load/load_job.hpp"', False),
        "src/tensor/a.hpp": ('#include "model/catalog.hpp"', True),
        "src/model/a.hpp": ('namespace warmstart {', True),
        "src/model/b.hpp": ('namespace warmstart::detail {', False),
        "src/model/c.cpp": ('namespace warmstart {', False),
        "src/plan/a.cpp": ('#  include <engine/pages.hpp>', True),
        "src/resolve/a.cpp": ('#include "formats/x.hpp"', True),
        "src/variables/a.cpp": ('#include "engine/backend.hpp"', False),
        "src/variables/b.cpp": ('#include "engine/pages.hpp"', True),
        "src/formats/a.cpp": ('#include "warmstart/variable.hpp"', True),
        "src/cli/a.cpp": ('#include "warmstart/variable.hpp"', False),
        "src/cli/b.cpp": ('#include "load/load_job.hpp"', True),
        "src/cli/c.cpp": ('#include "warmstart/testing/memory.hpp"', True),
        "src/testing/a.cpp": ('#include "warmstart/checkpoint.hpp"', False),
        "src/testing/b.cpp": ('#include "engine/backend.hpp"', False),
        "src/testing/c.cpp": ('#include "engine/load_engine.hpp"', True),
        "src/testing/d.cpp": ('#include "variables/variable_state.hpp"', True),
        "src/load/b.cpp": ('#include "testing/memory_source.hpp"', True),
        "include/warmstart/testing/memory.hpp": ('#include "warmstart/memory.hpp"', False),
        "include/warmstart/memory.hpp": ('#include "warmstart/testing/memory.hpp"', True),
        "cuda/a.cu": ('#include "variables/variable_state.hpp"', True),
        "include/warmstart/shape.hpp": ('#include "warmstart/variable.hpp"', True),
        "include/warmstart/run.hpp": ('#include "warmstart/variable.hpp"', False),
        "cuda/b.cuh": ('#include "tensor/box.hpp"', False),
        "cuda/c.cpp": ('#include "cuda/b.cuh"', False),
        "cuda/d.hpp": ('#include "engine/backend.hpp"', False),
        "cuda/e.cpp": ('#include "engine/pages.hpp"', False),
        "cuda/e.cu": ('#include "engine/load_engine.hpp"', True),
        "cuda/f.cpp": ('#include "warmstart/device.hpp"', False),
        "cuda/g.cpp": ('#include "warmstart/variable.hpp"', True),
        "cuda/h.cpp": ('#include <cuda/std/array>', False),
        "src/load/a.cpp": ('#include "cuda/x.hpp"', True),
        "src/base/b.cpp": ('#include <cuda_runtime_api.h>', True),
        "include/warmstart/verify.hpp": ('#include <thrust/fill.h>', True),
        "bench/a.cpp": ('#include "cuda/x.hpp"', True),
        "tests/engine/a.cu": ('#include "cuda/x.cuh"', True),
        "tests/cuda/a.cu": ('#include "cuda/x.cuh"', False),
        "tests/cuda/b.cpp": ('#include <cuda_runtime_api.h>', False),
        "tests/cudaemu/src/a.cpp": ('#include <cuda_runtime_api.h>', False),
    }
    for name, (text, wrong) in cases.items():
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / name
            path.parent.mkdir(parents=True)
            path.write_text(text + "\n")
            found = list(violations(pathlib.Path(directory)))
            if bool(found) != wrong:
                raise SystemExit(f"{name} with {text}: expected {'a' if wrong else 'no'} violation")
    self_test_declarations()


def self_test_declarations():
    """A room may declare what a room below defines, and nothing from above."""
    for declares, defines, wrong in [("src/variables/a.hpp", "src/load/a.hpp", True),
                                     ("src/load/a.hpp", "src/variables/a.hpp", False),
                                     ("include/warmstart/engine.hpp", "src/engine/a.hpp", False),
                                     ("include/warmstart/variable.hpp", "src/load/a.hpp", True)]:
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            for name, text in ((declares, "class a;\n"), (defines, "class a final : public b {\n};\n")):
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            if bool(list(violations(root))) != wrong:
                raise SystemExit(f"{declares} declares what {defines} defines: expected "
                                 f"{'a' if wrong else 'no'} violation")


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return
    found = list(violations(pathlib.Path(sys.argv[1])))
    for line in found:
        print(line)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
