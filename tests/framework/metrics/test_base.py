"""The contract of a metric, and how metrics are named and found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework import losses, metrics
from framework.metrics import MeanMetric, MeanMetricWrapper, Metric
from framework.metrics.base import aligned, aligned_classes, number_or_array, ratio
from framework.registry import UnknownNameError

PLAIN = ("mean", "sum")
OF_CLASSES = ("io_u", "mean_io_u")
NEEDED = {
    "mean_metric_wrapper": {"fn": lambda y_true, y_pred: (y_true - y_pred) ** 2, "name": "mean_metric_wrapper"},
    "io_u": {"num_classes": 2, "target_class_ids": [1]},
    "mean_io_u": {"num_classes": 2},
    "one_hot_io_u": {"num_classes": 2, "target_class_ids": [1]},
    "one_hot_mean_io_u": {"num_classes": 2},
    "sensitivity_at_specificity": {"specificity": 0.5},
    "specificity_at_sensitivity": {"sensitivity": 0.5},
    "precision_at_recall": {"recall": 0.5},
    "recall_at_precision": {"precision": 0.5},
}
"""The arguments of metrics that have no defaults for all."""

# Of two classes: every count and every figure of these is above 0.
TRUE = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
PRED = np.array([[0.1, 0.9], [0.8, 0.2], [0.7, 0.3], [0.4, 0.6]])


def of_class(name: str) -> Metric:
    return metrics.registry[name].from_config(NEEDED.get(name, {}))


@pytest.mark.parametrize("name", list(metrics.registry))
def test_every_metric_forgets_on_reset(name: str) -> None:
    metric = of_class(name)
    empty = np.asarray(metric.result()).sum()
    y_true = TRUE.argmax(axis=-1) if name.startswith("sparse") or name in OF_CLASSES else TRUE
    y_pred = PRED.argmax(axis=-1) if name in OF_CLASSES else PRED
    metric.update_state(*([3.0],) if name in PLAIN else (y_true, y_pred))
    assert np.asarray(metric.result()).sum() != empty
    metric.reset_state()
    assert np.asarray(metric.result()).sum() == empty == 0.0


@pytest.mark.parametrize("name", list(metrics.registry))
def test_every_metric_has_the_name_of_its_class_as_in_keras(name: str) -> None:
    assert of_class(name).name == {"log_cosh_error": "logcosh"}.get(name, name)


def test_a_metric_without_a_name_has_that_of_its_class() -> None:
    class LargestError(MeanMetric):
        pass

    assert LargestError().name == "largest_error"
    assert metrics.Precision(name=None).name == "precision"
    assert metrics.Precision(name="mine").name == "mine"


def test_a_name_can_be_given_later_or_by_the_class() -> None:
    class Named(MeanMetric):
        name = "largest"

    metric = metrics.Recall()
    metric.name = "recall_of_all"
    assert (metric.name, metric.get_config()["name"]) == ("recall_of_all", "recall_of_all")
    assert Named().name == "largest"


@pytest.mark.parametrize("missing", ["reset_state", "update_state", "result"])
def test_a_metric_that_lacks_a_method_says_which(missing: str) -> None:
    arguments = (TRUE, PRED) if missing == "update_state" else ()
    with pytest.raises(NotImplementedError, match=rf"Metric must define {missing}\("):
        getattr(Metric(), missing)(*arguments)


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        *[(name, "max") for name in ("accuracy", "acc", "Precision", "AUC", "f1_score", "cosine_similarity")],
        *[(name, "max") for name in ("R2Score", "true_positives", "true_negatives", "TopKCategoricalAccuracy")],
        *[(name, "min") for name in ("mse", "MeanAbsoluteError", "mean", "ce", "bce", "kld", "poisson", "hinge")],
        *[(name, "min") for name in ("mape", "msle", "logcosh", "false_positives", "false_negatives")],
    ],
)
def test_every_metric_knows_which_way_is_better(name: str, direction: str) -> None:
    assert metrics.get(name).direction == direction


def test_a_misspelt_metric_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="unknown metric 'acuracy'; did you mean 'accuracy'"):
        metrics.get("acuracy")


def test_a_plain_function_becomes_a_metric_under_its_own_name() -> None:
    def absolute(y_true: Any, y_pred: Any) -> Any:
        return abs(y_true - y_pred)

    metric = metrics.get(absolute)
    assert type(metric) is MeanMetricWrapper
    assert metric.name == "absolute"
    assert metric([1.0, 2.0], [1.0, 4.0]) == 1.0


def test_a_loss_becomes_a_metric() -> None:
    metric = metrics.get(losses.MeanSquaredError())
    assert metric.name == "mean_squared_error"
    assert metric.direction == "min"
    assert metric([[1.0], [2.0]], [[1.0], [4.0]]) == 2.0


def test_metrics_and_their_classes_are_taken_as_they_are() -> None:
    metric = metrics.Precision()
    assert metrics.get(metric) is metric
    assert type(metrics.get(metrics.Precision)) is metrics.Precision
    with pytest.raises(TypeError, match="expected a metric, got 3"):
        metrics.get(3)


def test_a_column_and_a_row_of_numbers_are_taken_for_each_other() -> None:
    metric = metrics.Precision()
    for y_true, y_pred in (([1, 2], [[1.0], [2.0]]), ([[1], [2]], [1.0, 2.0])):
        assert [array.shape for array in aligned(metric, y_true, y_pred)] == [(2, 1), (2, 1)]
    with pytest.raises(ValueError, match=r"Precision: targets of shape \(3, 1\) do not match predictions of shape"):
        aligned(metric, [1, 2, 3], [[1.0], [2.0]])


@pytest.mark.parametrize("y_true", [[2, 0], [[2], [0]], [2.0, 0.0], [[0, 0, 1], [1, 0, 0]]])
def test_class_numbers_become_one_hot_rows(y_true: Any) -> None:
    hot, _ = aligned_classes(metrics.Precision(), y_true, np.zeros((2, 3)))
    assert hot.tolist() == [[0, 0, 1], [1, 0, 0]]


@pytest.mark.parametrize("wrong", [3, -1, 0.5])
def test_class_numbers_out_of_range_are_named(wrong: float) -> None:
    with pytest.raises(ValueError, match=f"Precision: the classes are 0 to 2, got class {wrong}"):
        aligned_classes(metrics.Precision(), [wrong, 0], np.zeros((2, 3)))


def test_nothing_divided_by_nothing_is_nothing() -> None:
    assert ratio([1.0, 0.0, 3.0], [2.0, 0.0, 0.0]).tolist() == [0.5, 0.0, 0.0]
    assert float(ratio(1.0, 4.0)) == 0.25


def test_one_figure_is_a_float_and_several_are_an_array() -> None:
    assert type(number_or_array(np.array([0.5]))) is float
    assert number_or_array(np.array([0.5, 1.0])).tolist() == [0.5, 1.0]  # type: ignore[union-attr]
