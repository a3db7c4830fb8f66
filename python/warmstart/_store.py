"""Variable stores: named variables in memory, which checkpoints and initializers fill."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Union

from . import _warmstart
from ._allocation import MemoryResource
from ._checkpoint import Checkpoint, Path
from ._dtypes import dtype_name, numpy_dtype
from ._engine import Engine, handle_of
from ._errors import InvalidArgumentError
from ._files import FileSystem
from ._load import Load, LoadOptions
from ._map import AssignmentMap, entries_of
from ._memory import is_array, numpy_view, wrap_array
from ._progress import Progress, callback_of

if TYPE_CHECKING:
    import numpy as np

Partitioner = Union[_warmstart.Partitioner, Callable[["tuple[int, ...]", str], Sequence[int]]]


class Variable:
    """A variable of a store: a whole one, partitioned or not, or one part. Copies are cheap and keep its memory alive.

    Its memory is there from the first load on; of a wrapped array, always.
    """

    def __init__(self, handle: _warmstart.Variable) -> None:
        self._handle = handle

    @property
    def name(self) -> str:
        return self._handle.name

    @property
    def dtype(self) -> str:
        return self._handle.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        return self._handle.shape

    @property
    def nbytes(self) -> int:
        return self._handle.size_bytes

    @property
    def is_partitioned(self) -> bool:
        return self._handle.is_partitioned

    @property
    def is_part(self) -> bool:
        return self._handle.is_part

    @property
    def parts(self) -> list[Variable]:
        """Its parts; of one that is not partitioned, itself."""
        return [Variable(one) for one in self._handle.parts()]

    @property
    def slice(self) -> tuple[tuple[int, int], ...]:
        """Where a part lies in the full variable: a start and a length for each dimension."""
        return self._handle.slice()

    @property
    def full_name(self) -> str:
        """Of the whole variable, without `/part_N`."""
        return self._handle.full_name()

    @property
    def full_shape(self) -> tuple[int, ...]:
        return self._handle.full_shape()

    @property
    def devices(self) -> list[str]:
        """Where a copy is: one device unless it is replicated."""
        return self._handle.devices()

    def is_initialized(self, replica: int = 0) -> bool:
        """Whether its initializer has run."""
        return self._handle.is_initialized(replica)

    def is_ready(self, replica: int = 0) -> bool:
        """Whether it is initialized and its values have arrived. Does not wait."""
        return self._handle.is_ready(replica)

    def wait(self, replica: int = 0) -> None:
        """Blocks until the values of a load that was ordered in a stream have arrived."""
        self._handle.wait(replica)

    def data_ptr(self, replica: int = 0) -> int:
        """The address of its memory, on the host or on its GPU: row-major."""
        return self._handle.address(replica)

    def numpy(self, replica: int = 0) -> np.ndarray[Any, Any]:
        """Its values: on the host a view of its memory, of a GPU's or a partitioned variable a copy."""
        dtype = numpy_dtype(self.dtype)
        if self.is_partitioned or not self._is_on_host(replica):
            import numpy as np

            copied = bytearray(self._handle.read_back(replica, handle_of(None)))
            return np.frombuffer(copied, dtype).reshape(self.shape)
        if self._handle.is_initialized(replica):
            self._handle.wait(replica)
        return numpy_view(self._handle.address(replica), self.nbytes, self.shape, dtype, self._handle)

    def torch(self, replica: int = 0) -> Any:
        """A torch.Tensor that shares its memory, on its device."""
        import torch

        return torch.from_dlpack(self._handle.dlpack(replica, False))

    def _is_on_host(self, replica: int) -> bool:
        return self.devices[replica].startswith("cpu")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        is_view = not self.is_partitioned and self._is_on_host(0)
        values = self.numpy()
        if copy is False and (not is_view or (dtype is not None and values.dtype != dtype)):
            raise ValueError(f"an array of variable {self.name} needs a copy")
        if dtype is not None and values.dtype != dtype:
            return values.astype(dtype)
        return values.copy() if copy and is_view else values

    def __dlpack_device__(self) -> tuple[int, int]:
        kind, index = self.devices[0].split(":")
        return (1 if kind == "cpu" else 2, int(index))

    def __dlpack__(
        self, *, stream: Any = None, max_version: Any = None, dl_device: Any = None, copy: bool | None = None
    ) -> object:
        """Shares its memory; with `copy`, or for `dl_device` (1, 0) of a variable on a GPU, a copy on the host.

        Waits for loads that are ordered in streams, so any stream of the consumer's finds the values.
        """
        is_versioned = max_version is not None and max_version[0] >= 1
        here = self.__dlpack_device__()
        if dl_device not in (None, here, (1, 0)):
            raise BufferError(f"variable {self.name} is on device {here}; it is not copied to {dl_device}")
        if dl_device in (None, here) and not copy:
            return self._handle.dlpack(0, is_versioned)
        if copy is False:
            raise BufferError(f"variable {self.name} is on device {here}; the host gets a copy only")
        if dl_device in (None, here) and here != (1, 0):
            raise BufferError("a copy is made in host memory only; ask for dl_device (1, 0)")
        copied = self.numpy().copy()
        return VariableStore("cpu:0").wrap("copy", copied, dtype=self.dtype)._handle.dlpack(0, is_versioned)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Variable) and self._handle.is_same(other._handle)

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"<Variable {self.name!r}: {self.dtype}{list(self.shape)}>"


class _Place:
    """What has variables: a store, and a scope in it."""

    _place: _warmstart.VariableStore | _warmstart.Scope

    def _owner(self) -> VariableStore:
        raise NotImplementedError

    def get_variable(
        self,
        name: str,
        shape: Sequence[int],
        dtype: Any = "float32",
        *,
        initializer: _warmstart.Initializer | None = None,
        partitioner: Partitioner | None = None,
        slices: Sequence[Sequence[tuple[int, int]]] = (),
        devices: Sequence[str] = (),
        replicated: bool = False,
    ) -> Variable:
        """Makes a variable, or in a scope that reuses finds it.

        shape: sizes of the dimensions; () for a scalar. dtype: a name, or a dtype of NumPy, ml_dtypes, PyTorch.
        initializer: default, the scope's, else Glorot uniform for floats and zeros for others.
        partitioner: cuts it into parts; default, the scope's.
        slices: in place of a partitioner, the parts themselves: of each dimension a start and a length. They may leave
            out what other processes have.
        devices: of its parts, in turn; with `replicated`, each has all of it. Default: the store's.
        Raises InvalidArgumentError if the name exists, or a partitioner's answer does not fit.
        """
        return Variable(
            self._place.get_variable(
                name,
                list(shape),
                dtype_name(dtype),
                initializer,
                partitioner,
                [list(one) for one in slices],
                list(devices),
                replicated,
            )
        )

    def scope(
        self,
        name: str,
        *,
        initializer: _warmstart.Initializer | None = None,
        partitioner: Partitioner | None = None,
        reuse: str = "create",
    ) -> Scope:
        """A prefix for names, with defaults for what is made within; `with store.scope("encoder") as encoder:` reads
        well, and needs no end. reuse: `create`, `reuse` or `automatic`, as TensorFlow's."""
        return Scope(self._owner(), self._place.scope(name, initializer, partitioner, reuse))


class Scope(_Place):
    """A prefix for names within a store. `VariableStore.scope` makes one."""

    def __init__(self, store: VariableStore, handle: _warmstart.Scope) -> None:
        self._store = store
        self._place = self._handle = handle

    def _owner(self) -> VariableStore:
        return self._store

    @property
    def name(self) -> str:
        return self._handle.name

    def __enter__(self) -> Scope:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


class VariableStore(_Place):
    """Named variables, in the order of their creation: what assignment maps speak about.

    device: where variables live by default, `cpu:0` or `cuda:N`; None: the first GPU, else the host.
    memory: where variables get theirs; default, the library's.
    One thread at a time uses a store; while a load uses it, all calls raise InvalidArgumentError.
    """

    def __init__(self, device: str | None = None, *, memory: MemoryResource | None = None) -> None:
        self._handle = _warmstart.VariableStore(device or _warmstart.best_device(), memory)
        self._place = self._handle

    def _owner(self) -> VariableStore:
        return self

    def wrap(self, name: str, array: Any, *, dtype: Any = None, stream: int | None = None) -> Variable:
        """A variable in the memory of a writable, row-major array, which it keeps alive. Loads write there directly.

        array: of NumPy, or of any framework that has DLPack, on the host or a GPU. Its dtype may be one of ml_dtypes.
        dtype: for a NumPy array, what its bytes are taken for, of the same size.
        stream: on GPUs, DLPack's: the stream that finds the array's memory written; others than the consumer's wait.
        Until a checkpoint initializes the variable, its bytes are left alone. Raises InvalidArgumentError for what is
        read-only, not row-major and dense, of a dtype without a name here, or a JAX array.
        """
        as_type = None if dtype is None else dtype_name(dtype)
        return Variable(wrap_array(self._handle, name, array, as_type, stream))

    def find(self, name: str) -> Variable | None:
        """The variable, partitioned variable or part of that name."""
        found = self._handle.find(name)
        return None if found is None else Variable(found)

    def __getitem__(self, name: str) -> Variable:
        found = self.find(name)
        if found is None:
            raise KeyError(name)
        return found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._handle.find(name) is not None

    @property
    def variables(self) -> list[Variable]:
        """All of them, a partitioned one once, oldest first."""
        return [Variable(one) for one in self._handle.variables()]

    def erase(self, variable: Variable) -> None:
        """Removes a variable. Its memory lives until the last handle goes."""
        self._handle.erase(variable._handle)

    def reset(self, variable: Variable) -> None:
        """Makes a variable's own initializer pending again."""
        self._handle.reset(variable._handle)

    def init_from_checkpoint(
        self,
        path: Path | Checkpoint,
        assignment_map: AssignmentMap,
        *,
        missing: str = "error",
        mismatched: str = "error",
        except_: Iterable[str | Variable] = (),
        allow_empty_scope: bool = False,
        cast: bool = False,
        format: str = "",
        files: FileSystem | None = None,
    ) -> _warmstart.ResolvedAssignments:
        """Makes tensors of a checkpoint the initializers of variables. Reads metadata only; of an open one, nothing.

        assignment_map: a dict or pairs: a tensor (any of its names), a scope (`old/`) or a pattern (`layer_{n}/w`), and
            what it initializes: the name of a variable or scope, a Variable, a list of parts or their names, an array
            (which is wrapped, under the tensor's name), or an Entry of one of these.
        missing, mismatched: `error`, or `keep`: variables without a tensor, or with one of another shape or dtype, stay
            as they are.
        except_: variables, and scopes with a `/` at the end, that scopes and patterns leave out.
        cast: convert where dtypes differ and both are numeric.
        format, files: as of `open`.
        Raises one error with all problems, and then has changed nothing.
        """
        entries: list[tuple[str, object, _warmstart.Transform]] = []
        added: list[Variable] = []
        try:
            for tensor, entry in entries_of(assignment_map):
                target = self._target(tensor, entry.target, added)
                entries.append((tensor, target, entry.transform))
            return _warmstart.init_from_checkpoint(
                self._handle,
                path._opened() if isinstance(path, Checkpoint) else path,
                entries,
                [one.name if isinstance(one, Variable) else one for one in except_],
                _keeps("missing", missing),
                _keeps("mismatched", mismatched),
                allow_empty_scope,
                cast,
                format,
                files,
            )
        except BaseException:
            for one in added:
                self.erase(one)
            raise

    def _target(self, tensor: str, given: Any, added: list[Variable]) -> object:
        if isinstance(given, Variable):
            return given._handle
        if isinstance(given, str):
            return given
        if is_array(given):
            added.append(self.wrap(self._free_name(tensor), given))
            return added[-1]._handle
        parts = list(given)
        return [one._handle if isinstance(one, Variable) else one for one in parts]

    def _free_name(self, tensor: str) -> str:
        name, number = tensor, 1
        while name in self:
            name, number = f"{tensor}_{number}", number + 1
        return name

    def run_initializers(
        self,
        *,
        progress: Progress = None,
        engine: Engine | None = None,
        trace: str | os.PathLike[str] | None = None,
        **options: Any,
    ) -> _warmstart.LoadReport:
        """Loads everything that is pending in one pass over the files, and fills the rest. Blocks.

        progress: True shows a bar on a terminal and in a notebook; a function gets (bytes done, bytes in all), on this
            thread; if it raises, the load is cancelled.
        engine: default, the process's. trace: a file for Perfetto that says what the load did when.
        Options: those of `LoadOptions`. Ctrl-C cancels the load. After an error or a cancellation none of its variables
        is initialized, and all stay pending.
        """
        return self.start(engine=engine, trace=trace, **options).result(progress)

    def start(
        self, *, engine: Engine | None = None, trace: str | os.PathLike[str] | None = None, **options: Any
    ) -> Load:
        """Starts `run_initializers` beside the program: `await` it, or ask for its `result()`."""
        return Load(self._handle, LoadOptions(**options), handle_of(engine), trace)

    def plan(self, **options: Any) -> _warmstart.LoadPlan:
        """What `run_initializers` would read and copy. Moves nothing, and needs no GPU."""
        return _warmstart.make_plan(self._handle, LoadOptions(**options)._handle)

    def verify(self, *, engine: Engine | None = None) -> _warmstart.VerificationReport:
        """Compares checksums of what is in memory now with the checkpoint's, or with those of what was read."""
        return _warmstart.verify(self._handle, handle_of(engine))


class LoadedCheckpoint(NamedTuple):
    """All of a checkpoint, in variables of its tensors' names."""

    variables: VariableStore
    report: _warmstart.LoadReport
    left_out: dict[str, str]
    """Tensors that no variable can hold, such as strings, and why."""


def load_checkpoint(
    path: Path,
    device: str | None = None,
    *,
    progress: Progress = None,
    engine: Engine | None = None,
    files: FileSystem | None = None,
    **options: Any,
) -> LoadedCheckpoint:
    """Loads every tensor of a checkpoint into a variable of its name, on a device, without a map.

    device: default, the first GPU, else the host. files: as of `open`. Options: those of `LoadOptions`.
    Raises as `open` and `VariableStore.run_initializers`.
    """
    callback, end = callback_of(progress)
    try:
        handle, report, left_out = _warmstart.load_checkpoint(
            path, device or _warmstart.best_device(), LoadOptions(**options)._handle, handle_of(engine), files, callback
        )
    finally:
        end()
    store = VariableStore.__new__(VariableStore)
    store._handle = store._place = handle
    return LoadedCheckpoint(store, report, left_out)


def _keeps(name: str, given: str) -> bool:
    if given not in ("error", "keep"):
        raise InvalidArgumentError(f"{name} is {given!r}; expected 'error' or 'keep'")
    return given == "keep"
