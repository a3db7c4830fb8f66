"""What the tests share: checkpoints to read."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=8")  # before JAX is imported


@pytest.fixture
def trained() -> str:
    """A checkpoint that TensorFlow wrote: net/w [5,4], net/embedding [20,6] in four slices, ..."""
    return str(ROOT / "tests/data/tensorflow/checkpoints/trained")


def write_safetensors(path: Path, tensors: Mapping[str, tuple[str, tuple[int, ...], bytes]]) -> str:
    """Writes tensors of any dtype that the format knows: its name of the dtype, a shape and the bytes."""
    header, data = {}, b""
    for name, (dtype, shape, content) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return str(path)


def float32(*shape: int) -> np.ndarray:
    return np.arange(np.prod(shape, dtype=int), dtype=np.float32).reshape(shape)


@pytest.fixture
def make_file(tmp_path: Path) -> Callable[..., str]:
    """Writes float32 arrays to a file of safetensors."""

    def make(**arrays: np.ndarray) -> str:
        return write_safetensors(
            tmp_path / "model.safetensors", {name: ("F32", one.shape, one.tobytes()) for name, one in arrays.items()}
        )

    return make
