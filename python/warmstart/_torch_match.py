"""Which tensor of a checkpoint fills which parameter or buffer, and what does not fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import torch

from ._checkpoint import Checkpoint
from ._errors import Error, InvalidArgumentError, Problem, UnsupportedError
from ._map import AssignmentMap, Entry, entries_of
from ._store import VariableStore
from ._torch_module import Slot
from ._warmstart import ResolvedAssignments, uninitialized


@dataclass
class Match:
    """What a load will do."""

    filled: list[tuple[Slot, str, Entry]] = field(default_factory=list)
    """A slot, the key of its tensor, and what happens to that on its way."""
    unfilled: list[Slot] = field(default_factory=list)
    """All others: missing, mismatched, excepted, not persistent."""
    missing: dict[str, str] = field(default_factory=dict)
    """Name of a slot, and what is to be said about it."""
    mismatched: dict[str, str] = field(default_factory=dict)
    unexpected: list[str] = field(default_factory=list)
    """Tensors that no slot takes."""


def match(
    slots: Sequence[Slot], source: Checkpoint, given: AssignmentMap | None, excepted: Iterable[str], cast: bool
) -> Match:
    """Compares names, shapes and dtypes. Raises for a map that makes no sense."""
    left_out = _names_left_out(slots, list(excepted))
    wanted = [slot for slot in slots if slot.names and not left_out.intersection(slot.names)]
    store = VariableStore("cpu:0")  # of names and shapes: it never loads
    for slot in wanted:
        for name in slot.names:
            store.get_variable(name, tuple(slot.tensor.shape), slot.tensor.dtype, initializer=uninitialized())
    entries = _entries(slots, wanted, given)
    resolved, problems = _resolve(store, source, entries, cast)
    made = _sorted_out(wanted, resolved, problems, entries)
    filled = {id(slot) for slot, _, _ in made.filled}
    made.unfilled = [slot for slot in slots if id(slot) not in filled]
    expected = left_out | {row.tensor for row in resolved.rows} | {one.tensor for one in problems}
    expected |= {source[name].name for name in expected if name in source}
    made.unexpected = [name for name in source if name not in expected]
    return made


def _names_left_out(slots: Sequence[Slot], excepted: list[str]) -> set[str]:
    names = [name for slot in slots for name in slot.names + slot.hidden_names]
    found: set[str] = set()
    for one in excepted:
        hits = [name for name in names if name == one or (one.endswith(".") and name.startswith(one))]
        if not hits:
            raise InvalidArgumentError(f"except_: the module has no parameter or buffer {one}")
        found.update(hits)
    return found


def _entries(slots: Sequence[Slot], wanted: list[Slot], given: AssignmentMap | None) -> list[tuple[str, Entry]]:
    names = [name for slot in wanted for name in slot.names]
    if given is None:
        return [(name, Entry(name)) for name in names]
    pairs = [
        (tensor, replace(entry, target=_target(slots, tensor, entry.target))) for tensor, entry in entries_of(given)
    ]
    exact = {entry.target for _, entry in pairs}
    made: list[tuple[str, Entry]] = []
    for tensor, entry in pairs:
        if entry.target and not entry.target.endswith("."):
            made.append((tensor, entry))
            continue
        _require_prefix(tensor, entry.target)
        hits = [name for name in names if name.startswith(entry.target)]
        if not hits:
            raise InvalidArgumentError(f"assignment map: the module has no parameter in {entry.target}")
        made += [
            (tensor + name[len(entry.target) :], replace(entry, target=name)) for name in hits if name not in exact
        ]
    return made


def _require_prefix(tensor: str, target: str) -> None:
    if tensor and not tensor.endswith((".", "/")):
        raise InvalidArgumentError(
            f"assignment map: {target!r} is a prefix of names, so its tensor must be one too: '{tensor}.' or "
            f"'{tensor}/' instead of {tensor!r}"
        )


def _target(slots: Sequence[Slot], tensor: str, target: object) -> str:
    if isinstance(target, str):
        return target
    for slot in slots:
        if slot.tensor is target and slot.names:
            return slot.name
    what = "a tensor that the module does not have" if isinstance(target, torch.Tensor) else repr(target)
    raise InvalidArgumentError(
        f"assignment map: the target of tensor {tensor} is {what}; expected a name, a prefix, a pattern or a parameter"
    )


def _resolve(
    store: VariableStore, source: Checkpoint, entries: list[tuple[str, Entry]], cast: bool
) -> tuple[ResolvedAssignments, tuple[Problem, ...]]:
    """What can be assigned, and what is wrong with the rest."""
    try:
        return store.init_from_checkpoint(source, entries, cast=cast), ()
    except Error as error:
        problems = error.problems
    return store.init_from_checkpoint(source, entries, missing="keep", mismatched="keep", cast=cast), problems


def _sorted_out(
    wanted: list[Slot],
    resolved: ResolvedAssignments,
    problems: tuple[Problem, ...],
    entries: list[tuple[str, Entry]],
) -> Match:
    rows = {row.variable: row for row in resolved.rows}
    misfits = {one.variable: one.reason for one in resolved.kept if one.reason}
    messages = {one.variable: one.message for one in problems}
    made = Match()
    for slot in wanted:
        named = [rows[name] for name in slot.names if name in rows]
        misfit = next((misfits[name] for name in slot.names if name in misfits), None)
        if named:
            made.filled.append((slot, named[0].tensor, entries[named[0].entry][1]))
        elif misfit is not None:
            made.mismatched[slot.name] = f"{slot.kind} {misfit.removeprefix('variable ')}"
        else:
            made.missing[slot.name] = messages.get(slot.name, "the assignment map has no entry for it")
    return made


def entry_for(slot: Slot, entry: Entry, order: tuple[int, ...]) -> Entry:
    """The entry for a slot whose memory has the dimensions in that order."""
    if order == tuple(range(len(order))):
        return entry
    before = list(entry.transpose) or list(range(len(order)))
    remaps = {0: entry.rows, 1: entry.columns}
    moved = {order.index(d): remap for d, remap in remaps.items() if remap is not None}
    if any(d > 1 for d in moved):
        raise UnsupportedError(
            f"{slot} lies in memory in the order of dimensions {order}, in which rows or columns cannot be remapped; "
            "make it contiguous first"
        )
    return replace(entry, transpose=[before[d] for d in order], rows=moved.get(0), columns=moved.get(1))
