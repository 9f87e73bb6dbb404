"""Counting right and wrong answers at thresholds, for all of them in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..arguments import is_number, is_whole, require
from ..losses.base import spread
from ..parameters import Array
from .base import Metric, aligned_classes

Thresholds = float | Sequence[float]
MAX_THRESHOLDS = 100_000
"""That many evenly spaced ones are made at most: they are there as soon as a metric is, which a file may name."""


def check_number(metric: Metric, num_thresholds: object, low: int) -> None:
    """Raises ArgumentError unless it is a count from `low` to MAX_THRESHOLDS."""
    fits = is_whole(num_thresholds, low) and is_number(num_thresholds, low, MAX_THRESHOLDS)
    require(fits, metric, "num_thresholds", num_thresholds, f"a whole number from {low} to {MAX_THRESHOLDS:,}")


class ThresholdMetric(Metric):
    """The base of metrics that follow from how many answers are right and wrong at thresholds.

    A prediction is positive where it is greater than the threshold; a target is where it is not 0. Targets may be
    class numbers, which count as one-hot rows. Predictions fall into buckets, by how many of the thresholds they
    exceed, so that the work does not grow with the number of thresholds.

    A metric of this kind calls `use_thresholds` in its constructor.
    """

    class_id: int | None = None
    _buckets: Array | None = None  # (labels, 2, thresholds + 1): the weight of false and of true targets in each

    def use_thresholds(self, thresholds: Sequence[float] | Array) -> None:
        """Sets the thresholds, in any order."""
        limits = np.asarray(thresholds, np.float64)
        self._order = limits.argsort(kind="stable")
        self._limits = limits[self._order]

    def reset_state(self) -> None:
        self._buckets = None

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = self.prepared(*aligned_classes(self, y_true, y_pred))
        weight = spread(sample_weight, y_pred)
        self.add(y_true != 0, self.exceeded(y_pred), weight)

    def prepared(self, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
        """The targets and predictions that count: those of `class_id`, where it is given."""
        if self.class_id is None:
            return y_true, y_pred
        if y_pred.ndim < 2 or not 0 <= self.class_id < y_pred.shape[-1]:
            raise ValueError(
                f"{type(self).__name__}: there is no class {self.class_id} in predictions of shape {y_pred.shape}; "
                f"with class_id they must be (batch, classes)"
            )
        return y_true[..., self.class_id], y_pred[..., self.class_id]

    def exceeded(self, y_pred: Array) -> Array:
        """How many thresholds each prediction exceeds; NaN exceeds none."""
        number = np.searchsorted(self._limits.astype(y_pred.dtype), y_pred)
        number *= y_pred == y_pred
        return number

    def add(self, y_true: Array, exceeded: Array, weight: Array | None, labels: int = 1) -> None:
        """Takes in the answers. labels: how many to tell apart, along the last axis."""
        size = len(self._limits) + 1
        bucket = exceeded + size * y_true
        if labels > 1:
            bucket += 2 * size * np.arange(labels)
        counts = np.bincount(
            bucket.reshape(-1), None if weight is None else weight.reshape(-1), minlength=labels * 2 * size
        )
        counts = counts.reshape(labels, 2, size)
        self._buckets = counts if self._buckets is None else self._buckets + counts

    def _counts(self, target: int, positive: bool) -> Array:
        if self._buckets is None:
            return np.zeros(len(self._limits))
        buckets = self._buckets[:, target].astype(np.float64)
        sums = buckets[:, ::-1].cumsum(axis=-1)[:, -2::-1] if positive else buckets.cumsum(axis=-1)[:, :-1]
        counts = np.empty_like(sums)
        counts[:, self._order] = sums
        return counts[0] if len(counts) == 1 else counts

    @property
    def true_positives(self) -> Array:
        """The weight of the true targets taken for true, at each threshold: (thresholds,) or (labels, thresholds)."""
        return self._counts(1, True)

    @property
    def false_positives(self) -> Array:
        """The weight of the false targets taken for true."""
        return self._counts(0, True)

    @property
    def true_negatives(self) -> Array:
        """The weight of the false targets taken for false."""
        return self._counts(0, False)

    @property
    def false_negatives(self) -> Array:
        """The weight of the true targets taken for false."""
        return self._counts(1, False)


def checked_thresholds(metric: Metric, thresholds: Thresholds | None, default: float) -> Sequence[float]:
    """The thresholds as a list; raises ArgumentError unless all are numbers from 0 to 1."""
    if thresholds is None:
        return [default]
    listed = list(thresholds) if isinstance(thresholds, Sequence | np.ndarray) else [thresholds]
    fits = bool(listed) and all(is_number(threshold, 0, 1) for threshold in listed)
    require(fits, metric, "thresholds", thresholds, "a number from 0 to 1, or a list of such")
    return listed
