"""Rectifiers without a kink: from 0 to x by way of a curve."""

from __future__ import annotations

import numpy as np

from ..arguments import is_number, require
from ..parameters import Array
from .base import Activation, function, register, result
from .sigmoids import log_rest


@register
class Softplus(Activation):
    """y = log(1 + exp(x)), exact for any x.

    >>> softplus([-1000.0, 0.0, 1000.0]).round(4)
    array([0.000e+00, 6.931e-01, 1.000e+03], dtype=float32)
    """

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        rest = log_rest(x, self.buffer_like("slope", x))
        y = np.maximum(x, 0, out=result(x, out))
        y += rest
        return y

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        slope = np.negative(y, out=self.buffer_like("slope", y))
        np.expm1(slope, out=slope)  # f' = 1 - exp(-y)
        dy *= np.negative(slope, out=slope)
        return dy


@register
class Squareplus(Activation):
    """y = (x + √(x² + b)) / 2 (Barron 2021).

    b: how wide the bend around 0 is, above 0; y(0) = √b / 2.

    Raises ArgumentError for a b that is not positive.

    >>> squareplus([-1.5, 0.0, 1.5])
    array([0.5, 1. , 2. ], dtype=float32)
    """

    def __init__(self, b: float = 4) -> None:
        require(is_number(b) and b > 0, self, "b", b, "a positive number")
        self.b = b

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        # The sum would cancel below zero; y = max(x, 0) + b / 2 / (|x| + √(x² + b)) does not.
        size = np.abs(x, out=self.buffer_like("size", x))
        np.minimum(size, _HUGE, out=size)
        root = np.multiply(size, size, out=self.buffer_like("root", x))
        root += self.b
        root = np.sqrt(root, out=root)
        root += size
        y = np.maximum(x, 0, out=result(x, out))
        y += np.divide(self.b / 2, root, out=root)
        return y

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        # f' = y / √(x² + b), and that root is 2y - x.
        root = np.subtract(y, x, out=self.buffer_like("root", x))
        root += y
        np.divide(y, root, out=root)
        dy *= root
        return dy


_HUGE = 1e15
"""From here on, squareplus is that of the rectifier to the last digit; and the square of this is a float32."""


@register
class SparsePlus(Activation):
    """y = (x + 1)² / 4 where |x| < 1, 0 below and x above.

    >>> sparse_plus([-1.0, 0.0, 1.0, 2.0])
    array([0.  , 0.25, 1.  , 2.  ], dtype=float32)
    """

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        share = self._share(x)
        share *= share
        return np.maximum(share, x, out=result(x, out))  # the parabola lies above x, which is its tangent at 1

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        dy *= self._share(x)
        return dy

    def _share(self, x: Array) -> Array:
        """(x + 1) / 2, clipped to [0, 1]: the derivative, and below 1 the root of y."""
        share = np.maximum(x, -1, out=self.buffer_like("share", x))
        np.minimum(share, 1, out=share)
        share += 1
        share *= 0.5
        return share


softplus = function(Softplus)
squareplus = function(Squareplus)
sparse_plus = function(SparsePlus)
