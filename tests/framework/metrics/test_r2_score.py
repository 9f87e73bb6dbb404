"""How much of the variance is explained."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework.metrics import R2Score
from framework.registry import ArgumentError

TRUE = [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
GUESSES = [[0.4, 0.5, 0.6], [0.1, 0.2, 0.3], [0.5, 0.8, 0.2]]
OTHERS = [[0.4, 0.9, 1.6], [0.1, 1.2, 0.6], [1.5, 0.8, 0.6]]
WEIGHTS = [0.8, 0.1, 0.4]


@pytest.mark.parametrize(
    ("metric", "y_pred", "weight", "expected"),
    [
        (R2Score(None), GUESSES, None, [0.37, -1.295, 0.565]),
        (R2Score("uniform_average"), GUESSES, None, -0.12),
        (R2Score("variance_weighted_average"), GUESSES, None, -0.12),
        (R2Score(None), OTHERS, WEIGHTS, [0.17305559, -8.836666, -0.521]),
        (R2Score(None, 1), OTHERS, WEIGHTS, [0.054920673, -10.241904, -0.7382858]),
        (R2Score(None, 2), OTHERS, WEIGHTS, [-0.10259259, -12.115555, -1.0280001]),
        (R2Score("uniform_average", 0), OTHERS, WEIGHTS, -3.0615367889404297),
        (R2Score("uniform_average", 1), OTHERS, WEIGHTS, -3.641756534576416),
        (R2Score("uniform_average", 2), OTHERS, WEIGHTS, -4.415382385253906),
        (R2Score("variance_weighted_average", 0), OTHERS, WEIGHTS, -1.3710224628448486),
        (R2Score("variance_weighted_average", 1), OTHERS, WEIGHTS, -1.7097399234771729),
        (R2Score("variance_weighted_average", 2), OTHERS, WEIGHTS, -2.161363363265991),
    ],
)
def test_the_figures_of_keras_come_out(metric: R2Score, y_pred: Any, weight: Any, expected: Any) -> None:
    """From Keras's regression_metrics_test.py."""
    metric.reset_state()
    np.testing.assert_allclose(metric(TRUE, y_pred, weight), expected, rtol=0, atol=1e-5)


def test_numbers_without_an_axis_of_outputs_are_one_output() -> None:
    assert R2Score()([1.0, 4.0, 3.0], [2.0, 4.0, 4.0]) == R2Score()([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])


def test_a_perfect_prediction_scores_1_and_the_mean_0() -> None:
    assert R2Score()([1.0, 2.0, 6.0], [1.0, 2.0, 6.0]) == 1.0
    assert R2Score()([1.0, 2.0, 6.0], [3.0, 3.0, 3.0]) == 0.0


def test_a_target_without_variance_scores_0() -> None:
    assert R2Score()([2.0, 2.0], [2.0, 2.0]) == 0.0
    assert R2Score()([2.0, 2.0], [1.0, 3.0]) == 0.0


def test_too_many_predictors_for_the_data_leave_the_score_as_it_is() -> None:
    plain = R2Score()([1.0, 2.0, 6.0], [1.0, 3.0, 6.0])
    assert R2Score(num_regressors=2)([1.0, 2.0, 6.0], [1.0, 3.0, 6.0]) == plain
    assert R2Score(num_regressors=1)([1.0, 2.0, 6.0], [1.0, 3.0, 6.0]) < plain


def test_sequences_are_refused() -> None:
    with pytest.raises(ValueError, match=r"R2Score takes predictions of shape \(batch, outputs\), got \(2, 3, 4\)"):
        R2Score()(np.zeros((2, 3, 4)), np.zeros((2, 3, 4)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"class_aggregation": "wrong"}, "class_aggregation must be None, 'uniform_average' or"),
        ({"num_regressors": -1}, "num_regressors must be a whole number that is not negative, got -1"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=f"R2Score: {message}"):
        R2Score(**arguments)
