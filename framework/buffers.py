"""Scratch arrays that are kept from call to call, so that training loops allocate nothing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from .parameters import Array, Shape
from .registry import Configurable

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

NO_ARRAY: Array = np.empty(0, np.bool_)
"""What stands for the array before the first one."""


class Buffered(Configurable):
    """A configurable class with private, reusable arrays; copies of an instance, and pickles, are without them.

    >>> layer = Buffered()
    >>> layer.buffer("y", (4, 2)).shape
    (4, 2)
    >>> np.shares_memory(layer.buffer("y", (3, 2)), layer.buffer("y", (4, 2)))
    True
    """

    kept_for_backward: ClassVar[tuple[str, ...]] = ()
    """The attributes in which a pass forward leaves arrays of a batch for the pass back: no copy or pickle has them.

    A class names its own; those of its bases count as well.
    """

    _buffers: dict[str, Array]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        # Here and not in __init__, so that subclasses need not call it.
        instance = super().__new__(cls)
        instance._buffers = {}
        return instance

    def buffer(self, name: str, shape: Shape, dtype: DTypeLike = np.float32, fill: float | None = None) -> Array:
        """An array of this shape whose memory is kept; it holds whatever its last use left there.

        Smaller batches use the front of the largest one so far. fill: what new memory holds; None for anything.
        """
        array = self._buffers.get(name)
        if array is not None and array.dtype == dtype:
            if array.shape == shape:
                return array
            if array.shape[1:] == shape[1:] and array.ndim == len(shape) and len(array) > shape[0]:
                return array[: shape[0]]
        array = self._buffers[name] = _new(shape, dtype, fill)
        return array

    def batch_last(self, name: str, shape: Shape, dtype: DTypeLike = np.float32, fill: float | None = None) -> Array:
        """As `buffer`, but in memory the first axis, the batch, runs fastest, and the last one slowest.

        Images (batch, height, width, channels) lie as (channels, height, width, batch): what one pixel or one
        row is in each image is one run of memory, and `swapaxes(0, -1)` is the view of it that is contiguous.

        >>> Buffered().batch_last("y", (4, 3, 3, 2)).swapaxes(0, -1).flags.c_contiguous
        True
        """
        key = f"{name}, batch last"
        array = self._buffers.get(key)
        if array is not None and array.shape == shape and array.dtype == dtype:
            return array
        size = math.prod(shape)
        memory = None if array is None else array.base
        if memory is None or memory.dtype != dtype or memory.size < size:
            memory = _new((size,), dtype, fill)
        array = self._buffers[key] = memory[:size].reshape(shape[-1], *shape[1:-1], shape[0]).swapaxes(0, -1)
        return array

    def to_batch_last(self, name: str, x: Array) -> Array:
        """`x` itself where it lies as `batch_last` says, without gaps, otherwise a copy that does."""
        if x.swapaxes(0, -1).flags.c_contiguous:
            return x
        copy = self.batch_last(name, x.shape, x.dtype)
        np.copyto(copy, x)
        return copy

    def buffer_like(self, name: str, x: Array, dtype: DTypeLike | None = None) -> Array:
        """A buffer of the shape and order of `x`, and of its type unless another is given.

        What is made from `x`, element by element, fits it best.
        """
        make = self.batch_last if is_batch_last(x) else self.buffer
        return make(name, x.shape, x.dtype if dtype is None else dtype)

    def zeros_like(self, x: Array) -> Array:
        """Zeros of the shape, order and type of `x`, which nobody may write to.

        NumPy compares two whole arrays several times as fast as an array and a number.

        >>> Buffered().zeros_like(np.ones(2))
        array([0., 0.])
        """
        make = self.batch_last if is_batch_last(x) else self.buffer
        return make("zeros", x.shape, x.dtype, fill=0)

    def settled(self, name: str, x: Array, before: Array = NO_ARRAY) -> Array:
        """`x`, or a copy of it where it looks like the array before it, but is another.

        For those who prepare what they do with an array, and do it as long as the array is the same: from the second
        of several arrays on, it is the copy.

        >>> owner, a, b, c = Buffered(), np.zeros(2), np.ones(2), np.full(2, 2.0)
        >>> owner.settled("x", a) is a, owner.settled("x", a, a) is a
        (True, True)
        >>> copy = owner.settled("x", b, a)
        >>> owner.settled("x", c, copy) is copy, copy
        (True, array([2., 2.]))
        """
        if x is before or x.shape != before.shape or x.dtype != before.dtype:
            return x
        copy = self.buffer_like(name, x)
        np.copyto(copy, x)
        return copy

    def __getstate__(self) -> dict[str, Any]:
        kept = {name for cls in type(self).__mro__ for name in vars(cls).get("kept_for_backward", ())}
        return {name: value for name, value in vars(self).items() if name not in kept} | {"_buffers": {}}


def _new(shape: Shape, dtype: DTypeLike, fill: float | None) -> Array:
    return np.empty(shape, dtype) if fill is None else np.full(shape, fill, dtype)


def is_batch_last(x: Array) -> bool:
    """Whether the first axis runs faster in memory than the last (see `Buffered.batch_last`), if only one can.

    Also for views that leave some of the memory out, such as a cropped image.

    >>> is_batch_last(np.zeros((4, 3, 2))), is_batch_last(np.zeros((2, 3, 4)).swapaxes(0, -1))
    (False, True)
    """
    return not x.flags.c_contiguous and abs(x.strides[0]) < abs(x.strides[-1])
