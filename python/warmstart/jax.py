"""JAX: new arrays from checkpoints, each device's share read once. `import warmstart as ws; ws.jax.load(...)`.

JAX takes the values of an array for constant, so nothing here writes to arrays that exist.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from jax.sharding import Sharding, SingleDeviceSharding

from . import _warmstart
from ._errors import Error, InvalidArgumentError, Problem, from_problems
from ._jax_leaves import Leaf, inner, leaves_of
from ._map import AssignmentMap, Entry, entries_of
from ._store import Variable, VariableStore

if TYPE_CHECKING:
    from ._checkpoint import Checkpoint, Path
    from ._engine import Engine
    from ._files import FileSystem
    from ._progress import Progress

__all__ = ["load"]


def load(
    tree: Any,
    path: Path | Checkpoint,
    assignment_map: AssignmentMap | None = None,
    *,
    sharding: Any = None,
    strict: bool = True,
    ignore_mismatched: bool = False,
    cast: bool = False,
    except_: Iterable[str] = (),
    format: str = "",
    files: FileSystem | None = None,
    engine: Engine | None = None,
    progress: Progress = None,
    **options: Any,
) -> Any:
    """A tree like `tree`, with new arrays from a checkpoint. Reads what this process's devices need, in one pass.

    tree: a pytree of `jax.ShapeDtypeStruct`, as `jax.eval_shape` gives it, or of arrays; shapes and dtypes have to be
        those of the tensors. A leaf is called by its path: keys, indices and attributes joined by `.`, as in
        `params.layers.0.kernel`. 64-bit dtypes are 32-bit ones unless `jax_enable_x64` is set, as everywhere in JAX.
    path, format, files: as of `warmstart.open`; or an open checkpoint.
    assignment_map: as of `VariableStore.init_from_checkpoint`; its targets are names of leaves, scopes (`params/`),
        patterns (`params.layers.{n}.kernel`), or an Entry of one of these. In them, `.` and `/` are equal; a scope
        of tensors may also end with a `.`. Default: each leaf takes the tensor that has the leaf's name.
    sharding: where the arrays live: a `Sharding` or a device for all leaves, or a tree of them that is like `tree` or
        like its upper part; None: the leaf's own sharding, if it has one, else JAX's default device, uncommitted.
        A slice that several devices have is read once.
    strict: leaves without a tensor are errors; otherwise they stay as they are in `tree`.
    ignore_mismatched: leaves whose tensor has another shape or dtype also stay as they are.
    cast: convert where dtypes differ and both are numeric.
    except_: leaves, and scopes with a `/` at the end, that scopes and patterns leave out; they stay as they are.
    engine, progress, options: as of `VariableStore.run_initializers`.

    On the CPU, arrays share the memory that was read into; for other devices, JAX copies from it.
    Raises one error with all problems: NotFoundError, MismatchError, InvalidArgumentError, CorruptError, IoError.
    """
    leaves, structure = leaves_of(tree, sharding)
    store = VariableStore("cpu:0")
    variables = [_variable_of(one, store) for one in leaves]
    given = entries_of({"/": "/"} if assignment_map is None else assignment_map)
    map_ = [_spelled_as_here(tensor, entry) for tensor, entry in given]
    left_out = {inner(one) for one in except_}

    def assign(missing: str, mismatched: str) -> _warmstart.ResolvedAssignments:
        return store.init_from_checkpoint(
            path, map_, missing=missing, mismatched=mismatched, except_=left_out,
            allow_empty_scope=not leaves, cast=cast, format=format, files=files,
        )  # fmt: skip

    keeps = ("error" if strict else "keep", "keep" if ignore_mismatched else "error")
    rows = {row.name: leaf for leaf, one in zip(leaves, variables) for row in (one, *one.parts)}
    exempt = [one for one in leaves if not strict or _is_left_out(one, left_out)]
    filled = _resolved(rows, assign, keeps, {one.name for one in exempt})
    for leaf, variable in zip(leaves, variables):
        if leaf.name not in filled:
            store.erase(variable)
    store.run_initializers(engine=engine, progress=progress, **{"verifiable": False, **options})
    loaded = [(leaf, one) for leaf, one in zip(leaves, variables) if leaf.name in filled]
    arrays = dict(zip((leaf.name for leaf, _ in loaded), _arrays_of(loaded)))
    return jax.tree.unflatten(structure, [arrays.get(one.name, one.given) for one in leaves])


def _variable_of(leaf: Leaf, store: VariableStore) -> Variable:
    whole = tuple((0, size) for size in leaf.shape)
    nothing = tuple((0, 0) for _ in leaf.shape)  # all of it is other processes'
    boxes = list(leaf.boxes) or [nothing]
    return store.get_variable(
        leaf.inner_name,
        leaf.shape,
        leaf.dtype,
        initializer=_warmstart.uninitialized(),
        slices=() if boxes == [whole] else boxes,
    )


def _spelled_as_here(tensor: str, entry: Entry) -> tuple[str, Entry]:
    if not isinstance(entry.target, str):
        raise InvalidArgumentError(f"a target is the name of a leaf, a scope or a pattern, not {entry.target!r}")
    target = inner(entry.target)
    if target.endswith("/") and tensor.endswith("."):
        tensor = tensor[:-1] + "/"
    return tensor, dataclasses.replace(entry, target=target)


def _resolved(
    rows: dict[str, Leaf],
    assign: Callable[[str, str], _warmstart.ResolvedAssignments],
    keeps: tuple[str, str],
    exempt: set[str],
) -> set[str]:
    """The names of the leaves that the checkpoint fills. Raises all problems at once, in words of leaves.

    rows: the leaf of each variable and part. exempt: leaves that no entry of the map has to name.
    """
    problems: list[Problem] = []
    try:
        resolved = assign(*keeps)
    except Error as error:
        problems = [_in_words_of_leaves(one, rows) for one in error.problems]
        try:
            resolved = assign("keep", "keep")
        except Error:
            raise from_problems(problems) from None
    filled = {rows[one.variable].name for one in resolved.rows}
    named = filled | {rows[one.variable].name for one in resolved.kept}
    for name in dict.fromkeys(one.name for one in rows.values()):
        if name not in named and name not in exempt:
            why = f"leaf {name}: no entry of the assignment map names it"
            problems.append(Problem("not_found", why, name, ""))
    if problems:
        raise from_problems(problems)
    return filled


def _is_left_out(leaf: Leaf, left_out: set[str]) -> bool:
    name = leaf.inner_name
    return name in left_out or any(name.startswith(one) for one in left_out if one.endswith("/"))


def _in_words_of_leaves(problem: Problem, rows: dict[str, Leaf]) -> Problem:
    leaf = rows.get(problem.variable)
    if leaf is None:
        return problem
    message = problem.message.replace(f"variable {problem.variable}", f"leaf {leaf.name}")
    return problem._replace(message=message, variable=leaf.name)


def _arrays_of(loaded: list[tuple[Leaf, Variable]]) -> list[jax.Array]:
    """JAX's arrays of what is in memory. It shares memory that is aligned to 64 bytes, as the library's is."""
    shards = [shard for leaf, variable in loaded for shard in _shards_of(leaf, variable)]
    arrays = iter(jax.device_put([values for values, _ in shards], [where for _, where in shards]))
    return [_joined(leaf, arrays) for leaf, _ in loaded]


def _shards_of(leaf: Leaf, variable: Variable) -> list[tuple[np.ndarray[Any, Any], Sharding | None]]:
    values = [one.numpy() for one in variable.parts]
    if leaf.sharding is None:
        return [(values[0], None)]
    kind = leaf.sharding.memory_kind
    return [
        (one, SingleDeviceSharding(device, memory_kind=kind))
        for one, devices in zip(values, leaf.boxes.values())
        for device in devices
    ]


def _joined(leaf: Leaf, arrays: Iterator[jax.Array]) -> jax.Array:
    if leaf.sharding is None:
        return next(arrays)
    own = [next(arrays) for devices in leaf.boxes.values() for _ in devices]
    return jax.make_array_from_single_device_arrays(leaf.shape, leaf.sharding, own, dtype=leaf.dtype)
