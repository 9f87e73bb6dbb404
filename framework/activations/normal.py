"""The distribution function of the standard normal distribution, for which NumPy has none."""

from __future__ import annotations

import math

import numpy as np

from ..parameters import Array
from .sigmoids import logistic

# The upper tail of the standard normal distribution is Q(a) = exp(-a²/2) · P(s) with s = (4 - a) / (4 + a).
# P is the polynomial that interpolates it in the Chebyshev points of [-1, 1], computed with 120 digits. It meets
# P with an error of 1e-9 (the short one) and 1e-17, and has no coefficient that rounding could amplify.
_P_FLOAT32 = (
    0.0944106426, 0.17039772, 0.12437916, 0.0717074427, 0.0308659371, 0.00849180437, 0.000502586537, -0.0006377692,
    -0.000177111768, 4.36732528e-05, 1.87867177e-05, -2.87147919e-06,
)  # fmt: skip
_P_FLOAT64 = (
    0.09441064130196893, 0.17039772154845542, 0.12437925533926537, 0.07170740733773803, 0.03086480410622515,
    0.008492095482084967, 0.000507562076799988, -0.0006388138514064342, -0.00018718428669896724,
    4.5554892640417344e-05, 2.8648442798579606e-05, -4.631555015543092e-06, -4.303904346491218e-06,
    8.294129430235673e-07, 6.62297108753446e-07, -2.0602260013457762e-07, -9.534702277947434e-08,
    5.2845602685133334e-08, 1.0479978903484804e-08, -1.192568322987461e-08, -4.583989356967971e-10,
    2.0206904361824695e-09, -4.767851228809609e-11, -1.8544963358123816e-10,
)  # fmt: skip

_FAR = 40.0
"""From here on, the tail is less than any number."""


def normal_cdf(x: Array, out: Array, density: Array, scratch: Array) -> Array:
    """Φ(x) = (1 + erf(x / √2)) / 2 into `out`, its derivative into `density`; no argument may be another's memory.

    The absolute error is less than 2e-7 (float32) or 3e-16 (float64). Tiny values keep their digits, too: the
    relative error is that of exp(-x²/2), which grows with x², to 1e-6 (float32) or 5e-15 (float64) at x = -5.

    >>> x = np.array([-1.0, 0.0, 1.0])
    >>> normal_cdf(x, *np.empty((3, 3))).round(8)
    array([0.15865525, 0.5       , 0.84134475])
    """
    coefficients = _P_FLOAT32 if x.dtype == np.float32 else _P_FLOAT64
    s, tail = scratch, out
    np.abs(x, out=s)
    np.minimum(s, _FAR, out=s)
    np.multiply(s, s, out=density)
    density *= -0.5
    np.exp(density, out=density)
    s /= np.add(s, 4, out=tail)
    s *= -2
    s += 1
    tail[...] = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        tail *= s
        tail += coefficient
    tail *= density
    density *= (2 * math.pi) ** -0.5
    return _both_sides(x, tail, scratch)


def approximate_normal_cdf(x: Array, out: Array, density: Array, scratch: Array) -> Array:
    """(1 + tanh u) / 2 with u = √(2/π) (x + 0.044715 x³) into `out`, its derivative into `density`.

    No argument may be another's memory.

    >>> x = np.array([-1.0, 0.0, 1.0])
    >>> approximate_normal_cdf(x, *np.empty((3, 3))).round(8)
    array([0.15880801, 0.5       , 0.84119199])
    """
    tail, slope, bounded = out, scratch, density
    np.minimum(x, _FAR, out=bounded)  # whose third power is a number
    np.maximum(bounded, -_FAR, out=bounded)
    np.multiply(bounded, bounded, out=slope)
    slope *= 0.044715
    np.add(slope, 1, out=tail)
    tail *= bounded
    tail *= 2 * _TANH_SCALE
    np.abs(tail, out=tail)
    np.negative(tail, out=tail)
    logistic(tail, tail)  # (1 + tanh u) / 2 = sigmoid(2u), which keeps its digits where it is tiny
    slope *= 3
    slope += 1
    slope *= 2 * _TANH_SCALE
    slope *= tail
    np.subtract(1, tail, out=density)
    density *= slope
    return _both_sides(x, tail, scratch)


_TANH_SCALE = (2 / math.pi) ** 0.5


def _both_sides(x: Array, tail: Array, scratch: Array) -> Array:
    """The tail at -x for x < 0, otherwise 1 minus the tail at x: |tail - (x >= 0)| for both."""
    tail -= np.greater_equal(x, 0, out=scratch)
    return np.abs(tail, out=tail)
