"""S-shaped functions: from one plateau to another."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..parameters import Array
from .base import Activation, function, register, result


def logistic(x: Array, out: Array) -> Array:
    """1 / (1 + exp(-x)) into `out`, with all digits also where it is tiny."""
    np.negative(x, out=out)
    with np.errstate(over="ignore"):  # exp gives inf, and 1 / inf = 0 is right
        np.exp(out, out=out)
    out += 1
    return np.reciprocal(out, out=out)


@register
class Sigmoid(Activation):
    """y = 1 / (1 + exp(-x)), with all digits also where y is tiny.

    >>> sigmoid([0.0, 1000.0])
    array([0.5, 1. ], dtype=float32)
    """

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        return logistic(x, result(x, out))

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        dy *= y
        dy *= np.subtract(1, y, out=self.buffer_like("slope", y))
        return dy


def log_rest(x: Array, out: Array) -> Array:
    """log(1 + exp(-|x|)) into `out`: by how much log(1 + exp(x)) is above max(x, 0)."""
    np.abs(x, out=out)
    np.negative(out, out=out)
    np.exp(out, out=out)
    return np.log1p(out, out=out)


@register
class LogSigmoid(Activation):
    """y = log(1 / (1 + exp(-x))) = -log(1 + exp(-x)), exact for any x.

    >>> log_sigmoid([-1000.0, 0.0]).round(4)
    array([-1.000e+03, -6.931e-01], dtype=float32)
    """

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        rest = log_rest(x, self.buffer_like("slope", x))
        y = np.minimum(x, 0, out=result(x, out))
        y -= rest
        return y

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        slope = np.expm1(y, out=self.buffer_like("slope", y))  # f' = 1 - exp(y)
        dy *= np.negative(slope, out=slope)
        return dy


class _StraightSigmoid(Activation):
    """y = (x / reach + 1) / 2, clipped to [0, 1]."""

    _reach: ClassVar[float]

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        return straight_sigmoid(x, self._reach, result(x, out))

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        mask = self.buffer_like("mask", y, np.bool_)
        dy *= np.greater(y, 0, out=mask)
        dy *= np.less(y, 1, out=mask)
        dy *= 0.5 / self._reach
        return dy


def straight_sigmoid(x: Array, reach: float, out: Array) -> Array:
    """(x / reach + 1) / 2 clipped to [0, 1], into `out`."""
    np.add(x, reach, out=out)
    np.maximum(out, 0, out=out)
    np.minimum(out, 2 * reach, out=out)
    return np.divide(out, 2 * reach, out=out)


@register
class HardSigmoid(_StraightSigmoid):
    """y = x / 6 + 1/2, clipped to [0, 1].

    >>> hard_sigmoid([-4.0, 0.0, 1.5])
    array([0.  , 0.5 , 0.75], dtype=float32)
    """

    _reach = 3.0


@register
class SparseSigmoid(_StraightSigmoid):
    """y = (x + 1) / 2, clipped to [0, 1] (Blondel, Martins and Niculae 2019).

    >>> sparse_sigmoid([-4.0, 0.0, 0.5])
    array([0.  , 0.5 , 0.75], dtype=float32)
    """

    _reach = 1.0


@register
class Tanh(Activation):
    """y = tanh(x).

    >>> tanh([0.0]).item()
    0.0
    """

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        return np.tanh(x, out=out)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        slope = np.multiply(y, y, out=self.buffer_like("slope", y))
        dy *= np.subtract(1, slope, out=slope)
        return dy


@register
class HardTanh(Activation):
    """y = x, clipped to [-1, 1].

    >>> hard_tanh([-4.0, 0.25, 4.0])
    array([-1.  ,  0.25,  1.  ], dtype=float32)
    """

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        y = np.maximum(x, -1, out=result(x, out))
        return np.minimum(y, 1, out=y)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        dy *= np.equal(x, y, out=self.buffer_like("mask", y, np.bool_))
        return dy


@register
class Softsign(Activation):
    """y = x / (1 + |x|).

    >>> softsign([-1.0, 0.0, 3.0])
    array([-0.5 ,  0.  ,  0.75], dtype=float32)
    """

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        return np.divide(x, self._denominator(x), out=result(x, out))

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        denominator = self._denominator(x)
        dy /= denominator
        dy /= denominator  # twice, since its square may be too large for a number
        return dy

    def _denominator(self, x: Array) -> Array:
        size = np.abs(x, out=self.buffer_like("denominator", x))
        return np.add(size, 1, out=size)


sigmoid = function(Sigmoid)
log_sigmoid = function(LogSigmoid)
hard_sigmoid = function(HardSigmoid)
sparse_sigmoid = function(SparseSigmoid)
tanh = function(Tanh)
hard_tanh = function(HardTanh)
softsign = function(Softsign)
