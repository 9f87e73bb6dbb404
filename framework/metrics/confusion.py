"""True and false positives and negatives, precision and recall. Names and rules are those of Keras 3."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..arguments import is_whole, require
from ..parameters import Array
from .base import number_or_array, ratio, registry
from .thresholds import ThresholdMetric, Thresholds, checked_thresholds


class _Count(ThresholdMetric):
    """The base of the four counts."""

    def __init__(self, thresholds: Thresholds | None = None, name: str | None = None) -> None:
        self.thresholds = thresholds
        self.name = name
        self.use_thresholds(checked_thresholds(self, thresholds, 0.5))


@registry.register
class TruePositives(_Count):
    """How many true targets are predicted above the threshold; the sum of their weights, if weights are given.

    thresholds: above which predictions are positive, in [0, 1]; None for 0.5, or 0 for logits; with a list there is a
    count for each.
    Raises ArgumentError for thresholds outside of [0, 1].

    >>> TruePositives()([0, 1, 1, 1], [1, 0, 1, 1])
    2.0
    """

    def result(self) -> float | Array:
        return number_or_array(self.true_positives)


@registry.register
class FalsePositives(_Count):
    """How many false targets are predicted above the threshold; the sum of their weights, if weights are given.

    thresholds: above which predictions are positive, in [0, 1]; None for 0.5, or 0 for logits; with a list there is a
    count for each.
    Raises ArgumentError for thresholds outside of [0, 1].

    >>> FalsePositives(thresholds=[0.2, 0.6])([0, 1, 0], [0.5, 0.9, 0.8])
    array([2., 1.])
    """

    direction: Literal["min", "max"] = "min"

    def result(self) -> float | Array:
        return number_or_array(self.false_positives)


@registry.register
class TrueNegatives(_Count):
    """How many false targets are not predicted above the threshold; the sum of their weights, if weights are given.

    thresholds: above which predictions are positive, in [0, 1]; None for 0.5, or 0 for logits; with a list there is a
    count for each.
    Raises ArgumentError for thresholds outside of [0, 1].

    >>> TrueNegatives()([0, 1, 0], [0.5, 0.9, 0.8])
    1.0
    """

    def result(self) -> float | Array:
        return number_or_array(self.true_negatives)


@registry.register
class FalseNegatives(_Count):
    """How many true targets are not predicted above the threshold; the sum of their weights, if weights are given.

    thresholds: above which predictions are positive, in [0, 1]; None for 0.5, or 0 for logits; with a list there is a
    count for each.
    Raises ArgumentError for thresholds outside of [0, 1].

    >>> FalseNegatives()([0, 1, 1], [0.5, 0.9, 0.5])
    1.0
    """

    direction: Literal["min", "max"] = "min"

    def result(self) -> float | Array:
        return number_or_array(self.false_negatives)


class _OfPositives(ThresholdMetric):
    """The base of precision and recall."""

    def __init__(
        self,
        thresholds: Thresholds | None = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
    ) -> None:
        require(top_k is None or is_whole(top_k, 1), self, "top_k", top_k, "a positive whole number or None")
        require(class_id is None or is_whole(class_id, 0), self, "class_id", class_id, "the number of a class or None")
        self.thresholds = thresholds
        self.top_k = top_k
        self.class_id = class_id
        self.name = name
        self.use_thresholds(checked_thresholds(self, thresholds, 0.5 if top_k is None else -np.inf))

    def prepared(self, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
        if self.top_k is not None:
            y_pred = only_top(y_pred, self.top_k)
        return super().prepared(y_true, y_pred)


@registry.register
class Precision(_OfPositives):
    """TP / (TP + FP): how much of what is predicted above the threshold is true; 0 where nothing is.

    thresholds: above which predictions are positive, in [0, 1]; None for 0.5, or 0 for logits; with a list there is a
    figure for each.
    top_k: only the k largest predictions of a sample count as positive, with no threshold unless one is given.
    class_id: only the predictions of this class, and of the targets it, count.
    Shapes: (batch, ...) both; y_true may be class numbers for predictions (batch, classes).
    Raises ArgumentError for thresholds outside of [0, 1].

    >>> Precision()([0, 1, 1, 1], [0.9, 0.2, 0.8, 0.7])
    0.6666666666666666
    >>> Precision(class_id=1)([0, 1, 1], [[0.1, 0.9], [0.2, 0.8], [0.7, 0.3]])
    0.5
    """

    def result(self) -> float | Array:
        positives = self.true_positives
        return number_or_array(ratio(positives, positives + self.false_positives))


@registry.register
class Recall(_OfPositives):
    """TP / (TP + FN): how much of what is true is predicted above the threshold; 0 where nothing is true.

    thresholds: above which predictions are positive, in [0, 1]; None for 0.5, or 0 for logits; with a list there is a
    figure for each.
    top_k: only the k largest predictions of a sample count as positive, with no threshold unless one is given.
    class_id: only the predictions of this class, and of the targets it, count.
    Shapes: (batch, ...) both; y_true may be class numbers for predictions (batch, classes).
    Raises ArgumentError for thresholds outside of [0, 1].

    >>> Recall()([0, 1, 1, 1, 1], [0.9, 0.2, 0.8, 0.7, 0.6])
    0.75
    >>> Recall(class_id=1)([0, 1, 1], [[0.1, 0.9], [0.2, 0.8], [0.7, 0.3]])
    0.5
    """

    def result(self) -> float | Array:
        positives = self.true_positives
        return number_or_array(ratio(positives, positives + self.false_negatives))


def only_top(y_pred: Array, k: int) -> Array:
    """The k largest predictions along the last axis, the first of equal ones, and -inf in place of the others."""
    best = np.argsort(-y_pred, axis=-1, kind="stable")[..., :k]
    kept = np.full_like(y_pred, -np.inf)
    np.put_along_axis(kept, best, np.take_along_axis(y_pred, best, axis=-1), axis=-1)
    return kept
