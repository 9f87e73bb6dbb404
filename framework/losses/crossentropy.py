"""Cross-entropy, in the sense that fits the shapes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..layers import Layer
from ..parameters import Array, Shape, floating
from .base import Loss, registry
from .binary import BinaryCrossentropy
from .categorical import CategoricalCrossentropy
from .sparse import SparseCategoricalCrossentropy


@registry.register(aliases=("ce",))
class Crossentropy(Loss):
    """Cross-entropy of probabilities in the sense that fits the shapes, as Keras resolves "crossentropy".

    Predictions of width 1: BinaryCrossentropy. Targets without an axis of classes, or with one of width 1:
    SparseCategoricalCrossentropy. Otherwise: CategoricalCrossentropy. For logits name the loss itself.

    Shapes: y_true (batch, ...), (batch, ..., 1) or (batch, ..., classes); y_pred (batch, ..., classes).

    >>> round(Crossentropy()([1], [[0.25, 0.75]]), 4)
    0.2877
    >>> round(Crossentropy()([[0.0, 1.0]], [[0.25, 0.75]]), 4)
    0.2877
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str | None = "crossentropy") -> None:
        super().__init__(reduction, name)
        kinds = (BinaryCrossentropy, SparseCategoricalCrossentropy, CategoricalCrossentropy)
        self._losses: dict[type[Loss], Loss] = {cls: cls() for cls in kinds}

    def resolve(self, true_shape: Shape, pred_shape: Shape) -> type[Loss]:
        """The class that fits batches of these shapes."""
        if len(pred_shape) <= 1 or pred_shape[-1] == 1:
            return BinaryCrossentropy
        if len(true_shape) < len(pred_shape) or true_shape[-1] == 1:
            return SparseCategoricalCrossentropy
        return CategoricalCrossentropy

    def _resolved(self, true_shape: Shape, pred_shape: Shape) -> Loss:
        loss = self._losses[self.resolve(true_shape, pred_shape)]
        loss.reduction = self.reduction
        return loss

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return self._resolved(y_true.shape, y_pred.shape).values(y_true, y_pred)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        return self._resolved(y_true.shape, y_pred.shape).gradient(y_true, y_pred)

    def aligned(self, y_true: Any, y_pred: Any) -> tuple[Array, Array]:
        y_pred = floating(y_pred)
        return self._resolved(np.shape(y_true), y_pred.shape).aligned(y_true, y_pred)

    def check_targets(self, y_true: Array, output_shape: Shape) -> None:
        self._resolved(y_true.shape, (len(y_true), *output_shape)).check_targets(y_true, output_shape)

    def can_absorb(self, output: Layer) -> bool:
        return any(loss.can_absorb(output) for loss in self._losses.values())

    def fused_value_and_gradient(
        self, y_true: Array, output: Layer, y_pred: Array, sample_weight: Array | None = None
    ) -> tuple[float, Array]:
        loss = self._resolved(np.shape(y_true), y_pred.shape)
        if loss.can_absorb(output):
            return loss.fused_value_and_gradient(y_true, output, y_pred, sample_weight)
        # Several sigmoids for one class: nothing to take together, and only the shapes could tell.
        value, dy = loss.buffered_value_and_gradient(y_true, y_pred, sample_weight)
        dx = output.backward(dy)
        assert dx is not None  # an activation passes its gradient on
        return value, dx

    def fused_value(self, y_true: Array, output: Layer, y_pred: Array, sample_weight: Array | None = None) -> float:
        loss = self._resolved(np.shape(y_true), y_pred.shape)
        if loss.can_absorb(output):
            return loss.fused_value(y_true, output, y_pred, sample_weight)
        return float(loss(y_true, y_pred, sample_weight))
