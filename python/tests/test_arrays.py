"""Arrays of frameworks: in place, by address; what does not fit is refused."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest
import warmstart as ws
from conftest import float32

Make = Callable[..., str]


class Exporter:
    """An array that others know by DLPack only, as of another framework."""

    def __init__(self, array: np.ndarray, old: bool = False) -> None:
        self.array = array
        self.old = old
        self.given: dict[str, object] = {}

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.array.__dlpack_device__()

    def __dlpack__(self, **options: object) -> object:
        if self.old and set(options) - {"stream"}:
            raise TypeError("unexpected keyword")
        self.given = options
        return self.array.__dlpack__(**options)


def load(store: ws.VariableStore, path: str, **targets: ws.Variable) -> None:
    store.init_from_checkpoint(path, targets)
    store.run_initializers()


@pytest.mark.parametrize("old", [False, True], ids=["DLPack 1", "before DLPack 1"])
def test_another_frameworks_array_is_written_in_place(old: bool, make_file: Make) -> None:
    array = np.zeros((3, 2), np.float32)
    exporter = Exporter(array, old)
    store = ws.VariableStore("cpu:0")
    wrapped = store.wrap("v", exporter)
    assert wrapped.data_ptr() == array.ctypes.data
    assert exporter.given == ({"stream": None} if old else {"stream": None, "max_version": (1, 0), "copy": False})
    load(store, make_file(a=float32(3, 2)), a=wrapped)
    assert np.array_equal(array, float32(3, 2))


def test_numpys_array_is_written_in_place_and_kept_alive(make_file: Make) -> None:
    array = np.zeros((3, 2), ml_dtypes.bfloat16)
    alive = weakref.ref(array)
    store = ws.VariableStore("cpu:0")
    wrapped = store.wrap("v", array)
    assert (wrapped.dtype, wrapped.data_ptr()) == ("bfloat16", array.ctypes.data)
    store.init_from_checkpoint(make_file(a=float32(3, 2)), {"a": wrapped}, cast=True)
    store.run_initializers()
    assert np.array_equal(array, float32(3, 2).astype(ml_dtypes.bfloat16))
    del array
    gc.collect()
    assert alive() is not None
    store.erase(wrapped)
    del wrapped
    gc.collect()
    assert alive() is None


def test_a_variables_memory_is_shared(make_file: Make) -> None:
    store = ws.VariableStore("cpu:0")
    v = store.get_variable("v", (3, 2))
    load(store, make_file(a=float32(3, 2)), a=v)
    view = v.numpy()
    assert view.ctypes.data == np.from_dlpack(v).ctypes.data == np.asarray(v).ctypes.data == v.data_ptr()
    view[0, 0] = 5
    assert np.asarray(v)[0, 0] == 5
    assert jnp.from_dlpack(v)[0, 0] == 5
    copies = (np.array(v), np.from_dlpack(v, copy=True), np.asarray(v, np.float64))
    assert all(one.ctypes.data != v.data_ptr() and one[0, 0] == 5 for one in copies)
    with pytest.raises(ValueError, match="copy"):
        v.__array__(np.float64, copy=False)
    with pytest.raises(BufferError):
        v.__dlpack__(dl_device=(2, 0))
    del store, v
    gc.collect()
    assert view[2, 1] == 5  # the memory lives as long as the view


@pytest.mark.parametrize("dtype", ["float8_e8m0fnu", "int4", "float4_e2m1fn", "bool", "complex64", "float8_e4m3fn"])
def test_dtypes_of_ml_dtypes_in_both_directions(dtype: str) -> None:
    array = np.array([1, 0.5, 2, 1]).astype(getattr(ml_dtypes, dtype, None) or dtype)
    store = ws.VariableStore("cpu:0")
    wrapped = store.wrap("v", array)
    assert wrapped.dtype == dtype
    seen = wrapped.numpy()
    assert seen.dtype == array.dtype
    assert seen.ctypes.data == array.ctypes.data


def test_what_cannot_be_written_in_place_is_refused() -> None:
    store = ws.VariableStore("cpu:0")
    read_only = np.zeros(3, np.float32)
    read_only.flags.writeable = False
    for wrong, why in (
        (read_only, "read-only"),
        (Exporter(read_only), "read-only"),
        (np.zeros((3, 2), np.float32).T, "row-major"),
        (Exporter(np.zeros((3, 2), np.float32).T), "row-major"),
        (np.zeros(6, np.float32)[::2], "row-major"),
        (np.zeros(3, ">f4"), "byte order"),
        (np.zeros(3, "S4"), "dtype"),
        (jnp.zeros(3), "JAX"),
        ([1.0, 2.0], "no array"),
    ):
        with pytest.raises(ws.InvalidArgumentError, match=why):
            store.wrap("v", wrong)
    assert store.variables == []
