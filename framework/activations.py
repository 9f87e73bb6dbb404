"""Activation functions with their derivatives, by name.

Each one is a class whose instances are callable (`get("relu")(x)`), and, in lower case, a plain function
as in Keras (`relu(x, negative_slope=0.1)`). Formulas and defaults are those of `keras.activations`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Protocol

import numpy as np

from .arguments import is_number, is_whole, require
from .buffers import Buffered
from .parameters import Array, floating
from .registry import Registry


class Activation(Buffered):
    """A function of an array, and the product of its derivative with a gradient.

    >>> f = get("tanh")
    >>> x = np.array([0.0, 1.0], np.float32)
    >>> y = f(x)
    >>> f.backward(np.ones(2, np.float32), x, y).round(4)
    array([1.  , 0.42], dtype=float32)
    """

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        """y = f(x), of the shape of x; into `out` when it is given, which may be x itself."""
        raise NotImplementedError

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """dx = dy · f'(x), given y = f(x); may overwrite dy."""
        raise NotImplementedError


registry: Registry[Activation] = Registry("activation", Activation)
register = registry.register
get = registry.create
ActivationSpec = Annotated[str | Mapping[str, Any] | Activation, registry]


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

    Raises ArgumentError for a max_value, negative_slope or threshold that is negative or no number.

    >>> relu([-2.0, 0.5, 8.0], max_value=6.0, negative_slope=0.1)
    array([-0.2,  0.5,  6. ], dtype=float32)
    """

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
            return np.maximum(x, 0, out=out)
        y = np.positive(x, out=out)
        below = np.less_equal(x, self.threshold, out=self.buffer("mask", x.shape, np.bool_))
        if self.negative_slope:
            np.subtract(y, self.threshold, out=y, where=below)
            np.multiply(y, self.negative_slope, out=y, where=below)
        else:
            np.copyto(y, 0, where=below)
        if self.max_value is not None:
            np.minimum(y, self.max_value, out=y)
        return y

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        mask = self.buffer("mask", y.shape, np.bool_)
        if self._plain:
            return np.multiply(dy, np.greater(y, 0, out=mask), out=dy)
        np.multiply(dy, self.negative_slope, out=dy, where=np.less_equal(x, self.threshold, out=mask))
        if self.max_value is not None:
            np.copyto(dy, 0, where=np.greater_equal(y, self.max_value, out=mask))
        return dy


@register
class LeakyRelu(Activation):
    """y = x where x > 0, otherwise negative_slope · x (Maas et al. 2013).

    Raises ArgumentError for a slope that is negative or no number.

    >>> leaky_relu([-1.0, 1.0])
    array([-0.2,  1. ], dtype=float32)
    """

    def __init__(self, negative_slope: float = 0.2) -> None:
        require(is_number(negative_slope, 0), self, "negative_slope", negative_slope, "a number of at least 0")
        self.negative_slope = negative_slope
        self._relu = Relu(negative_slope)

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        return self._relu(x, out)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        return self._relu.backward(dy, x, y)


@register
class Sigmoid(Activation):
    """y = 1 / (1 + exp(-x)), with all digits also where y is tiny.

    >>> sigmoid([0.0, 1000.0])
    array([0.5, 1. ], dtype=float32)
    """

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        y = np.negative(x, out=out)
        with np.errstate(over="ignore"):  # exp gives inf, and 1 / inf = 0 is right
            np.exp(y, out=y)
        y += 1
        return np.reciprocal(y, out=y)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        dy *= y
        slope = self.buffer("slope", y.shape, y.dtype)
        np.subtract(1, y, out=slope)
        dy *= slope
        return dy


@register
class Tanh(Activation):
    """y = tanh(x).

    >>> tanh([0.0]).item()
    0.0
    """

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        return np.tanh(x, out=out)

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        slope = self.buffer("slope", y.shape, y.dtype)
        np.multiply(y, y, out=slope)
        np.subtract(1, slope, out=slope)
        dy *= slope
        return dy


@register
class Softmax(Activation):
    """y_i = exp(x_i) / Σ_j exp(x_j) along an axis, shifted by the maximum so that nothing overflows.

    Raises ArgumentError for an axis that is no whole number.

    >>> softmax([[1000.0, 1000.0]])
    array([[0.5, 0.5]], dtype=float32)
    """

    def __init__(self, axis: int = -1) -> None:
        require(is_whole(axis), self, "axis", axis, "a whole number")
        self.axis = axis

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        y = np.subtract(x, np.maximum.reduce(x, axis=self.axis, keepdims=True), out=out)
        np.exp(y, out=y)
        y /= np.add.reduce(y, axis=self.axis, keepdims=True)
        return y

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        # The Jacobian is diag(y) - y yᵀ, hence dx = y · (dy - <dy, y>).
        product = np.multiply(dy, y, out=self.buffer("product", y.shape, y.dtype))
        dy -= np.add.reduce(product, axis=self.axis, keepdims=True)
        dy *= y
        return dy


class _Function(Protocol):
    def __call__(self, x: Any, *arguments: Any, **named: Any) -> Array: ...


def _function(cls: type[Activation]) -> _Function:
    """The activation as a plain function of an array and of the constructor's arguments."""

    def apply(x: Any, *arguments: Any, **named: Any) -> Array:
        array = floating(x)
        return cls(*arguments, **named)(array, np.empty_like(array))

    apply.__doc__ = cls.__doc__
    apply.__name__ = apply.__qualname__ = cls.registered_name
    return apply


linear = _function(Linear)
relu = _function(Relu)
leaky_relu = _function(LeakyRelu)
sigmoid = _function(Sigmoid)
tanh = _function(Tanh)
softmax = _function(Softmax)
