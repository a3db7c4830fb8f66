#!/usr/bin/env python3
"""Checks that includes cross the layers of the design only the allowed way.

usage: check_layers.py ROOT        one line a violation, exit status 1 if there is one
       check_layers.py --self-test
"""

import pathlib
import re
import sys
import tempfile

# What each layer may include, besides itself.
ALLOWED = {
    "core": set(),
    "io": {"core"},
    "formats": {"core", "io"},
    "resolve": {"core"},
    "plan": {"core"},
    "engine": {"core", "io", "plan"},
    "variables": {"core", "engine/backend.hpp", "warmstart/memory.hpp"},
    "cuda": {"core", "engine/backend.hpp", "warmstart/memory.hpp"},
    "calls": {"core", "io", "formats", "resolve", "plan", "engine", "variables"},
    "cli": {"core", "io"},
}

# A public header belongs to the layer of its source.
PUBLIC = {
    "core": ["device", "dtype", "error", "shape", "slice"],
    "engine": ["memory"],
    "variables": ["dlpack", "initializer", "partitioner", "variable", "variable_store"],
    "calls": ["checkpoint", "engine", "init_from_checkpoint", "plan", "run", "verify", "version",
              "warmstart"],
}
PUBLIC_LAYER = {f"warmstart/{name}.hpp": layer for layer, names in PUBLIC.items() for name in names}

INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.MULTILINE)
SOURCES = {".hpp", ".cpp", ".cu", ".cuh"}


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


def violations(root):
    files = [p for top in ("include", "src", "cuda") for p in sorted((root / top).rglob("*"))]
    for path in files:
        relative = path.relative_to(root)
        if path.suffix not in SOURCES:
            continue
        layer = layer_of(relative)
        if layer is None:
            continue
        if layer not in ALLOWED:
            yield f"{relative}: there is no layer {layer}"
            continue
        for include in INCLUDE.findall(path.read_text()):
            target = target_of(include)
            if target in (None, layer) or target in ALLOWED[layer] or include in ALLOWED[layer]:
                continue
            if layer == "cli" and include in PUBLIC_LAYER:
                continue
            yield f"{relative}: {layer} must not include {include} ({target})"


def self_test():
    cases = {
        "src/core/a.hpp": ('#include "io/file.hpp"', True),
        "src/io/a.cpp": ('#include "core/box.hpp"', False),
        "src/plan/a.cpp": ('#  include <engine/pages.hpp>', True),
        "src/resolve/a.cpp": ('#include "formats/x.hpp"', True),
        "src/variables/a.cpp": ('#include "engine/backend.hpp"', False),
        "src/variables/b.cpp": ('#include "engine/pages.hpp"', True),
        "src/formats/a.cpp": ('#include "warmstart/variable.hpp"', True),
        "src/cli/a.cpp": ('#include "warmstart/variable.hpp"', False),
        "src/cli/b.cpp": ('#include "calls/load_job.hpp"', True),
        "cuda/a.cu": ('#include "variables/variable_state.hpp"', True),
        "include/warmstart/shape.hpp": ('#include "warmstart/variable.hpp"', True),
        "include/warmstart/run.hpp": ('#include "warmstart/variable.hpp"', False),
        "src/calls/a.cpp": ('#include "cuda/x.hpp"', True),
    }
    for name, (text, wrong) in cases.items():
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / name
            path.parent.mkdir(parents=True)
            path.write_text(text + "\n")
            found = list(violations(pathlib.Path(directory)))
            if bool(found) != wrong:
                raise SystemExit(f"{name} with {text}: expected {'a' if wrong else 'no'} violation")


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
