"""Piecewise linear functions around the rectifier. At their kinks they have the derivatives of Keras."""

from __future__ import annotations

import numpy as np

from ..arguments import is_number, require
from ..parameters import Array
from .base import Activation, function, register, result

_ZERO = np.zeros((), np.float32)
"""An array already, which comparing a Python number with another array would make of it every time."""


@register
class Linear(Activation):
    """y = x.

    >>> linear([1.0, -2.0])
    array([ 1., -2.], dtype=float32)
    """

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        return np.positive(x, out=out)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        return dy


@register
class Relu(Activation):
    """y = x where x > threshold, otherwise negative_slope · (x - threshold); at most max_value.

    negative_slope: of the line where x <= threshold, at least 0.
    max_value: the largest output, at least 0; None for no limit.
    threshold: up to which x is cut off, at least 0.

    Raises ArgumentError for a max_value, negative_slope or threshold that is negative or no number.

    >>> relu([-2.0, 0.5, 8.0], max_value=6.0, negative_slope=0.1)
    array([-0.2,  0.5,  6. ], dtype=float32)
    """

    kept_for_backward = ("_known", "_zeros", "_mask")
    _known: Array | None = None  # the last input, to which the zeros and the mask belong

    def __init__(self, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> None:
        require(is_number(negative_slope, 0), self, "negative_slope", negative_slope, "a number of at least 0")
        limited = max_value is not None
        require(not limited or is_number(max_value, 0), self, "max_value", max_value, "a number of at least 0, or None")
        require(is_number(threshold, 0), self, "threshold", threshold, "a number of at least 0")
        self.negative_slope = negative_slope
        self.max_value = max_value
        self.threshold = threshold
        self._plain = negative_slope == 0 and max_value is None and threshold == 0

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        if self._plain:
            if x is not self._known:
                self._known, self._zeros, self._mask = x, self.zeros_like(x), self.buffer_like("mask", x, np.bool_)
            return np.maximum(x, self._zeros, out=out)
        y = np.positive(x, out=result(x, out))
        below = np.less_equal(x, self.threshold, out=self.buffer_like("mask", x, np.bool_))
        if self.negative_slope:
            np.subtract(y, self.threshold, out=y, where=below)
            np.multiply(y, self.negative_slope, out=y, where=below)
        else:
            np.copyto(y, 0, where=below)
        if self.max_value is not None:
            np.minimum(y, self.max_value, out=y)
        return y

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        mask = self._mask if x is self._known else self.buffer_like("mask", x, np.bool_)
        if self._plain:
            return np.multiply(dy, np.greater(y, _ZERO, out=mask), out=dy)
        np.multiply(dy, self.negative_slope, out=dy, where=np.less_equal(x, self.threshold, out=mask))
        # Keras has four ways to compute this, which differ only in the derivatives at the two kinks.
        if self.negative_slope and (self.max_value is not None or self.threshold):
            np.copyto(dy, 0, where=np.equal(x, self.threshold, out=mask))
        if self.max_value is not None:
            past = np.greater_equal if self.max_value == 6 and self.threshold == 0 else np.greater
            np.copyto(dy, 0, where=past(x, max(self.max_value, self.threshold), out=mask))
        return dy


@register
class Relu6(Activation):
    """y = min(max(x, 0), 6).

    >>> relu6([-2.0, 0.5, 8.0])
    array([0. , 0.5, 6. ], dtype=float32)
    """

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        y = np.maximum(x, self.zeros_like(x), out=result(x, out))
        return np.minimum(y, 6, out=y)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        mask = self.buffer_like("mask", x, np.bool_)
        dy *= np.greater(y, 0, out=mask)
        dy *= np.less(y, 6, out=mask)
        return dy


@register
class LeakyRelu(Activation):
    """y = x where x > 0, otherwise negative_slope · x (Maas et al. 2013).

    negative_slope: of the line where x <= 0, at least 0.

    Raises ArgumentError for a slope that is negative or no number.

    >>> leaky_relu([-1.0, 1.0])
    array([-0.2,  1. ], dtype=float32)
    """

    def __init__(self, negative_slope: float = 0.2) -> None:
        require(is_number(negative_slope, 0), self, "negative_slope", negative_slope, "a number of at least 0")
        self.negative_slope = negative_slope

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        low = np.multiply(x, self.negative_slope, out=self.buffer_like("low", x))
        upper = np.maximum if self.negative_slope <= 1 else np.minimum
        return upper(x, low, out=result(x, out))

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        # Neither of these goes by the sign of each number, which no processor can predict.
        mask, slope = self.buffer_like("mask", x, np.bool_), self.buffer_like("low", x)
        slope[...] = np.less_equal(x, 0, out=mask)
        slope *= self.negative_slope
        slope += np.logical_not(mask, out=mask)
        dy *= slope
        return dy


linear = function(Linear)
relu = function(Relu)
relu6 = function(Relu6)
leaky_relu = function(LeakyRelu)
