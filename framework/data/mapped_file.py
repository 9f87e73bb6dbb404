"""Arrays on disk (np.memmap): giving back the memory that reading them takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..parameters import Array

ENOUGH = 256 << 20
"""So many bytes of a file may be mapped; what a smaller one takes is never given back."""
AROUND = 1 << 20
"""What the system may map around a single row, in bytes."""


class MappedFile:
    """The file in which an array lies.

    What is read of such an array is mapped into the process and counts as its memory until the system needs that, or it
    is given back. The system then still has it, so that reading it again costs no access to the disk.

    array: a memory map. `of` finds that of any array, or None.
    """

    def __init__(self, array: np.memmap[Any, Any]) -> None:
        self._map: Any = array._mmap  # type: ignore[attr-defined]
        # Not of a private map, mode "c": its pages are the only place of what was written to them.
        self._gives_back = array.mode != "c" and len(self._map) > ENOUGH and hasattr(self._map, "madvise")
        self._mapped = 0

    @classmethod
    def of(cls, array: Array) -> MappedFile | None:
        """The file of an array that is a memory map or a view of one."""
        base: Any = array
        while isinstance(base, np.ndarray):
            if isinstance(base, np.memmap) and base._mmap is not None:  # type: ignore[attr-defined]
                return cls(base)
            base = base.base
        return None

    def was_read(self, rows: int, row_bytes: int, scattered: bool) -> None:
        """Takes note that rows have been copied, one behind the other or `scattered` over the file."""
        if self._gives_back:
            self._mapped += rows * (row_bytes + AROUND * scattered)
            if self._mapped >= ENOUGH:
                import mmap

                self._map.madvise(mmap.MADV_DONTNEED)
                self._mapped = 0
