"""Boxes within tensors: what indexing makes."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, Union

Index = Any
_Range = Union[int, slice]


@dataclass(frozen=True)
class Box:
    """A range in each dimension; dimensions that an integer picked are no more in the shape."""

    starts: tuple[int, ...]
    lengths: tuple[int, ...]
    kept: tuple[bool, ...]
    is_whole: bool

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(length for length, kept in zip(self.lengths, self.kept) if kept)

    @property
    def size(self) -> int:
        return prod(self.lengths)

    @property
    def extents(self) -> list[tuple[int, int]] | None:
        """A start and a length for each dimension; None for all of the tensor."""
        return None if self.is_whole else list(zip(self.starts, self.lengths))

    @property
    def reshape(self) -> tuple[int, ...] | None:
        """The shape, if it has fewer dimensions than the tensor."""
        return None if all(self.kept) else self.shape

    def numpy_index(self) -> tuple[Any, ...]:
        return tuple(
            slice(start, start + length) if kept else start
            for start, length, kept in zip(self.starts, self.lengths, self.kept)
        )

    def __getitem__(self, index: Index) -> Box:
        given = iter(_spelled_out(index, sum(self.kept)))
        starts, lengths, kept = [], [], []
        for start, length, was_kept in zip(self.starts, self.lengths, self.kept):
            begin, count, is_kept = _picked(next(given), length) if was_kept else (0, length, False)
            starts.append(start + begin)
            lengths.append(count)
            kept.append(is_kept)
        is_same = self.is_whole and lengths == list(self.lengths)
        return Box(tuple(starts), tuple(lengths), tuple(kept), is_same and all(kept))


def boxed(shape: tuple[int, ...]) -> Box:
    """All of a tensor."""
    return Box((0,) * len(shape), shape, (True,) * len(shape), True)


def _spelled_out(index: Index, rank: int) -> list[_Range]:
    given = list(index) if isinstance(index, tuple) else [index]
    ellipses = sum(one is Ellipsis for one in given)
    if ellipses > 1:
        raise IndexError("an index has one '...' at most")
    if len(given) - ellipses > rank:
        raise IndexError(f"{len(given) - ellipses} indices for {rank} dimensions")
    place = next((i for i, one in enumerate(given) if one is Ellipsis), len(given))
    rest: list[_Range] = [slice(None)] * (rank - len(given) + ellipses)
    return given[:place] + rest + given[place + 1 :]


def _picked(index: _Range, length: int) -> tuple[int, int, bool]:
    if isinstance(index, slice):
        start, stop, step = index.indices(length)
        if step != 1:
            raise IndexError("a tensor is sliced without a step; read it, and slice the array")
        return start, max(0, stop - start), True
    if isinstance(index, bool) or not hasattr(index, "__index__"):
        raise IndexError(f"a tensor is indexed by integers, slices and '...', not by {index!r}")
    position = index.__index__()
    if not -length <= position < length:
        raise IndexError(f"index {position} is out of range for {length} elements")
    return position % length, 1, False
