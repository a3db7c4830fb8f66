"""Assignment maps: which tensor initializes which variable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Union

from . import _warmstart
from ._errors import InvalidArgumentError
from ._warmstart import Remap

if TYPE_CHECKING:
    from ._store import Variable

Target = Union[str, "Variable", Sequence[str], Sequence["Variable"], Any]
"""The name of a variable or scope, a variable, a list of parts or their names, or an array."""
AssignmentMap = Union[Mapping[str, Any], Iterable["tuple[str, Any]"]]


@dataclass(frozen=True)
class Entry:
    """A target, and what happens to the tensor on its way there, in this order.

    slice: a start and length for each dimension of the tensor, or slices; a length of -1 is to the end.
    reshape: as many elements, in row-major order; one dimension may be -1.
    transpose: dimension i of the result is dimension `transpose[i]` of what it is taken from.
    rows, columns: which old index each new index of dimension 0 or 1 takes: a Remap, or a list of indices.
    cast: whether dtypes may differ, in place of the call's `cast`.
    """

    target: Any
    slice: Sequence[tuple[int, int] | slice] = ()
    reshape: Sequence[int] | None = None
    transpose: Sequence[int] = ()
    rows: Remap | Sequence[int] | None = None
    columns: Remap | Sequence[int] | None = None
    cast: bool | None = None
    transform: _warmstart.Transform = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        made = _warmstart.Transform(
            [_extent(one) for one in self.slice],
            None if self.reshape is None else list(self.reshape),
            list(self.transpose),
            _remap(self.rows),
            _remap(self.columns),
            self.cast,
        )
        object.__setattr__(self, "transform", made)


def _extent(given: tuple[int, int] | slice) -> tuple[int, int]:
    if not isinstance(given, slice):
        return given
    start = given.start or 0
    if given.step not in (None, 1) or start < 0 or (given.stop is not None and given.stop < start):
        raise InvalidArgumentError(f"{given} is no range of a tensor; expected start <= stop and no step")
    return (start, -1 if given.stop is None else given.stop - start)


def _remap(given: Remap | Sequence[int] | None) -> Remap | None:
    if given is None or isinstance(given, Remap):
        return given
    return Remap([int(one) for one in given])


def entries_of(given: AssignmentMap) -> list[tuple[str, Entry]]:
    """Pairs of a tensor and an entry, in the order of the map."""
    pairs = given.items() if isinstance(given, Mapping) else given
    made = []
    for pair in pairs:
        try:
            tensor, target = pair
        except (TypeError, ValueError):
            raise InvalidArgumentError(f"an assignment map has pairs of a tensor and a target, not {pair!r}") from None
        made.append((tensor, target if isinstance(target, Entry) else Entry(target)))
    return made
