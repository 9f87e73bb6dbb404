"""Layers that make one number a channel of what lies in each window of an image, or of a sequence."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from ..parameters import Array, Shape
from .base import registry
from .spatial import SpatialLayer
from .windows import DataFormat, Padding, Windows, check_axes, check_padding, per_axis, windows_of

Index: TypeAlias = tuple[slice, ...]


class Pooling(SpatialLayer):
    """The base of layers that pool: a few operations on whole arrays for each place in a window, none a pixel."""

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
        # The tap that lies on the image in every window, whatever the padding: what `forward` begins with.
        common = tuple(w.before for w in along)
        taps = itertools.product(*(range(w.size) for w in along))
        self._taps = {tap: _indices(along, tap) for tap in taps}
        self._common_places = self._taps[common][1]
        self._other_taps = [indices for tap, indices in self._taps.items() if tap != common]
        self._overlapping = any(w.stride < w.size for w in along)
        self._tiling = all(w.stride == w.size and w.length == w.size * w.count for w in along)
        return (*(w.count for w in along), shape[-1])

    def nothing_yet(self, dy: Array) -> Array:
        """The buffer of dx, zero wherever `give` adds or never writes."""
        dx = self.ordered("dx", (len(dy), *self.input_shape), dy)
        if self._overlapping or not self._tiling:
            dx[...] = 0
        return dx

    def give(self, dx: Array, places: Index, part: Array) -> None:
        """Hands the pixels under one tap their part of the gradient."""
        under = dx[places]
        if self._overlapping:
            under += part
        else:
            np.copyto(under, part)


class MaxPooling(Pooling):
    """The base of max pooling: y is the largest number in each window, and its gradient goes to the first of them."""

    kept_for_backward = ("x", "y")

    def forward(self, x: Array, training: bool = False) -> Array:
        self.follow(x)
        self.x = x
        self.y = self.ordered("y", (len(x), *self.output_shape), x)
        np.copyto(self.y, x[self._common_places])
        for windows, places in self._other_taps:
            largest = self.y[windows]
            np.maximum(largest, x[places], out=largest)
        return self.y

    def backward(self, dy: Array) -> Array | None:
        if not self.needs_dx:
            return None
        dy = self.reordered("dy", dy)
        dx = self.nothing_yet(dy)
        share = self.ordered("share", dy.shape, dy)
        *taps, (last_windows, last_places) = self._taps.values()
        for windows, places in taps:
            # What a tap gets is taken off dy, so that its equals further on in the window find nothing left.
            left, part = dy[windows], share[windows]
            np.equal(self.x[places], self.y[windows], out=part)
            part *= left
            left -= part
            self.give(dx, places, part)
        self.give(dx, last_places, dy[last_windows])  # what no tap before has got is the last one's
        return dx


class AveragePooling(Pooling):
    """The base of average pooling: y is the mean of what each window has on the image; padding does not count."""

    def build(self, shape: Shape) -> Shape:
        output = super().build(shape)
        counts = np.zeros((*output[:-1], 1), self.dtype)
        for windows, _ in self._taps.values():
            counts[windows[1:]] += 1
        alike = (counts == counts.flat[0]).all()
        self._counts: Array | float = float(counts.flat[0]) if alike else counts
        return output

    def forward(self, x: Array, training: bool = False) -> Array:
        self.follow(x)
        y = self.ordered("y", (len(x), *self.output_shape), x)
        np.copyto(y, x[self._common_places])
        for windows, places in self._other_taps:
            sums = y[windows]  # `y[windows] +=` would write it into itself once more
            sums += x[places]
        y /= self._counts
        return y

    def backward(self, dy: Array) -> Array | None:
        if not self.needs_dx:
            return None
        dy = self.reordered("dy", dy)
        dx = self.nothing_yet(dy)
        dy /= self._counts
        for windows, places in self._taps.values():
            self.give(dx, places, dy[windows])
        return dx


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
