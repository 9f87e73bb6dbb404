"""Precision and recall in one figure. Names and rules are those of Keras 3."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from ..arguments import is_number, require
from ..losses.base import spread
from ..parameters import Array
from .base import Metric, aligned_classes, number_or_array, ratio, registry

Average = Literal["micro", "macro", "weighted"]


@registry.register(name="fbeta_score")
class FBetaScore(Metric):
    """(1 + β²) TP / ((1 + β²) TP + β² FN + FP), the weighted harmonic mean of precision and recall, in [0, 1].

    average: None for the score of each class, "macro" for their mean, "weighted" for their mean weighted by how
    many targets a class has, "micro" for one score of all classes' counts.
    beta: how many times more recall counts than precision.
    threshold: in (0, 1], predictions above it are positive; None for the largest prediction of each sample.
    Shapes: (batch, classes) both; y_true may be class numbers.
    Raises ArgumentError for arguments out of range, ValueError for a single column without a threshold: its only
    prediction would always be the largest.

    >>> FBetaScore(beta=2.0)([0, 1, 1], [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
    array([0.83333333, 0.55555556])
    """

    def __init__(
        self,
        average: Average | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
    ) -> None:
        known = average in (None, "micro", "macro", "weighted")
        require(known, self, "average", average, "None, 'micro', 'macro' or 'weighted'")
        require(is_number(beta, 0) and beta > 0, self, "beta", beta, "a number above 0")
        fits = threshold is None or (is_number(threshold, 0, 1) and threshold > 0)
        require(fits, self, "threshold", threshold, "a number above 0 and up to 1, or None")
        self.average = average
        self.beta = beta
        self.threshold = threshold
        self.name = name
        self._counts: Array | None = None  # (3, classes): true positives, predicted ones, true targets

    def reset_state(self) -> None:
        self._counts = None

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = aligned_classes(self, y_true, y_pred)
        if y_pred.ndim == 1:
            y_true, y_pred = y_true[:, None], y_pred[:, None]
        positive = self._positive(y_pred)
        weight = spread(sample_weight, np.asarray(y_true, np.float64))
        truth = y_true.astype(np.float64) if weight is None else y_true * weight
        predicted = positive.astype(np.float64) if weight is None else positive * weight
        samples = tuple(range(y_true.ndim - 1))
        counts = np.stack([(positive * truth).sum(samples), predicted.sum(samples), truth.sum(samples)])
        self._counts = counts if self._counts is None else self._counts + counts

    def _positive(self, y_pred: Array) -> Array:
        if self.threshold is not None:
            return np.asarray(y_pred > self.threshold)
        if y_pred.shape[-1] == 1:
            raise ValueError(
                f"{type(self).__name__} takes the largest prediction of a sample for positive, and predictions of "
                f"shape {y_pred.shape} have only one: pass threshold=0.5"
            )
        largest = y_pred >= y_pred.max(axis=-1, keepdims=True)
        return np.asarray(largest & (np.abs(y_pred) > 1e-9))  # a row of zeros names no class

    def result(self) -> float | Array:
        if self._counts is None:
            return 0.0
        counts = self._counts.sum(axis=-1) if self.average == "micro" else self._counts
        right, predicted, support = counts
        square = self.beta**2
        score = ratio((1 + square) * right, predicted + square * support)
        if self.average == "weighted":
            return float(ratio((score * support).sum(), support.sum()))
        return float(score.mean()) if self.average is not None else number_or_array(score)


@registry.register(name="f1_score")
class F1Score(FBetaScore):
    """2 TP / (2 TP + FN + FP), the harmonic mean of precision and recall, in [0, 1].

    average: None for the score of each class, "macro" for their mean, "weighted" for their mean weighted by how
    many targets a class has, "micro" for one score of all classes' counts.
    threshold: in (0, 1], predictions above it are positive; None for the largest prediction of each sample.
    Shapes: (batch, classes) both; y_true may be class numbers.
    Raises ArgumentError for arguments out of range, ValueError for a single column without a threshold.

    >>> F1Score()([0, 1, 1], [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
    array([0.66666667, 0.66666667])
    >>> F1Score(threshold=0.5)([1, 0, 1], [0.9, 0.8, 0.7])
    0.8
    """

    def __init__(
        self, average: Average | None = None, threshold: float | None = None, name: str | None = "f1_score"
    ) -> None:
        super().__init__(average, 1.0, threshold, name)
