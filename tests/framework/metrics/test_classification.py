"""Metrics for classes; numbers computed with Keras 3.15 unless they are plain counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework.metrics import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    ConfusionMatrix,
    Metric,
    SparseCategoricalAccuracy,
)
from framework.registry import ArgumentError

CLASSES = np.array([1, 2, 2, 0])
ONE_HOT = np.eye(3)[CLASSES]
SHARES = np.array([[0.1, 0.7, 0.2], [0.4, 0.3, 0.3], [0.2, 0.2, 0.6], [0.5, 0.25, 0.25]], np.float32)
WEIGHTS = [1.0, 2.0, 0.5, 4.0]

BITS = np.array([[1, 1], [0, 1], [0, 0]])
CHANCES = np.array([[0.9, 0.5], [0.2, 0.51], [0.6, 0.1]], np.float32)

SEQUENCES = np.array([[0, 1, 2], [3, 0, 1]])
SEQUENCE_SHARES = np.random.default_rng(0).random((2, 3, 4)).astype(np.float32)


@pytest.mark.parametrize(
    ("metric", "y_true", "y_pred", "weight", "expected"),
    [
        (SparseCategoricalAccuracy(), CLASSES, SHARES, None, 0.75),
        (SparseCategoricalAccuracy(), CLASSES[:, None], SHARES, None, 0.75),
        (SparseCategoricalAccuracy(), CLASSES.astype(np.float32), SHARES, None, 0.75),
        (SparseCategoricalAccuracy(), CLASSES, SHARES, WEIGHTS, 0.73333335),
        (SparseCategoricalAccuracy(), SEQUENCES, SEQUENCE_SHARES, None, 0.5),
        (SparseCategoricalAccuracy(), SEQUENCES, SEQUENCE_SHARES, [1.0, 2.0], 0.44444445),
        (SparseCategoricalAccuracy(), SEQUENCES, SEQUENCE_SHARES, [[1, 2, 3], [0, 1, 1]], 0.5),
        (CategoricalAccuracy(), ONE_HOT, SHARES, None, 0.75),
        (CategoricalAccuracy(), ONE_HOT, SHARES, WEIGHTS, 0.73333335),
        (BinaryAccuracy(), BITS, CHANCES, None, 0.66666669),
        (BinaryAccuracy(), BITS, CHANCES, [1.0, 3.0, 0.5], 0.83333331),
        (BinaryAccuracy(threshold=0.15), BITS, CHANCES, None, 0.66666669),
        (BinaryAccuracy(), [1, 0, 1], [[0.9], [0.6], [0.7]], None, 0.66666669),
        (BinaryAccuracy(), [[1], [0], [1]], [0.9, 0.6, 0.7], None, 0.66666669),
    ],
)
def test_the_figure_is_that_of_keras(metric: Metric, y_true: Any, y_pred: Any, weight: Any, expected: float) -> None:
    metric.reset_state()
    result = metric(y_true, np.asarray(y_pred), weight)
    assert type(result) is float
    assert result == pytest.approx(expected, rel=1e-6)


def test_a_prediction_at_the_threshold_counts_as_0() -> None:
    assert BinaryAccuracy()([0.0], [0.5]) == 1.0


def test_a_binary_target_between_0_and_1_is_never_met() -> None:
    assert BinaryAccuracy()([[0.5], [0.5]], [[0.9], [0.1]]) == 0.0


@pytest.mark.parametrize("threshold", [0, 1, -0.5, True, "0.5"])
def test_a_threshold_outside_of_0_to_1_is_refused(threshold: Any) -> None:
    with pytest.raises(ArgumentError, match="BinaryAccuracy: threshold must be a number between 0 and 1"):
        BinaryAccuracy(threshold=threshold)


@pytest.mark.parametrize(
    ("true_shape", "pred_shape", "meaning"),
    [
        ((8, 1), (8, 1), BinaryAccuracy),
        ((8,), (8, 1), BinaryAccuracy),
        ((8,), (8,), BinaryAccuracy),
        ((8,), (8, 3), SparseCategoricalAccuracy),
        ((8, 1), (8, 3), SparseCategoricalAccuracy),
        ((8, 5), (8, 5, 3), SparseCategoricalAccuracy),
        ((8, 3), (8, 3), CategoricalAccuracy),
        ((8, 5, 3), (8, 5, 3), CategoricalAccuracy),
    ],
)
def test_accuracy_is_resolved_by_shapes(true_shape: Any, pred_shape: Any, meaning: type) -> None:
    assert Accuracy().resolve(true_shape, pred_shape) is meaning


@pytest.mark.parametrize(("y_true", "y_pred"), [(CLASSES, SHARES), (ONE_HOT, SHARES)])
def test_accuracy_counts_and_weighs_as_what_it_stands_for(y_true: Any, y_pred: Any) -> None:
    assert Accuracy()(y_true, y_pred) == 0.75
    assert Accuracy()(y_true, y_pred, WEIGHTS) == pytest.approx(5.5 / 7.5)


def test_after_a_reset_accuracy_resolves_anew() -> None:
    accuracy = Accuracy()
    accuracy.update_state(CLASSES, SHARES)
    accuracy.reset_state()
    assert accuracy(BITS[:, :1], CHANCES[:, :1]) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("metric", "y_true"),
    [
        (SparseCategoricalAccuracy(), ONE_HOT),
        (SparseCategoricalAccuracy(), CLASSES[:3]),
        (CategoricalAccuracy(), CLASSES),
        (BinaryAccuracy(), CLASSES),
        (ConfusionMatrix(), CLASSES[:3]),
    ],
)
def test_shapes_that_do_not_match_are_refused(metric: Metric, y_true: Any) -> None:
    with pytest.raises(ValueError, match=rf"{type(metric).__name__}: targets of shape .* do not match predictions"):
        metric.update_state(y_true, SHARES)


def test_confusion_counts_what_was_taken_for_what() -> None:
    expected = [[1, 0, 0], [0, 1, 0], [1, 0, 1]]
    for y_true in (CLASSES, CLASSES[:, None], ONE_HOT):
        assert ConfusionMatrix()(y_true, SHARES).tolist() == expected


def test_confusion_adds_up_over_batches_with_weights() -> None:
    matrix = ConfusionMatrix()
    matrix.update_state(CLASSES[:2], SHARES[:2], WEIGHTS[:2])
    matrix.update_state(CLASSES[2:], SHARES[2:], WEIGHTS[2:])
    assert matrix.result().tolist() == [[4, 0, 0], [0, 1, 0], [2, 0, 0.5]]


def test_confusion_of_a_single_probability_has_two_classes() -> None:
    assert ConfusionMatrix()([1, 0, 1], [[0.9], [0.5], [0.3]]).tolist() == [[1, 0], [1, 1]]


@pytest.mark.parametrize(("classes", "culprit"), [([0, 3, 1, 1], 3), ([0, -1, 1, 1], -1)])
def test_confusion_names_a_class_out_of_range(classes: list[int], culprit: int) -> None:
    with pytest.raises(ValueError, match=f"ConfusionMatrix has classes 0 to 2, got class {culprit}"):
        ConfusionMatrix().update_state(classes, SHARES)


@pytest.mark.parametrize("number", [0, -1, 2.0, True])
def test_a_number_of_classes_that_is_no_count_is_refused(number: Any) -> None:
    with pytest.raises(ArgumentError, match="ConfusionMatrix: num_classes must be a positive whole number"):
        ConfusionMatrix(number)
