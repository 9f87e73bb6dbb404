"""Layers that only arrange numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..arguments import is_whole, require
from ..parameters import Array, Shape
from .base import Layer, registry


class _Rearrangement(Layer):
    """The base of layers whose output holds the input's numbers in another shape."""

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x_shape = x.shape
        return x.reshape(len(x), *self.output_shape)

    def backward(self, dy: Array) -> Array:
        return dy.reshape(self.x_shape)


@registry.register
class Flatten(_Rearrangement):
    """All numbers of an example in one row, the last axis running fastest.

    Shapes: (batch, ...) -> (batch, product of ...).

    >>> import numpy as np
    >>> Flatten()(np.zeros((2, 28, 28))).shape
    (2, 784)
    """

    def build(self, shape: Shape) -> Shape:
        return (math.prod(shape),)


@registry.register
class Reshape(_Rearrangement):
    """The numbers of an example in another shape; one size may be -1, "what is left".

    Shapes: (batch, ...) -> (batch, *target_shape). Raises ArgumentError for sizes that are neither counts nor -1;
    building raises ValueError when the numbers do not fit.

    >>> import numpy as np
    >>> Reshape((14, -1))(np.zeros((2, 28, 28))).shape
    (2, 14, 56)
    """

    def __init__(self, target_shape: Sequence[int], name: str | None = None, trainable: bool = True) -> None:
        super().__init__(name, trainable)
        fits = (
            isinstance(target_shape, Sequence)
            and all(is_whole(n, -1) and n != 0 for n in target_shape)
            and list(target_shape).count(-1) <= 1
        )
        rule = "a list of positive whole numbers, with at most one -1"
        require(fits, self, "target_shape", target_shape, rule)
        self.target_shape = target_shape

    def build(self, shape: Shape) -> Shape:
        target, size = tuple(self.target_shape), math.prod(shape)
        known = math.prod(n for n in target if n != -1)
        if (size % known if -1 in target else size != known) or (size == 0 and -1 in target):
            raise ValueError(f"layer {self.label!r} cannot arrange {shape} ({size} numbers) as {target}")
        return tuple(size // known if n == -1 else n for n in target)
