"""Metrics for probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework import metrics
from framework.metrics import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    KLDivergence,
    Metric,
    Poisson,
    SparseCategoricalCrossentropy,
)
from framework.registry import ArgumentError

HOT = np.array([[0, 1, 0], [0, 0, 1]])
CLASSES = np.array([1, 2])
SHARES = np.array([[0.05, 0.95, 0], [0.1, 0.8, 0.1]])
LOGITS = np.array([[1, 9, 0], [1, 8, 1]], np.float32)
MORE_SHARES = np.vstack([[0.8, 0.1, 0.1], SHARES])
MORE_LOGITS = np.vstack([[10, 1, 1], LOGITS]).astype(np.float32)
WEIGHTS = [1.5, 2.0]
BITS, CHANCES = np.array([[1, 0], [1, 0]]), np.array([[1, 1], [1, 0]], np.float32)
TRUTHS, SCORES = np.array([[1, 0, 1], [0, 1, 1]]), np.array([[10.0, -10.0, 10.0], [10.0, 10.0, -10.0]])
PARTS = np.array([[0.5, 0.8, 0.12], [0.7, 0.43, 0.8]], np.float32)
GUESSED_PARTS = np.array([[0.4, 0.9, 0.12], [0.36, 0.3, 0.4]], np.float32)
COUNTS = np.array([[4, 8, 12], [8, 1, 3]], np.float32)
GUESSED_COUNTS = np.array([[1, 9, 2], [5, 2, 6]], np.float32)
COLUMN = [[1.2], [3.4]]


@pytest.mark.parametrize(
    ("metric", "y_true", "y_pred", "weight", "expected"),
    [
        (KLDivergence(), PARTS, GUESSED_PARTS, None, 0.596074),
        (KLDivergence(), PARTS, GUESSED_PARTS, COLUMN, 0.872857),
        (Poisson(), COUNTS, GUESSED_COUNTS, None, -3.306582),
        (Poisson(), COUNTS, GUESSED_COUNTS, COLUMN, -2.672756),
        (BinaryCrossentropy(), BITS, CHANCES, None, 3.985596),
        (BinaryCrossentropy(), BITS, CHANCES, WEIGHTS, 3.416225),
        (BinaryCrossentropy(from_logits=True), TRUTHS, SCORES, None, 3.333379),
        (BinaryCrossentropy(from_logits=True), TRUTHS, SCORES, [2.0, 2.5], 3.703749),
        (BinaryCrossentropy(from_logits=True, label_smoothing=0.1), [1, 0, 1], [10.0, -10.0, -10.0], None, 3.500045),
        (CategoricalCrossentropy(), HOT, SHARES, None, 1.176939),
        (CategoricalCrossentropy(), HOT, SHARES, WEIGHTS, 1.337746),
        (CategoricalCrossentropy(from_logits=True), HOT, LOGITS, None, 3.501140),
        (CategoricalCrossentropy(from_logits=True), HOT, LOGITS, WEIGHTS, 4.001238),
        (CategoricalCrossentropy(from_logits=True, label_smoothing=0.1), HOT, LOGITS, None, 3.667807),
        (SparseCategoricalCrossentropy(), CLASSES, SHARES, None, 1.176939),
        (SparseCategoricalCrossentropy(), CLASSES, SHARES, WEIGHTS, 1.337746),
        (SparseCategoricalCrossentropy(from_logits=True), CLASSES, LOGITS, None, 3.501140),
        (SparseCategoricalCrossentropy(from_logits=True), CLASSES, LOGITS, WEIGHTS, 4.001238),
        (SparseCategoricalCrossentropy(ignore_class=0), [0, 1, 2], MORE_SHARES, None, 0.784626),
        (SparseCategoricalCrossentropy(ignore_class=0), [0, 1, 2], MORE_SHARES, [0.5, 1.5, 2.0], 1.337746),
        (SparseCategoricalCrossentropy(from_logits=True, ignore_class=0), [0, 1, 2], MORE_LOGITS, None, 2.334094),
    ],
)
def test_the_figures_of_keras_come_out(metric: Metric, y_true: Any, y_pred: Any, weight: Any, expected: float) -> None:
    """From Keras's probabilistic_metrics_test.py, with the digits of Keras 3.15."""
    metric.reset_state()
    result = metric(y_true, y_pred, weight)
    assert type(result) is float
    assert result == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("cls", [BinaryCrossentropy, CategoricalCrossentropy])
def test_smoothing_out_of_range_is_refused(cls: Any) -> None:
    with pytest.raises(ArgumentError, match=f"{cls.__name__}: label_smoothing must be a number between 0 and 1"):
        cls(label_smoothing=1.5)


def test_a_class_out_of_range_is_named() -> None:
    with pytest.raises(ValueError, match="class 3 of sample 1 is out of range"):
        SparseCategoricalCrossentropy()([1, 3], SHARES)


@pytest.mark.parametrize(("alias", "cls"), [("bce", BinaryCrossentropy), ("KLD", KLDivergence)])
def test_the_short_names_of_keras_are_known(alias: str, cls: type) -> None:
    assert type(metrics.get(alias)) is cls
