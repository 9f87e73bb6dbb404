"""A detour that can be skipped: what lets a plain stack train deep."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..parameters import Array, Shape
from .base import Layer, LayerSpec, registry, undone_on_failure
from .stack import Stack


@registry.register
class Residual(Stack):
    """y = x + f(x), where f is the layers inside, one after the other.

    The gradient reaches what comes before also by the short way, so that stacks of dozens of these learn
    (He et al. 2015). At first, f may be kept small with zeros in its last weights.

    layers: those inside, specs or instances, in order.

    Shapes: (batch, ...) -> the same. Building raises ValueError when the layers inside give another shape.

    >>> Residual(["relu"])([[-1.0, 2.0]])
    array([[-1.,  4.]], dtype=float32)
    """

    def __init__(
        self, layers: Sequence[LayerSpec] | None = None, name: str | None = None, trainable: bool = True
    ) -> None:
        super().__init__(layers, name, trainable=trainable)

    def build(self, input_shape: Sequence[int | None]) -> Shape:
        with undone_on_failure(self):
            output = super().build(input_shape)
            self._check_same(self.input_shape, output)
        return output

    def _check_same(self, before: Shape, after: Shape) -> None:
        if before != after:
            raise ValueError(
                f"layer {self.label!r} (Residual) adds its input to the output of its layers, which must have the "
                f"same shape: they turn {before} into {after}; end them with a layer that gives {before}"
            )

    def forward(self, x: Array, training: bool = False) -> Array:
        inside = super().forward(x, training)
        self._check_same(x.shape[1:], inside.shape[1:])
        return np.add(inside, x, out=self.buffer_like("y", inside))

    def backward(self, dy: Array) -> Array | None:
        short = self.buffer_like("short", dy)
        short[...] = dy  # the layers inside may use dy as scratch
        dx = super().backward(dy)
        if dx is None or not self.needs_dx:
            return None
        return np.add(short, dx, out=short)

    def output_layer(self) -> Layer:
        return self  # a loss that absorbed the last layer inside would miss the sum

    def backward_past_output(self, dy: Array) -> Array | None:
        return dy
