"""Metrics for classes. Names and rules are those of Keras 3."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arguments import is_number, is_whole, require
from ..losses.base import spread
from ..parameters import Array, Shape
from .base import MeanMetric, Metric, registry


@registry.register
class SparseCategoricalAccuracy(MeanMetric):
    """The share of samples whose largest prediction is that of the right class; targets are class numbers.

    Shapes: y_true (batch, ...) or (batch, ..., 1), y_pred (batch, ..., classes).

    >>> SparseCategoricalAccuracy()([0, 1], [[0.9, 0.1], [0.8, 0.2]])
    0.5
    """

    def __init__(self, name: str | None = "sparse_categorical_accuracy") -> None:
        self.name = name

    def values(self, y_true: Array, y_pred: Array) -> Array:
        if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
            y_true = y_true[..., 0]
        _check_shapes(self, y_true, y_pred, y_true.shape == y_pred.shape[:-1])
        return np.asarray(y_pred.argmax(axis=-1) == y_true)


@registry.register
class CategoricalAccuracy(MeanMetric):
    """The share of samples whose largest prediction is where the largest target is; targets are one-hot.

    Shapes: (batch, ..., classes) both.

    >>> CategoricalAccuracy()([[1, 0], [0, 1]], [[0.9, 0.1], [0.8, 0.2]])
    0.5
    """

    def __init__(self, name: str | None = "categorical_accuracy") -> None:
        self.name = name

    def values(self, y_true: Array, y_pred: Array) -> Array:
        _check_shapes(self, y_true, y_pred, y_true.shape == y_pred.shape)
        return np.asarray(y_pred.argmax(axis=-1) == y_true.argmax(axis=-1))


@registry.register
class BinaryAccuracy(MeanMetric):
    """The share of predictions on the right side of the threshold, which itself counts as 0.

    threshold: in (0, 1). Shapes: (batch, ..., d) both; (n,) and (n, 1) are taken for each other.
    Raises ArgumentError for a threshold outside of (0, 1).

    >>> BinaryAccuracy()([[1], [0]], [[0.9], [0.6]])
    0.5
    """

    def __init__(self, name: str | None = "binary_accuracy", threshold: float = 0.5) -> None:
        fits = is_number(threshold, 0, 1) and 0 < threshold < 1
        require(fits, self, "threshold", threshold, "a number between 0 and 1")
        self.name = name
        self.threshold = threshold

    def values(self, y_true: Array, y_pred: Array) -> Array:
        if y_true.ndim == y_pred.ndim - 1 and y_pred.shape[-1] == 1:
            y_true = y_true[..., None]
        elif y_true.ndim == y_pred.ndim + 1 and y_true.shape[-1] == 1:
            y_pred = y_pred[..., None]
        _check_shapes(self, y_true, y_pred, y_true.shape == y_pred.shape)
        right = (y_pred > self.threshold) == y_true  # a target that is neither 0 nor 1 is never met
        return np.asarray(right if right.ndim < 2 else right.mean(axis=-1))


@registry.register(aliases=("acc",))
class Accuracy(Metric):
    """The share of right answers, in the sense that fits the shapes, as Keras resolves "accuracy".

    Predictions of width 1: BinaryAccuracy. Targets without an axis of classes, or with one of width 1:
    SparseCategoricalAccuracy. Otherwise: CategoricalAccuracy. The first batch decides.

    >>> Accuracy()([0, 1], [[0.9, 0.1], [0.8, 0.2]])
    0.5
    """

    def __init__(self, name: str | None = "accuracy") -> None:
        self.name = name
        self._resolved: MeanMetric | None = None

    def resolve(self, true_shape: Shape, pred_shape: Shape) -> type[MeanMetric]:
        """The class that fits batches of these shapes."""
        if pred_shape[-1] == 1 or len(pred_shape) == 1:
            return BinaryAccuracy
        if len(true_shape) < len(pred_shape) or true_shape[-1] == 1:
            return SparseCategoricalAccuracy
        return CategoricalAccuracy

    def reset_state(self) -> None:
        self._resolved = None

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        if self._resolved is None:
            self._resolved = self.resolve(np.shape(y_true), np.shape(y_pred))()
        self._resolved.update_state(y_true, y_pred, sample_weight)

    def result(self) -> float:
        return 0.0 if self._resolved is None else self._resolved.result()


@registry.register
class ConfusionMatrix(Metric):
    """How often class i (row) was taken for class j (column): (classes, classes), weighted if weights are given.

    num_classes: None for as many as the predictions have columns; one column is the probability of class 1
    of two. Targets are class numbers or one-hot.
    Raises ArgumentError for a num_classes that is no count, ValueError for classes out of range.

    >>> ConfusionMatrix()([0, 1, 1], [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
    array([[1., 0.],
           [1., 1.]])
    """

    def __init__(self, num_classes: int | None = None, name: str | None = "confusion_matrix") -> None:
        require(
            num_classes is None or is_whole(num_classes, 1), self, "num_classes", num_classes, "a positive whole number"
        )
        self.num_classes = num_classes
        self.name = name
        self._matrix: Array | None = None

    def reset_state(self) -> None:
        self._matrix = None

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
        if y_pred.shape[-1] == 1:
            y_pred = np.concatenate([0 * y_pred + 0.5, y_pred], axis=-1)
        n = self.num_classes or y_pred.shape[-1]
        if y_true.ndim == y_pred.ndim:
            y_true = y_true[..., 0] if y_true.shape[-1] == 1 else y_true.argmax(axis=-1)
        _check_shapes(self, y_true, y_pred, y_true.shape == y_pred.shape[:-1])
        weight = spread(sample_weight, y_true.astype(np.float64))
        weight = None if weight is None else weight.reshape(-1)
        truth, answer = y_true.reshape(-1).astype(np.intp), y_pred.argmax(axis=-1).reshape(-1)
        for classes in (truth, answer):
            wrong = (classes < 0) | (classes >= n)
            if wrong.any():
                raise ValueError(f"ConfusionMatrix has classes 0 to {n - 1}, got class {classes[wrong][0]}")
        counts = np.bincount(truth * n + answer, weight, minlength=n * n).reshape(n, n).astype(np.float64)
        self._matrix = counts if self._matrix is None else self._matrix + counts

    def result(self) -> Array:
        if self._matrix is None:
            return np.zeros((self.num_classes or 0, self.num_classes or 0))
        return self._matrix


def _check_shapes(metric: Metric, y_true: Array, y_pred: Array, fits: bool) -> None:
    if not fits:
        raise ValueError(
            f"{type(metric).__name__}: targets of shape {y_true.shape} do not match predictions of shape {y_pred.shape}"
        )
