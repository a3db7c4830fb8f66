"""Memory resources that a program implements: where variables get their memory from."""

from __future__ import annotations

from abc import ABC, abstractmethod


class MemoryResource(ABC):
    """Allocates the memory of a store's variables. Derive from it to use your memory pool, on the host or on GPUs.

    Loads call `allocate` on a thread of the engine, once per variable in the order of the store; `deallocate` is called
    when the last handle, array or consumer of a variable is gone, on whichever thread that is. Both hold the
    interpreter's lock. What they raise: from `allocate`, the load's error (MemoryError an OutOfMemoryError); from
    `deallocate`, nobody can handle it, and `sys.unraisablehook` gets it.
    """

    @abstractmethod
    def allocate(self, size_bytes: int, device: str) -> int:
        """The address of memory on a device (`cpu:0`, `cuda:1`), a multiple of 64. `size_bytes` is above 0."""

    @abstractmethod
    def deallocate(self, address: int, size_bytes: int, device: str) -> None:
        """Frees memory that `allocate` returned.

        The library's work on the memory is complete. The program's work must be complete as well.
        """
