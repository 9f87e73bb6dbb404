"""Accuracy and cross-entropy that the shapes decide."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework import metrics
from framework.metrics import (
    Accuracy,
    BinaryAccuracy,
    BinaryCrossentropy,
    CategoricalAccuracy,
    CategoricalCrossentropy,
    Crossentropy,
    SparseCategoricalAccuracy,
    SparseCategoricalCrossentropy,
)

CLASSES = np.array([1, 2, 2, 0])
ONE_HOT = np.eye(3)[CLASSES]
SHARES = np.array([[0.1, 0.7, 0.2], [0.4, 0.3, 0.3], [0.2, 0.2, 0.6], [0.5, 0.25, 0.25]], np.float32)
WEIGHTS = [1.0, 2.0, 0.5, 4.0]

BITS = np.array([[1], [0], [0]])
CHANCES = np.array([[0.9], [0.2], [0.6]], np.float32)


@pytest.mark.parametrize(
    ("true_shape", "pred_shape", "accuracy", "crossentropy"),
    [
        ((8, 1), (8, 1), BinaryAccuracy, BinaryCrossentropy),
        ((8,), (8, 1), BinaryAccuracy, BinaryCrossentropy),
        ((8,), (8,), BinaryAccuracy, BinaryCrossentropy),
        ((8,), (8, 3), SparseCategoricalAccuracy, SparseCategoricalCrossentropy),
        ((8, 1), (8, 3), SparseCategoricalAccuracy, SparseCategoricalCrossentropy),
        ((8, 5), (8, 5, 3), SparseCategoricalAccuracy, SparseCategoricalCrossentropy),
        ((8, 3), (8, 3), CategoricalAccuracy, CategoricalCrossentropy),
        ((8, 5, 3), (8, 5, 3), CategoricalAccuracy, CategoricalCrossentropy),
    ],
)
def test_the_shapes_decide(true_shape: Any, pred_shape: Any, accuracy: type, crossentropy: type) -> None:
    assert Accuracy().resolve(true_shape, pred_shape) is accuracy
    assert Crossentropy().resolve(true_shape, pred_shape) is crossentropy


@pytest.mark.parametrize(("y_true", "y_pred"), [(CLASSES, SHARES), (ONE_HOT, SHARES)])
def test_accuracy_counts_and_weighs_as_what_it_stands_for(y_true: Any, y_pred: Any) -> None:
    assert Accuracy()(y_true, y_pred) == 0.75
    assert Accuracy()(y_true, y_pred, WEIGHTS) == pytest.approx(5.5 / 7.5)


@pytest.mark.parametrize("y_true", [CLASSES, ONE_HOT])
def test_crossentropy_is_that_which_it_stands_for(y_true: Any) -> None:
    each = -np.log([0.7, 0.3, 0.6, 0.5])
    assert Crossentropy()(y_true, SHARES) == pytest.approx(each.mean(), rel=1e-6)
    assert Crossentropy()(y_true, SHARES, WEIGHTS) == pytest.approx(np.average(each, weights=WEIGHTS), rel=1e-6)
    assert Crossentropy()(BITS, CHANCES) == pytest.approx(-np.log([0.9, 0.8, 0.4]).mean(), rel=1e-6)


def test_after_a_reset_another_meaning_is_possible() -> None:
    accuracy = Accuracy()
    accuracy.update_state(CLASSES, SHARES)
    accuracy.reset_state()
    assert accuracy(BITS, CHANCES) == pytest.approx(2 / 3)


@pytest.mark.parametrize(("alias", "cls"), [("acc", Accuracy), ("ce", Crossentropy), ("Crossentropy", Crossentropy)])
def test_the_short_names_of_keras_are_known(alias: str, cls: type) -> None:
    assert type(metrics.get(alias)) is cls
