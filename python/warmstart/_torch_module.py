"""Parameters and buffers of a module: by name, tied ones once; and how those on the meta device become real."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch

from ._torch_memory import is_dtensor, is_plain


@dataclass
class Slot:
    """A parameter or buffer. Tied ones are one slot, with all of their names in the module's order."""

    kind: str
    """`parameter` or `buffer`"""
    tensor: torch.Tensor
    names: list[str] = field(default_factory=list)
    """Those of a state_dict: empty for a buffer that is not persistent."""
    hidden_names: list[str] = field(default_factory=list)
    """Of buffers that are not persistent."""

    @property
    def name(self) -> str:
        return (self.names or self.hidden_names)[0]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def slots_of(module: torch.nn.Module) -> list[Slot]:
    """All parameters and buffers, in the module's order."""
    slots: dict[Any, Slot] = {}
    for kind, name, tensor, is_persistent in _named_tensors(module):
        slot = slots.setdefault(_identity(tensor), Slot(kind, tensor))
        (slot.names if is_persistent else slot.hidden_names).append(name)
    return list(slots.values())


def _named_tensors(module: torch.nn.Module) -> Iterator[tuple[str, str, torch.Tensor, bool]]:
    for prefix, owner in module.named_modules(remove_duplicate=False):
        path = prefix + "." if prefix else ""
        for key, tensor in owner._parameters.items():
            if tensor is not None:
                yield "parameter", path + key, tensor, True
        for key, tensor in owner._buffers.items():
            if tensor is not None:
                yield "buffer", path + key, tensor, key not in owner._non_persistent_buffers_set


def _identity(tensor: torch.Tensor) -> Any:
    """Equal for tensors that are tied: the same object, or the same elements of the same memory."""
    if not is_plain(tensor) or tensor.is_meta or tensor.numel() == 0:
        return id(tensor)
    return tensor.device, tensor.data_ptr(), tensor.dtype, tensor.shape, tensor.stride()


def reshard(module: torch.nn.Module) -> None:
    """Lets FSDP2's modules have their shards again, if a forward pass has left whole parameters."""
    fsdp = sys.modules.get("torch.distributed.fsdp")
    kind = getattr(fsdp, "FSDPModule", None)
    if kind is None:
        return
    for one in module.modules():
        if isinstance(one, kind):
            one.reshard()


def materialize(module: torch.nn.Module, device: Any) -> None:
    """Gives tensors on the meta device memory on `device`, uninitialized. Tied ones stay tied, others stay as they are.

    device: None means the host, or the devices of the mesh if there are DTensors.
    """
    slots = slots_of(module)
    if not any(slot.tensor.is_meta for slot in slots):
        return
    tied = [(slot.kind, slot.names) for slot in slots if slot.tensor.is_meta and len(slot.names) > 1]
    meshes = [slot.tensor.device_mesh.device_type for slot in slots if is_dtensor(slot.tensor)]
    where = next(iter(meshes), "cpu") if device is None else device
    made: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}

    def real(tensor: torch.Tensor) -> torch.Tensor:
        if not tensor.is_meta:
            return tensor
        if id(tensor) not in made:
            made[id(tensor)] = tensor, torch.empty_like(tensor, device=where)
        return made[id(tensor)][1]

    module._apply(real)
    for kind, names in tied:
        _tie(module, kind, names)


def _tie(module: torch.nn.Module, kind: str, names: list[str]) -> None:
    first = None
    for name in names:
        owner, key = owner_of(module, name)
        tensors = owner._parameters if kind == "parameter" else owner._buffers
        first = tensors[key] if first is None else first
        tensors[key] = first


def owner_of(module: torch.nn.Module, name: str) -> tuple[torch.nn.Module, str]:
    """The module that has a tensor itself, and the tensor's name there."""
    path, _, key = name.rpartition(".")
    return module.get_submodule(path), key


def can_reset(module: torch.nn.Module, slot: Slot) -> bool:
    return callable(getattr(owner_of(module, slot.name)[0], "reset_parameters", None))


def reset(module: torch.nn.Module, slots: Iterable[Slot]) -> None:
    """Calls `reset_parameters` of each module that has one of the tensors, once."""
    owners = {id(owner): owner for owner, _ in (owner_of(module, slot.name) for slot in slots)}
    with torch.no_grad():
        for owner in owners.values():
            owner.reset_parameters()
