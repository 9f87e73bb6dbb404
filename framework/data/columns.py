"""One array of the examples, and the memory into which its batches are gathered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..parameters import Array
from .mapped_file import MappedFile

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


class Column:
    """Gives batches of an array, cast to a type and scaled; the array stays as it is, in memory or on disk.

    array: (n, ...). dtype: of the batches, but whole numbers with `keep` stay whole. scale: a factor, or None.

    >>> column = Column(np.arange(4, dtype=np.uint8), "float32", scale=0.5)
    >>> column.take(np.array([3, 1]))
    array([1.5, 0.5], dtype=float32)
    """

    def __init__(self, array: Array, dtype: str, scale: float | None = None, keep: bool = False) -> None:
        self.array = array
        whole = array.dtype.kind in "iub"
        self.dtype = array.dtype.newbyteorder("=") if keep and whole else np.dtype(dtype)  # class numbers stay whole
        self._scale = scale
        self._as_it_is = array.dtype == self.dtype and scale is None
        # Of any other array, `take` would make a whole copy for every batch.
        self._takes = array.flags.c_contiguous and array.flags.aligned and array.dtype.isnative
        self._file = MappedFile.of(array)
        self._row_bytes = array.nbytes // max(1, len(array))
        self._rooms: dict[tuple[str, int], Array] = {}

    def __getstate__(self) -> dict[str, Any]:
        # A map of a file cannot be copied, and what the rooms hold need not be.
        return {name: value for name, value in vars(self).items() if name not in ("_file", "_rooms")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _file=MappedFile.of(state["array"]), _rooms={})

    @property
    def on_disk(self) -> bool:
        """Whether it lies in a file."""
        return self._file is not None

    def take(self, rows: slice | Array, slot: int = 0) -> Array:
        """These rows: a view of an array in memory, or what is valid until the next call with the same slot."""
        if isinstance(rows, slice) or not self._takes:
            batch = self.array[rows]
        else:
            # What is cast afterwards need not last, so that one room does for every slot.
            room = self._room("gathered", slot if self._as_it_is else 0, len(rows), self.array.dtype)
            # mode="clip" skips a copy that the default, "raise", makes; the rows are in range.
            batch = self.array.take(rows, axis=0, out=room, mode="clip")
        if not self._as_it_is:
            # Two passes, each vectorized: casting within the product costs more than both.
            cast = self._room("cast", slot, len(batch), self.dtype)
            np.copyto(cast, batch, casting="unsafe")
            if self._scale is not None:
                cast *= self._scale
            batch = cast
        if self._file is not None:
            batch = self._read(batch, slot, scattered=not isinstance(rows, slice))
        return batch

    def _read(self, batch: Array, slot: int, scattered: bool) -> Array:
        """A batch from a file, in memory: what is a view is read now, where a thread may wait for the disk."""
        assert self._file is not None
        if np.may_share_memory(batch, self.array):
            room = self._room("gathered", slot, len(batch), self.dtype)
            np.copyto(room, batch)
            batch = room
        self._file.was_read(len(batch), self._row_bytes, scattered)
        return batch

    def _room(self, name: str, slot: int, rows: int, dtype: DTypeLike) -> Array:
        """The front of memory that is kept."""
        room = self._rooms.get((name, slot))
        if room is None or len(room) < rows:
            room = self._rooms[name, slot] = np.empty((rows, *self.array.shape[1:]), dtype)
        return room if len(room) == rows else room[:rows]  # whoever knows the array by sight knows it again
