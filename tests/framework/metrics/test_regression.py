"""Metrics for numbers, against Keras 3.15."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework import metrics
from framework.metrics import (
    CosineSimilarity,
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Metric,
    RootMeanSquaredError,
)

TRUE = np.array([[1.0, 2.0], [3.0, -1.0], [0.0, 0.5]])
PRED = np.array([[1.5, 2.0], [2.0, 0.0], [0.25, -0.5]], np.float32)
WEIGHTS = [1.0, 3.0, 0.5]

BITS = np.array([[0, 1, 0, 1, 0], [0, 0, 1, 1, 1], [1, 1, 1, 1, 0], [0, 0, 0, 0, 1]])
GUESSES = np.array([[0, 0, 1, 1, 0], [1, 1, 1, 1, 1], [0, 1, 0, 1, 0], [1, 1, 1, 1, 1]], np.float32)
FOUR = [1.0, 1.5, 2.0, 2.5]
VECTORS = np.array([[1, 9, 2], [-5, -2, 6]], np.float32)
OTHERS = np.array([[4, 8, 12], [8, 1, 3]], np.float32)
TWO = [1.2, 3.4]


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


@pytest.mark.parametrize(
    ("metric", "y_true", "y_pred", "weight", "expected"),
    [
        (MeanSquaredError(), BITS, GUESSES, None, 0.5),
        (MeanSquaredError(), BITS, GUESSES, FOUR, 0.542857),
        (MeanAbsoluteError(), BITS, GUESSES, None, 0.5),
        (MeanAbsoluteError(), BITS, GUESSES, FOUR, 0.542857),
        (MeanAbsolutePercentageError(), BITS, GUESSES, None, 35e7),
        (MeanAbsolutePercentageError(), BITS, GUESSES, FOUR, 40e7),
        (MeanSquaredLogarithmicError(), BITS, GUESSES, None, 0.240226),
        (MeanSquaredLogarithmicError(), BITS, GUESSES, FOUR, 0.260817),
        (RootMeanSquaredError(), [2, 4, 6], [1, 3, 2], None, 6**0.5),
        (RootMeanSquaredError(), [2, 4, 6, 8], [1, 3, 2, 3], [0, 1, 0, 1], 13**0.5),
        (CosineSimilarity(), VECTORS, OTHERS, None, 0.187219),
        (CosineSimilarity(), VECTORS, OTHERS, TWO, -0.067823),
        (CosineSimilarity(axis=1), VECTORS, OTHERS, None, 0.187219),
        (LogCoshError(), VECTORS, OTHERS, None, 4.829245),
        (LogCoshError(), VECTORS, OTHERS, [[1.2], [3.4]], 5.217875),
    ],
)
def test_the_figures_of_keras_come_out(metric: Metric, y_true: Any, y_pred: Any, weight: Any, expected: float) -> None:
    """From Keras's regression_metrics_test.py, with the digits of Keras 3.15."""
    metric.reset_state()
    result = metric(y_true, y_pred, weight)
    assert type(result) is float
    assert result == pytest.approx(expected, rel=1e-6, abs=1e-5)


def test_the_root_is_taken_of_the_mean_over_all_batches() -> None:
    metric = RootMeanSquaredError()
    metric.update_state([[0.0]], [[1.0]])
    metric.update_state([[0.0]], [[7.0]])
    assert metric.result() == 5.0


@pytest.mark.parametrize(
    "metric", [MeanSquaredError, MeanAbsoluteError, RootMeanSquaredError, MeanAbsolutePercentageError, LogCoshError]
)
def test_a_column_and_a_row_of_numbers_are_matched_and_never_broadcast(metric: type[Metric]) -> None:
    assert metric()([1.0, 2.0], [[1.0], [2.0]]) == 0.0
    with pytest.raises(ValueError, match="do not match"):
        metric()([1.0, 2.0, 3.0], [[1.0], [2.0]])


@pytest.mark.parametrize(
    ("alias", "cls"),
    [
        ("mse", MeanSquaredError),
        ("MAE", MeanAbsoluteError),
        ("mape", MeanAbsolutePercentageError),
        ("MSLE", MeanSquaredLogarithmicError),
        ("logcosh", LogCoshError),
    ],
)
def test_the_short_names_of_keras_are_known(alias: str, cls: type) -> None:
    assert type(metrics.get(alias)) is cls
