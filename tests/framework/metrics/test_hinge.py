"""Metrics for margins."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework.metrics import CategoricalHinge, Hinge, Metric, SquaredHinge

ZERO_ONE = np.array([[0.0, 1.0, 0.0, 1.0], [0.0, 0.0, 1.0, 1.0]])
SIGNS = 2 * ZERO_ONE - 1
MARGINS = np.array([[-0.3, 0.2, -0.1, 1.6], [-0.25, -1.0, 0.5, 0.6]])
BITS = np.array([[0, 1, 0, 1, 0], [0, 0, 1, 1, 1], [1, 1, 1, 1, 0], [0, 0, 0, 0, 1]], np.float32)
GUESSES = np.array([[0, 0, 1, 1, 0], [1, 1, 1, 1, 1], [0, 1, 0, 1, 0], [1, 1, 1, 1, 1]], np.float32)


@pytest.mark.parametrize(
    ("metric", "y_true", "y_pred", "weight", "expected"),
    [
        (Hinge(), ZERO_ONE, MARGINS, None, 0.50625),
        (Hinge(), SIGNS, MARGINS, None, 0.50625),
        (Hinge(), SIGNS, MARGINS, [1.5, 2.0], 0.49286),
        (SquaredHinge(), ZERO_ONE, MARGINS, None, 0.36406),
        (SquaredHinge(), SIGNS, MARGINS, [1.5, 2.0], 0.346786),
        (CategoricalHinge(), BITS, GUESSES, None, 0.5),
        (CategoricalHinge(), BITS, GUESSES, [1.0, 1.5, 2.0, 2.5], 0.5),
    ],
)
def test_the_figures_of_keras_come_out(metric: Metric, y_true: Any, y_pred: Any, weight: Any, expected: float) -> None:
    """From Keras's hinge_metrics_test.py, with the digits of Keras 3.15."""
    metric.reset_state()
    result = metric(y_true, y_pred, weight)
    assert type(result) is float
    assert result == pytest.approx(expected, abs=1e-5)
