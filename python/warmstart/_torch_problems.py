"""What is wrong with a load into a module, told at once."""

from __future__ import annotations

import torch

from ._errors import Problem, from_problems
from ._torch_match import Match
from ._torch_memory import refusal
from ._torch_module import Slot, can_reset

_SHOWN = 40


def refusals(slots: list[Slot]) -> list[Problem]:
    """Of tensors that no load can write to."""
    reasons = [(slot, refusal(slot.tensor)) for slot in slots]
    return [Problem("invalid_argument", f"{slot} {why}", slot.name, "") for slot, why in reasons if why]


def problems_of(
    module: torch.nn.Module, found: Match, strict: bool, ignore_mismatched: bool, unfilled: str
) -> list[Problem]:
    """Of what is missing, mismatched, unexpected, or would stay without memory."""
    made = []
    if strict:
        made += [Problem("not_found", f"missing: {name}: {why}", name, "") for name, why in found.missing.items()]
    if not ignore_mismatched:
        made += [Problem("mismatch", f"mismatched: {why}", name, "") for name, why in found.mismatched.items()]
    if strict:
        made += [
            Problem("not_found", f"unexpected: tensor {name} has no place in the module", "", name)
            for name in found.unexpected
        ]
    named = {one.variable for one in made}
    for slot in found.unfilled:
        if slot.tensor.is_meta and slot.name not in named:
            made += _unfilled_problem(module, slot, unfilled)
    return made


def _unfilled_problem(module: torch.nn.Module, slot: Slot, unfilled: str) -> list[Problem]:
    what = f"{slot} is on the meta device, and the checkpoint does not fill it"
    if unfilled == "error":
        what += "; unfilled='reset_parameters' lets its module do so"
    elif can_reset(module, slot):
        return []
    else:
        what += ", nor has its module a reset_parameters method"
    return [Problem("not_found", what, slot.name, "")]


def complain(module: torch.nn.Module, path: str, problems: list[Problem]) -> None:
    """Raises one error with all problems, if there are any."""
    if not problems:
        return
    error = from_problems(problems)
    lines = [one.message for one in problems[:_SHOWN]]
    if len(problems) > _SHOWN:
        lines.append(f"... and {len(problems) - _SHOWN} more (`problems` has all)")
    header = f"{type(module).__name__} cannot be loaded from {path}:"
    raise type(error)("\n  ".join([header, *lines]), error.problems)
