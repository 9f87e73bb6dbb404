"""The shape of a model's examples."""

from __future__ import annotations

from collections.abc import Sequence

from ..parameters import Array, Shape
from ..registry import ArgumentError
from .base import Layer, registry


@registry.register
class Input(Layer):
    """Says what one example looks like, so that a model can be built before it sees data; changes nothing.

    shape: of one example, without the batch axis.

    Shapes: (batch, *shape) -> the same. Raises ArgumentError for sizes that are no counts.

    >>> Input((28, 28)).shape
    (28, 28)
    """

    def __init__(self, shape: Sequence[int], name: str | None = None) -> None:
        super().__init__(name)
        sizes = [shape] if isinstance(shape, int) else list(shape)
        for size in sizes:
            if isinstance(size, bool) or not isinstance(size, int) or size < 1:
                raise ArgumentError(
                    f"Input: shape must hold positive whole numbers, one an axis without the batch, got {shape!r}",
                    "shape",
                )
        self.shape = shape

    def build(self, shape: Shape) -> Shape:
        if shape != tuple(self.shape):
            raise ValueError(f"the model's input has shape {tuple(self.shape)}, got examples of shape {shape}")
        return shape

    def forward(self, x: Array, training: bool = False) -> Array:
        return x

    def backward(self, dy: Array) -> Array:
        return dy
