"""Losses that ask for a margin. Formulas are those of Keras 3, and slopes at the edge of it are TensorFlow's."""

from __future__ import annotations

import numpy as np

from ..parameters import Array
from .base import Loss, registry


class _BinaryHinge(Loss):
    """The base of losses of the margin 1 - y_true · y_pred."""

    expects = "targets of -1 and 1 (or 0 and 1) in the shape of the predictions"

    def _signs_and_missing(self, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
        """Targets as -1 and 1, and what is missing to a margin of 1, negative where there is more."""
        if ((y_true == 0) | (y_true == 1)).all():
            y_true = 2 * y_true - 1
        return y_true, 1 - y_true * y_pred


@registry.register
class Hinge(_BinaryHinge):
    """mean(max(1 - y_true · y_pred, 0)) over the last axis of each sample.

    Targets are -1 and 1; where all of a batch are 0 or 1, 0 stands for -1. A margin of exactly 1 still has
    the slope of what is inside, as in TensorFlow.

    Shapes: (batch, ..., d) both; (n,) and (n, 1) are taken for each other.

    >>> Hinge()([[-1.0], [1.0]], [[-2.0], [0.5]])
    0.25
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str | None = "hinge") -> None:
        super().__init__(reduction, name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        _, missing = self._signs_and_missing(y_true, y_pred)
        return np.asarray(np.maximum(missing, 0).mean(axis=-1))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        signs, missing = self._signs_and_missing(y_true, y_pred)
        return np.asarray(-signs * (missing >= 0) * (1 / y_pred.shape[-1]))


@registry.register
class SquaredHinge(_BinaryHinge):
    """mean(max(1 - y_true · y_pred, 0)²) over the last axis of each sample.

    Targets are -1 and 1; where all of a batch are 0 or 1, 0 stands for -1.

    Shapes: (batch, ..., d) both; (n,) and (n, 1) are taken for each other.

    >>> SquaredHinge()([[-1.0], [1.0]], [[-2.0], [0.5]])
    0.125
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str | None = "squared_hinge") -> None:
        super().__init__(reduction, name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        _, missing = self._signs_and_missing(y_true, y_pred)
        return np.asarray(np.square(np.maximum(missing, 0)).mean(axis=-1))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        signs, missing = self._signs_and_missing(y_true, y_pred)
        return np.asarray(-signs * np.maximum(missing, 0) * (2 / y_pred.shape[-1]))


@registry.register
class CategoricalHinge(Loss):
    """max(max_c((1 - y_c) p_c) - Σ_c y_c p_c + 1, 0) for one-hot targets y and predictions p of any size.

    Classes that are equally the largest share the slope, as in TensorFlow.

    Shapes: (batch, ..., classes) both.

    >>> CategoricalHinge()([[0.0, 1.0]], [[0.5, 0.75]])
    0.75
    """

    expects = "one-hot rows, of the shape of the predictions"

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str | None = "categorical_hinge") -> None:
        super().__init__(reduction, name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return np.asarray(np.maximum(self._missing(y_true, y_pred), 0))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        wrong = (1 - y_true) * y_pred
        largest = wrong == wrong.max(axis=-1, keepdims=True)
        slope = (1 - y_true) * largest / largest.sum(axis=-1, keepdims=True, dtype=y_pred.dtype) - y_true
        return np.asarray(slope * (self._missing(y_true, y_pred) >= 0)[..., None])

    def _missing(self, y_true: Array, y_pred: Array) -> Array:
        wrong = ((1 - y_true) * y_pred).max(axis=-1)
        return np.asarray(wrong - (y_true * y_pred).sum(axis=-1) + 1)
