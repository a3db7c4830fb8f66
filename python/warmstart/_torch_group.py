"""Processes of torch.distributed that load together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ._errors import Error

Result = TypeVar("Result")


def together(group: Any, action: Callable[[], Result]) -> Result:
    """The action's result; or, in all processes of the group, an error if the action fails in one of them."""
    failure: Exception | None = None
    result: list[Result] = []
    try:
        result.append(action())
    except Exception as error:
        failure = error
    others = _messages(group, failure) if group is not None else {}
    if failure is not None:
        raise failure
    if others:
        raise Error("\n".join(f"process {rank}: {message}" for rank, message in others.items()))
    return result[0]


def _messages(group: Any, failure: Exception | None) -> dict[int, str]:
    import torch.distributed as dist

    all_of_them: list[str | None] = [None] * dist.get_world_size(group)
    dist.all_gather_object(
        all_of_them, None if failure is None else f"{type(failure).__name__}: {failure}", group=group
    )
    return {rank: message for rank, message in enumerate(all_of_them) if message is not None}
