"""True and false positives and negatives, precision and recall."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework.metrics import FalseNegatives, FalsePositives, Precision, Recall, TrueNegatives, TruePositives
from framework.metrics.confusion import only_top
from framework.registry import ArgumentError

BITS = np.array(((0, 1, 0, 1, 0), (0, 0, 1, 1, 1), (1, 1, 1, 1, 0), (0, 0, 0, 0, 1)))
GUESSES = np.array(((0, 0, 1, 1, 0), (1, 1, 1, 1, 1), (0, 1, 0, 1, 0), (1, 1, 1, 1, 1)))
FOUR = (1.0, 1.5, 2.0, 2.5)
TRUE = np.array(((0, 1, 1, 0), (1, 0, 0, 0), (0, 0, 0, 0), (1, 1, 1, 1)))
CHANCES = np.array(((0.9, 0.2, 0.8, 0.1), (0.2, 0.9, 0.7, 0.6), (0.1, 0.2, 0.4, 0.3), (0, 1, 0.7, 0.3)))
EACH = ((1.0, 2.0, 3.0, 5.0), (7.0, 11.0, 13.0, 17.0), (19.0, 23.0, 29.0, 31.0), (5.0, 15.0, 10.0, 0))
THREE = [0.15, 0.5, 0.85]

HOT = np.eye(3)[[2, 0, 1, 0, 2]]
SHARES = np.array([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2], [0.2, 0.6, 0.2], [0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])


@pytest.mark.parametrize(
    ("metric", "y_true", "y_pred", "weight", "expected"),
    [
        (FalsePositives(), BITS, GUESSES, None, 7.0),
        (FalsePositives(), BITS, GUESSES, FOUR, 14.0),
        (FalsePositives(THREE), TRUE, CHANCES, None, [7.0, 4.0, 2.0]),
        (FalsePositives(THREE), TRUE, CHANCES, EACH, [125.0, 42.0, 12.0]),
        (FalseNegatives(), BITS, GUESSES, None, 3.0),
        (FalseNegatives(), BITS, GUESSES, FOUR, 5.0),
        (FalseNegatives(THREE), TRUE, CHANCES, None, [1.0, 4.0, 6.0]),
        (FalseNegatives(THREE), TRUE, CHANCES, ((3.0,), (5.0,), (7.0,), (4.0,)), [4.0, 16.0, 23.0]),
        (TrueNegatives(), BITS, GUESSES, None, 3.0),
        (TrueNegatives(), BITS, GUESSES, FOUR, 4.0),
        (TrueNegatives(THREE), TRUE, CHANCES, None, [2.0, 5.0, 7.0]),
        (TrueNegatives(THREE), TRUE, CHANCES, [(0.0, 2.0, 3.0, 5.0)] * 4, [5.0, 15.0, 23.0]),
        (TruePositives(), BITS, GUESSES, None, 7.0),
        (TruePositives(), BITS, GUESSES, FOUR, 12.0),
        (TruePositives(THREE), TRUE, CHANCES, None, [6.0, 3.0, 1.0]),
        (TruePositives(THREE), TRUE, CHANCES, 37.0, [222.0, 111.0, 37.0]),
    ],
)
def test_the_counts_of_keras_come_out(metric: Any, y_true: Any, y_pred: Any, weight: Any, expected: Any) -> None:
    """From Keras's confusion_metrics_test.py; weights of one row are written out for all samples here."""
    metric.reset_state()
    np.testing.assert_allclose(metric(y_true, y_pred, weight), expected)


LINE, LINE_TRUE = [1, 0, 1, 0], [0, 1, 1, 0]
ABOVE = [1, 0, 0.6, 0]
SQUARE, SQUARE_TRUE = np.array([[1, 0], [0.6, 0]], np.float32), [[0, 1], [1, 0]]
FIVE = [0.2, 0.1, 0.5, 0, 0.2]


@pytest.mark.parametrize(
    ("metric", "y_true", "y_pred", "weight", "expected"),
    [
        (Precision(), LINE_TRUE, LINE, None, 0.5),
        (Precision([0.5]), [0, 1, 1], [1, 0, 0], None, 0.0),
        (Precision(), [[0, 1, 1, 0], [1, 0, 0, 1]], [LINE, LINE], [[1, 2, 3, 4], [4, 3, 2, 1]], 7 / 10),
        (Precision(), [0, 0, 0, 0], [0, 0, 0, 0], None, 0.0),
        (Precision([0.5, 0.7]), LINE_TRUE, ABOVE, None, [0.5, 0.0]),
        (Precision([0.5, 1.0]), SQUARE_TRUE, SQUARE, [[4, 0], [3, 1]], [3 / 7, 0.0]),
        (Precision(top_k=3), [0, 1, 1, 0, 0], FIVE, None, 1 / 3),
        (Precision(class_id=1), HOT, SHARES, None, 1.0),
        (Precision(0.7, top_k=2), [0, 1, 1, 0, 1], [0.2, 0.8, 0.6, 0, 0.2], None, 1.0),
        (Recall(), LINE_TRUE, LINE, None, 0.5),
        (Recall(), [[0, 1, 1, 0], [1, 0, 0, 1]], [LINE, [0, 1, 0, 1]], [[1, 2, 3, 4], [4, 3, 2, 1]], 4 / 10),
        (Recall(), [0, 0, 0, 0], [0, 0, 0, 0], None, 0.0),
        (Recall([0.5, 0.7]), LINE_TRUE, ABOVE, None, [0.5, 0.0]),
        (Recall([0.5, 1.0]), SQUARE_TRUE, SQUARE, [[1, 4], [3, 2]], [3 / 7, 0.0]),
        (Recall(top_k=3), [0, 1, 1, 0, 0], FIVE, None, 0.5),
        (Recall(class_id=1), HOT, SHARES, None, 1.0),
        (Recall(0.7, top_k=2), [1, 1, 1, 0, 1], [0.2, 0.8, 0.6, 0, 0.2], None, 0.25),
    ],
)
def test_precision_and_recall_of_keras_come_out(
    metric: Any, y_true: Any, y_pred: Any, weight: Any, expected: Any
) -> None:
    """From Keras's confusion_metrics_test.py."""
    metric.reset_state()
    result = metric(y_true, y_pred, weight)
    assert type(result) is float or np.ndim(expected) == 1
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("metric", "expected"), [(Precision(top_k=3), 13 / 17), (Recall(top_k=3), 13 / 23)])
def test_the_top_are_counted_over_batches_with_weights(metric: Any, expected: float) -> None:
    """From Keras's confusion_metrics_test.py."""
    metric.reset_state()
    metric.update_state([[0, 1, 1, 0, 1]], [[0.2, 0.1, 0.4, 0, 0.2]], [[1, 4, 2, 3, 5]])
    assert metric([1, 0, 1, 1, 1], [0.2, 0.6, 0.4, 0.2, 0.2], 3) == pytest.approx(expected, abs=1e-5)


def test_the_counts_behind_a_figure_can_be_seen() -> None:
    metric = Recall(0.7, top_k=2)
    metric.update_state([1, 1, 1, 0, 1], [0.2, 0.8, 0.6, 0, 0.2])
    assert (metric.true_positives.tolist(), metric.false_negatives.tolist()) == ([1], [3])


def test_targets_may_be_class_numbers() -> None:
    for metric in (Precision(), Recall(), Precision(class_id=0), Recall(top_k=1)):
        assert metric([2, 0, 1, 0, 2], SHARES) == metric.__class__.from_config(metric.get_config())(HOT, SHARES) > 0


def test_logits_are_compared_with_0() -> None:
    assert Precision(thresholds=0)([1, 0, 1], [3.0, 2.0, -1.0]) == 0.5


def test_of_equal_predictions_the_first_are_the_top() -> None:
    top = only_top(np.array([[0.2, 0.5, 0.2], [-1.0, -2.0, -1.0]]), 2)
    assert top.tolist() == [[0.2, 0.5, -np.inf], [-1.0, -np.inf, -1.0]]
    assert only_top(np.array([0.1, 0.2]), 5).tolist() == [0.1, 0.2]


@pytest.mark.parametrize("cls", [Precision, Recall])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"top_k": 0}, "top_k must be a positive whole number or None, got 0"),
        ({"class_id": -1}, "class_id must be the number of a class or None, got -1"),
        ({"thresholds": 2.0}, "thresholds must be a number from 0 to 1, or a list of such, got 2.0"),
    ],
)
def test_arguments_out_of_range_are_refused(cls: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=f"{cls.__name__}: {message}"):
        cls(**arguments)
