"""The layer that changes nothing."""

from __future__ import annotations

from ..parameters import Array
from .base import Layer, registry


@registry.register
class Identity(Layer):
    """y = x: holds a place where another layer may come, or a branch that does nothing.

    Shapes: (batch, ...) -> the same.

    >>> Identity()([[1.0, 2.0]])
    array([[1., 2.]], dtype=float32)
    """

    def forward(self, x: Array, training: bool = False) -> Array:
        return x

    def backward(self, dy: Array) -> Array:
        return dy
