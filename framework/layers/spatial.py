"""Layers that give images another height and width without looking at what is in them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from ..arguments import is_whole, require
from ..buffers import NO_ARRAY, is_batch_last
from ..parameters import Array, Shape
from .base import Layer, registry
from .windows import MAX_PLACES, DataFormat, check_axes, check_data_format, per_axis

Sides: TypeAlias = int | Sequence[int | Sequence[int]]
Interpolation = Literal["nearest", "bilinear"]


class SpatialLayer(Layer):
    """The base of layers without weights that work along the axes between the batch and the channels.

    They take their input as it lies in memory, be it batch first or batch last (see `Buffered.batch_last`),
    and hand on what they make in the same order, so that all that runs through them is the longest run there is.
    """

    axes = 2

    def __init__(self, data_format: DataFormat | None, name: str | None, trainable: bool) -> None:
        super().__init__(name, trainable)
        check_data_format(self, data_format)
        self.data_format = data_format
        self._batch_last = False

    def follow(self, x: Array) -> None:
        """Takes the order of an input for that of the buffers to come."""
        self._batch_last = is_batch_last(x)

    def ordered(self, name: str, shape: Shape, x: Array) -> Array:
        """A buffer of this shape, of the type of an array, in the order of the last input."""
        make = self.batch_last if self._batch_last else self.buffer
        return make(name, shape, x.dtype)

    def reordered(self, name: str, dy: Array) -> Array:
        """A gradient in the order of the last input: itself, or a copy where it lies otherwise."""
        if is_batch_last(dy) == self._batch_last:
            return dy
        copy = self.ordered(name, dy.shape, dy)
        np.copyto(copy, dy)
        return copy


@registry.register
class ZeroPadding2D(SpatialLayer):
    """Rows and columns of zeros around images.

    padding: how many; a whole number for all sides, a pair (rows, columns), or a pair of pairs
    ((top, bottom), (left, right)). data_format: only "channels_last".

    Shapes: (batch, height, width, channels) -> (batch, top + height + bottom, left + width + right, channels).
    Raises ArgumentError for a padding that is none of these or negative, or another data_format;
    building raises ValueError for examples that are no images.

    >>> ZeroPadding2D(((0, 1), (1, 0)))(np.ones((1, 1, 2, 1)))[0, ..., 0]
    array([[0., 1., 1.],
           [0., 0., 0.]], dtype=float32)
    """

    def __init__(
        self,
        padding: Sides = (1, 1),
        data_format: DataFormat | None = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(data_format, name, trainable)
        self.padding = padding
        self._sides = _sides(self, "padding", padding)

    def build(self, shape: Shape) -> Shape:
        check_axes(self, shape)
        height, width, channels = shape
        (top, bottom), (left, right) = self._sides
        self._inside = (slice(None), slice(top, top + height), slice(left, left + width))
        return (top + height + bottom, left + width + right, channels)

    def forward(self, x: Array, training: bool = False) -> Array:
        self.follow(x)
        y = self.ordered("y", (len(x), *self.output_shape), x)
        _, rows, columns = self._inside
        y[:, : rows.start] = 0
        y[:, rows.stop :] = 0
        y[:, rows, : columns.start] = 0
        y[:, rows, columns.stop :] = 0
        y[self._inside] = x
        return y

    def backward(self, dy: Array) -> Array:
        return dy[self._inside]


@registry.register
class Cropping2D(SpatialLayer):
    """Images without rows and columns at their sides.

    cropping: how many go; a whole number for all sides, a pair (rows, columns), or a pair of pairs
    ((top, bottom), (left, right)). data_format: only "channels_last".

    Shapes: (batch, height, width, channels) -> (batch, height - top - bottom, width - left - right, channels).
    Raises ArgumentError for a cropping that is none of these or negative, or another data_format;
    building raises ValueError for examples that are no images, or of which nothing would be left.

    >>> Cropping2D(((1, 0), (0, 2)))(np.arange(6.0).reshape(1, 2, 3, 1))[0, ..., 0]
    array([[3.]], dtype=float32)
    """

    def __init__(
        self,
        cropping: Sides = ((0, 0), (0, 0)),
        data_format: DataFormat | None = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(data_format, name, trainable)
        self.cropping = cropping
        self._sides = _sides(self, "cropping", cropping)

    def build(self, shape: Shape) -> Shape:
        check_axes(self, shape)
        height, width, channels = shape
        (top, bottom), (left, right) = self._sides
        if top + bottom >= height or left + right >= width:
            raise ValueError(
                f"layer {self.label!r} (Cropping2D) leaves nothing of images of {height} x {width}: "
                f"cropping={self.cropping} takes {top + bottom} rows and {left + right} columns"
            )
        self._kept = (slice(None), slice(top, height - bottom), slice(left, width - right))
        return (height - top - bottom, width - left - right, channels)

    def forward(self, x: Array, training: bool = False) -> Array:
        self.follow(x)
        return x[self._kept]

    def backward(self, dy: Array) -> Array | None:
        if not self.needs_dx:
            return None
        dx = self.ordered("dx", (len(dy), *self.input_shape), dy)
        dx[...] = 0
        dx[self._kept] = dy
        return dx


@registry.register
class UpSampling2D(SpatialLayer):
    """Images made larger by whole factors.

    size: the factor, or a pair (rows, columns). interpolation: "nearest" repeats pixels; "bilinear" draws
    straight lines between their centres, and stays level beyond the outermost, as TensorFlow resizes.
    data_format: only "channels_last".

    Shapes: (batch, height, width, channels) -> (batch, size[0] · height, size[1] · width, channels).
    Raises ArgumentError for a size that is no count or pair of counts, another interpolation or data_format;
    building raises ValueError for examples that are no images.

    >>> UpSampling2D((1, 2))([[[[1.0], [2.0]]]])[0, ..., 0]
    array([[1., 1., 2., 2.]], dtype=float32)
    >>> UpSampling2D((1, 2), interpolation="bilinear")([[[[1.0], [2.0]]]])[0, ..., 0]
    array([[1.  , 1.25, 1.75, 2.  ]], dtype=float32)
    """

    def __init__(
        self,
        size: int | Sequence[int] = (2, 2),
        data_format: DataFormat | None = None,
        interpolation: Interpolation = "nearest",
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(data_format, name, trainable)
        known = get_args(Interpolation)
        rule = f"one of {', '.join(known)} (the others of Keras are not here)"
        require(interpolation in known, self, "interpolation", interpolation, rule)
        self.size = size
        self.interpolation = interpolation
        self._factors = per_axis(self, "size", size)
        fits = math.prod(self._factors) <= MAX_PLACES
        require(fits, self, "size", size, f"a factor of at most {MAX_PLACES:,} in all, rows times columns")

    def build(self, shape: Shape) -> Shape:
        check_axes(self, shape)
        height, width, channels = shape
        rows, columns = self._factors
        if self.interpolation == "bilinear":
            self._rows = self._columns = NO_ARRAY  # made when they are first needed, not when the layer is declared
        # Which pixels are copies of their upper left one, of that to its right, ...
        self._copies = [
            (slice(None), slice(i, None, rows), slice(j, None, columns)) for i in range(rows) for j in range(columns)
        ]
        return (rows * height, columns * width, channels)

    def forward(self, x: Array, training: bool = False) -> Array:
        self.follow(x)
        if self.interpolation == "bilinear":
            self._make_weights()
            return self._along_both_axes("y", x, self._rows, self._columns)
        y = self.ordered("y", (len(x), *self.output_shape), x)
        for place in self._copies:
            y[place] = x
        return y

    def backward(self, dy: Array) -> Array | None:
        if not self.needs_dx:
            return None
        dy = self.reordered("dy", dy)
        if self.interpolation == "bilinear":
            return self._along_both_axes("dx", dy, self._rows.T, self._columns.T)
        first, *others = self._copies
        dx = self.ordered("dx", (len(dy), *self.input_shape), dy)
        np.copyto(dx, dy[first])
        for place in others:
            dx += dy[place]
        return dx

    def _make_weights(self) -> None:
        if self._rows is NO_ARRAY:
            (height, width, _), (rows, columns) = self.input_shape, self._factors
            self._rows = _line_weights(height, rows).astype(self.dtype)
            self._columns = _line_weights(width, columns).astype(self.dtype)

    def _along_both_axes(self, name: str, x: Array, rows: Array, columns: Array) -> Array:
        """rows · x · columnsᵀ for each channel of each image; the matrices are small, and mostly zeros."""
        first, height, width, last = (x.swapaxes(0, -1) if self._batch_last else x).shape
        across = self.buffer(f"{name} across", (first * len(rows) * width * last,), x.dtype)
        across = across.reshape(first, len(rows), width * last)
        y = self.ordered(name, (len(x), len(rows), len(columns), x.shape[-1]), x)
        # Both orders in memory are (first, height, width, last), so one product serves both.
        x = self._contiguous(f"{name} of", x)
        np.matmul(rows, x.reshape(first, height, width * last), out=across)
        whole = (y.swapaxes(0, -1) if self._batch_last else y).reshape(first * len(rows), len(columns), last)
        np.matmul(columns, across.reshape(first * len(rows), width, last), out=whole)
        return y

    def _contiguous(self, name: str, x: Array) -> Array:
        """x as it lies in memory, or a copy that lies there without gaps."""
        memory = x.swapaxes(0, -1) if self._batch_last else x
        if memory.flags.c_contiguous:
            return memory
        copy = self.ordered(name, x.shape, x)
        np.copyto(copy, x)
        return copy.swapaxes(0, -1) if self._batch_last else copy


def _sides(owner: Layer, argument: str, value: Sides) -> list[tuple[int, int]]:
    """[(top, bottom), (left, right)], from a whole number, a pair, or a pair of pairs."""
    pair: Any = (value, value) if is_whole(value) else value
    fits = isinstance(pair, Sequence) and len(pair) == 2 and all(map(_are_sides, pair))
    require(fits, owner, argument, value, "a whole number of at least 0, a pair of such, or a pair of pairs")
    both = [(one, one) if is_whole(one) else one for one in pair]
    return [(int(before), int(after)) for before, after in both]


def _are_sides(value: object) -> bool:
    if isinstance(value, Sequence):
        return len(value) == 2 and all(is_whole(n, 0) for n in value)
    return is_whole(value, 0)


def _line_weights(length: int, factor: int) -> Array:
    """The matrix (factor · length, length) that draws straight lines between the centres of pixels.

    >>> _line_weights(2, 2)
    array([[1.  , 0.  ],
           [0.75, 0.25],
           [0.25, 0.75],
           [0.  , 1.  ]])
    """
    weights = np.zeros((factor * length, length))
    for row in range(factor * length):
        place = min(max((row + 0.5) / factor - 0.5, 0), length - 1)
        low = math.floor(place)
        weights[row, low] = 1 - (place - low)
        if place > low:
            weights[row, low + 1] = place - low
    return weights
