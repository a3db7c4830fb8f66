"""A progress bar on standard error, for terminals and notebooks."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO, Union

Callback = Callable[[int, int], object]
"""Called with the bytes that are done and the bytes in all, on the caller's thread."""
Progress = Union[bool, Callback, None]


def callback_of(progress: Progress) -> tuple[Callback | None, Callable[[], None]]:
    """What a load calls, and what ends the bar."""
    if progress is None or progress is False:
        return None, _nothing
    if progress is not True:
        return progress, _nothing
    if not shows_bar(sys.stderr):
        return None, _nothing
    bar = Bar(sys.stderr)
    return bar.show, bar.end


def _nothing() -> None:
    pass


def shows_bar(out: TextIO | None) -> bool:
    """Whether somebody watches: on a terminal and in a notebook, not in a pipe or a file."""
    if out is None:
        return False
    return out.isatty() or type(out).__module__.startswith("ipykernel")


class Bar:
    """`[#####     ]  50%  1.0 GiB of 2.0 GiB  1.20 GB/s  1 s left`, in one line that is rewritten."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._begin = time.monotonic()
        self._width = 0

    def show(self, done: int, total: int) -> None:
        text = line(done, total, time.monotonic() - self._begin)
        self._out.write("\r" + text.ljust(self._width))
        self._out.flush()
        self._width = len(text)

    def end(self) -> None:
        if self._width:
            self._out.write("\n")
            self._out.flush()


def line(done: int, total: int, seconds: float) -> str:
    """The line for a moment of a load."""
    share = done / total if total else 1.0
    speed = done / seconds if seconds > 0 else 0.0
    left = f"  {(total - done) / speed:.0f} s left" if speed and done < total else ""
    bar = "#" * int(share * 30)
    return f"[{bar:30}] {share:4.0%}  {size(done)} of {size(total)}  {speed / 1e9:.2f} GB/s{left}"


def size(count: float) -> str:
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"
