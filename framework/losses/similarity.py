"""The loss of directions. Numerics are those of Keras 3."""

from __future__ import annotations

import numpy as np

from ..arguments import is_whole, require
from ..parameters import Array
from .base import Loss, registry
from .probabilities import EPSILON


@registry.register
class CosineSimilarity(Loss):
    """-Σ t p, where t and p are y_true and y_pred divided by their lengths: -1 for one direction, 1 for opposite ones.

    axis: that of the components of a vector. Lengths below 1e-7 count as 1e-7; a vector of zeros has the
    similarity 0 to everything, and no slope (in Keras its slope is not a number).

    Shapes: (batch, ..., d) both. Raises ArgumentError for an axis that is no whole number.

    >>> CosineSimilarity()([[0.0, 1.0], [1.0, 1.0]], [[0.0, 3.0], [2.0, -2.0]])
    -0.5
    """

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "cosine_similarity",
    ) -> None:
        super().__init__(reduction, name)
        require(is_whole(axis), self, "axis", axis, "a whole number")
        self.axis = axis

    def values(self, y_true: Array, y_pred: Array) -> Array:
        t, p = y_true * self._shrink(y_true), y_pred * self._shrink(y_pred)
        return np.asarray(-(t * p).sum(axis=self.axis))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        shrink = self._shrink(y_pred)
        t, p = y_true * self._shrink(y_true), y_pred * shrink
        # What points along the prediction changes its length only, unless it is too short to have one.
        along = p * (t * p).sum(axis=self.axis, keepdims=True) * (shrink < 1 / EPSILON)
        return np.asarray((along - t) * shrink * (p != 0).any(axis=self.axis, keepdims=True))

    def _shrink(self, x: Array) -> Array:
        """What brings vectors to length 1."""
        length = np.sqrt(np.square(x).sum(axis=self.axis, keepdims=True))
        return np.asarray(1 / np.maximum(length, EPSILON))
