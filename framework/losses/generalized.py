"""The loss between cross-entropy and absolute error, for labels that are often wrong."""

from __future__ import annotations

import numpy as np

from ..arguments import is_number, require
from ..layers import Layer
from ..parameters import Array
from .base import registry, scaled
from .probabilities import log_softmax
from .sparse import ClassNumberLoss


@registry.register
class CategoricalGeneralizedCrossEntropy(ClassNumberLoss):
    """(1 - p_c^q) / q for targets that are class numbers c = 0, 1, ... (Zhang and Sabuncu 2018).

    q: in (0, 1). Near 0 it is the cross-entropy, at 1 the absolute error, which wrong labels mislead less.
    y_pred are probabilities, taken as they are; one of exactly 0 has no slope (in Keras it is infinite).

    Shapes: y_true (batch, ...) or (batch, ..., 1), y_pred (batch, ..., classes). Raises ArgumentError for a q
    outside of (0, 1), ValueError for class numbers out of range.

    >>> CategoricalGeneralizedCrossEntropy()([1], [[0.75, 0.25]])
    1.0
    """

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_generalized_cross_entropy",
    ) -> None:
        super().__init__(reduction, name)
        require(is_number(q, 0, 1) and 0 < q < 1, self, "q", q, "a number between 0 and 1")
        self.q = q

    def values(self, y_true: Array, y_pred: Array) -> Array:
        p = np.take_along_axis(y_pred, y_true[..., None], -1)[..., 0]
        return np.asarray((1 - np.maximum(p, 0) ** self.q) / self.q)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        p = np.take_along_axis(y_pred, y_true[..., None], -1)
        slope = np.power(p, self.q - 1, where=p > 0, out=np.zeros_like(p))
        gradient = np.zeros_like(y_pred)
        np.put_along_axis(gradient, y_true[..., None], -slope, -1)
        return gradient

    def fused_value_and_gradient(
        self, y_true: Array, output: Layer, y_pred: Array, sample_weight: Array | None = None
    ) -> tuple[float, Array]:
        labels, y_pred = self.aligned(y_true, y_pred)
        index = labels[..., None]
        log_p = np.take_along_axis(log_softmax(output.x), index, -1)  # type: ignore[attr-defined]
        value, scale = self.reduce(-np.expm1(self.q * log_p[..., 0]) / self.q, sample_weight)
        gradient = y_pred.copy()
        np.put_along_axis(gradient, index, np.take_along_axis(y_pred, index, -1) - 1, -1)
        return value, scaled(gradient * np.exp(self.q * log_p), scale)
