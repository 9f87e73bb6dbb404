"""The area under a curve."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework.metrics import AUC
from framework.registry import ArgumentError

TRUE = np.array([0, 0, 1, 1])
CHANCES = np.array([0, 0.5, 0.3, 0.9], np.float32)
WEIGHTS = [1, 2, 3, 4]
LABELS = np.array([[0, 0, 1, 1], [0, 0, 1, 1]]).T
OPPOSITE = np.array([[0, 0, 1, 1], [1, 1, 0, 0]]).T
COLUMNS = np.array([[0, 0.5, 0.3, 0.9], [0.1, 0.2, 0.3, 0.4]], np.float32).T
TEN_TRUE = [0, 0, 0, 1, 0, 1, 0, 1, 1, 1]
TEN = [0.1, 0.2, 0.3, 0.3, 0.4, 0.4, 0.6, 0.6, 0.8, 0.9]


def logits(chances: Any) -> Any:
    """In float32, as models give them."""
    return -np.log(1 / (np.asarray(chances, np.float32) + np.float32(1e-12)) - 1)


@pytest.mark.parametrize(
    ("metric", "y_true", "y_pred", "weight", "expected"),
    [
        (AUC(), TRUE, TRUE, None, 1.0),
        (AUC(3), TRUE, CHANCES, None, 0.75),
        (AUC(3, from_logits=True), TRUE, logits(CHANCES), None, 0.75),
        (AUC(2, thresholds=[0.5]), TRUE, CHANCES, None, 0.75),
        (AUC(3), TRUE, CHANCES, WEIGHTS, 0.785714),
        (AUC(3, summation_method="majoring"), TRUE, CHANCES, WEIGHTS, 1.0),
        (AUC(3, summation_method="minoring"), TRUE, CHANCES, WEIGHTS, 0.571429),
        (AUC(3, "PR"), TRUE, CHANCES, WEIGHTS, 0.916613),
        (AUC(3, "PR"), TRUE, CHANCES, [-1, -2, -3, -4], 0.0),
        (AUC(3, "PR", "majoring"), TRUE, CHANCES, WEIGHTS, 1.0),
        (AUC(3, "PR", "minoring"), TRUE, CHANCES, WEIGHTS, 0.3),
        (AUC(3, "PRGAIN"), TRUE, CHANCES, WEIGHTS, 0.5),
        (AUC(3, "PRGAIN", "majoring"), TRUE, CHANCES, WEIGHTS, 1.0),
        (AUC(3, "PRGAIN", "minoring"), TRUE, CHANCES, WEIGHTS, 0.0),
        (AUC(3, "PRGAIN"), TEN_TRUE, TEN, None, 0.5),
        (AUC(multi_label=True), LABELS, LABELS, None, 1.0),
        (AUC(), LABELS, LABELS, None, 1.0),
        (AUC(5, multi_label=True), LABELS, COLUMNS, None, 0.9375),
        (AUC(5, multi_label=True, from_logits=True), LABELS, logits(COLUMNS), None, 0.9375),
        (AUC(5, multi_label=True), LABELS, COLUMNS, WEIGHTS, 0.928571),
        (AUC(5), LABELS, COLUMNS, WEIGHTS, 0.880952),
        (AUC(5), LABELS, COLUMNS, np.arange(8).reshape(4, 2), 0.878788),
        (AUC(5, multi_label=True, label_weights=[0.75, 0.25]), LABELS, COLUMNS, None, 0.90625),
        (AUC(5, label_weights=[0.75, 0.25]), LABELS, COLUMNS, None, 0.882812),
        (AUC(5), LABELS, COLUMNS, None, 0.90625),
        (AUC(5, from_logits=True), LABELS, logits(COLUMNS), None, 0.90625),
        (AUC(2, thresholds=[0.5], multi_label=True), LABELS, COLUMNS, None, 0.625),
        (AUC(5, "PR", multi_label=True), LABELS, COLUMNS, None, 0.943663),
        (AUC(5, "PR", multi_label=True), OPPOSITE, COLUMNS, None, 0.597090),
        (AUC(5, "PR", multi_label=True), LABELS, COLUMNS, WEIGHTS, 0.969892),
    ],
)
def test_the_figures_of_keras_come_out(metric: AUC, y_true: Any, y_pred: Any, weight: Any, expected: float) -> None:
    """From Keras's confusion_metrics_test.py, with the digits of Keras 3.15."""
    metric.reset_state()
    result = metric(y_true, y_pred, weight)
    assert type(result) is float
    assert result == pytest.approx(expected, abs=1e-5)


def test_more_axes_are_thrown_together() -> None:
    """From Keras's confusion_metrics_test.py."""
    scores = -np.array([[[-10.0, 10, -10], [10, -10, 10]], [[-12, 12, -12], [12, -12, 12]]])
    labels = np.array([[[1, 0, 0], [1, 0, 0]], [[0, 1, 1], [0, 1, 1]]])
    assert AUC()(labels, 1 / (1 + np.exp(-scores))) == 0.5


def test_many_thresholds_come_close_to_counting_the_pairs_in_the_right_order() -> None:
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.random(500) < 0.3, rng.random(500)
    y_pred[y_true] **= 0.5
    pairs = (y_pred[y_true][:, None] > y_pred[~y_true]).mean()
    assert AUC(20_000)(y_true, y_pred) == pytest.approx(pairs, abs=1e-4)


def test_predictions_beyond_0_and_1_count_as_these() -> None:
    assert AUC()([0, 0, 1, 1], [-5.0, 2.0, 0.5, 7.0]) == AUC()([0, 0, 1, 1], [0.0, 1.0, 0.5, 1.0])


@pytest.mark.parametrize(("shape", "number"), [((4,), None), ((4, 2, 2), None), ((4, 2), 3)])
def test_labels_of_another_number_are_refused(shape: tuple[int, ...], number: int | None) -> None:
    with pytest.raises(ValueError, match=r"AUC with multi_label takes predictions of shape \(batch, .*, got"):
        AUC(multi_label=True, num_labels=number)(np.zeros(shape), np.zeros(shape))


def test_label_weights_of_another_number_are_refused() -> None:
    with pytest.raises(ValueError, match=r"AUC: 3 label_weights do not match predictions of shape \(4, 2\)"):
        AUC(label_weights=[1, 2, 3])(LABELS, COLUMNS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_thresholds": -1}, "num_thresholds must be a whole number from 2 to 100,000, got -1"),
        ({"num_thresholds": 1}, "num_thresholds must be a whole number from 2 to 100,000, got 1"),
        ({"curve": "Invalid"}, "curve must be 'ROC', 'PR' or 'PRGAIN', got 'Invalid'"),
        ({"summation_method": "Invalid"}, "summation_method must be 'interpolation', 'majoring' or 'minoring'"),
        ({"num_labels": 2}, "num_labels must be None, or a positive whole number with multi_label, got 2"),
        ({"thresholds": [0.5, 2]}, "thresholds must be a number from 0 to 1, or a list of such"),
        ({"label_weights": [1, -1]}, "label_weights must be a list of numbers that are not negative, or None"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=f"AUC: {message}"):
        AUC(**arguments)
