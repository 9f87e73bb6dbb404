"""Functions that multiply their input with a gate between 0 and 1."""

from __future__ import annotations

import numpy as np

from ..arguments import is_whole, require
from ..parameters import Array, Shape
from .base import Activation, check_axes, function, register, result
from .normal import approximate_normal_cdf, normal_cdf
from .sigmoids import logistic, straight_sigmoid


@register(aliases=("swish",))
class Silu(Activation):
    """y = x · sigmoid(x), also known as swish (Ramachandran et al. 2017).

    >>> silu([-1.0, 0.0, 1.0]).round(4)
    array([-0.2689,  0.    ,  0.7311], dtype=float32)
    """

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        gate = logistic(x, self.buffer_like("gate", x))
        return np.multiply(x, gate, out=result(x, out))

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        gate = logistic(x, self.buffer_like("gate", x))
        slope = np.subtract(1, gate, out=self.buffer_like("slope", x))
        slope *= y
        slope += gate  # f' = s + x s (1 - s)
        dy *= slope
        return dy


@register(aliases=("hard_swish",))
class HardSilu(Activation):
    """y = x · hard_sigmoid(x), also known as hard swish (Howard et al. 2019).

    >>> hard_silu([-3.0, 0.0, 1.5, 3.0])
    array([-0.   ,  0.   ,  1.125,  3.   ], dtype=float32)
    """

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        gate = straight_sigmoid(x, 3.0, self.buffer_like("gate", x))
        return np.multiply(x, gate, out=result(x, out))

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        gate = straight_sigmoid(x, 3.0, self.buffer_like("gate", x))
        mask = self.buffer_like("mask", x, np.bool_)
        slope = np.divide(x, 6, out=self.buffer_like("slope", x))
        slope *= np.greater(gate, 0, out=mask)
        slope *= np.less(gate, 1, out=mask)
        slope += gate
        dy *= slope
        return dy


@register
class Mish(Activation):
    """y = x · tanh(softplus(x)) (Misra 2019).

    >>> mish([-1.0, 0.0, 1.0]).round(4)
    array([-0.3034,  0.    ,  0.8651], dtype=float32)
    """

    # With e = exp(x) and w = e (e + 2), tanh(log(1 + e)) = w / (w + 2).

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        gate, above = self._ratio(x)
        gate /= above
        return np.multiply(x, gate, out=result(x, out))

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        # f' = gate + x · 2 (1 + e) / (w + 2) · 2 e / (w + 2)
        gate, above = self._ratio(x)
        gate /= above
        e = self._exp(x)
        slope = np.divide(e, above, out=self.buffer_like("slope", x))
        e += 1
        slope *= e
        slope /= above
        slope *= 4
        slope *= np.minimum(x, _ENOUGH, out=e)
        slope += gate
        dy *= slope
        return dy

    def _exp(self, x: Array) -> Array:
        e = np.minimum(x, _ENOUGH, out=self.buffer_like("e", x))
        return np.exp(e, out=e)

    def _ratio(self, x: Array) -> tuple[Array, Array]:
        """w and w + 2."""
        w = self._exp(x)
        above = np.add(w, 2, out=self.buffer_like("above", x))
        w = np.multiply(w, above, out=self.buffer_like("gate", x))
        return w, np.add(w, 2, out=above)


_ENOUGH = 40.0
"""From here on, the gate of mish is 1 to the last digit; and w is still a number."""


@register
class Gelu(Activation):
    """y = x · Φ(x), Φ that of the standard normal distribution (Hendrycks and Gimpel 2016).

    approximate: whether to take Φ(x) ≈ (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2.
    Raises ArgumentError when it is no truth value.

    >>> gelu([-1.0, 0.0, 1.0]).round(4)
    array([-0.1587,  0.    ,  0.8413], dtype=float32)
    """

    def __init__(self, approximate: bool = False) -> None:
        require(isinstance(approximate, bool), self, "approximate", approximate, "true or false")
        self.approximate = approximate

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        gate, _ = self._gate(x)
        return np.multiply(x, gate, out=result(x, out))

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        gate, slope = self._gate(x)
        slope *= x
        slope += gate
        dy *= slope
        return dy

    def _gate(self, x: Array) -> tuple[Array, Array]:
        """Φ(x) and its derivative."""
        gate, slope = self.buffer_like("gate", x), self.buffer_like("slope", x)
        cdf = approximate_normal_cdf if self.approximate else normal_cdf
        return cdf(x, gate, slope, self.buffer_like("scratch", x)), slope


@register
class Glu(Activation):
    """y = a · sigmoid(b), where a and b are the halves of x along an axis (Dauphin et al. 2017).

    axis: of the batch, whose first axis is that of the examples; it comes out half as long. Raises ArgumentError
    for an axis that is no whole number; calling it, or building a layer with it, ValueError for an odd size.

    >>> glu([[1.0, 2.0, 0.0, 1000.0]])
    array([[0.5, 2. ]], dtype=float32)
    """

    def __init__(self, axis: int = -1) -> None:
        require(is_whole(axis), self, "axis", axis, "a whole number")
        self.axis = axis

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        a, b = self._halves(x)
        return np.multiply(a, logistic(b, self.buffer_like("gate", b)), out=result(a, out))

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        _, b = self._halves(x)
        dx = self.buffer_like("dx", x)
        da, db = self._halves(dx)
        logistic(b, da)
        np.subtract(1, da, out=db)
        db *= y
        db *= dy
        da *= dy
        return dx

    def output_shape(self, shape: Shape) -> Shape:
        check_axes(self, self.axis, shape)
        axis = self.axis % (1 + len(shape)) - 1
        if axis < 0:
            raise ValueError(f"Glu has axis={self.axis}, which is that of the examples: they cannot be halved")
        self._check(shape[axis])
        return (*shape[:axis], shape[axis] // 2, *shape[axis + 1 :])

    def _halves(self, x: Array) -> tuple[Array, Array]:
        size = x.shape[self.axis]
        self._check(size)
        along: list[slice] = [slice(None)] * x.ndim
        along[self.axis] = slice(size // 2)
        first = x[tuple(along)]
        along[self.axis] = slice(size // 2, None)
        return first, x[tuple(along)]

    def _check(self, size: int) -> None:
        if size % 2:
            raise ValueError(f"Glu halves the axis {self.axis}, whose size must be even, got {size}")


silu = swish = function(Silu)
hard_silu = hard_swish = function(HardSilu)
mish = function(Mish)
gelu = function(Gelu)
glu = function(Glu)
