"""The shape of a model's examples."""

from __future__ import annotations

from collections.abc import Sequence

from ..arguments import is_whole, require
from ..parameters import Array, Shape
from .base import Layer, registry


@registry.register
class Input(Layer):
    """Says what one example looks like, so that a model can be built before it sees data; changes nothing.

    shape: of one example, without the batch axis. batch_size: taken as in Keras and kept, but binding nobody:
    batches may have any size all the same.

    Shapes: (batch, *shape) -> the same. Raises ArgumentError for sizes that are no counts.

    >>> Input((28, 28)).shape
    (28, 28)
    """

    def __init__(self, shape: Sequence[int], batch_size: int | None = None, name: str | None = None) -> None:
        super().__init__(name)
        fits = isinstance(shape, Sequence) and all(is_whole(size, 1) for size in shape)
        rule = "a list of positive whole numbers, one an axis without the batch"
        require(fits, self, "shape", shape, f"{rule}, such as [{shape}]" if is_whole(shape, 1) else rule)
        is_size = batch_size is None or is_whole(batch_size, 1)
        require(is_size, self, "batch_size", batch_size, "a positive whole number, or None for any")
        self.shape = shape
        self.batch_size = batch_size

    def build(self, shape: Shape) -> Shape:
        if shape != tuple(self.shape):
            raise ValueError(f"the model's input has shape {tuple(self.shape)}, got examples of shape {shape}")
        return shape

    def forward(self, x: Array, training: bool = False) -> Array:
        return x

    def backward(self, dy: Array) -> Array:
        return dy
