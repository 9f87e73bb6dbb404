"""Metrics for numbers, against Keras 3.15."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework.metrics import MeanAbsoluteError, MeanSquaredError, Metric

TRUE = np.array([[1.0, 2.0], [3.0, -1.0], [0.0, 0.5]])
PRED = np.array([[1.5, 2.0], [2.0, 0.0], [0.25, -0.5]], np.float32)
WEIGHTS = [1.0, 3.0, 0.5]


@pytest.mark.parametrize(
    ("metric", "weight", "expected"),
    [
        (MeanSquaredError(), None, 0.55208331),
        (MeanSquaredError(), WEIGHTS, 0.75347221),
        (MeanAbsoluteError(), None, 0.625),
        (MeanAbsoluteError(), WEIGHTS, 0.79166669),
    ],
)
def test_the_figure_is_that_of_keras(metric: Metric, weight: Any, expected: float) -> None:
    metric.reset_state()
    result = metric(TRUE, PRED, weight)
    assert type(result) is float
    assert result == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("metric", [MeanSquaredError, MeanAbsoluteError])
def test_a_column_and_a_row_of_numbers_are_matched_and_never_broadcast(metric: type[Metric]) -> None:
    assert metric()([1.0, 2.0], [[1.0], [2.0]]) == 0.0
    with pytest.raises(ValueError, match="do not match"):
        metric()([1.0, 2.0, 3.0], [[1.0], [2.0]])
