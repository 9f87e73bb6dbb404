"""The best of one figure where another is good enough."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework.metrics import (
    PrecisionAtRecall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
)
from framework.registry import ArgumentError

HALVES = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
HIGH = [0.0, 0.1, 0.2, 0.3, 0.4, 0.1, 0.45, 0.5, 0.8, 0.9]
LOW = [0.0, 0.1, 0.2, 0.3, 0.4, 0.01, 0.02, 0.25, 0.26, 0.26]
MIXED = [0.0, 0.1, 0.2, 0.5, 0.6, 0.2, 0.5, 0.6, 0.8, 0.9]
TWELVE = [0.05, 0.1, 0.2, 0.3, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.9, 0.95]
TWELVE_TRUE = [0, 1, 0, 0, 0, 1, 1, 0, 1, 1, 0, 1]
TEN = list(range(1, 11))


@pytest.mark.parametrize(
    ("metric", "y_true", "y_pred", "weight", "expected"),
    [
        (SensitivityAtSpecificity(0.7), HALVES, HALVES, None, 1.0),
        (SensitivityAtSpecificity(0.8), HALVES, HIGH, None, 0.8),
        (SensitivityAtSpecificity(0.4), HALVES, LOW, None, 0.6),
        (SensitivityAtSpecificity(0.4), HALVES, LOW, TEN, 0.675),
        (SpecificityAtSensitivity(0.7), HALVES, HALVES, None, 1.0),
        (SpecificityAtSensitivity(1.0), HALVES, LOW, None, 0.2),
        (SpecificityAtSensitivity(0.4), HALVES, LOW, None, 0.6),
        (SpecificityAtSensitivity(0.4), HALVES, LOW, TEN, 0.4),
        (PrecisionAtRecall(0.7), HALVES, HALVES, None, 1.0),
        (PrecisionAtRecall(0.8), HALVES, MIXED, None, 2 / 3),
        (PrecisionAtRecall(0.6), HALVES, MIXED, None, 0.75),
        (PrecisionAtRecall(7 / 8), HALVES, MIXED, [2, 1, 2, 1, 2, 1, 2, 2, 1, 2], 0.7),
        (RecallAtPrecision(0.7), HALVES, HALVES, None, 1.0),
        (RecallAtPrecision(0.75), TWELVE_TRUE, TWELVE, None, 0.5),
        (RecallAtPrecision(2 / 3), TWELVE_TRUE, TWELVE, None, 5 / 6),
        (
            RecallAtPrecision(0.75),
            [0, 1, 0, 0, 0, 1, 1],
            [0.1, 0.2, 0.3, 0.5, 0.6, 0.9, 0.9],
            [1, 2, 1, 2, 1, 2, 1],
            0.6,
        ),
        (RecallAtPrecision(2 / 3), [1, 1, 0, 0], [0.1, 0.2, 0.3, 0.9], None, 0.0),
    ],
)
@pytest.mark.parametrize("dtype", [bool, np.int32, np.float32])
def test_the_figures_of_keras_come_out(
    metric: Any, y_true: Any, y_pred: Any, weight: Any, expected: float, dtype: type
) -> None:
    """From Keras's confusion_metrics_test.py."""
    metric.reset_state()
    result = metric(np.array(y_true, dtype), np.array(y_pred, np.float32), weight)
    assert type(result) is float
    assert result == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("metric", "y_true", "y_pred", "expected"),
    [
        (SpecificityAtSensitivity(0.4, class_id=2), HALVES, LOW, 0.6),
        (PrecisionAtRecall(0.6, class_id=2), HALVES, MIXED, 0.75),
        (RecallAtPrecision(2 / 3, class_id=2), TWELVE_TRUE, TWELVE, 5 / 6),
    ],
)
def test_a_class_of_its_own_has_the_figure_of_keras(metric: Any, y_true: Any, y_pred: Any, expected: float) -> None:
    """From Keras's confusion_metrics_test.py, with class numbers as well as one-hot rows."""
    classes = 2 * np.array(y_true)
    for targets in (classes, np.eye(3)[classes]):
        metric.reset_state()
        assert metric(targets, np.array([y_pred] * 3).T) == pytest.approx(expected, abs=1e-5)


def test_a_single_threshold_is_one_half() -> None:
    assert PrecisionAtRecall(0.5, num_thresholds=1)([0, 1, 1], [0.6, 0.9, 0.4]) == 0.5


def test_predictions_beyond_0_and_1_count_as_these() -> None:
    inside = SensitivityAtSpecificity(0.5)([0, 0, 1, 1], [0.0, 1.0, 0.5, 1.0])
    assert SensitivityAtSpecificity(0.5)([0, 0, 1, 1], [-3.0, 2.0, 0.5, 7.0]) == inside


@pytest.mark.parametrize(
    ("cls", "argument"),
    [
        (SensitivityAtSpecificity, "specificity"),
        (SpecificityAtSensitivity, "sensitivity"),
        (PrecisionAtRecall, "recall"),
        (RecallAtPrecision, "precision"),
    ],
)
def test_arguments_out_of_range_are_refused(cls: Any, argument: str) -> None:
    with pytest.raises(ArgumentError, match=f"{cls.__name__}: {argument} must be a number from 0 to 1, got -1"):
        cls(-1)
    with pytest.raises(ArgumentError, match=f"{cls.__name__}: num_thresholds must be a whole number from 1 to 100,000"):
        cls(0.4, num_thresholds=-1)
    with pytest.raises(ArgumentError, match=f"{cls.__name__}: class_id must be the number of a class"):
        cls(0.4, class_id=-1)
