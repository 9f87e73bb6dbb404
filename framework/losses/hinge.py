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
        is_one = np.equal(y_true, 1, out=self.buffer_like("is one", y_true, np.bool_))
        is_either = np.equal(y_true, 0, out=self.buffer_like("is either", y_true, np.bool_))
        is_either |= is_one
        if is_either.all():
            y_true = np.multiply(y_true, 2, out=self.buffer_like("signs", y_true))
            y_true -= 1
        missing = np.multiply(y_true, y_pred, out=self.buffer_like("missing", y_pred))
        return y_true, np.subtract(1, missing, out=missing)


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
        return self.means(np.maximum(missing, 0, out=missing))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        signs, missing = self._signs_and_missing(y_true, y_pred)
        has_slope = np.greater_equal(missing, 0, out=self.buffer_like("has a slope", y_pred, np.bool_))
        slope = np.multiply(signs, has_slope, out=self.buffer_like("slope", y_pred))
        slope *= -1 / y_pred.shape[-1]
        return slope


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
        np.maximum(missing, 0, out=missing)
        return self.means(np.square(missing, out=missing))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        signs, missing = self._signs_and_missing(y_true, y_pred)
        slope = np.maximum(missing, 0, out=self.buffer_like("slope", y_pred))
        slope *= signs
        slope *= -2 / y_pred.shape[-1]
        return slope


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
        _, _, missing = self._wrong_and_missing(y_true, y_pred)
        return np.maximum(missing, 0, out=self.buffer_like("values", missing))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        wrong, largest, missing = self._wrong_and_missing(y_true, y_pred)
        has_slope = np.greater_equal(missing, 0, out=missing)
        slope = np.equal(wrong, largest[..., None], out=self.buffer_like("slope", y_pred))
        number = self.sums(slope)
        slope *= np.subtract(1, y_true, out=self.buffer_like("product", y_pred))
        slope /= number[..., None]
        slope -= y_true
        slope *= has_slope[..., None]
        return slope

    def _wrong_and_missing(self, y_true: Array, y_pred: Array) -> tuple[Array, Array, Array]:
        """(1 - y) p, the largest number of each of its rows, and what is missing to a margin of 1."""
        wrong = np.subtract(1, y_true, out=self.buffer_like("wrong", y_pred))
        wrong *= y_pred
        shape = y_pred.shape[:-1]
        largest = np.maximum.reduce(wrong, axis=-1, out=self.buffer("largest", shape, y_pred.dtype))
        right = self.sums(np.multiply(y_true, y_pred, out=self.buffer_like("product", y_pred)))
        missing = np.subtract(largest, right, out=self.buffer("missing", shape, y_pred.dtype))
        missing += 1
        return wrong, largest, missing
