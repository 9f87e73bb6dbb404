"""Functions whose outputs along an axis are a distribution, or the logarithms of one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..arguments import is_whole, require
from ..parameters import Array, Shape
from .base import AXES, Activation, are_axes, check_axes, function, register, result


@register
class Softmax(Activation):
    """y_i = exp(x_i) / Σ_j exp(x_j) along an axis, shifted by the maximum so that nothing overflows.

    axis: of the batch, whose first axis is that of the examples; several for one distribution over all of them.
    Raises ArgumentError for an axis that is no whole number, nor a list of them.

    >>> softmax([[1000.0, 1000.0]])
    array([[0.5, 0.5]], dtype=float32)
    """

    kept_for_backward = ("_known", "_largest", "_sums", "_row", "_ones")
    _known: Array | None = None  # the last input, to which the others belong

    def __init__(self, axis: int | Sequence[int] = -1) -> None:
        require(are_axes(axis), self, "axis", axis, AXES)
        self.axis = axis
        self._along = tuple(axis) if isinstance(axis, Sequence) else axis

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        if x is not self._known:
            self._meet(x)
        y = np.empty_like(x) if out is None else out
        if self._row is not None:
            np.exp(np.subtract(x, self._row[self._row.argmax()], out=y), out=y)
            y /= y.reshape(-1).dot(self._ones)
            return y
        np.subtract(x, np.maximum.reduce(x, axis=self._along, keepdims=True, out=self._largest), out=y)
        np.exp(y, out=y)
        y /= np.add.reduce(y, axis=self._along, keepdims=True, out=self._sums)
        return y

    def _meet(self, x: Array) -> None:
        """Prepares what is needed for as long as inputs come in the same array."""
        self._known = x
        self._largest, self._sums = self._reduced("largest", x), self._reduced("sums", x)
        # Of a single distribution, largest and sum are numbers, which are quicker to work with than arrays.
        single = x.size == x.shape[-1] and self._along == -1 and x.flags.c_contiguous
        self._row = x.reshape(-1) if single else None
        self._ones = np.ones(x.size if single else 0, x.dtype)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        # The Jacobian is diag(y) - y yᵀ, hence dx = y · (dy - <dy, y>).
        product = np.multiply(dy, y, out=self.buffer_like("product", y))
        dy -= self.sums(product)
        dy *= y
        return dy

    def largest(self, x: Array) -> Array:
        """The largest number along the axis, which is kept with the size 1; valid until the next call."""
        return np.maximum.reduce(x, axis=self._along, keepdims=True, out=self._reduced("largest", x))

    def sums(self, x: Array) -> Array:
        """The sums along the axis, which is kept with the size 1; valid until the next call."""
        return np.add.reduce(x, axis=self._along, keepdims=True, out=self._reduced("sums", x))

    def _reduced(self, name: str, x: Array) -> Array:
        along = self._along
        if along == -1:
            return self.buffer(name, (*x.shape[:-1], 1), x.dtype)
        shape = list(x.shape)
        for axis in along if isinstance(along, tuple) else (along,):
            shape[axis] = 1
        return self.buffer(name, tuple(shape), x.dtype)

    def output_shape(self, shape: Shape) -> Shape:
        check_axes(self, self.axis, shape)
        return shape


@register
class LogSoftmax(Softmax):
    """y_i = x_i - log Σ_j exp(x_j) along an axis: the logarithm of softmax, exact for any x.

    axis: of the batch, whose first axis is that of the examples; several for one distribution over all of them.
    Raises ArgumentError for an axis that is no whole number, nor a list of them.

    >>> log_softmax([[1000.0, 1000.0]]).round(4)
    array([[-0.6931, -0.6931]], dtype=float32)
    """

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        y = np.subtract(x, self.largest(x), out=result(x, out))
        shares = np.exp(y, out=self.buffer_like("shares", x))
        sums = self.sums(shares)
        y -= np.log(sums, out=sums)
        return y

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        shares = np.exp(y, out=self.buffer_like("shares", x))
        shares *= self.sums(dy)
        dy -= shares
        return dy


@register
class Sparsemax(Activation):
    """y_i = max(x_i - τ, 0) along an axis, with the τ for which they sum to 1 (Martins and Astudillo 2016).

    The nearest distribution to x: unlike that of softmax, it may have zeros. axis: of the batch, whose first
    axis is that of the examples. Raises ArgumentError for an axis that is no whole number.

    >>> sparsemax([[0.0, 0.5, 1.0]])
    array([[0.  , 0.25, 0.75]], dtype=float32)
    """

    def __init__(self, axis: int = -1) -> None:
        require(is_whole(axis), self, "axis", axis, "a whole number")
        self.axis = axis

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        y = np.subtract(x, np.maximum.reduce(x, axis=self.axis, keepdims=True), out=result(x, out))
        # If the k largest were the whole support, τ would be (their sum - 1) / k; the largest of these it is.
        ordered = np.negative(y, out=self.buffer_like("ordered", x))
        ordered.sort(axis=self.axis)
        sums = np.add.accumulate(ordered, axis=self.axis, out=self.buffer_like("sums", x))
        sums += 1
        sums /= self._counts(x)
        y += np.minimum.reduce(sums, axis=self.axis, keepdims=True)
        return np.maximum(y, 0, out=y)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        # Within the support, dx = dy - its mean there; elsewhere 0.
        support = np.greater(y, 0, out=self.buffer_like("support", y, np.bool_))
        dy *= support
        size = np.add.reduce(support, axis=self.axis, keepdims=True, dtype=dy.dtype)
        mean = np.add.reduce(dy, axis=self.axis, keepdims=True)
        mean /= np.maximum(size, 1, out=size)  # it is 0 for NaN
        np.subtract(dy, mean, out=dy, where=support)
        return dy

    def output_shape(self, shape: Shape) -> Shape:
        check_axes(self, self.axis, shape)
        return shape

    def _counts(self, x: Array) -> Array:
        """1, 2, 3, ... along the axis."""
        sizes = [1] * x.ndim
        sizes[self.axis] = -1
        return np.arange(1, x.shape[self.axis] + 1, dtype=x.dtype).reshape(sizes)


softmax = function(Softmax)
log_softmax = function(LogSoftmax)
sparsemax = function(Sparsemax)
