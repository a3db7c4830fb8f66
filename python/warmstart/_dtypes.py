"""Dtypes by name, and NumPy's for them. NumPy is imported when it is needed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from . import _warmstart
from ._errors import InvalidArgumentError, UnsupportedError

if TYPE_CHECKING:
    import numpy as np

_ML_DTYPES = {
    "bfloat16", "float8_e5m2", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e4m3b11fnuz", "float8_e5m2fnuz",
    "float8_e8m0fnu", "float6_e2m3fn", "float6_e3m2fn", "float4_e2m1fn", "int4", "uint4", "int2", "uint2",
}  # fmt: skip
_QUANTIZED = {"qint8": "int8", "quint8": "uint8", "qint16": "int16", "quint16": "uint16", "qint32": "int32"}


def stored_as(name: str) -> str:
    """The dtype under which arrays have the values: for a quantized type its integer type."""
    return _QUANTIZED.get(name, name)


@cache
def numpy_dtype(name: str) -> np.dtype[Any]:
    """The NumPy dtype of that name, from ml_dtypes where NumPy has none. Quantized types become their integer types."""
    import numpy as np

    name = stored_as(name)
    if name in _ML_DTYPES:
        try:
            import ml_dtypes
        except ImportError as missing:
            raise UnsupportedError(f"NumPy has no {name}; install ml_dtypes") from missing
        made: np.dtype[Any] = np.dtype(getattr(ml_dtypes, name))
        return made
    if _warmstart.size_of(name) == 0:
        raise UnsupportedError(f"an array cannot hold {name}")
    return np.dtype(name)


@cache
def _array_type() -> type[np.ndarray[Any, Any]]:
    import numpy as np

    return np.ndarray


def array_in(memory: bytearray, shape: tuple[int, ...], dtype: str) -> np.ndarray[Any, Any]:
    """An array in that memory."""
    return _array_type()(shape, numpy_dtype(dtype), memory)


def dtype_name(given: object) -> str:
    """Our name of a dtype: of a name, a dtype or scalar type of NumPy, ml_dtypes, JAX, or a torch.dtype."""
    if isinstance(given, str):
        name = given
    elif type(given).__module__ == "torch":
        name = str(given).removeprefix("torch.")
    elif given in (bool, int, float, complex):
        import numpy as np

        name = np.dtype(given).name
    else:
        name = str(getattr(given, "name", None) or getattr(given, "__name__", None) or given)
    try:
        _warmstart.size_of(name)
    except InvalidArgumentError:
        raise InvalidArgumentError(f"there is no dtype {given!r}") from None
    return name
