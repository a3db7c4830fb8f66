"""Checkpoints for reading: a mapping from names to tensors, which read when they are asked for values."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Union

from . import _warmstart
from ._dtypes import array_in, numpy_dtype
from ._engine import Engine, handle_of
from ._errors import InvalidArgumentError, NotFoundError
from ._files import FileSystem
from ._index import Box, Index, boxed
from ._memory import address_of, is_numpy, wrap_array
from ._progress import Progress, callback_of

if TYPE_CHECKING:
    import numpy as np

Path = Union[str, bytes, "os.PathLike[str]"]


class Slot(NamedTuple):
    """What an optimizer keeps for a variable."""

    name: str
    variable: str
    optimizer: str


class Tensor:
    """A tensor of a checkpoint, or a slice of one. Nothing is read until it is asked for values.

    `tensor[3:9, :, 0]` is another tensor, of which only those bytes are read. Indices are integers, slices
    without a step, and `...`; negative ones count from the end, as in NumPy.
    """

    __slots__ = ("_checkpoint", "_info", "_part")

    def __init__(self, checkpoint: Checkpoint, info: _warmstart.TensorInfo, part: Box | None = None) -> None:
        self._checkpoint = checkpoint
        self._info = info
        self._part = part

    @property
    def _box(self) -> Box:
        return self._part or boxed(self._info.shape)

    @property
    def name(self) -> str:
        """The key under which it is stored."""
        return self._info.name

    @property
    def dtype(self) -> str:
        """`float32`, `bfloat16`, ...; `string` for tensors of bytes objects."""
        return self._info.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        return self._info.shape if self._part is None else self._part.shape

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        """Elements."""
        return self._box.size

    @property
    def nbytes(self) -> int:
        """Bytes of the elements in memory; of a whole string tensor, as stored."""
        size = _warmstart.size_of(self.dtype)
        return self.size * size if size else self._info.size_bytes

    @property
    def files(self) -> list[str]:
        """The files that hold it."""
        return self._info.files

    @property
    def full_name(self) -> str:
        """What the stored variable was called; empty if the checkpoint does not tell."""
        return self._info.full_name

    @property
    def slot(self) -> Slot | None:
        """If the tensor is an optimizer's: whose."""
        return None if self._info.slot is None else Slot(*self._info.slot)

    @property
    def stored_slices(self) -> list[tuple[tuple[int, int], ...]]:
        """The slices in which it is stored, each a start and a length per dimension; empty: as a whole."""
        return self._info.slices

    @property
    def refusal(self) -> str:
        """Why it cannot initialize variables; empty: it can."""
        return self._info.refusal

    def __getitem__(self, index: Index) -> Tensor:
        return Tensor(self._checkpoint, self._info, self._box[index])

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a scalar has no length")
        return self.shape[0]

    def read(
        self,
        *,
        like: Any = None,
        out: Any = None,
        checksums: bool = True,
        partial_checksums: str = "when_half",
        engine: Engine | None = None,
        progress: Progress = None,
    ) -> Any:
        """Its values, in a new array or in `out`.

        like: an array or module whose framework the new array is of: NumPy (the default) or PyTorch.
        out: a writable, row-major array of this shape and dtype, of any framework that has DLPack; returned.
        checksums: compare what is read with stored checksums.
        partial_checksums: for slices, whether the rest of a stored range is read for its checksum:
            `always`, `when_half` (of it is wanted) or `never`.
        Raises CorruptError, NotFoundError, IoError, MismatchError.
        """
        if like is None and out is None and progress is None:
            small = self._read_small(checksums)
            if small is not None:
                return small
        if out is not None and not (is_numpy(out) and out.dtype == numpy_dtype(self.dtype) and out.flags.c_contiguous):
            self._checkpoint.read_into([(self, out)], checksums=checksums, partial_checksums=partial_checksums,
                                       engine=engine, progress=progress)  # fmt: skip
            return out
        if self.dtype == "string" and not _is_torch(like):
            return self._read_strings()
        if out is None:
            out = _empty_like(self, like)
        else:
            _require_place(self, out)
        self._read_to(_place_of(out), self.nbytes, checksums, partial_checksums, engine, progress)
        return out

    def _read_small(self, checksums: bool) -> np.ndarray[Any, Any] | None:
        """A whole tensor that is small. What little is done here is most of the time of such a read."""
        if self._part is not None:
            return None
        info = self._info
        memory = self._checkpoint._opened().read_small(info, checksums)
        return None if memory is None else array_in(memory, info.shape, info.dtype)

    def _read_to(
        self, address: int, size: int, checksums: bool, partial: str, engine: Engine | None, progress: Progress
    ) -> None:
        if size == 0:
            return
        callback, end = callback_of(progress)
        try:
            self._checkpoint._opened().read_into(
                self.name, self._box.extents, address, size, handle_of(engine), checksums, partial, callback
            )
        finally:
            end()

    def _read_strings(self) -> Any:
        import numpy as np

        all_of_them = np.empty(self._info.shape, object)
        flat = all_of_them.reshape(-1)
        for position, one in enumerate(self._checkpoint._opened().read_strings(self.name)):
            flat[position] = one
        return all_of_them[self._box.numpy_index()]

    def numpy(self) -> np.ndarray[Any, Any]:
        """A new NumPy array: of ml_dtypes' types where NumPy has none, of bytes objects for strings."""
        values = self._read_small(True)
        if values is None:
            values = self.read()
        return values

    def torch(self) -> Any:
        """The values as a new torch.Tensor in host memory."""
        import torch

        return self.read(like=torch)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        if copy is False:
            raise ValueError("the values of a tensor are read from files: that is a copy")
        values = self.numpy()
        return values if dtype is None else values.astype(dtype, copy=False)

    def __dlpack__(
        self, *, stream: Any = None, max_version: Any = None, dl_device: Any = None, copy: bool | None = None
    ) -> object:
        """A new tensor in host memory, for `from_dlpack` of any framework."""
        if copy is False:
            raise BufferError("the values of a tensor are read from files: that is a copy")
        if dl_device not in (None, (1, 0)):
            raise BufferError(f"tensors are read into host memory, not to the device {dl_device}")
        store = _warmstart.VariableStore("cpu:0")
        values = self.numpy()
        made = store.wrap_memory(
            self.name.strip("/") or "tensor", self.shape, self.dtype, address_of(values), values.nbytes, "cpu:0", values
        )
        return made.dlpack(0, max_version is not None and max_version[0] >= 1)

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)

    def __repr__(self) -> str:
        return f"<Tensor {self.name!r}: {self.dtype}{list(self.shape)}>"


def _require_place(tensor: Tensor, array: np.ndarray[Any, Any]) -> None:
    if array.shape != tensor.shape:
        raise InvalidArgumentError(f"tensor {tensor.name}: an array of shape {array.shape} cannot take {tensor.shape}")
    if not array.flags.writeable:
        raise InvalidArgumentError(f"tensor {tensor.name}: the array is read-only")


def _place_of(array: Any) -> int:
    return address_of(array) if is_numpy(array) else int(array.data_ptr())


def _is_torch(like: Any) -> bool:
    if like is None:
        return False
    name = like if isinstance(like, str) else getattr(like, "__name__", None) or type(like).__module__
    return str(name).split(".")[0] == "torch"


class Checkpoint(Mapping[str, Tensor]):
    """An open checkpoint: its tensors by name, in byte order. `warmstart.open` makes one.

    Opening reads the headers and indexes; values are read when a tensor is asked for them. Tensors of TensorFlow 2
    have several names, and all of them are found. Any number of threads may read.
    """

    def __init__(self, path: Path, *, format: str = "", files: FileSystem | None = None) -> None:
        self._path = path
        self._handle: _warmstart.Checkpoint | None = _warmstart.Checkpoint.open(path, format, files)
        self._tensors: dict[str, _warmstart.TensorInfo] | None = None

    def _opened(self) -> _warmstart.Checkpoint:
        if self._handle is None:
            raise InvalidArgumentError(f"the checkpoint {os.fsdecode(self._path)} is closed")
        return self._handle

    def _all(self) -> dict[str, _warmstart.TensorInfo]:
        if self._tensors is None:
            self._tensors = {info.name: info for info in self._opened().tensors()}
        return self._tensors

    @property
    def path(self) -> str:
        """The prefix, file or directory."""
        return self._opened().path

    @property
    def format(self) -> str:
        """`tensor_bundle`, `tensor_slices`, `safetensors`, `torch`, `npy`, `npz` or `dcp`."""
        return self._opened().format

    @property
    def has_checksums(self) -> bool:
        """False if no checksum covers any of its data."""
        return self._opened().has_checksums

    @property
    def missing_names_reason(self) -> str:
        """Why full names and slots are not known although there are such; empty: nothing is wrong."""
        return self._opened().missing_names_reason

    def __getitem__(self, name: str) -> Tensor:
        self._opened()
        return Tensor(self, self._all().get(name) or self._opened().info(name))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (name in self._all() or self._opened().has(name))

    def get(self, name: str, default: Any = None) -> Any:
        try:
            return self[name]
        except NotFoundError:
            return default

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _readable_names(self) -> list[str]:
        """Of the tensors that an array can hold: no strings."""
        return [name for name, info in self._all().items() if not info.refusal]

    def close(self) -> None:
        """Forgets the index; tensors of it cannot be read any more."""
        self._handle = None
        self._tensors = None

    def __enter__(self) -> Checkpoint:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self._handle is None else f"{self.format}, {len(self)} tensors"
        return f"<Checkpoint {os.fsdecode(self._path)!r}: {state}>"

    def read_many(
        self,
        names: Iterable[str] | None = None,
        *,
        like: Any = None,
        checksums: bool = True,
        engine: Engine | None = None,
        progress: Progress = None,
    ) -> dict[str, Any]:
        """Several tensors in one pass over the files: a dict of new arrays, under the names given.

        names: default, all that an array can hold. like, checksums: as of `Tensor.read`.
        """
        wanted = self._readable_names() if names is None else list(names)
        tensors = [self[name] for name in wanted]
        arrays = [_empty_like(one, like) for one in tensors]
        self.read_into(zip(tensors, arrays), checksums=checksums, engine=engine, progress=progress)
        return dict(zip(wanted, arrays))

    def read_into(
        self,
        pairs: Iterable[tuple[str | Tensor, Any]],
        *,
        cast: bool = False,
        engine: Engine | None = None,
        progress: Progress = None,
        **options: Any,
    ) -> None:
        """Reads tensors and slices into arrays that exist, in one pass over the files, without further copies.

        pairs: a tensor of this checkpoint or its name, and a writable, row-major array of its shape and dtype, on the
        host or a GPU, of any framework that has DLPack. cast: the dtypes may differ. Options: those of `LoadOptions`.
        """
        from ._load import Load, LoadOptions

        opened, loads = self._opened(), LoadOptions(**{"verifiable": False, **options})
        store = _warmstart.VariableStore("cpu:0")
        entries = self._entries(store, pairs)
        if entries:
            _warmstart.init_from_checkpoint(store, opened, entries, [], False, False, False, cast, "", None)
            Load(store, loads, handle_of(engine), None).result(progress)

    def _entries(
        self, store: _warmstart.VariableStore, pairs: Iterable[tuple[str | Tensor, Any]]
    ) -> list[tuple[str, object, _warmstart.Transform]]:
        """The entries of a map for what has elements, each with a variable in an array's memory."""
        from ._map import Entry

        whole = Entry("").transform
        entries: list[tuple[str, object, _warmstart.Transform]] = []
        for number, (given, array) in enumerate(pairs):
            tensor = self[given] if isinstance(given, str) else given
            shape, dtype = tensor.shape, tensor.dtype
            if tuple(array.shape) != shape:
                raise InvalidArgumentError(
                    f"tensor {tensor.name}: an array of shape {tuple(array.shape)} cannot take {shape}"
                )
            if 0 in shape:
                continue
            is_as_stored = is_numpy(array) and array.dtype == numpy_dtype(dtype)
            target = wrap_array(store, f"array_{number}", array, dtype if is_as_stored else None)
            part = tensor._part
            how = whole if part is None else Entry("", slice=part.extents or (), reshape=part.reshape).transform
            entries.append((tensor.name, target, how))
        return entries

    def verify(self, *, engine: Engine | None = None, progress: Progress = None) -> _warmstart.CheckpointVerification:
        """Reads all data and compares every checksum. Damage is returned, not raised."""
        callback, end = callback_of(progress)
        try:
            return self._opened().verify(handle_of(engine), callback)
        finally:
            end()


def _empty_like(tensor: Tensor, like: Any) -> Any:
    if _is_torch(like):
        from ._torch_memory import empty_for

        return empty_for(tensor)
    import numpy as np

    return np.empty(tensor.shape, numpy_dtype(tensor.dtype))


def open(path: Path, *, format: str = "", files: FileSystem | None = None) -> Checkpoint:
    """Opens a checkpoint: a TensorFlow prefix or directory, a file of safetensors, NumPy or torch.save, the index of a
    set of files, a SavedModel, a distributed checkpoint of PyTorch's.

    format: empty, or the one that is meant. files: what `path` is looked up in; default: the operating system's files.
    Raises FileNotFoundError (a NotFoundError), CorruptError, UnsupportedError, IoError.
    """
    return Checkpoint(path, format=format, files=files)


class Checksums(NamedTuple):
    """Of a checkpoint whose format stores none: `open` finds them in the file `path`, beside the checkpoint."""

    path: str
    text: str


def compute_checksums(
    path: Path,
    *,
    format: str = "",
    files: FileSystem | None = None,
    engine: Engine | None = None,
    progress: Progress = None,
) -> Checksums:
    """Reads a whole checkpoint and computes its checksums. Write `text` to the file `path`, and reads are checked.

    Raises as `open`, and UnsupportedError if the format stores checksums.
    """
    callback, end = callback_of(progress)
    try:
        return Checksums(*_warmstart.compute_checksums(path, format, files, handle_of(engine), callback))
    finally:
        end()
