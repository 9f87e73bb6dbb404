"""The contract of a metric, and means."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework import metrics
from framework.metrics import Mean, MeanMetric, Metric
from framework.registry import UnknownNameError

TRUE, PRED = np.array([1, 0, 1]), np.array([[0.2, 0.8], [0.7, 0.3], [0.6, 0.4]], np.float32)


class Largest(MeanMetric):
    """The metric that a user might write."""

    name = "largest"

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return y_pred.max(axis=-1)


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


@pytest.mark.parametrize("missing", ["reset_state", "update_state", "result"])
def test_a_metric_that_lacks_a_method_says_which(missing: str) -> None:
    arguments = (TRUE, PRED) if missing == "update_state" else ()
    with pytest.raises(NotImplementedError, match=rf"Metric must define {missing}\("):
        getattr(Metric(), missing)(*arguments)


def test_mean_takes_numbers_and_arrays_with_weights_as_keras() -> None:
    mean = Mean()
    mean.update_state([1.0, 3.0])
    mean.update_state(8.0, sample_weight=2.0)
    assert mean.result() == 5.0  # Keras 3.15
    mean.reset_state()
    assert mean.result() == 0.0


@pytest.mark.parametrize("name", list(metrics.registry))
def test_every_metric_forgets_on_reset_and_is_named(name: str) -> None:
    metric = metrics.get(name)
    assert metric.name == name
    empty = np.asarray(metric.result()).sum()
    arguments = ([3.0],) if name == "mean" else ([[1.0], [0.0]], [[0.9], [0.2]])
    metric.update_state(*arguments)
    assert np.asarray(metric.result()).sum() != empty
    metric.reset_state()
    assert np.asarray(metric.result()).sum() == empty


@pytest.mark.parametrize(
    ("name", "direction"),
    [("accuracy", "max"), ("acc", "max"), ("mse", "min"), ("MeanAbsoluteError", "min"), ("mean", "min")],
)
def test_every_metric_knows_which_way_is_better(name: str, direction: str) -> None:
    assert metrics.get(name).direction == direction


def test_a_misspelt_metric_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="unknown metric 'acuracy'; did you mean 'accuracy'"):
        metrics.get("acuracy")
