"""Memory resources of Python: where variables get their memory from."""

from __future__ import annotations

import ctypes
import gc
import threading
from collections.abc import Callable

import numpy as np
import pytest
import warmstart as ws
from conftest import float32

Make = Callable[..., str]


class Pool(ws.MemoryResource):
    """Host memory, with what was asked for."""

    def __init__(self, offset: int = 0) -> None:
        self.offset = offset
        self.blocks: dict[int, ctypes.Array] = {}
        self.log: list[tuple[str, int, str]] = []

    def allocate(self, size_bytes: int, device: str) -> int:
        self.log.append(("allocate", size_bytes, device))
        block = ctypes.create_string_buffer(size_bytes + 128)
        address = (ctypes.addressof(block) + 63) // 64 * 64 + self.offset
        self.blocks[address] = block
        return address

    def deallocate(self, address: int, size_bytes: int, device: str) -> None:
        self.log.append(("deallocate", size_bytes, device))
        del self.blocks[address]


def test_variables_are_in_memory_of_the_resource(make_file: Make) -> None:
    pool = Pool()
    store = ws.VariableStore("cpu:0", memory=pool)
    a, b = store.get_variable("a", (3, 2)), store.get_variable("b", (5,), initializer=ws.ones())
    store.init_from_checkpoint(make_file(a=float32(3, 2)), {"a": a})
    store.run_initializers()
    assert pool.log == [("allocate", 24, "cpu:0"), ("allocate", 20, "cpu:0")]
    assert set(pool.blocks) == {a.data_ptr(), b.data_ptr()}
    view = a.numpy()
    del store, a, b
    gc.collect()
    assert len(pool.blocks) == 1
    assert np.array_equal(view, float32(3, 2))
    del view
    gc.collect()
    assert pool.blocks == {}
    assert sorted(pool.log[2:]) == [("deallocate", 20, "cpu:0"), ("deallocate", 24, "cpu:0")]


@pytest.mark.parametrize(
    ("answer", "error", "why"),
    [
        (MemoryError("full"), ws.OutOfMemoryError, "variable a on cpu:0: .*MemoryError: full"),
        (RuntimeError("broken"), ws.IoError, "the memory resource's allocate failed: RuntimeError: broken"),
        (12345, ws.InvalidArgumentError, "12345; expected a multiple of 64"),
        (0, ws.InvalidArgumentError, "expected a multiple of 64"),
        ("here", ws.InvalidArgumentError, "something of another type"),
    ],
)
def test_memory_that_cannot_be_is_an_error(answer: object, error: type[ws.Error], why: str) -> None:
    class Broken(Pool):
        def allocate(self, size_bytes: int, device: str) -> int:
            if isinstance(answer, Exception):
                raise answer
            return answer  # type: ignore[return-value]

    store = ws.VariableStore("cpu:0", memory=Broken())
    store.get_variable("a", (3,))
    with pytest.raises(error, match=why):
        store.run_initializers()


def test_memory_may_go_on_any_thread() -> None:
    pool = Pool()
    store = ws.VariableStore("cpu:0", memory=pool)
    held = [store.get_variable("a", (3,), initializer=ws.zeros())]
    store.run_initializers()
    del store
    other = threading.Thread(target=held.clear)
    other.start()
    other.join()
    assert pool.blocks == {}


def test_what_is_no_resource_is_refused() -> None:
    with pytest.raises(ws.InvalidArgumentError, match="memory: a dict is no MemoryResource"):
        ws.VariableStore("cpu:0", memory={})  # type: ignore[arg-type]
