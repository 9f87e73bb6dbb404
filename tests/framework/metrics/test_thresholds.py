"""Counting at thresholds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from framework.metrics import FalsePositives, Metric, TruePositives
from framework.metrics.thresholds import ThresholdMetric, checked_thresholds
from framework.registry import ArgumentError


class Counts(ThresholdMetric):
    def __init__(self, thresholds: Sequence[float]) -> None:
        self.use_thresholds(thresholds)


def all_counts(metric: ThresholdMetric) -> np.ndarray:
    return np.stack([metric.true_positives, metric.false_positives, metric.true_negatives, metric.false_negatives])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("thresholds", [[0.5], [0.9, 0.1, 0.5, 0.5], np.arange(11) / 10])
def test_the_counts_are_those_of_comparing_one_by_one(thresholds: Sequence[float], dtype: type) -> None:
    rng = np.random.default_rng(0)
    y_true = rng.random((40, 3)) < 0.4
    y_pred = rng.integers(0, 11, (40, 3)).astype(dtype) / dtype(10)  # many at the thresholds themselves
    weight = rng.random(40)
    metric = Counts(thresholds)
    for part in (slice(25), slice(25, None)):
        metric.update_state(y_true[part], y_pred[part], weight[part])
    for threshold, counts in zip(thresholds, all_counts(metric).T, strict=True):
        positive, w = y_pred > dtype(threshold), weight[:, None]
        expected = [(w * a).sum() for a in (positive & y_true, positive & ~y_true, ~positive & ~y_true)]
        expected.append((w * (~positive & y_true)).sum())
        np.testing.assert_allclose(counts, expected, atol=1e-6)


def test_labels_can_be_told_apart() -> None:
    metric = Counts([0.5, 0.2])
    y_pred = np.array([[0.1, 0.6], [0.3, 0.4]])
    metric.add(np.array([[True, False], [True, True]]), metric.exceeded(y_pred), None, labels=2)
    assert metric.true_positives.tolist() == [[0, 1], [0, 1]]
    assert metric.false_positives.tolist() == [[0, 0], [1, 1]]


def test_what_is_not_0_is_a_true_target_and_nan_exceeds_nothing() -> None:
    metric = Counts([0.0, 0.5])
    metric.update_state([2, -1, 0, 1], [0.7, 0.4, np.nan, np.nan])
    assert metric.true_positives.tolist() == [2, 1]
    assert metric.false_negatives.tolist() == [1, 2]
    assert metric.true_negatives.tolist() == [1, 1]


def test_counts_are_never_below_0_however_the_weights_round() -> None:
    metric = Counts([0.5])
    metric.update_state([1, 1, 1], [0.9, 0.8, 0.7], [0.1, 0.2, 0.3])
    assert metric.false_negatives.tolist() == [0.0]


def test_a_class_of_its_own_needs_an_axis_of_classes() -> None:
    metric = Counts([0.5])
    metric.class_id = 2
    for y_pred in (np.zeros(3), np.zeros((3, 2))):
        with pytest.raises(ValueError, match="Counts: there is no class 2 in predictions of shape"):
            metric.update_state(np.zeros(y_pred.shape), y_pred)


@pytest.mark.parametrize("metric", [TruePositives, FalsePositives])
@pytest.mark.parametrize("thresholds", [[-1, 0.5, 2], [None], 1.5, "0.5", [], True])
def test_thresholds_out_of_range_are_refused(metric: type[Metric], thresholds: object) -> None:
    with pytest.raises(ArgumentError, match=f"{metric.__name__}: thresholds must be a number from 0 to 1"):
        metric(thresholds=thresholds)  # type: ignore[call-arg]


def test_one_threshold_and_many_are_a_list() -> None:
    metric = Counts([0.5])
    assert checked_thresholds(metric, None, 0.5) == [0.5]
    assert checked_thresholds(metric, 0.25, 0.5) == [0.25]
    assert checked_thresholds(metric, (0.25, 1), 0.5) == [0.25, 1]
