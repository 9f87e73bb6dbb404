"""Functions that take small inputs to zero, or to another constant."""

from __future__ import annotations

import numpy as np

from ..arguments import is_number, require
from ..parameters import Array
from .base import Activation, function, register, result


@register
class TanhShrink(Activation):
    """y = x - tanh(x).

    >>> tanh_shrink([0.0, 1.0]).round(4)
    array([0.    , 0.2384], dtype=float32)
    """

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        return np.subtract(x, np.tanh(x, out=self.buffer_like("tanh", x)), out=result(x, out))

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        tanh = np.tanh(x, out=self.buffer_like("tanh", x))
        dy *= tanh
        dy *= tanh
        return dy


@register
class HardShrink(Activation):
    """y = x where |x| > threshold, otherwise 0.

    threshold: up to which |x| is taken for 0, at least 0.

    Raises ArgumentError for a threshold that is negative or no number.

    >>> hard_shrink([-1.0, 0.25, 0.75])
    array([-1.  ,  0.  ,  0.75], dtype=float32)
    """

    def __init__(self, threshold: float = 0.5) -> None:
        require(is_number(threshold, 0), self, "threshold", threshold, "a number of at least 0")
        self.threshold = threshold

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        return np.multiply(x, self._large(x), out=result(x, out))

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        dy *= self._large(x)
        return dy

    def _large(self, x: Array) -> Array:
        size = np.abs(x, out=self.buffer_like("size", x))
        return np.greater(size, self.threshold, out=self.buffer_like("mask", x, np.bool_))


@register
class SoftShrink(HardShrink):
    """y = x - threshold where x > threshold, x + threshold where x < -threshold, otherwise 0.

    threshold: by how much all x move towards 0, at least 0; those nearer become 0.

    Raises ArgumentError for a threshold that is negative or no number.

    >>> soft_shrink([-1.0, 0.25, 0.75])
    array([-0.5 ,  0.  ,  0.25], dtype=float32)
    """

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        inner = np.maximum(x, -self.threshold, out=self.buffer_like("size", x))
        np.minimum(inner, self.threshold, out=inner)
        return np.subtract(x, inner, out=result(x, out))


@register
class Threshold(Activation):
    """y = x where x > threshold, otherwise default_value.

    threshold: up to which x is replaced.
    default_value: what it is replaced by.

    Raises ArgumentError for arguments that are no numbers.

    >>> threshold([-1.0, 0.0, 1.0], threshold=0.0, default_value=0.5)
    array([0.5, 0.5, 1. ], dtype=float32)
    """

    def __init__(self, threshold: float, default_value: float) -> None:
        require(is_number(threshold), self, "threshold", threshold, "a number")
        require(is_number(default_value), self, "default_value", default_value, "a number")
        self.threshold = threshold
        self.default_value = default_value

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        below = np.less_equal(x, self.threshold, out=self.buffer_like("mask", x, np.bool_))
        y = np.positive(x, out=result(x, out))
        np.copyto(y, self.default_value, where=below)
        return y

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        dy *= np.greater(x, self.threshold, out=self.buffer_like("mask", x, np.bool_))
        return dy


tanh_shrink = function(TanhShrink)
hard_shrink = function(HardShrink)
soft_shrink = function(SoftShrink)
threshold = function(Threshold)
