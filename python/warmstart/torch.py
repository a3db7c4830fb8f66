"""Loads checkpoints into PyTorch's modules, in place.

import warmstart as ws

ws.torch.load_into(model, "model.safetensors")
ws.torch.load_into(model, "bert_model.ckpt", {
    "bert/encoder/layer_{n}/output/dense/kernel":
        ws.Entry("encoder.layer.{n}.output.dense.weight", transpose=(1, 0)),
}, strict=False)
weights = ws.torch.state_dict("model.ckpt")
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple, Union

import torch

from ._checkpoint import Checkpoint, Path
from ._engine import Engine
from ._errors import InvalidArgumentError
from ._load import LoadOptions
from ._map import AssignmentMap
from ._progress import Progress
from ._store import Variable, VariableStore
from ._torch_group import together
from ._torch_match import Match, entry_for, match
from ._torch_memory import current_streams, empty_for, increment_versions, order_of, place_of
from ._torch_module import materialize, reset, reshard, slots_of
from ._torch_problems import complain, problems_of, refusals
from ._warmstart import LoadReport

__all__ = ["LoadResult", "load_into", "state_dict"]

Device = Union[str, int, torch.device, None]


class LoadResult(NamedTuple):
    """What a load did and left, by the names of the module and of the checkpoint."""

    missing_keys: list[str]
    """Parameters and persistent buffers without a tensor. They keep their values."""
    unexpected_keys: list[str]
    """Tensors of the checkpoint that nothing takes."""
    mismatched_keys: dict[str, str]
    """Parameters and buffers whose tensor has another shape or dtype, and how they differ. They keep their values."""
    report: LoadReport
    """What was read, for this process's shards."""


def load_into(
    module: torch.nn.Module,
    path: Path | Checkpoint,
    assignment_map: AssignmentMap | None = None,
    *,
    strict: bool = True,
    ignore_mismatched: bool = False,
    except_: Iterable[str] = (),
    cast: bool = False,
    device: Device = None,
    unfilled: str = "error",
    group: Any = None,
    format: str = "",
    engine: Engine | None = None,
    progress: Progress = None,
    **options: Any,
) -> LoadResult:
    """Loads a checkpoint into a module's parameters and persistent buffers, in place, in one pass over the files.

    path: what `warmstart.open` takes, or an open checkpoint, whose metadata is not read again.
    assignment_map: a dict or pairs: a tensor, or a pattern (`layer_{n}/w`), and what takes it: the name of a parameter
        or buffer, a pattern, a parameter itself, or an Entry of one of these. A target that ends with `.`, or is empty,
        is a prefix, and so is its tensor then: `{"bert.": ""}`. None: each takes the tensor that has its name. Tied
        weights need one tensor, under any of their names.
    strict: parameters and buffers without a tensor, and tensors that nothing takes, are errors.
    ignore_mismatched: those whose tensor has another shape or dtype keep their values, as a new head does.
    except_: names, and prefixes that end with `.`, that keep their values.
    cast: converts where dtypes differ and both are numeric.
    device: where tensors on the meta device get memory. None: the host, or the devices of the mesh if there are
        DTensors.
    unfilled: what happens to tensors on the meta device, buffers included, that the checkpoint does not fill:
        `error`, or `reset_parameters`, which calls that method of their modules before the load.
    group: the processes of torch.distributed that load together: if one of them fails, all raise. None: no
        communication.
    format, engine, progress, options: as of `warmstart.open` and `VariableStore.run_initializers`.

    Of a DTensor, each process reads the bytes of its shard. On GPUs, the load takes its place in torch's current
    streams (or in `streams` of the options), and returns when the values are there. autograd knows that the values
    have changed: a backward pass that needs the old ones raises.
    Raises one error with all problems, named by parameter, and then has changed nothing; after an error in reading
    files, values are undefined. Hooks of `load_state_dict` do not run.
    """
    if unfilled not in ("error", "reset_parameters"):
        raise InvalidArgumentError(f"unfilled is {unfilled!r}; expected 'error' or 'reset_parameters'")
    if not isinstance(module, torch.nn.Module):
        raise InvalidArgumentError(f"a {type(module).__name__} is no torch.nn.Module")

    LoadOptions(**options)  # raises for what makes no sense

    def prepare() -> tuple[Checkpoint, Match]:
        source = path if isinstance(path, Checkpoint) else opened.enter_context(Checkpoint(path, format=format))
        reshard(module)
        slots = slots_of(module)
        complain(module, source.path, refusals(slots))
        found = match(slots, source, assignment_map, except_, cast)
        complain(module, source.path, problems_of(module, found, strict, ignore_mismatched, unfilled))
        for slot, _, entry in found.filled:
            entry_for(slot, entry, order_of(slot.tensor))  # raises for what cannot be done
        return source, found

    def load() -> LoadReport:
        empty = [slot for slot in found.unfilled if slot.tensor.is_meta]
        materialize(module, device)
        reset(module, empty)
        return _fill(module, source, found, cast, engine, progress, options)

    with contextlib.ExitStack() as opened:
        source, found = together(group, prepare)
        report = together(group, load)
    return LoadResult(list(found.missing), found.unexpected, found.mismatched, report)


def _fill(
    module: torch.nn.Module,
    source: Checkpoint,
    found: Match,
    cast: bool,
    engine: Engine | None,
    progress: Progress,
    options: dict[str, Any],
) -> LoadReport:
    tensors = {name: slot.tensor for slot in slots_of(module) for name in slot.names}
    store = VariableStore("cpu:0")
    entries, written, variables = [], [], []
    for slot, key, entry in found.filled:
        place = place_of(tensors[slot.name])
        if place.is_empty:
            continue
        written.append(tensors[slot.name])
        variables.append(Variable(place.wrap(store._handle, slot.name)))
        entries.append((key, replace(entry_for(slot, entry, place.order), target=variables[-1])))
    store.init_from_checkpoint(source, entries, cast=cast)
    ordered = {"streams": current_streams(written), "wait_for_streams": True, "verifiable": False, **options}
    try:
        report = store.run_initializers(engine=engine, progress=progress, **ordered)
        for one in variables:
            one.wait()
    finally:
        increment_versions(written)
    return report


def state_dict(
    path: Path | Checkpoint,
    names: Iterable[str] | None = None,
    *,
    device: Device = None,
    format: str = "",
    engine: Engine | None = None,
    progress: Progress = None,
    **options: Any,
) -> dict[str, torch.Tensor]:
    """The tensors of a checkpoint by name, in new torch tensors, read in one pass over the files.

    The tensors have new memory and no mapping: the files may change or be deleted afterwards, writing to a tensor does
    not change them, and all values are in memory at once. `load_into` needs no memory besides the module's.

    names: default, all that a torch tensor can hold. device: default, the host. Options: those of `LoadOptions`.
    Raises as `warmstart.open` and `Checkpoint.read_into`, and UnsupportedError for a dtype that torch does not have.
    """
    with contextlib.ExitStack() as opened:
        source = path if isinstance(path, Checkpoint) else opened.enter_context(Checkpoint(path, format=format))
        wanted = source._readable_names() if names is None else list(names)
        made = {name: empty_for(source[name], device) for name in wanted}
        ordered = {"streams": current_streams(made.values()), "wait_for_streams": True, **options}
        source.read_into(
            [(source[name], tensor) for name, tensor in made.items()], engine=engine, progress=progress, **ordered
        )
    return made
