"""Layers that make one number a channel of what lies in each window of an image, or of a sequence."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from ..buffers import NO_ARRAY
from ..parameters import Array, Shape
from ..threads import get_threads, shares
from .base import registry
from .calls import Call, same, work_through
from .spatial import SpatialLayer
from .windows import MAX_PLACES, DataFormat, Padding, Windows, check_axes, check_padding, per_axis, windows_of

Index: TypeAlias = tuple[slice, ...]
WORTH_A_THREAD = (2**19, 2**18)
"""So many numbers forward, and so many back."""


class Pooling(SpatialLayer):
    """The base of layers that pool: a few operations on whole arrays for each place in a window, none a pixel."""

    kept_for_backward = ("x", "y", "_dy", "_dx", "_share", "_known", "_known_dy", "_forward", "_backward")
    x: Array = NO_ARRAY
    _dy: Array = NO_ARRAY
    _known: tuple[Any, ...] = ()
    _known_dy: tuple[Any, ...] = ()

    def __init__(
        self,
        pool_size: int | Sequence[int],
        strides: int | Sequence[int] | None = None,
        padding: Padding = "valid",
        data_format: DataFormat | None = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(data_format, name, trainable)
        check_padding(self, padding)
        self.pool_size = pool_size
        self.strides = strides
        self.padding = padding
        self._sizes = per_axis(self, "pool_size", pool_size, self.axes)
        self._strides = self._sizes if strides is None else per_axis(self, "strides", strides, self.axes)

    def build(self, shape: Shape) -> Shape:
        check_axes(self, shape, self.axes)
        along = windows_of(self, "pool_size", shape, self._sizes, self._strides, (1,) * self.axes, self.padding)
        places = math.prod(w.size for w in along)
        if places > MAX_PLACES:
            raise ValueError(
                f"layer {self.label!r} ({type(self).__name__}): pool_size={self.pool_size} has {places:,} places, more "
                f"than {MAX_PLACES:,}; a global pooling layer takes images of any size"
            )
        # The tap that lies on the image in every window, whatever the padding: what `outputs` begins with.
        common = tuple(w.before for w in along)
        taps = itertools.product(*(range(w.size) for w in along))
        self._taps = {tap: _indices(along, tap) for tap in taps}
        self._common_places = self._taps[common][1]
        self._other_taps = [indices for tap, indices in self._taps.items() if tap != common]
        self._overlapping = any(w.stride < w.size for w in along)
        self._tiling = all(w.stride == w.size and w.length == w.size * w.count for w in along)
        return (*(w.count for w in along), shape[-1])

    # What there is to compute is written down where arrays are not those of last time, and then only done.

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x = self.settled("x", x, self.x)
        known = (x, get_threads())
        if not same(known, self._known):
            self._known = self._known_dy = ()
            self.follow(x)
            self.y = y = self.ordered("y", (len(x), *self.output_shape), x)
            self._forward = [[list(self.outputs(x[part], y[part])) for part in self.parts(x, WORTH_A_THREAD[0])]]
            self._known = known
        work_through(self._forward)
        return self.y

    def backward(self, dy: Array) -> Array | None:
        if not self.needs_dx:
            return None
        self._dy = dy = self.settled("dy", self.reordered("dy", dy), self._dy)
        if not same((dy,), self._known_dy):
            self._known_dy = ()
            self._dx = self.ordered("dx", self.x.shape, dy)
            self._share = self.ordered("share", dy.shape, dy)
            self._backward = [[list(self.gradients(dy, part)) for part in self.parts(self.x, WORTH_A_THREAD[1])]]
            self._known_dy = (dy,)
        work_through(self._backward)
        return self._dx

    def outputs(self, x: Array, y: Array) -> Iterator[Call[Any]]:
        """Writes y."""
        raise NotImplementedError(f"{type(self).__name__} must define outputs(x, y)")

    def gradients(self, dy: Array, part: Index) -> Iterator[Call[Any]]:
        """Writes a part of dx."""
        raise NotImplementedError(f"{type(self).__name__} must define gradients(dy, part)")

    def parts(self, x: Array, worth: int) -> list[Index]:
        """What threads can do at the same time: the channels or, where these run fastest in memory, the examples."""
        axis = x.ndim - 1 if self._batch_last else 0
        number = max(1, min(get_threads(), x.size // worth, x.shape[axis]))
        return [(*(slice(None),) * axis, own) for own in shares(x.shape[axis], number)]

    def nothing_yet(self, dx: Array) -> Iterator[Call[Any]]:
        """Makes dx zero wherever `give` adds or never writes."""
        if self._overlapping or not self._tiling:
            yield Call(np.copyto, dx, 0)

    def give(self, dx: Array, part: Array) -> Call[Any]:
        """Hands the pixels under one tap their part of the gradient."""
        return Call(np.add, dx, part, out=dx) if self._overlapping else Call(np.copyto, dx, part)


class MaxPooling(Pooling):
    """The base of max pooling: y is the largest number in each window, and its gradient goes to the first of them."""

    def outputs(self, x: Array, y: Array) -> Iterator[Call[Any]]:
        yield Call(np.copyto, y, x[self._common_places])
        for windows, places in self._other_taps:
            yield Call(np.maximum, y[windows], x[places], out=y[windows])

    def gradients(self, dy: Array, part: Index) -> Iterator[Call[Any]]:
        x, y, left, share, dx = (array[part] for array in (self.x, self.y, dy, self._share, self._dx))
        yield from self.nothing_yet(dx)
        *taps, (last_windows, last_places) = self._taps.values()
        for windows, places in taps:
            # What a tap gets is taken off dy, so that its equals further on in the window find nothing left.
            got = share[windows]
            yield Call(np.equal, x[places], y[windows], out=got)
            yield Call(np.multiply, got, left[windows], out=got)
            yield Call(np.subtract, left[windows], got, out=left[windows])
            yield self.give(dx[places], got)
        yield self.give(dx[last_places], left[last_windows])  # what no tap before has got is the last one's


class AveragePooling(Pooling):
    """The base of average pooling: y is the mean of what each window has on the image; padding does not count."""

    _counts: Array | float | None = None

    def counts(self) -> Array | float:
        """How many places of each window lie on the image; made when it is first needed, not when it is declared."""
        if self._counts is None:
            counts = np.zeros((*self.output_shape[:-1], 1), self.dtype)
            for windows, _ in self._taps.values():
                counts[windows[1:]] += 1
            alike = (counts == counts.flat[0]).all()
            self._counts = float(counts.flat[0]) if alike else counts
        return self._counts

    def outputs(self, x: Array, y: Array) -> Iterator[Call[Any]]:
        yield Call(np.copyto, y, x[self._common_places])
        for windows, places in self._other_taps:
            yield Call(np.add, y[windows], x[places], out=y[windows])
        yield Call(np.divide, y, self.counts(), out=y)

    def gradients(self, dy: Array, part: Index) -> Iterator[Call[Any]]:
        dy, dx = dy[part], self._dx[part]
        yield from self.nothing_yet(dx)
        yield Call(np.divide, dy, self.counts(), out=dy)
        for windows, places in self._taps.values():
            yield self.give(dx[places], dy[windows])


@registry.register(aliases=["max_pool1d"])
class MaxPooling1D(MaxPooling):
    """y = the largest number in each window of steps, for each channel.

    pool_size: the length of a window. strides: from one window to the next; None for pool_size. padding: "valid"
    for windows within the sequence, "same" for ceil(steps / strides) of them, which may hang over its ends.
    data_format: only "channels_last". Of equal numbers the first gets the gradient, as in TensorFlow.

    Shapes: (batch, steps, channels) -> (batch, windows, channels). Raises ArgumentError for sizes that are no
    counts, another padding or data_format; building raises ValueError where no window fits.

    >>> MaxPooling1D(2)([[[1.0], [3.0], [2.0], [0.0]]])[0, :, 0]
    array([3., 2.], dtype=float32)
    """

    axes = 1

    def __init__(
        self,
        pool_size: int | Sequence[int] = 2,
        strides: int | Sequence[int] | None = None,
        padding: Padding = "valid",
        data_format: DataFormat | None = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name, trainable)


@registry.register(aliases=["max_pool2d"])
class MaxPooling2D(MaxPooling):
    """y = the largest number in each window of an image, for each channel.

    pool_size: the height and width of a window, or one number for both. strides: from one window to the next;
    None for pool_size. padding: "valid" for windows within the image, "same" for ceil(size / strides) of them along
    each axis, which may hang over its edges. data_format: only "channels_last". Of equal numbers the first, row
    by row, gets the gradient, as in TensorFlow.

    Shapes: (batch, height, width, channels) -> (batch, rows, columns, channels). Raises ArgumentError for sizes
    that are no counts, another padding or data_format; building raises ValueError where no window fits.

    >>> MaxPooling2D()(np.arange(8.0).reshape(1, 2, 4, 1))[0, ..., 0]
    array([[5., 7.]], dtype=float32)
    """

    def __init__(
        self,
        pool_size: int | Sequence[int] = (2, 2),
        strides: int | Sequence[int] | None = None,
        padding: Padding = "valid",
        data_format: DataFormat | None = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name, trainable)


@registry.register(aliases=["avg_pool1d"])
class AveragePooling1D(AveragePooling):
    """y = the mean of each window of steps, for each channel.

    pool_size: the length of a window. strides: from one window to the next; None for pool_size. padding: "valid"
    for windows within the sequence, "same" for ceil(steps / strides) of them, which may hang over its ends: what
    does, does not count. data_format: only "channels_last".

    Shapes: (batch, steps, channels) -> (batch, windows, channels). Raises ArgumentError for sizes that are no
    counts, another padding or data_format; building raises ValueError where no window fits.

    >>> AveragePooling1D(2)([[[1.0], [3.0], [2.0], [0.0]]])[0, :, 0]
    array([2., 1.], dtype=float32)
    """

    axes = 1


@registry.register(aliases=["avg_pool2d"])
class AveragePooling2D(AveragePooling):
    """y = the mean of each window of an image, for each channel.

    pool_size: the height and width of a window, or one number for both. strides: from one window to the next;
    None for pool_size. padding: "valid" for windows within the image, "same" for ceil(size / strides) of them along
    each axis, which may hang over its edges: what does, does not count. data_format: only "channels_last".

    Shapes: (batch, height, width, channels) -> (batch, rows, columns, channels). Raises ArgumentError for sizes
    that are no counts, another padding or data_format; building raises ValueError where no window fits.

    >>> AveragePooling2D(2)(np.arange(8.0).reshape(1, 2, 4, 1))[0, ..., 0]
    array([[2.5, 4.5]], dtype=float32)
    """


def _indices(along: Sequence[Windows], tap: Sequence[int]) -> tuple[Index, Index]:
    """The windows whose tap lies on the image, and the pixels that it lies on, of a batch of either."""
    windows, places = zip(*(w.tap(k) for w, k in zip(along, tap, strict=True)), strict=True)
    return (slice(None), *windows), (slice(None), *places)


# Keras's short names.
AvgPool1D = AveragePooling1D
AvgPool2D = AveragePooling2D
MaxPool1D = MaxPooling1D
MaxPool2D = MaxPooling2D
