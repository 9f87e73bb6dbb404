"""Layers that give each example a size of one, wherever it lies: its length, or its root mean square."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..parameters import Array, Shape
from .base import Layer, registry
from .normalization import axes_of, check_axis, check_epsilon, sum_over

_SHORTEST = 1e-12
"""What counts as no length."""


class UnitSizeLayer(Layer):
    """The base of layers that divide x by its size along some axes, in which the mean plays no part.

    A layer of this kind sets `_axes` in `build`, and defines `inverse_size`.
    """

    kept_for_backward = ("_unit", "_factor", "_share")
    _axes: tuple[int, ...]

    def inverse_size(self, squares: Array) -> float | Array:
        """Turns sums of squares, in place, into what x is multiplied with.

        Returns the share of a sum in the square of the size: 1 / n where that is a mean, 0 where it is fixed.
        """
        raise NotImplementedError(f"{type(self).__name__} must define inverse_size(squares)")

    def forward(self, x: Array, training: bool = False) -> Array:
        unit = self.buffer_like("unit", x)
        np.multiply(x, x, out=unit)
        factor = sum_over(self, unit, self._axes, keepdims=True)
        self._share = self.inverse_size(factor)
        np.multiply(x, factor, out=unit)
        self._unit, self._factor = unit, factor
        return unit

    def backward(self, dy: Array) -> Array | None:
        # What the size takes back is the part of the gradient along the example itself.
        work = self.buffer_like("work", self._unit)
        np.multiply(dy, self._unit, out=work)
        along = sum_over(self, work, self._axes, keepdims=True)
        along *= self._share
        np.multiply(self._unit, along, out=work)
        dy -= work
        dy *= self._factor
        return dy


@registry.register
class UnitNormalization(UnitSizeLayer):
    """y = x / ‖x‖, each example along `axis`; nothing below 1e-12 counts as a length, as in Keras.

    axis: one or several, counted in a batch, whose own axis 0 stays out of it.

    Shapes: (batch, ...) -> the same. Raises ArgumentError for an axis that is none; building raises ValueError
    when the examples do not have it.

    >>> UnitNormalization()([[3.0, 4.0], [0.0, 0.0]])
    array([[0.6, 0.8],
           [0. , 0. ]], dtype=float32)
    """

    def __init__(self, axis: int | Sequence[int] = -1, name: str | None = None, trainable: bool = True) -> None:
        super().__init__(name, trainable)
        check_axis(self, axis)
        self.axis = axis

    def build(self, shape: Shape) -> Shape:
        self._axes = axes_of(self, self.axis, shape)
        return shape

    def inverse_size(self, squares: Array) -> float | Array:
        np.sqrt(squares, out=squares)
        share: Array = squares > _SHORTEST
        np.maximum(squares, _SHORTEST, out=squares)
        np.divide(1, squares, out=squares)
        return share


@registry.register
class RMSNormalization(UnitSizeLayer):
    """y = x / √(mean of x² + epsilon) · scale, with the mean of each example along `axis`.

    axis: one or several, counted in a batch, whose own axis 0 stays out of it; the weight `scale` has the sizes of
    these axes, in their order. epsilon: added to the mean of x², at least 0.

    Shapes: (batch, ...) -> the same. Raises ArgumentError for an axis that is none or an epsilon that is negative;
    building raises ValueError when the examples do not have the axis. Source: Zhang & Sennrich 2019.

    >>> RMSNormalization()([[1.0, 7.0]]).round(4)
    array([[0.2, 1.4]], dtype=float32)
    """

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        epsilon: float = 1e-6,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(name, trainable)
        check_axis(self, axis)
        check_epsilon(self, epsilon)
        self.axis = axis
        self.epsilon = epsilon

    def build(self, shape: Shape) -> Shape:
        self._axes = axes = axes_of(self, self.axis, shape)
        sizes = tuple(shape[a - 1] for a in axes)
        self._count = max(1, math.prod(sizes))
        self._scale_view = tuple(n if a in axes else 1 for a, n in enumerate((1, *shape)))
        self._shared = tuple(a for a in range(1 + len(shape)) if a not in axes)
        self.scale = self.add_parameter("scale", sizes, "ones")
        return shape

    def inverse_size(self, squares: Array) -> float | Array:
        squares /= self._count
        squares += self.epsilon
        np.sqrt(squares, out=squares)
        np.divide(1, squares, out=squares)
        return 1 / self._count

    def forward(self, x: Array, training: bool = False) -> Array:
        unit = super().forward(x, training)
        return np.multiply(unit, self.scale.value.reshape(self._scale_view), out=self.buffer_like("y", x))

    def backward(self, dy: Array) -> Array | None:
        work = self.buffer_like("work", self._unit)
        np.multiply(dy, self._unit, out=work)
        self.scale.grad[...] = sum_over(self, work, self._shared)
        if not self.needs_dx:
            return None
        dy *= self.scale.value.reshape(self._scale_view)
        return super().backward(dy)
