"""Engines: threads and staging memory that are kept from one load to the next."""

from __future__ import annotations

import atexit
import os
import threading
from types import TracebackType

from . import _warmstart
from ._errors import InvalidArgumentError


class Engine:
    """Reader threads, staging memory and device streams, kept over loads.

    Each process has one by itself; make another for loads that shall run at the same time, or to choose the
    number of threads. `reader_threads`: 0 means one per processor, at most 16. Any thread may use an engine;
    its loads run one after another. In a child of `fork` it cannot be used: make another one there.
    """

    def __init__(self, reader_threads: int = 0) -> None:
        if reader_threads < 0:
            raise InvalidArgumentError(f"reader_threads is {reader_threads}; expected 0 or more")
        self._handle = _warmstart.Engine(reader_threads)

    def close(self) -> None:
        """Ends its threads and frees its memory, when loads that it runs are done."""
        self._handle.close()

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


_lock = threading.Lock()
_default: Engine | None = None


def handle_of(engine: Engine | None) -> _warmstart.Engine:
    """The module's engine: of the caller's, or of the process's, which is made when it is first needed."""
    global _default
    if engine is not None:
        return engine._handle
    with _lock:
        if _default is None or not _default._handle.is_of_this_process:
            _default = Engine()
        return _default._handle


def _renew_lock() -> None:
    # Another thread may have held it at the fork.
    global _lock
    _lock = threading.Lock()


def _close_default() -> None:
    if _default is not None:
        _default.close()


os.register_at_fork(after_in_child=_renew_lock)
atexit.register(_close_default)
