"""Memory of arrays: NumPy's by its address, that of other frameworks by DLPack."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from . import _warmstart
from ._dtypes import dtype_name
from ._errors import InvalidArgumentError

if TYPE_CHECKING:
    import numpy as np


def is_numpy(array: object) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(array, numpy.ndarray)


def is_array(given: object) -> bool:
    return is_numpy(given) or hasattr(given, "__dlpack__")


def address_of(array: np.ndarray[Any, Any]) -> int:
    return int(array.__array_interface__["data"][0])


def wrap_array(
    store: _warmstart.VariableStore, name: str, array: Any, dtype: str | None = None, stream: int | None = None
) -> _warmstart.Variable:
    """A variable in the memory of an array, which it keeps alive. Nothing is copied: what does not fit is refused."""
    if type(array).__module__.split(".")[0] in ("jax", "jaxlib"):
        raise InvalidArgumentError(
            f"variable {name}: a JAX array cannot be written to, JAX takes its values for constant; "
            "warmstart.jax.load makes new arrays"
        )
    if is_numpy(array):
        return _wrap_numpy(store, name, array, dtype or dtype_name(array.dtype))
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(array, torch.Tensor):
        from ._torch_memory import is_dtensor

        if is_dtensor(array) or not array.is_cuda:  # others know of streams by DLPack
            return _wrap_torch(store, name, array)
    if not hasattr(array, "__dlpack__"):
        raise InvalidArgumentError(f"variable {name}: a {type(array).__name__} is no array: it has no __dlpack__")
    if getattr(array, "requires_grad", False):
        array = array.detach()
    return store.wrap_capsule(name, _capsule_of(array, stream))


def _wrap_numpy(
    store: _warmstart.VariableStore, name: str, array: np.ndarray[Any, Any], dtype: str
) -> _warmstart.Variable:
    if not array.flags.writeable:
        raise InvalidArgumentError(f"variable {name}: the array is read-only")
    if not array.flags.c_contiguous:
        raise InvalidArgumentError(
            f"variable {name}: the array is not row-major and dense: its strides are {array.strides} bytes"
        )
    if not array.dtype.isnative:
        raise InvalidArgumentError(f"variable {name}: the array is not in the machine's byte order")
    return store.wrap_memory(name, array.shape, dtype, address_of(array), array.nbytes, "cpu:0", array)


def _wrap_torch(store: _warmstart.VariableStore, name: str, tensor: Any) -> _warmstart.Variable:
    from ._torch_memory import is_dtensor, place_of, refusal

    why = refusal(tensor)
    if is_dtensor(tensor):
        why = "is a DTensor: wrap its local tensor, or load with `warmstart.torch.load_into`"
    if not why and not tensor.is_contiguous():
        why = f"is not row-major and dense: its strides are {tensor.stride()} elements"
    if not why and tensor.is_meta:
        why = "is on the meta device, which has no memory"
    if why:
        raise InvalidArgumentError(f"variable {name}: the tensor {why}")
    return place_of(tensor).wrap(store, name)


def _capsule_of(array: Any, stream: int | None) -> object:
    try:
        return array.__dlpack__(stream=stream, max_version=(1, 0), copy=False)
    except TypeError:  # from before DLPack 1.0
        return array.__dlpack__(stream=stream)


class _HostMemory:
    """What NumPy makes an array of, without a copy, and keeps alive."""

    def __init__(self, address: int, size_bytes: int, owner: object) -> None:
        self.owner = owner
        self.__array_interface__ = {"data": (address, False), "shape": (size_bytes,), "typestr": "|u1", "version": 3}


def numpy_view(
    address: int, size_bytes: int, shape: tuple[int, ...], dtype: np.dtype[Any], owner: object
) -> np.ndarray[Any, Any]:
    import numpy as np

    if size_bytes == 0:
        return np.empty(shape, dtype)
    return np.asarray(_HostMemory(address, size_bytes, owner)).view(dtype).reshape(shape)
