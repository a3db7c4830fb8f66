"""Leaves of JAX's trees: their names, shapes and dtypes, and which boxes of them the devices of this process have."""

from __future__ import annotations

import dataclasses
from typing import Any, Union

import jax
import numpy as np
from jax.sharding import Sharding, SingleDeviceSharding

from ._errors import InvalidArgumentError, Problem, from_problems

Placement = Union[Sharding, "jax.Device", None]
"""Where an array lives; None: where its leaf lives, else on JAX's default device."""
Box = tuple[tuple[int, int], ...]
"""A start and a length for each dimension."""


@dataclasses.dataclass(frozen=True)
class Leaf:
    """A leaf of the tree, and the boxes of it that devices of this process have."""

    name: str
    given: Any
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    sharding: Sharding | None
    boxes: dict[Box, list[jax.Device]]

    @property
    def inner_name(self) -> str:
        return inner(self.name)


def inner(name: str) -> str:
    """Names within the store: scopes of a map end with `/`, and the resolver separates by nothing else."""
    return name.replace(".", "/")


def leaves_of(tree: Any, sharding: Any) -> tuple[list[Leaf], Any]:
    """The leaves of a tree, and its structure. Raises one InvalidArgumentError for all that cannot be loaded."""
    with_paths, structure = jax.tree_util.tree_flatten_with_path(tree)
    leaves: dict[str, Leaf] = {}
    problems: list[Problem] = []
    for (path, given), placement in zip(with_paths, _placements(sharding, tree, len(with_paths))):
        name = jax.tree_util.keystr(path, simple=True, separator=".")
        try:
            leaf = _leaf(name, given, placement)
            other = leaves.setdefault(leaf.inner_name, leaf)
            if other is not leaf:
                raise InvalidArgumentError(f"another leaf is called {other.name}, and '.' and '/' are equal in names")
        except (TypeError, ValueError) as why:
            problems.append(Problem("invalid_argument", f"leaf {name}: {why}", name, ""))
    if problems:
        raise from_problems(problems)
    return list(leaves.values()), structure


def _placements(given: Any, tree: Any, count: int) -> list[Placement]:
    """One for each leaf, from one for all or from a tree that is like the upper part of the leaves'."""
    if _is_placement(given):
        return [given] * count
    found: list[Placement] = []

    def put_below(one: Placement, below: Any) -> None:
        if not _is_placement(one):
            raise InvalidArgumentError(f"sharding: expected a Sharding, a device or None, not {one!r}")
        found.extend([one] * len(jax.tree.leaves(below)))

    try:
        jax.tree.map(put_below, given, tree, is_leaf=_is_placement)
    except InvalidArgumentError:
        raise
    except ValueError as why:
        raise InvalidArgumentError(f"sharding: it is no tree like the leaves': {why}") from None
    return found


def _is_placement(given: Any) -> bool:
    return given is None or isinstance(given, (Sharding, jax.Device))


def _leaf(name: str, given: Any, placement: Placement) -> Leaf:
    if not name:
        raise InvalidArgumentError("the tree is a single leaf, which has no name; put it into a dict")
    aval = given if isinstance(given, jax.ShapeDtypeStruct) else jax.typeof(given)
    if jax.numpy.issubdtype(aval.dtype, jax.dtypes.extended):
        raise InvalidArgumentError(f"a checkpoint cannot hold {aval.dtype}; load its jax.random.key_data")
    dtype = np.dtype(jax.dtypes.canonicalize_dtype(aval.dtype))
    if placement is None and getattr(given, "committed", True):
        placement = getattr(given, "sharding", None)
    sharding = SingleDeviceSharding(placement) if isinstance(placement, jax.Device) else placement
    return Leaf(name, given, aval.shape, dtype, sharding, _boxes(aval.shape, sharding))


def _boxes(shape: tuple[int, ...], sharding: Sharding | None) -> dict[Box, list[jax.Device]]:
    """The devices of each box."""
    if sharding is None:
        return {tuple((0, size) for size in shape): []}
    boxes: dict[Box, list[jax.Device]] = {}
    for device, index in sharding.addressable_devices_indices_map(shape).items():
        ranges = [one.indices(size) for one, size in zip(index or (), shape)]
        boxes.setdefault(tuple((start, stop - start) for start, stop, _ in ranges), []).append(device)
    return boxes
