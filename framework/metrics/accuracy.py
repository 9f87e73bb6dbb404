"""Shares of right answers. Names and rules are those of Keras 3."""

from __future__ import annotations

import numpy as np

from ..arguments import is_number, is_whole, require
from ..parameters import Array
from .base import Metric, aligned, check_shapes, registry
from .means import MeanMetric


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
        labels = class_numbers(self, y_true, y_pred)
        answers = y_pred.argmax(axis=-1, out=self.buffer("answers", labels.shape, np.intp))
        return np.equal(answers, labels, out=self.buffer("right", labels.shape, np.bool_))


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
        check_shapes(self, y_true, y_pred, y_true.shape == y_pred.shape)
        shape = y_pred.shape[:-1]
        answers = y_pred.argmax(axis=-1, out=self.buffer("answers", shape, np.intp))
        labels = y_true.argmax(axis=-1, out=self.buffer("labels", shape, np.intp))
        return np.equal(answers, labels, out=self.buffer("right", shape, np.bool_))


@registry.register
class BinaryAccuracy(MeanMetric):
    """The share of predictions on the right side of the threshold, which itself counts as 0.

    threshold: above which a prediction counts as 1, in (0, 1).
    Shapes: (batch, ..., d) both; (n,) and (n, 1) are taken for each other.
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
        y_true, y_pred = aligned(self, y_true, y_pred)
        answers = np.greater(y_pred, self.threshold, out=self.buffer_like("answers", y_pred, np.bool_))
        return np.equal(answers, y_true, out=answers)  # a target that is neither 0 nor 1 is never met


@registry.register
class TopKCategoricalAccuracy(MeanMetric):
    """The share of samples where fewer than k classes are predicted above the right one; targets are one-hot.

    k: how many of the largest predictions count as answers, at least 1.

    Shapes: (batch, ..., classes) both. Raises ArgumentError for a k that is no positive whole number.

    >>> TopKCategoricalAccuracy(k=2)([[0, 0, 1], [1, 0, 0]], [[0.1, 0.6, 0.3], [0.1, 0.6, 0.3]])
    0.5
    """

    def __init__(self, k: int = 5, name: str | None = "top_k_categorical_accuracy") -> None:
        require(is_whole(k, 1), self, "k", k, "a positive whole number")
        self.k = k
        self.name = name

    def values(self, y_true: Array, y_pred: Array) -> Array:
        check_shapes(self, y_true, y_pred, y_true.shape == y_pred.shape)
        return is_among_top(y_true.argmax(axis=-1), y_pred, self.k)


@registry.register
class SparseTopKCategoricalAccuracy(MeanMetric):
    """The share of samples where fewer than k classes are predicted above the right one; targets are class numbers.

    from_sorted_ids: y_pred lists the classes themselves, the likeliest first, and its first k are looked at.

    k: how many of the largest predictions count as answers, at least 1.

    Shapes: y_true (batch, ...) or (batch, ..., 1), y_pred (batch, ..., classes).
    Raises ArgumentError for a k that is no positive whole number.

    >>> SparseTopKCategoricalAccuracy(k=2)([2, 0], [[0.1, 0.6, 0.3], [0.1, 0.6, 0.3]])
    0.5
    """

    def __init__(
        self, k: int = 5, name: str | None = "sparse_top_k_categorical_accuracy", from_sorted_ids: bool = False
    ) -> None:
        require(is_whole(k, 1), self, "k", k, "a positive whole number")
        self.k = k
        self.name = name
        self.from_sorted_ids = from_sorted_ids

    def values(self, y_true: Array, y_pred: Array) -> Array:
        classes = class_numbers(self, y_true, y_pred)
        if self.from_sorted_ids:
            return np.asarray((y_pred[..., : self.k] == classes[..., None]).any(axis=-1))
        return is_among_top(classes, y_pred, self.k)


def class_numbers(metric: Metric, y_true: Array, y_pred: Array) -> Array:
    """The targets in the shape of the predictions less the axis of classes; raises ValueError where they do not fit."""
    if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
        y_true = y_true[..., 0]
    check_shapes(metric, y_true, y_pred, y_true.shape == y_pred.shape[:-1])
    return y_true


def is_among_top(classes: Array, y_pred: Array, k: int) -> Array:
    """Whether fewer than k predictions are larger than that of the class; equal ones share a place, as in Keras."""
    index = classes.astype(np.intp)
    exists = (index >= 0) & (index < y_pred.shape[-1])
    score = np.take_along_axis(y_pred, (index * exists)[..., None], axis=-1)
    above = np.count_nonzero(y_pred > score, axis=-1)
    return np.asarray((above < k) & exists & np.isfinite(score[..., 0]))
