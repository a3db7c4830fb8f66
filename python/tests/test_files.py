"""File systems of Python: checkpoints that are not files; checksums for formats that store none."""

from __future__ import annotations

import gc
import os
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import warmstart as ws
from conftest import float32

Make = Callable[..., str]


class Bytes:
    """A file in memory."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.threads: set[int] = set()

    def read(self, offset: int, into: memoryview) -> None:
        self.threads.add(threading.get_ident())
        piece = self.content[offset : offset + len(into)]
        if len(piece) < len(into):
            raise EOFError(f"{len(piece)} of {len(into)} bytes")
        into[:] = piece


class Memory(ws.FileSystem):
    """Files in memory, of one folder."""

    def __init__(self, folder: str, **files: bytes) -> None:
        self.folder = folder
        self.files = {f"{folder}/{name}": Bytes(content) for name, content in files.items()}
        self.versions: dict[str, int] = {}

    def size(self, path: str) -> int | None:
        return len(self.files[path].content) if path in self.files else None

    def open(self, path: str) -> Bytes:
        return self.files[path]

    def version(self, path: str) -> int:
        return self.versions.get(path, 0)

    def is_directory(self, path: str) -> bool:
        return path.rstrip("/") == self.folder

    def list(self, directory: str) -> list[str]:
        return [path.rpartition("/")[2] for path in self.files]


@pytest.fixture
def memory(trained: str) -> Memory:
    """The trained checkpoint, in memory."""
    return Memory("bucket", **{one.name: one.read_bytes() for one in Path(trained).iterdir()})


def in_memory(path: str) -> Memory:
    return Memory("bucket", model=Path(path).read_bytes())


def test_a_checkpoint_is_read_from_a_file_system(memory: Memory, trained: str) -> None:
    with ws.open(trained) as expected, ws.open("bucket", files=memory) as ckpt:
        assert ckpt.path == "bucket/model.ckpt-3"
        assert list(ckpt) == list(expected)
        assert np.array_equal(ckpt["net/w"].numpy(), expected["net/w"].numpy())
        assert np.array_equal(ckpt["net/embedding"][3:9].numpy(), expected["net/embedding"][3:9].numpy())
        assert ckpt.verify().damage == []
        arrays = ckpt.read_many()
        assert all(np.array_equal(array, expected[name].numpy()) for name, array in arrays.items())


def test_variables_are_loaded_from_a_file_system(memory: Memory) -> None:
    store = ws.VariableStore("cpu:0")
    w = np.zeros((5, 4), np.float32)
    store.init_from_checkpoint("bucket/model.ckpt-3", {"net/w": w}, files=memory)
    store.run_initializers()
    model = ws.load_checkpoint("bucket/model.ckpt-3", "cpu:0", files=memory)
    assert w.any()
    assert np.array_equal(model.variables["net/w"].numpy(), w)
    assert store.verify().complete


def test_jax_arrays_are_loaded_from_a_file_system(memory: Memory, trained: str) -> None:
    import jax

    tree = {"net": {"w": jax.ShapeDtypeStruct((5, 4), np.float32)}}
    loaded = ws.jax.load(tree, "bucket", files=memory)
    assert np.array_equal(loaded["net"]["w"], ws.open(trained)["net/w"].numpy())


def test_threads_of_the_engine_read(make_file: Make) -> None:
    stored = float32(8 << 20)
    files = in_memory(make_file(a=stored))
    with ws.Engine(reader_threads=3) as engine, ws.open("bucket/model", files=files) as ckpt:
        assert np.array_equal(ckpt["a"].read(engine=engine), stored)
    readers = files.files["bucket/model"].threads - {threading.get_ident()}
    assert readers


@pytest.mark.parametrize("size", [5, 1 << 20], ids=["small", "large"])
@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (ConnectionError("no route"), ws.IoError),
        (FileNotFoundError("gone"), ws.NotFoundError),
        (EOFError("short"), ws.CorruptError),
        (MemoryError("full"), ws.OutOfMemoryError),
        (LookupError("a mistake"), ws.IoError),
    ],
)
def test_what_python_raises_names_the_file(size: int, raised: Exception, error: type, make_file: Make) -> None:
    files = in_memory(make_file(a=float32(size)))
    with ws.open("bucket/model", files=files) as ckpt:

        def fail(offset: int, into: memoryview) -> None:
            raise raised

        files.files["bucket/model"].read = fail  # type: ignore[method-assign]
        with pytest.raises(error, match=rf"bucket/model: the file system's read failed: {type(raised).__name__}"):
            ckpt["a"].numpy()


def test_what_is_not_there_or_makes_no_sense_is_an_error(memory: Memory) -> None:
    with pytest.raises(FileNotFoundError):
        ws.open("bucket/nothing", files=memory)
    memory.size = lambda path: "many"  # type: ignore[assignment,method-assign,return-value]
    with pytest.raises(ws.InvalidArgumentError, match=r"size failed: it returned something of another type"):
        ws.open("bucket", files=memory)
    with pytest.raises(ws.InvalidArgumentError, match="no FileSystem"):
        ws.open("bucket", files=object())  # type: ignore[arg-type]


def test_a_file_that_changes_after_it_was_opened_is_noticed(memory: Memory) -> None:
    with ws.open("bucket", files=memory) as ckpt:
        memory.versions["bucket/model.ckpt-3.data-00000-of-00001"] = 7
        with pytest.raises(ws.IoError, match="changed since"):
            ckpt["net/w"].numpy()


def test_lent_memory_cannot_be_kept(memory: Memory) -> None:
    kept: list[memoryview] = []
    file = memory.files["bucket/model.ckpt-3.data-00000-of-00001"]
    read = file.read

    def keep(offset: int, into: memoryview) -> None:
        read(offset, into)
        kept.append(into)

    def keep_and_fail(offset: int, into: memoryview) -> None:
        keep(offset, into)
        raise OSError("gone")

    with ws.open("bucket", files=memory) as ckpt:
        file.read = keep  # type: ignore[method-assign]
        ckpt["net/w"].numpy()
        file.read = keep_and_fail  # type: ignore[method-assign]
        with pytest.raises(ws.IoError):
            ckpt["net/w"].numpy()
    assert len(kept) >= 2
    for one in kept:
        with pytest.raises(ValueError, match="released"):
            one[0] = 1


def test_a_load_that_nobody_waits_for_ends(make_file: Make) -> None:
    files = in_memory(make_file(a=float32(4 << 20)))
    store = ws.VariableStore("cpu:0")
    store.init_from_checkpoint("bucket/model", {"a": np.zeros(4 << 20, np.float32)}, files=files)
    load = store.start()
    del load  # joins threads that need the interpreter's lock
    assert not store.variables[0].is_initialized()


def test_a_file_system_lives_as_long_as_a_checkpoint(make_file: Make) -> None:
    files = in_memory(make_file(a=float32(10)))
    alive = weakref.ref(files)
    ckpt = ws.open("bucket/model", files=files)
    del files
    gc.collect()
    assert np.array_equal(ckpt["a"].numpy(), float32(10))
    ckpt.close()
    gc.collect()
    assert alive() is None


def test_checksums_are_computed_and_then_compared(make_file: Make) -> None:
    path = make_file(a=float32(1000))
    made = ws.compute_checksums(path)
    assert not ws.open(path).has_checksums
    assert ws.compute_checksums("bucket/model", files=in_memory(path)).text.split()
    Path(made.path).write_text(made.text)
    with ws.open(path) as ckpt:
        assert ckpt.has_checksums
        assert np.array_equal(ckpt["a"].numpy(), float32(1000))
    content = bytearray(Path(path).read_bytes())
    content[-1] ^= 1
    before = Path(path).stat()
    Path(path).write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with ws.open(path) as ckpt, pytest.raises(ws.CorruptError):
        ckpt["a"].numpy()


def test_formats_with_checksums_need_no_others(trained: str) -> None:
    with pytest.raises(ws.UnsupportedError):
        ws.compute_checksums(trained)
