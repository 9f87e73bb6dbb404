"""The best of one figure where another is at least so good. Names and rules are those of Keras 3."""

from __future__ import annotations

import numpy as np

from ..arguments import is_number, is_whole, require
from ..parameters import Array
from .base import ratio, registry
from .thresholds import ThresholdMetric, check_number


class _OperatingPoint(ThresholdMetric):
    """The base of metrics that look for the best threshold among evenly spaced ones from 0 to 1."""

    num_thresholds: int

    def _set(self, num_thresholds: int, class_id: int | None, name: str | None, wanted: str, value: float) -> None:
        require(is_number(value, 0, 1), self, wanted, value, "a number from 0 to 1")
        check_number(self, num_thresholds, 1)
        require(class_id is None or is_whole(class_id, 0), self, "class_id", class_id, "the number of a class or None")
        self.num_thresholds = num_thresholds
        self.class_id = class_id
        self.name = name
        self.use_thresholds([0.5] if num_thresholds == 1 else np.arange(num_thresholds) / (num_thresholds - 1))

    def exceeded(self, y_pred: Array) -> Array:
        return super().exceeded(np.clip(y_pred, 0.0, 1.0))

    def _sensitivity(self) -> Array:
        return ratio(self.true_positives, self.true_positives + self.false_negatives)

    def _specificity(self) -> Array:
        return ratio(self.true_negatives, self.true_negatives + self.false_positives)

    def _precision(self) -> Array:
        return ratio(self.true_positives, self.true_positives + self.false_positives)


def _best(wanted: Array, bound: float, of: Array) -> float:
    """The largest of the figures where what is wanted reaches its bound, to the digits of float32; 0 where nowhere."""
    feasible = wanted.astype(np.float32) >= np.float32(bound)
    return float(np.max(of, where=feasible, initial=0.0))


@registry.register
class SensitivityAtSpecificity(_OperatingPoint):
    """The largest TP / (TP + FN) over all thresholds where TN / (TN + FP) is at least `specificity`.

    specificity: the least that will do, in [0, 1]. num_thresholds: how many, evenly spaced from 0 to 1; one alone is
    0.5. class_id: only this class counts, as in Precision. Raises ArgumentError for what is out of range.

    >>> SensitivityAtSpecificity(0.5)([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9])
    1.0
    """

    def __init__(
        self, specificity: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None
    ) -> None:
        self.specificity = specificity
        self._set(num_thresholds, class_id, name, "specificity", specificity)

    def result(self) -> float:
        return _best(self._specificity(), self.specificity, self._sensitivity())


@registry.register
class SpecificityAtSensitivity(_OperatingPoint):
    """The largest TN / (TN + FP) over all thresholds where TP / (TP + FN) is at least `sensitivity`.

    sensitivity: the least that will do, in [0, 1]. num_thresholds: how many, evenly spaced from 0 to 1; one alone is
    0.5. class_id: only this class counts, as in Precision. Raises ArgumentError for what is out of range.

    >>> SpecificityAtSensitivity(1.0)([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9])
    0.5
    """

    def __init__(
        self, sensitivity: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None
    ) -> None:
        self.sensitivity = sensitivity
        self._set(num_thresholds, class_id, name, "sensitivity", sensitivity)

    def result(self) -> float:
        return _best(self._sensitivity(), self.sensitivity, self._specificity())


@registry.register
class PrecisionAtRecall(_OperatingPoint):
    """The largest TP / (TP + FP) over all thresholds where TP / (TP + FN) is at least `recall`.

    recall: the least that will do, in [0, 1]. num_thresholds: how many, evenly spaced from 0 to 1; one alone is 0.5.
    class_id: only this class counts, as in Precision. Raises ArgumentError for what is out of range.

    >>> PrecisionAtRecall(0.5)([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9])
    1.0
    """

    def __init__(
        self, recall: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None
    ) -> None:
        self.recall = recall
        self._set(num_thresholds, class_id, name, "recall", recall)

    def result(self) -> float:
        return _best(self._sensitivity(), self.recall, self._precision())


@registry.register
class RecallAtPrecision(_OperatingPoint):
    """The largest TP / (TP + FN) over all thresholds where TP / (TP + FP) is at least `precision`.

    precision: the least that will do, in [0, 1]. num_thresholds: how many, evenly spaced from 0 to 1; one alone is 0.5.
    class_id: only this class counts, as in Precision. Raises ArgumentError for what is out of range.

    >>> RecallAtPrecision(0.9)([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9])
    0.5
    """

    def __init__(
        self, precision: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None
    ) -> None:
        self.precision = precision
        self._set(num_thresholds, class_id, name, "precision", precision)

    def result(self) -> float:
        return _best(self._precision(), self.precision, self._sensitivity())
