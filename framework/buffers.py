"""Scratch arrays that are kept from call to call, so that training loops allocate nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from .parameters import Array, Shape
from .registry import Configurable

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


class Buffered(Configurable):
    """A configurable class with private, reusable arrays; copies of an instance start without any.

    >>> layer = Buffered()
    >>> layer.buffer("y", (4, 2)).shape
    (4, 2)
    >>> np.shares_memory(layer.buffer("y", (3, 2)), layer.buffer("y", (4, 2)))
    True
    """

    _buffers: dict[str, Array]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        # Here and not in __init__, so that subclasses need not call it.
        instance = super().__new__(cls)
        instance._buffers = {}
        return instance

    def buffer(self, name: str, shape: Shape, dtype: DTypeLike = np.float32) -> Array:
        """An array of this shape whose memory is kept; it holds whatever its last use left there.

        Smaller batches use the front of the largest one so far.
        """
        array = self._buffers.get(name)
        if array is not None and array.dtype == dtype:
            if array.shape == shape:
                return array
            if array.shape[1:] == shape[1:] and array.ndim == len(shape) and len(array) > shape[0]:
                return array[: shape[0]]
        array = self._buffers[name] = np.empty(shape, dtype)
        return array

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_buffers": {}}
