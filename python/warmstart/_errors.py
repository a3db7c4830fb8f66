"""Errors: each has all problems that were found, and is also the built-in exception that fits."""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """One mistake, with what it concerns."""

    code: str
    """`not found`, `mismatch`, ...: the class of error that it would be alone."""
    message: str
    variable: str
    """Empty where no variable is concerned."""
    tensor: str
    """Empty where no tensor is concerned."""
    file: str = ""
    """Path of the file concerned; empty where there is none."""
    offset: int | None = None
    """Position in the file, in bytes."""
    expected: str = ""
    """Such as a shape, a size with its unit, or a checksum; empty where it does not apply."""
    found: str = ""
    """What there was instead."""


class Error(Exception):
    """What warmstart raises. `problems` has every mistake that was found, never none."""

    problems: tuple[Problem, ...]

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems or (Problem("", message, "", ""),)

    def __str__(self) -> str:
        return str(self.args[0])

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.args[0], self.problems)


class NotFoundError(Error, KeyError):
    """A tensor, variable or scope does not exist."""


class PathNotFoundError(NotFoundError, FileNotFoundError):
    """A path does not exist."""


class MismatchError(Error, ValueError):
    """Shape, dtype or range of tensor and variable do not fit."""


class CorruptError(Error, ValueError):
    """Bytes of a file contradict each other, or a checksum."""


class UnsupportedError(Error, NotImplementedError):
    """Valid, but more than warmstart does."""


class IoError(Error, OSError):
    """The operating system failed a call on a file."""


class OutOfMemoryError(Error, MemoryError):
    """Host or device memory, or the staging budget, does not suffice."""


class DeviceError(Error, RuntimeError):
    """There is no such device, or a call on it failed."""


class CancelledError(Error, RuntimeError):
    """The load was cancelled."""


class InvalidArgumentError(Error, ValueError):
    """The call itself makes no sense."""


_CLASSES: dict[str, type[Error]] = {
    "not_found": NotFoundError,
    "mismatch": MismatchError,
    "corrupt": CorruptError,
    "unsupported": UnsupportedError,
    "io": IoError,
    "out_of_memory": OutOfMemoryError,
    "device": DeviceError,
    "cancelled": CancelledError,
    "invalid_argument": InvalidArgumentError,
}


def from_problems(problems: list[Problem]) -> Error:
    """The exception for problems, by the first one's code. The module calls this."""
    first = problems[0]
    found = _CLASSES.get(first.code, Error)
    if found is NotFoundError and not first.tensor and not first.variable:
        found = PathNotFoundError
    return found("\n".join(one.message for one in problems), tuple(problems))
