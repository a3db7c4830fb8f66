from collections.abc import Callable, Sequence
import os

import warmstart._allocation
import warmstart._errors
import warmstart._files


version: str = '0.1.0'

def size_of(dtype: str) -> int:
    """Bytes of an element; 0 for types without a fixed size."""

def can_cast(from_: str, to: str) -> bool:
    """Whether a load can convert between the two dtypes."""

class DeviceInfo:
    """A device that this process can use."""

    @property
    def name(self) -> str:
        """`cpu:0`, `cuda:1`"""

    @property
    def description(self) -> str: ...

    @property
    def total_bytes(self) -> int:
        """Size of its memory."""

    @property
    def free_bytes(self) -> int: ...

    @property
    def peers(self) -> list[str]:
        """GPUs whose memory it can access."""

    @property
    def emulated(self) -> bool:
        """No hardware: a program stands for it."""

    def __repr__(self) -> str: ...

def devices() -> list[DeviceInfo]:
    """
    The devices that this process can use, the host first. Makes a CUDA context on each GPU.
    """

def best_device() -> str:
    """`cuda:0` if there is a GPU, else `cpu:0`."""

def device_name(name: str) -> str:
    """A device's name with its index: `cuda` is `cuda:0`."""

class Engine:
    def __init__(self, reader_threads: int = 0) -> None: ...

    @property
    def is_of_this_process(self) -> bool: ...

    def close(self) -> None: ...

class TensorInfo:
    @property
    def name(self) -> str: ...

    @property
    def dtype(self) -> str: ...

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def size_bytes(self) -> int: ...

    @property
    def missing_elements(self) -> int: ...

    @property
    def files(self) -> list[str]: ...

    @property
    def slices(self) -> list[tuple[tuple[int, int], ...]]: ...

    @property
    def refusal(self) -> str: ...

    @property
    def full_name(self) -> str: ...

    @property
    def shadowed_by(self) -> str: ...

    @property
    def slot(self) -> tuple[str, str, str] | None: ...

class CheckpointVerification:
    """What comparing all of a checkpoint's checksums found."""

    @property
    def tensors(self) -> int: ...

    @property
    def bytes(self) -> int: ...

    @property
    def bytes_unchecked(self) -> int:
        """Of them: no checksum covers them."""

    @property
    def damage(self) -> list[warmstart._errors.Problem]:
        """One problem for each damaged tensor or slice."""

class Checkpoint:
    @staticmethod
    def open(path: str | bytes | os.PathLike[str], format: str, files: warmstart._files.FileSystem | None) -> Checkpoint: ...

    @property
    def path(self) -> str: ...

    @property
    def format(self) -> str: ...

    @property
    def missing_names_reason(self) -> str: ...

    @property
    def has_checksums(self) -> bool: ...

    def tensors(self) -> list[TensorInfo]: ...

    def has(self, name: str) -> bool: ...

    def info(self, name: str) -> TensorInfo: ...

    def read_into(self, name: str, wanted: Sequence[tuple[int, int]] | None, address: int, size_bytes: int, engine: Engine, checksums: bool, partial: str, progress: Callable[[int, int], object] | None) -> None: ...

    def read_small(self, tensor: TensorInfo, checksums: bool) -> bytearray | None: ...

    def read_strings(self, name: str) -> list[bytes]: ...

    def verify(self, engine: Engine, progress: Callable[[int, int], object] | None) -> CheckpointVerification: ...

def compute_checksums(path: str | bytes | os.PathLike[str], format: str, files: warmstart._files.FileSystem | None, engine: Engine, progress: Callable[[int, int], object] | None) -> tuple[str, str]: ...

def latest_checkpoint(directory: str | bytes | os.PathLike[str]) -> str | None:
    """
    The newest checkpoint that a directory's `checkpoint` state file names, or None.
    """

class Variable:
    @property
    def name(self) -> str: ...

    @property
    def dtype(self) -> str: ...

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def size_bytes(self) -> int: ...

    @property
    def is_partitioned(self) -> bool: ...

    @property
    def is_part(self) -> bool: ...

    def parts(self) -> list[Variable]: ...

    def slice(self) -> tuple[tuple[int, int], ...]: ...

    def spec(self) -> str: ...

    def full_name(self) -> str: ...

    def full_shape(self) -> tuple[int, ...]: ...

    def devices(self) -> list[str]: ...

    def address(self, replica: int = 0) -> int: ...

    def is_initialized(self, replica: int = 0) -> bool: ...

    def is_ready(self, replica: int = 0) -> bool: ...

    def wait(self, replica: int = 0) -> None: ...

    def read_back(self, replica: int, engine: Engine) -> bytes: ...

    def dlpack(self, replica: int, versioned: bool) -> object: ...

    def is_same(self, other: Variable) -> bool: ...

class Scope:
    @property
    def name(self) -> str: ...

    def get_variable(self, name: str, shape: Sequence[int], dtype: str, initializer: Initializer | None, partitioner: object | None, slices: Sequence[Sequence[tuple[int, int]]], devices: Sequence[str], replicated: bool) -> Variable: ...

    def scope(self, name: str, initializer: Initializer | None, partitioner: object | None, reuse: str) -> Scope: ...

class VariableStore:
    def __init__(self, device: str, memory: warmstart._allocation.MemoryResource | None = None) -> None: ...

    def get_variable(self, name: str, shape: Sequence[int], dtype: str, initializer: Initializer | None, partitioner: object | None, slices: Sequence[Sequence[tuple[int, int]]], devices: Sequence[str], replicated: bool) -> Variable: ...

    def scope(self, name: str, initializer: Initializer | None, partitioner: object | None, reuse: str) -> Scope: ...

    def wrap_memory(self, name: str, shape: Sequence[int], dtype: str, address: int, size_bytes: int, device: str, owner: object, box: Sequence[tuple[int, int]] | None = None) -> Variable: ...

    def wrap_capsule(self, name: str, capsule: object) -> Variable: ...

    def erase(self, variable: Variable) -> None: ...

    def reset(self, variable: Variable) -> None: ...

    def find(self, name: str) -> Variable | None: ...

    def variables(self) -> list[Variable]: ...

class Initializer:
    """What fills a variable that no checkpoint initializes."""

    @property
    def name(self) -> str: ...

    @property
    def seed(self) -> int | None: ...

    def __eq__(self, other: object) -> bool: ...

    def __repr__(self) -> str: ...

def uninitialized() -> Initializer:
    """Leaves memory as it is."""

def zeros() -> Initializer: ...

def ones() -> Initializer: ...

def constant(value: float) -> Initializer: ...

def uniform(minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> Initializer: ...

def normal(mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> Initializer: ...

def truncated_normal(mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> Initializer:
    """Normal, redrawn outside of two standard deviations."""

def glorot_uniform(seed: int | None = None) -> Initializer: ...

def glorot_normal(seed: int | None = None) -> Initializer: ...

class Partitioner:
    """Decides into how many parts a variable is cut."""

    def __call__(self, shape: Sequence[int], dtype: str) -> list[int]:
        """A count for each dimension."""

def fixed_size_partitioner(num_shards: int, axis: int = 0) -> Partitioner: ...

def variable_axis_size_partitioner(max_shard_bytes: int, axis: int = 0, max_shards: int | None = None) -> Partitioner: ...

def min_max_variable_partitioner(max_partitions: int = 1, axis: int = 0, min_slice_size: int = 262144) -> Partitioner: ...

def explicit_partitioner(counts: Sequence[int]) -> Partitioner:
    """Exactly these counts, one for each dimension."""

class Remap:
    """
    Which old index each new index of a dimension takes: by a list of indices, in which -1 means none, or by two vocabularies, text files with a token in each line. What has no old index gets what the variable's own initializer gives.
    """

    def __init__(self, indices: Sequence[int] = [], *, old_vocabulary: str | os.PathLike[str] | None = None, new_vocabulary: str | os.PathLike[str] | None = None, old_size: int | None = None, new_size: int | None = None) -> None: ...

    @property
    def indices(self) -> list[int]: ...

    @property
    def old_vocabulary(self) -> str: ...

    @property
    def new_vocabulary(self) -> str: ...

    @property
    def old_size(self) -> int | None: ...

    @property
    def new_size(self) -> int | None: ...

class Transform:
    def __init__(self, slice: Sequence[tuple[int, int]], reshape: Sequence[int] | None, transpose: Sequence[int], rows: Remap | None, columns: Remap | None, cast: bool | None) -> None: ...

    def __str__(self) -> str: ...

def init_from_checkpoint(store: VariableStore, source: str | bytes | os.PathLike[str] | Checkpoint, entries: list[tuple[str, object, Transform]], except_: list[str], keep_missing: bool, keep_mismatched: bool, allow_empty_scope: bool, cast: bool, format: str, files: warmstart._files.FileSystem | None) -> ResolvedAssignments: ...

class ResolvedAssignment:
    """A variable, part or replica, and what will initialize it."""

    @property
    def variable(self) -> str: ...

    @property
    def full_name(self) -> str: ...

    @property
    def device(self) -> str: ...

    @property
    def tensor(self) -> str:
        """Its key in the checkpoint."""

    @property
    def slice(self) -> tuple[tuple[int, int], ...]:
        """A start and a length for each dimension."""

    @property
    def transform(self) -> str: ...

    @property
    def part(self) -> int | None: ...

    @property
    def size_bytes(self) -> int: ...

    @property
    def entry(self) -> int: ...

class KeptVariable:
    """A variable that a map left as it was."""

    @property
    def variable(self) -> str: ...

    @property
    def checkpoint(self) -> str: ...

    @property
    def reason(self) -> str:
        """Why its tensor does not fit; empty: it has none there."""

class AmbiguousName:
    """A name that several tensors have."""

    @property
    def name(self) -> str: ...

    @property
    def tensor(self) -> str:
        """The one that it means."""

    @property
    def others(self) -> int: ...

class ResolvedAssignments:
    """Who gets what. Printing it shows a table."""

    @property
    def checkpoint(self) -> str: ...

    @property
    def rows(self) -> list[ResolvedAssignment]: ...

    @property
    def kept(self) -> list[KeptVariable]: ...

    @property
    def ambiguous(self) -> list[AmbiguousName]: ...

    def to_json(self) -> str: ...

    def __str__(self) -> str: ...

class LoadedRow:
    """What a load did with a variable, part or replica."""

    @property
    def variable(self) -> str: ...

    @property
    def device(self) -> str: ...

    @property
    def checkpoint(self) -> str:
        """Empty: its own initializer ran."""

    @property
    def tensor(self) -> str: ...

    @property
    def slice(self) -> tuple[tuple[int, int], ...]:
        """A start and a length for each dimension."""

    @property
    def transform(self) -> str: ...

    @property
    def initializer(self) -> str: ...

    @property
    def checked(self) -> bool:
        """Every byte was covered by a checksum that was compared."""

class UnusedTensor:
    @property
    def checkpoint(self) -> str: ...

    @property
    def tensor(self) -> str: ...

class LoadReport:
    """What a load did. Printing it shows a table."""

    @property
    def rows(self) -> list[LoadedRow]: ...

    @property
    def unused(self) -> list[UnusedTensor]:
        """Tensors of the checkpoints that no variable wanted."""

    @property
    def kept(self) -> list[KeptVariable]: ...

    @property
    def bytes_needed(self) -> int: ...

    @property
    def bytes_unchecked(self) -> int: ...

    @property
    def bytes_read(self) -> int: ...

    @property
    def staging_bytes(self) -> int: ...

    @property
    def seconds(self) -> float: ...

    def __str__(self) -> str: ...

class PlannedFile:
    @property
    def path(self) -> str: ...

    @property
    def reads(self) -> int: ...

    @property
    def bytes(self) -> int: ...

class PlannedDevice:
    """All sizes are in bytes."""

    @property
    def device(self) -> str: ...

    @property
    def variables(self) -> int: ...

    @property
    def memory_bytes(self) -> int: ...

    @property
    def landed_bytes(self) -> int: ...

    @property
    def copied_bytes(self) -> int: ...

    @property
    def scattered_bytes(self) -> int: ...

    @property
    def converted_bytes(self) -> int: ...

    @property
    def relayed_bytes(self) -> int: ...

    @property
    def filled_bytes(self) -> int: ...

    @property
    def link_bytes(self) -> int: ...

class PlannedLink:
    """Bytes that replicas take from one another."""

    @property
    def source(self) -> str: ...

    @property
    def target(self) -> str: ...

    @property
    def bytes(self) -> int: ...

class LoadPlan:
    """What a load would read and copy. Printing it shows tables."""

    @property
    def files(self) -> list[PlannedFile]: ...

    @property
    def devices(self) -> list[PlannedDevice]: ...

    @property
    def links(self) -> list[PlannedLink]: ...

    @property
    def direct_reads(self) -> bool: ...

    @property
    def bytes_needed(self) -> int: ...

    @property
    def bytes_read(self) -> int: ...

    @property
    def bytes_unchecked(self) -> int: ...

    @property
    def staging_bytes(self) -> int: ...

    def to_json(self) -> str: ...

    def __str__(self) -> str: ...

class VerifiedRow:
    @property
    def variable(self) -> str: ...

    @property
    def device(self) -> str: ...

    @property
    def crc32c(self) -> int: ...

    @property
    def verified(self) -> str:
        """`no`, `loaded` or `stored`"""

    @property
    def from_checkpoint(self) -> bool: ...

class VerificationReport:
    """Checksums of what is in the variables' memory."""

    @property
    def rows(self) -> list[VerifiedRow]: ...

    @property
    def damage(self) -> list[warmstart._errors.Problem]: ...

    @property
    def complete(self) -> bool:
        """No damage, and every row from a checkpoint was compared."""

class LoadOptions:
    def __init__(self, *, budget_bytes: int, chunk_bytes: int, checksums: bool, partial: str, verifiable: bool, io: str, scatter: str, min_run_bytes: int, streams: Sequence[tuple[str, int]], wait_for_streams: bool) -> None: ...

class RunningLoad:
    def __init__(self, store: VariableStore, options: LoadOptions, engine: Engine, traced: bool) -> None: ...

    @property
    def done(self) -> bool: ...

    def progress(self) -> tuple[int, int]: ...

    def cancel(self) -> None: ...

    def wait_for(self, seconds: float) -> bool: ...

    def finish(self, progress: Callable[[int, int], object] | None) -> tuple[LoadReport, str]: ...

def make_plan(store: VariableStore, options: LoadOptions) -> LoadPlan: ...

def load_checkpoint(path: str | bytes | os.PathLike[str], device: str, options: LoadOptions, engine: Engine, files: warmstart._files.FileSystem | None, progress: Callable[[int, int], object] | None) -> tuple[VariableStore, LoadReport, dict[str, str]]: ...

def verify(store: VariableStore, engine: Engine) -> VerificationReport: ...

def run_program(arguments: Sequence[str]) -> int:
    """
    The warmstart program. Takes over the process: from then on, SIGINT and SIGTERM are the program's.
    """
