"""Memory of torch's tensors: how it lies, which box of a sharded tensor it holds, and in which stream it is used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch

from . import _warmstart
from ._checkpoint import Tensor
from ._dtypes import dtype_name, stored_as
from ._errors import UnsupportedError

_DEVICES = ("cpu", "cuda", "meta")
_DTYPES = {
    "bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32",
    "float64", "complex64", "complex128", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz",
    "float8_e8m0fnu",
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A dense block of memory that holds a box of a tensor; its dimension i is the tensor's dimension `order[i]`."""

    memory: torch.Tensor
    full_shape: tuple[int, ...]
    box: tuple[tuple[int, int], ...]
    order: tuple[int, ...]

    @property
    def is_empty(self) -> bool:
        return 0 in self.memory.shape

    def wrap(self, store: _warmstart.VariableStore, name: str) -> _warmstart.Variable:
        """A variable in this memory, with the dimensions in the order of the memory."""
        device = self.memory.device
        size_bytes = self.memory.numel() * self.memory.element_size()
        return store.wrap_memory(
            name,
            [self.full_shape[d] for d in self.order],
            dtype_name(self.memory.dtype),
            self.memory.data_ptr(),
            size_bytes,
            f"{device.type}:{device.index or 0}",
            self.memory,
            [self.box[d] for d in self.order],
        )


def is_dtensor(tensor: object) -> bool:
    """By type: a DTensor's own `__dlpack__`, `shape` and `data_ptr` speak of different things."""
    return hasattr(type(tensor), "__create_chunk_list__") and hasattr(type(tensor), "placements")


def is_plain(tensor: torch.Tensor) -> bool:
    """Whether it is an ordinary tensor with strides: no DTensor, lazy, sparse or wrapping tensor."""
    if is_dtensor(tensor) or hasattr(type(tensor), "__tensor_flatten__") or torch.nn.parameter.is_lazy(tensor):
        return False
    return bool(tensor.layout == torch.strided)


def local_of(tensor: torch.Tensor) -> torch.Tensor:
    """What of a tensor is in this process: a DTensor's shard, else all of it."""
    if not is_dtensor(tensor):
        return tensor
    with torch.no_grad():
        return tensor.to_local()


def place_of(tensor: torch.Tensor) -> Place:
    """Where a load writes to. The tensor must have no `refusal` and must not be on the meta device."""
    return Place(local_of(tensor).detach(), tuple(tensor.shape), _box_of(tensor), order_of(tensor))


def order_of(tensor: torch.Tensor) -> tuple[int, ...]:
    """The order of dimensions in which what is in this process lies in memory, or on the meta device will lie."""
    local = local_of(tensor)
    return dense_order(local.shape, local.stride()) or tuple(range(local.dim()))


def _box_of(tensor: torch.Tensor) -> tuple[tuple[int, int], ...]:
    if not is_dtensor(tensor):
        return tuple((0, size) for size in tensor.shape)
    if local_of(tensor).numel() == 0:
        return tuple((0, 0) for _ in tensor.shape)
    (chunk,) = tensor.__create_chunk_list__()
    return tuple(zip(chunk.offsets, chunk.sizes))


def dense_order(shape: Iterable[int], strides: Iterable[int]) -> tuple[int, ...] | None:
    """The order of dimensions in which memory of these strides is row-major and dense; None: in none.

    `(0, 1, ...)` for a contiguous tensor, `(1, 0)` for the transpose of one.
    """
    sizes, steps = list(shape), list(strides)
    if 0 in sizes:
        return tuple(range(len(sizes)))
    wide = sorted((d for d, size in enumerate(sizes) if size > 1), key=lambda d: -steps[d])
    expected = 1
    for d in reversed(wide):
        if steps[d] != expected:
            return None
        expected *= sizes[d]
    if wide == sorted(wide):
        return tuple(range(len(sizes)))
    return tuple([d for d, size in enumerate(sizes) if size <= 1] + wide)


def refusal(tensor: torch.Tensor) -> str:
    """Why a load cannot write to a tensor, to be read after its name; empty: it can."""
    if torch.nn.parameter.is_lazy(tensor):
        return "is lazy: it has no shape before the module has run once"
    if not is_dtensor(tensor):
        return _plain_refusal(tensor)
    if any(placement.is_partial() for placement in tensor.placements):
        return f"is a DTensor with partial values ({tensor.placements}); expected shards and replicas"
    local = local_of(tensor)
    return _plain_refusal(local) or _shard_refusal(tensor, local)


def _shard_refusal(tensor: torch.Tensor, local: torch.Tensor) -> str:
    if local.numel() == 0:
        return ""
    chunks = tensor.__create_chunk_list__()
    if len(chunks) == 1 and tuple(chunks[0].sizes) == tuple(local.shape):
        return ""
    found = ", ".join(str(list(one.sizes)) for one in chunks)
    return f"is a DTensor whose shard is not one box: expected {list(local.shape)}, found {found}"


def _plain_refusal(tensor: torch.Tensor) -> str:
    if tensor.layout != torch.strided:
        return f"is sparse: expected layout torch.strided, found {tensor.layout}"
    if tensor.is_quantized:
        return f"is quantized: expected a plain dtype, found {tensor.dtype}; load it before it is quantized"
    if not is_plain(tensor):
        return f"is a {type(tensor).__name__}, which keeps its values in other tensors"
    if tensor.device.type not in _DEVICES:
        return f"is on device {tensor.device}; expected the host or a CUDA device"
    if str(tensor.dtype).removeprefix("torch.") not in _DTYPES:
        return f"has dtype {tensor.dtype}, which no checkpoint has"
    return "" if tensor.is_meta else _layout_refusal(tensor)


def _layout_refusal(tensor: torch.Tensor) -> str:
    if tensor.is_conj() or tensor.is_neg():
        return "is a conjugated or negated view of other memory"
    shape, strides = list(tensor.shape), list(tensor.stride())
    if any(stride == 0 and size > 1 for size, stride in zip(shape, strides)):
        return f"is expanded: several elements of shape {shape} share memory (strides {strides})"
    if dense_order(shape, strides) is None:
        return f"is not dense: shape {shape} has strides {strides}; a load fills memory without gaps"
    return ""


def current_streams(tensors: Iterable[torch.Tensor]) -> dict[str, Any]:
    """torch's current stream of each GPU that has one of the tensors."""
    indices = {tensor.device.index for tensor in tensors if tensor.device.type == "cuda"}
    return {f"cuda:{index}": torch.cuda.current_stream(index) for index in sorted(indices)}


def increment_versions(tensors: Iterable[torch.Tensor]) -> None:
    """Tells autograd that values have changed: a backward pass that needs the old ones is torch's usual error."""
    changed = [one for tensor in tensors for one in {id(t): t for t in (tensor, local_of(tensor))}.values()]
    changed = [one for one in changed if not one.is_inference()]
    if hasattr(torch.autograd.graph, "increment_version"):
        torch.autograd.graph.increment_version(changed)
        return
    for one in changed:  # before torch 2.1: a view shares its tensor's version
        one.detach().as_strided((0,), (1,)).zero_()


def empty_for(tensor: Tensor, device: Any = None) -> torch.Tensor:
    """A new torch tensor for the values of a checkpoint's tensor."""
    name = stored_as(tensor.dtype)
    dtype = getattr(torch, name, None) if name in _DTYPES else None
    if dtype is None:
        raise UnsupportedError(f"tensor {tensor.name}: torch {torch.__version__} has no dtype {tensor.dtype}")
    return torch.empty(tensor.shape, dtype=dtype, device=device)
