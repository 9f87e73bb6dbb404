"""What was taken for what, and what follows for each class."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework.metrics import ConfusionMatrix, F1Score, Precision, Recall
from framework.metrics.confusion_matrix import count_pairs
from framework.registry import ArgumentError

CLASSES = np.array([1, 2, 2, 0])
ONE_HOT = np.eye(3)[CLASSES]
SHARES = np.array([[0.1, 0.7, 0.2], [0.4, 0.3, 0.3], [0.2, 0.2, 0.6], [0.6, 0.25, 0.25]], np.float32)
WEIGHTS = [1.0, 2.0, 0.5, 4.0]


def test_it_counts_what_was_taken_for_what() -> None:
    expected = [[1, 0, 0], [0, 1, 0], [1, 0, 1]]
    for y_true in (CLASSES, CLASSES[:, None], ONE_HOT):
        assert ConfusionMatrix()(y_true, SHARES).tolist() == expected


def test_it_adds_up_over_batches_with_weights() -> None:
    matrix = ConfusionMatrix()
    matrix.update_state(CLASSES[:2], SHARES[:2], WEIGHTS[:2])
    matrix.update_state(CLASSES[2:], SHARES[2:], WEIGHTS[2:])
    assert matrix.result().tolist() == [[4, 0, 0], [0, 1, 0], [2, 0, 0.5]]


def test_a_single_probability_has_two_classes() -> None:
    assert ConfusionMatrix()([1, 0, 1], [[0.9], [0.5], [0.3]]).tolist() == [[1, 0], [1, 1]]


def test_precision_and_recall_of_each_class_are_those_of_the_metrics() -> None:
    rng = np.random.default_rng(3)
    classes, one_hot = rng.integers(0, 4, 50), np.eye(4)[rng.integers(0, 4, 50)]
    confusion = ConfusionMatrix()
    confusion.update_state(classes, one_hot)
    assert confusion.precision().tolist() == [Precision(class_id=c)(classes, one_hot) for c in range(4)]
    assert confusion.recall().tolist() == [Recall(class_id=c)(classes, one_hot) for c in range(4)]
    np.testing.assert_allclose(confusion.f1_score(), F1Score()(classes, one_hot))


def test_a_class_that_does_not_occur_has_figures_of_0() -> None:
    confusion = ConfusionMatrix(4)
    confusion.update_state(CLASSES, SHARES)
    assert confusion.precision().tolist() == [0.5, 1.0, 1.0, 0.0]
    assert confusion.recall().tolist() == [1.0, 1.0, 0.5, 0.0]
    assert confusion.f1_score().tolist() == [2 / 3, 1.0, 2 / 3, 0.0]


def test_before_any_batch_there_is_nothing() -> None:
    assert ConfusionMatrix().result().shape == (0, 0)
    assert ConfusionMatrix(2).recall().tolist() == [0.0, 0.0]


@pytest.mark.parametrize(("classes", "culprit"), [([0, 3, 1, 1], 3), ([0, -1, 1, 1], -1)])
def test_a_class_out_of_range_is_named(classes: list[int], culprit: int) -> None:
    with pytest.raises(ValueError, match=f"ConfusionMatrix has classes 0 to 2, got class {culprit}"):
        ConfusionMatrix().update_state(classes, SHARES)


def test_shapes_that_do_not_match_are_refused() -> None:
    with pytest.raises(ValueError, match=r"ConfusionMatrix: targets of shape .* do not match predictions"):
        ConfusionMatrix().update_state(CLASSES[:3], SHARES)


@pytest.mark.parametrize("number", [0, -1, 2.0, True])
def test_a_number_of_classes_that_is_no_count_is_refused(number: Any) -> None:
    with pytest.raises(ArgumentError, match="ConfusionMatrix: num_classes must be a positive whole number"):
        ConfusionMatrix(number)


def test_pairs_of_any_shape_are_counted_with_one_weight_a_sample() -> None:
    truth, answer = np.array([[0, 1], [1, 1]]), np.array([[0, 0], [1, 0]])
    assert count_pairs(truth, answer, 2).tolist() == [[1, 0], [2, 1]]
    assert count_pairs(truth, answer, 2, [1.0, 10.0]).tolist() == [[1, 0], [11, 10]]
