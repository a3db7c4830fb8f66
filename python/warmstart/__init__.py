"""Loads checkpoints of TensorFlow, PyTorch, safetensors and NumPy into variables and arrays.

    import warmstart as ws

    with ws.open("model.ckpt") as ckpt:                       # a mapping from names to tensors
        rows = ckpt["net/embedding"][3:9, :].numpy()          # reads those bytes
        everything = ckpt.read_many()                         # one pass over the files

    store = ws.VariableStore("cuda:0")
    w = store.get_variable("w", (5, 4))
    store.init_from_checkpoint("model.ckpt", {"net/w": w})    # checks names, shapes, dtypes
    report = store.run_initializers(progress=True)            # reads each byte once

What frameworks build on:

    Checkpoint.read_into(pairs)         tensors and slices into existing arrays, in place, one pass
    VariableStore.wrap(name, array)     a variable in an array's memory; assignment maps take arrays, too
    warmstart.jax.load(tree, path)      new JAX arrays like a tree of shapes, sharded; JAX is imported when it is used
    VariableStore.start(), Load         a load beside the program: `await` it or ask for its result
    LoadOptions, Engine                 how loads work; threads and memory that are kept
    run_initializers(streams={"cuda:0": stream}, engine=...)    a load in the order of a CUDA stream

Numbers of bytes are integers; shapes are tuples of sizes; dtypes are names (`float32`, `bfloat16`, `bool`).
Every failure is an `Error`, which has all `problems` and is also the built-in exception that fits.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from . import _warmstart
from ._allocation import MemoryResource
from ._checkpoint import Checkpoint, Checksums, Slot, Tensor, compute_checksums, open
from ._engine import Engine
from ._errors import (
    CancelledError,
    CorruptError,
    DeviceError,
    Error,
    InvalidArgumentError,
    IoError,
    MismatchError,
    NotFoundError,
    OutOfMemoryError,
    PathNotFoundError,
    Problem,
    UnsupportedError,
)
from ._files import File, FileSystem
from ._load import Load, LoadOptions
from ._map import Entry
from ._store import LoadedCheckpoint, Scope, Variable, VariableStore, load_checkpoint
from ._warmstart import (
    CheckpointVerification,
    DeviceInfo,
    Initializer,
    LoadPlan,
    LoadReport,
    Partitioner,
    Remap,
    ResolvedAssignments,
    VerificationReport,
    constant,
    devices,
    explicit_partitioner,
    fixed_size_partitioner,
    glorot_normal,
    glorot_uniform,
    latest_checkpoint,
    min_max_variable_partitioner,
    normal,
    ones,
    truncated_normal,
    uniform,
    uninitialized,
    variable_axis_size_partitioner,
    zeros,
)

if TYPE_CHECKING:
    from . import jax as jax
    from . import torch as torch

__all__ = [
    "CancelledError",
    "Checkpoint",
    "CheckpointVerification",
    "Checksums",
    "CorruptError",
    "DeviceError",
    "DeviceInfo",
    "Engine",
    "Entry",
    "Error",
    "File",
    "FileSystem",
    "Initializer",
    "InvalidArgumentError",
    "IoError",
    "Load",
    "LoadOptions",
    "LoadPlan",
    "LoadReport",
    "LoadedCheckpoint",
    "MemoryResource",
    "MismatchError",
    "NotFoundError",
    "OutOfMemoryError",
    "Partitioner",
    "PathNotFoundError",
    "Problem",
    "Remap",
    "ResolvedAssignments",
    "Scope",
    "Slot",
    "Tensor",
    "UnsupportedError",
    "Variable",
    "VariableStore",
    "VerificationReport",
    "compute_checksums",
    "constant",
    "devices",
    "explicit_partitioner",
    "fixed_size_partitioner",
    "glorot_normal",
    "glorot_uniform",
    "latest_checkpoint",
    "load_checkpoint",
    "min_max_variable_partitioner",
    "normal",
    "ones",
    "open",
    "truncated_normal",
    "uniform",
    "uninitialized",
    "variable_axis_size_partitioner",
    "zeros",
]

__version__ = _warmstart.version


def __dir__() -> list[str]:
    return sorted({*globals(), "jax", "torch"})


def __getattr__(name: str) -> object:
    """Imports what needs a framework when it is asked for."""
    if name in ("jax", "torch"):
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
