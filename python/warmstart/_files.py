"""File systems that a program implements: where checkpoints are read from, in place of the system's files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Protocol


class File(Protocol):
    """A file that `FileSystem.open` gives. Any number of threads may read at the same time."""

    def read(self, offset: int, into: memoryview, /) -> object:
        """Fills all of `into`, which is writable bytes, with the file's bytes from `offset` on.

        `into` is lent for the time of the call: keep no array of it. Raises EOFError if the file ends before, else
        OSError.
        """


class FileSystem(ABC):
    """Access to files: derive from it to load from an object store, an archive or memory.

    What takes `files=...` reads from it, and so do later loads from that checkpoint. Vocabulary files are always the
    operating system's. You define what paths mean, except that `/` separates directories. Threads of the engine
    call it and hold the interpreter's lock, so one call runs at a time; release the lock while you wait for bytes.
    FileNotFoundError becomes a NotFoundError, EOFError a CorruptError, and anything else an IoError.
    """

    @abstractmethod
    def size(self, path: str) -> int | None:
        """Bytes of a file; None if there is no file at `path`."""

    @abstractmethod
    def open(self, path: str) -> File:
        """Opens a file, to read from it. It is dropped after its last read."""

    def version(self, path: str) -> int:
        """A number that changes with the contents, as a time of modification does. A load fails if it has changed since
        the checkpoint was opened."""
        return 0

    def is_directory(self, path: str) -> bool:
        """Whether `path` is a directory. Needed for checkpoints that are directories."""
        return False

    def list(self, directory: str) -> list[str]:
        """The names in a directory, in any order. Needed for checkpoints that are directories or patterns."""
        return []
