"""Means and sums, of values, of losses and of functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.metrics import Mean, MeanMetric, MeanMetricWrapper, MeanSquaredError, Sum
from framework.registry import ArgumentError

TRUE, PRED = np.array([1, 0, 1]), np.array([[0.2, 0.8], [0.7, 0.3], [0.6, 0.4]], np.float32)

# From Keras's reduction_metrics_test.py.
BITS = np.array([[0, 1, 0, 1, 0], [0, 0, 1, 1, 1], [1, 1, 1, 1, 0], [0, 0, 0, 0, 1]])
GUESSES = np.array([[0, 0, 1, 1, 0], [1, 1, 1, 1, 1], [0, 1, 0, 1, 0], [1, 1, 1, 1, 1]])


class Largest(MeanMetric):
    """The metric that a user might write."""

    name = "largest"

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return y_pred.max(axis=-1)


def squares(y_true: Any, y_pred: Any) -> Any:
    return (y_true - y_pred) ** 2


def test_a_metric_of_ones_own_needs_values_alone() -> None:
    assert Largest()(TRUE, PRED) == pytest.approx(0.7)


def test_batches_of_different_sizes_count_by_their_samples() -> None:
    metric = Largest()
    metric.update_state(TRUE[:2], PRED[:2])
    metric.update_state(TRUE[2:], PRED[2:])
    assert metric.result() == pytest.approx(0.7)


def test_weights_divide_by_their_sum() -> None:
    assert Largest()(TRUE, PRED, [1.0, 0.0, 3.0]) == pytest.approx((0.8 + 3 * 0.6) / 4)


def test_weights_of_shape_batch_by_one_weigh_samples() -> None:
    assert Largest()(TRUE, PRED, [[1.0], [0.0], [3.0]]) == pytest.approx((0.8 + 3 * 0.6) / 4)


def test_weights_of_zero_give_zero_and_not_nan() -> None:
    assert Largest()(TRUE, PRED, np.zeros(3)) == 0.0


def test_weights_that_do_not_match_are_refused() -> None:
    with pytest.raises(ValueError, match=r"sample weights of shape \(2,\) do not match 3 samples"):
        Largest()(TRUE, PRED, [1.0, 2.0])


def test_a_mean_without_values_says_what_to_define() -> None:
    with pytest.raises(NotImplementedError, match=r"MeanMetric must define values\(y_true, y_pred\)"):
        MeanMetric()(TRUE, PRED)


def test_a_metric_divides_by_the_weights_where_the_loss_divides_by_the_samples() -> None:
    metric = MeanSquaredError()
    weights = [1.0, 3.0]
    assert metric([[0.0], [0.0]], [[1.0], [2.0]], weights) == (1 + 3 * 4) / 4
    assert metric.loss([[0.0], [0.0]], [[1.0], [2.0]], weights) == (1 + 3 * 4) / 2


@pytest.mark.parametrize(
    ("metric", "values", "weight", "expected"),
    [
        (Sum(), [1, 3, 5, 7], None, 16.0),
        (Sum(), [1, 3, 5, 7], [1, 1, 0, 0], 4.0),
        (Sum(), [[1, 3], [5, 7]], [[1, 1], [1, 0]], 9.0),
        (Mean(), [1, 3, 5, 7], None, 4.0),
        (Mean(), [1, 3, 5, 7], [1, 1, 0, 0], 2.0),
        (Mean(), [1, 3, 5, 7], [-1, -1, 0, 0], 2.0),
        (Mean(), [[1, 3], [5, 7]], [[1, 1], [1, 0]], 3.0),
    ],
)
def test_means_and_sums_are_those_of_keras(metric: Any, values: Any, weight: Any, expected: float) -> None:
    """From Keras's reduction_metrics_test.py."""
    metric.reset_state()
    result = metric(values, weight)
    assert type(result) is float
    assert result == expected


def test_mean_takes_single_numbers_with_weights_as_keras() -> None:
    mean = Mean()
    mean.update_state([1.0, 3.0])
    mean.update_state(8.0, sample_weight=2.0)
    assert mean.result() == 5.0  # Keras 3.15
    mean.reset_state()
    assert mean.result() == 0.0


@pytest.mark.parametrize(
    ("weight", "expected"), [(None, 0.5), ([1.0, 1.5, 2.0, 2.5], 0.54285), ([[1.0, 0.0, 0.5, 0.0, 1.0]] * 4, 0.45)]
)
def test_a_function_has_the_mean_of_keras(weight: Any, expected: float) -> None:
    """From Keras's reduction_metrics_test.py; weights of one row are written out for all samples here."""
    assert MeanMetricWrapper(squares)(BITS, GUESSES, weight) == pytest.approx(expected, abs=1e-5)


def test_a_function_that_gives_one_number_counts_once_for_each_sample() -> None:
    metric = MeanMetricWrapper(lambda y_true, y_pred: np.mean(y_pred))
    metric.update_state([0, 0, 0], [1.0, 2.0, 3.0])
    metric.update_state([0], [6.0])
    assert metric.result() == 3.0
    assert metric([0], [2.0], [3.0]) == (6 + 6 + 3 * 2) / 7


def test_a_function_gives_the_metric_its_name() -> None:
    assert MeanMetricWrapper(squares).name == "squares"
    assert MeanMetricWrapper(squares, name="mine").name == "mine"
    assert MeanMetricWrapper(Largest()).name == "largest"


def test_a_function_does_not_say_which_way_is_better() -> None:
    metric = MeanMetricWrapper(squares)
    with pytest.raises(ValueError, match=r"more or less of 'squares' is better.*pass mode='min' or 'max'"):
        _ = metric.direction
    assert MeanMetricWrapper(squares, direction="min").direction == "min"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"fn": 3}, r"MeanMetricWrapper: fn must be a function of \(y_true, y_pred\), got 3"),
        ({"fn": squares, "direction": "up"}, "MeanMetricWrapper: direction must be 'min', 'max' or None, got 'up'"),
    ],
)
def test_what_is_no_function_or_no_direction_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        MeanMetricWrapper(**arguments)


def test_a_model_is_compiled_with_functions_for_metrics() -> None:
    model = Sequential([Input((2,)), layers.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse", metrics=[squares], weighted_metrics=[squares])
    x, y = np.ones((2, 2), np.float32), np.zeros((2, 1), np.float32)
    logs = model.evaluate(x, y, sample_weight=np.array([1.0, 0.0]), verbose=0, return_dict=True)
    assert logs["squares"] == logs["weighted_squares"] == 4.0
