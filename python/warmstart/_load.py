"""Loads: their options, loads beside the program, and what waits for them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Mapping
from typing import Any

from . import _warmstart
from ._errors import CancelledError, InvalidArgumentError
from ._progress import Progress, callback_of


class LoadOptions:
    """How a load works; the calls that load take the same as keywords.

    budget_bytes: staging memory, on host and devices together, at most.
    chunk_bytes, min_run_bytes: 0 means the library's choice.
    checksums: compare what is read with stored checksums.
    partial_checksums: `always`, `when_half` or `never`: whether the rest of a stored range is read for its checksum.
    verifiable: keep what `verify` needs where stored checksums do not compose.
    io: `automatic`, `direct`, `buffered` or `mapped`.
    scatter: `mirrored` or `mapped`: where a GPU's kernel finds what it scatters.
    streams: CUDA streams by device (`{"cuda:0": stream}`), as integers or as objects of CuPy, Numba, PyTorch.
        The load takes its place in them, and returns when all is queued.
    wait_for_streams: block until the streams are idle, instead of refusing what cannot be staged at once.
    """

    def __init__(
        self,
        *,
        budget_bytes: int = 256 << 20,
        chunk_bytes: int = 0,
        checksums: bool = True,
        partial_checksums: str = "when_half",
        verifiable: bool = True,
        io: str = "automatic",
        scatter: str = "mirrored",
        min_run_bytes: int = 0,
        streams: Mapping[str, Any] | None = None,
        wait_for_streams: bool = False,
    ) -> None:
        self._handle = _warmstart.LoadOptions(
            budget_bytes=budget_bytes,
            chunk_bytes=chunk_bytes,
            checksums=checksums,
            partial=partial_checksums,
            verifiable=verifiable,
            io=io,
            scatter=scatter,
            min_run_bytes=min_run_bytes,
            streams=[(device, stream_handle(one)) for device, one in (streams or {}).items()],
            wait_for_streams=wait_for_streams,
        )


def stream_handle(stream: Any) -> int:
    """The address of a `cudaStream_t`, from an integer or a stream object of a framework."""
    if isinstance(stream, int):
        return stream
    if hasattr(stream, "__cuda_stream__"):
        found = stream.__cuda_stream__
        return int((found() if callable(found) else found)[1])
    for attribute in ("cuda_stream", "ptr", "handle"):
        if hasattr(stream, attribute):
            return int(getattr(getattr(stream, attribute), "value", getattr(stream, attribute)))
    raise InvalidArgumentError(f"a {type(stream).__name__} is no CUDA stream")


class Load:
    """A load beside the program. Its store cannot be used until it is done and somebody has asked for its result.

    `await load` and `load.result()` give the report, or raise what the load raised. A task that is cancelled while
    it awaits cancels the load.
    """

    def __init__(
        self,
        store: _warmstart.VariableStore,
        options: LoadOptions,
        engine: _warmstart.Engine,
        trace: str | os.PathLike[str] | None,
    ) -> None:
        self._handle = _warmstart.RunningLoad(store, options._handle, engine, trace is not None)
        self._trace = trace
        self._report: _warmstart.LoadReport | None = None
        self._error: BaseException | None = None
        self._finished = False

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._handle.done

    @property
    def progress(self) -> tuple[int, int]:
        """Bytes that are done, and bytes in all (0: not known yet)."""
        return self._handle.progress()

    def cancel(self) -> None:
        """Asks it to stop. Its result is then a CancelledError, unless it was done."""
        self._handle.cancel()

    def result(self, progress: Progress = None) -> _warmstart.LoadReport:
        """Waits. Ctrl-C cancels the load. `progress`: True shows a bar; a function gets (done, total)."""
        if not self._finished:
            self._finish(progress)
        if self._error is not None:
            raise self._error
        assert self._report is not None
        return self._report

    def _finish(self, progress: Progress) -> None:
        callback, end = callback_of(progress)
        self._finished = True
        try:
            self._report, trace = self._handle.finish(callback)
            if self._trace is not None:
                with open(self._trace, "w", encoding="utf-8") as file:
                    file.write(trace)
        except BaseException as error:
            self._error = error
        finally:
            end()

    async def _wait(self) -> _warmstart.LoadReport:
        import asyncio  # here, since it would take most of the time to import warmstart

        loop = asyncio.get_running_loop()
        waiting = loop.run_in_executor(None, self._wait_until_done)
        try:
            await asyncio.shield(waiting)
        except asyncio.CancelledError:
            self.cancel()
            await waiting
            with contextlib.suppress(CancelledError):
                self.result()
            raise
        return self.result()

    def _wait_until_done(self) -> None:
        while not self._handle.wait_for(1.0):
            pass

    def __await__(self) -> Generator[Any, None, _warmstart.LoadReport]:
        return self._wait().__await__()
