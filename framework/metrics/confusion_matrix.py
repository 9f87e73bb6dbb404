"""What was taken for what."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arguments import is_whole, require
from ..losses.base import spread
from ..parameters import Array
from .base import Metric, check_shapes, ratio, registry


@registry.register
class ConfusionMatrix(Metric):
    """How often class i (row) was taken for class j (column): (classes, classes), weighted if weights are given.

    num_classes: None for as many as the predictions have columns; one column is the probability of class 1
    of two. Targets are class numbers or one-hot. `precision()`, `recall()` and `f1_score()` are those of each class.
    Raises ArgumentError for a num_classes that is no count, ValueError for classes out of range.

    >>> confusion = ConfusionMatrix()
    >>> confusion([0, 1, 1], [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
    array([[1., 0.],
           [1., 1.]])
    >>> confusion.recall()
    array([1. , 0.5])
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
        check_shapes(self, y_true, y_pred, y_true.shape == y_pred.shape[:-1])
        truth, answer = y_true.astype(np.intp), y_pred.argmax(axis=-1)
        for classes in (truth, answer):
            wrong = (classes < 0) | (classes >= n)
            if wrong.any():
                raise ValueError(f"ConfusionMatrix has classes 0 to {n - 1}, got class {classes[wrong][0]}")
        counts = count_pairs(truth, answer, n, sample_weight)
        self._matrix = counts if self._matrix is None else self._matrix + counts

    def result(self) -> Array:
        if self._matrix is None:
            return np.zeros((self.num_classes or 0, self.num_classes or 0))
        return self._matrix

    def precision(self) -> Array:
        """How much of what was taken for a class belongs to it: (classes,); 0 where nothing was taken for it."""
        matrix = self.result()
        return ratio(matrix.diagonal(), matrix.sum(axis=0))

    def recall(self) -> Array:
        """How much of a class was taken for it: (classes,); 0 where there is none of it."""
        matrix = self.result()
        return ratio(matrix.diagonal(), matrix.sum(axis=1))

    def f1_score(self) -> Array:
        """The harmonic mean of precision and recall of each class: (classes,)."""
        matrix = self.result()
        return ratio(2 * matrix.diagonal(), matrix.sum(axis=0) + matrix.sum(axis=1))


def count_pairs(truth: Array, answer: Array, classes: int, sample_weight: Any = None) -> Array:
    """How much weight each pair of true class (row) and answer (column) has: (classes, classes).

    Shapes: truth and answer alike, whole numbers from 0 to classes - 1.
    """
    weight = None if sample_weight is None else spread(sample_weight, truth.astype(np.float64))
    pairs = (truth * classes + answer).reshape(-1)
    counts = np.bincount(pairs, None if weight is None else weight.reshape(-1), minlength=classes * classes)
    return counts.reshape(classes, classes).astype(np.float64)
