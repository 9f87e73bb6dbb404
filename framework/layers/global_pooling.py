"""Layers that make one number a channel of a whole image, or of a whole sequence."""

from __future__ import annotations

import math

import numpy as np

from ..arguments import require
from ..parameters import Array, Shape
from .base import registry
from .spatial import SpatialLayer
from .windows import DataFormat, check_axes


class GlobalPooling(SpatialLayer):
    """The base of layers that pool over all axes but the batch and the channels."""

    def __init__(
        self,
        data_format: DataFormat | None = None,
        keepdims: bool = False,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(data_format, name, trainable)
        require(isinstance(keepdims, bool), self, "keepdims", keepdims, "True or False")
        self.keepdims = keepdims
        self._over = tuple(range(1, self.axes + 1))

    def build(self, shape: Shape) -> Shape:
        check_axes(self, shape, self.axes)
        return (*(1 for _ in self._over), shape[-1]) if self.keepdims else shape[-1:]

    def reduced(self, name: str, function: np.ufunc, x: Array) -> Array:
        """What the function makes of all numbers of a channel, with axes of size 1 where they were."""
        shape = (len(x), *(1 for _ in self._over), x.shape[-1])
        result = self.ordered(name, shape, x)
        function.reduce(x, axis=self._over, keepdims=True, out=result)
        return result

    def shaped(self, y: Array) -> Array:
        """y without the axes of size 1, unless they are to be kept."""
        return y if self.keepdims else y.squeeze(self._over)

    def spread(self, dy: Array) -> Array:
        """dy with axes of size 1 where the input's have been, in the order of the input."""
        return self.reordered("dy", dy if self.keepdims else np.expand_dims(dy, self._over))


class GlobalAveragePooling(GlobalPooling):
    """The base of global average pooling."""

    def forward(self, x: Array, training: bool = False) -> Array:
        self.follow(x)
        y = self.reduced("y", np.add, x)
        y /= self._count
        return self.shaped(y)

    def backward(self, dy: Array) -> Array | None:
        if not self.needs_dx:
            return None
        dy = self.spread(dy)
        dy /= self._count
        dx = self.ordered("dx", (len(dy), *self.input_shape), dy)
        np.copyto(dx, dy)
        return dx

    @property
    def _count(self) -> int:
        return math.prod(self.input_shape[:-1])


class GlobalMaxPooling(GlobalPooling):
    """The base of global max pooling: all that are equal to the largest share its gradient."""

    kept_for_backward = ("x", "y")

    def forward(self, x: Array, training: bool = False) -> Array:
        self.follow(x)
        self.x = x
        self.y = self.reduced("y", np.maximum, x)
        return self.shaped(self.y)

    def backward(self, dy: Array) -> Array | None:
        if not self.needs_dx:
            return None
        dy = self.spread(dy)
        dx = self.ordered("dx", self.x.shape, dy)
        np.equal(self.x, self.y, out=dx)
        equals = self.reduced("equals", np.add, dx)
        dy /= np.maximum(equals, 1, out=equals)  # there are none where the largest is NaN
        dx *= dy
        return dx


@registry.register(aliases=["global_avg_pool1d"])
class GlobalAveragePooling1D(GlobalAveragePooling):
    """y = the mean of each channel over all steps.

    data_format: only "channels_last". keepdims: whether the axis of the steps stays, with size 1.

    Shapes: (batch, steps, channels) -> (batch, channels), or (batch, 1, channels) with keepdims. Raises
    ArgumentError for another data_format, or a keepdims that is no truth value.

    >>> GlobalAveragePooling1D()([[[1.0, 5.0], [3.0, 6.0]]])
    array([[2. , 5.5]], dtype=float32)
    """

    axes = 1


@registry.register(aliases=["global_avg_pool2d"])
class GlobalAveragePooling2D(GlobalAveragePooling):
    """y = the mean of each channel over all pixels.

    data_format: only "channels_last". keepdims: whether height and width stay, with size 1.

    Shapes: (batch, height, width, channels) -> (batch, channels), or (batch, 1, 1, channels) with keepdims. Raises
    ArgumentError for another data_format, or a keepdims that is no truth value.

    >>> GlobalAveragePooling2D()(np.arange(8.0).reshape(1, 2, 2, 2))
    array([[3., 4.]], dtype=float32)
    """


@registry.register(aliases=["global_max_pool1d"])
class GlobalMaxPooling1D(GlobalMaxPooling):
    """y = the largest number of each channel over all steps; equal ones share the gradient, as in TensorFlow.

    data_format: only "channels_last". keepdims: whether the axis of the steps stays, with size 1.

    Shapes: (batch, steps, channels) -> (batch, channels), or (batch, 1, channels) with keepdims. Raises
    ArgumentError for another data_format, or a keepdims that is no truth value.

    >>> GlobalMaxPooling1D()([[[1.0, 6.0], [3.0, 5.0]]])
    array([[3., 6.]], dtype=float32)
    """

    axes = 1


@registry.register(aliases=["global_max_pool2d"])
class GlobalMaxPooling2D(GlobalMaxPooling):
    """y = the largest number of each channel over all pixels; equal ones share the gradient, as in TensorFlow.

    data_format: only "channels_last". keepdims: whether height and width stay, with size 1.

    Shapes: (batch, height, width, channels) -> (batch, channels), or (batch, 1, 1, channels) with keepdims. Raises
    ArgumentError for another data_format, or a keepdims that is no truth value.

    >>> GlobalMaxPooling2D()(np.arange(8.0).reshape(1, 2, 2, 2))
    array([[6., 7.]], dtype=float32)
    """


# Keras's short names.
GlobalAvgPool1D = GlobalAveragePooling1D
GlobalAvgPool2D = GlobalAveragePooling2D
GlobalMaxPool1D = GlobalMaxPooling1D
GlobalMaxPool2D = GlobalMaxPooling2D
