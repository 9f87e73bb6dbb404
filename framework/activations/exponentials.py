"""The exponential function, and rectifiers that bend into one below zero."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..arguments import is_number, require
from ..parameters import Array
from .base import Activation, function, register, result

SELU_SCALE = 1.0507009873554805
SELU_ALPHA = 1.6732632423543772
"""With these, mean 0 and variance 1 are kept from layer to layer (Klambauer et al. 2017)."""


@register
class Exponential(Activation):
    """y = exp(x); where that is more than a number can hold, infinity.

    >>> exponential([0.0, 1.0]).round(4)
    array([1.       , 2.7183], dtype=float32)
    """

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        with np.errstate(over="ignore"):
            return np.exp(x, out=out)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        dy *= y
        return dy


class _ExponentialUnit(Activation):
    """y = above · x where x > 0, otherwise below · (exp(x / width) - 1)."""

    _above: float = 1.0
    _below: float
    _width: float = 1.0
    _zero_is_above: ClassVar[bool]  # whose slope holds at 0, where the two differ

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        low = np.minimum(x, 0, out=self.buffer_like("low", x))
        if self._width != 1:
            low /= self._width
        np.expm1(low, out=low)
        low *= self._below
        y = np.maximum(x, 0, out=result(x, out))
        if self._above != 1:
            y *= self._above
        y += low
        return y

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        slope = np.minimum(y, 0, out=self.buffer_like("low", x))
        slope += self._below  # below · exp(x), as the width is 1
        mask = self.buffer_like("mask", x, np.bool_)
        slope *= np.less(x, 0, out=mask) if self._zero_is_above else np.less_equal(x, 0, out=mask)
        above = np.logical_not(mask, out=mask)
        slope += above if self._above == 1 else np.multiply(above, self._above, out=self.buffer_like("above", x))
        dy *= slope
        return dy


@register
class Elu(_ExponentialUnit):
    """y = x where x > 0, otherwise alpha · (exp(x) - 1) (Clevert et al. 2016).

    alpha: how far below 0 the outputs may go: y is above -alpha.

    Raises ArgumentError for an alpha that is no number.

    >>> elu([-1.0, 1.0]).round(4)
    array([-0.6321,  1.    ], dtype=float32)
    """

    _zero_is_above = False

    def __init__(self, alpha: float = 1.0) -> None:
        require(is_number(alpha), self, "alpha", alpha, "a number")
        self.alpha = alpha
        self._below = alpha


@register
class Selu(_ExponentialUnit):
    """y = scale · x where x > 0, otherwise scale · alpha · (exp(x) - 1); scale 1.0507, alpha 1.6733.

    Made for weights from `lecun_normal` (Klambauer et al. 2017).

    >>> selu([-1.0, 1.0]).round(4)
    array([-1.1113,  1.0507], dtype=float32)
    """

    _above = SELU_SCALE
    _below = SELU_SCALE * SELU_ALPHA
    _zero_is_above = True


@register
class Celu(_ExponentialUnit):
    """y = max(x, 0) + alpha · (exp(min(x, 0) / alpha) - 1), smooth for any alpha (Barron 2017).

    alpha: how far below 0 the outputs may go, y being above -alpha; above 0.

    Raises ArgumentError for an alpha that is not positive.

    >>> celu([-1.0, 1.0], alpha=0.5).round(4)
    array([-0.4323,  1.    ], dtype=float32)
    """

    def __init__(self, alpha: float = 1.0) -> None:
        require(is_number(alpha) and alpha > 0, self, "alpha", alpha, "a positive number")
        self.alpha = alpha
        self._below = self._width = alpha

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        slope = np.minimum(x, 0, out=self.buffer_like("low", x))
        slope /= self.alpha
        dy *= np.exp(slope, out=slope)
        return dy


exponential = function(Exponential)
elu = function(Elu)
selu = function(Selu)
celu = function(Celu)
