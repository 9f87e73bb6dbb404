"""Shares of right answers; numbers computed with Keras 3.15 unless they are plain counts."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from framework.metrics import (
    BinaryAccuracy,
    CategoricalAccuracy,
    Metric,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
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
        (BinaryAccuracy(), BITS, CHANCES, [[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]], 0.8),
    ],
)
def test_the_figure_is_that_of_keras(metric: Metric, y_true: Any, y_pred: Any, weight: Any, expected: float) -> None:
    metric.reset_state()
    result = metric(y_true, np.asarray(y_pred), weight)
    assert type(result) is float
    assert result == pytest.approx(expected, rel=1e-6)


COLUMN = [[1], [1], [0], [0]]
GUESSES = [[0.98], [1], [0], [0.6]]
THREE = [[0.1, 0.9, 0.8], [0.05, 0.95, 0]]
HOT = [[0, 0, 1], [0, 1, 0]]


@pytest.mark.parametrize(
    ("metric", "y_true", "y_pred", "weight", "expected"),
    [
        (BinaryAccuracy(), COLUMN, GUESSES, None, 0.75),
        (BinaryAccuracy(), [1, 1, 0, 0], GUESSES, None, 0.75),
        (BinaryAccuracy(), COLUMN, GUESSES, [1, 0, 0, 1], 0.5),
        (BinaryAccuracy(), [1, 1, 0, 0], [0.98, 1, 0, 0.6], [1, 0, 0, 1], 0.5),
        (BinaryAccuracy(), [[1, 1], [0, 0]], [[0.98, 1], [0, 0.6]], [[1, 0], [0, 1]], 0.5),
        (BinaryAccuracy(), [[1, 1], [0, 0]], [[0.98, 1], [0, 0.6]], [[1, 0]] * 2, 1.0),
        (BinaryAccuracy(threshold=0.3), COLUMN, [[0.98], [0.5], [0.1], [0.2]], None, 1.0),
        (BinaryAccuracy(threshold=0.9), COLUMN, [[0.98], [0.5], [0.1], [0.2]], None, 0.75),
        (CategoricalAccuracy(), HOT, THREE, None, 0.5),
        (CategoricalAccuracy(), HOT, THREE, [0.7, 0.3], 0.3),
        (SparseCategoricalAccuracy(), [[2], [1]], [[0.1, 0.6, 0.3], [0.05, 0.95, 0]], None, 0.5),
        (SparseCategoricalAccuracy(), [[2], [1]], [[0.1, 0.6, 0.3], [0.05, 0.95, 0]], [0.7, 0.3], 0.3),
        (TopKCategoricalAccuracy(k=1), HOT, THREE, None, 0.5),
        (TopKCategoricalAccuracy(k=1), HOT, THREE, [0.7, 0.3], 0.3),
        (SparseTopKCategoricalAccuracy(k=1), [2, 1], THREE, None, 0.5),
        (SparseTopKCategoricalAccuracy(k=1), [2, 1], THREE, [0.7, 0.3], 0.3),
        (SparseTopKCategoricalAccuracy(k=1, from_sorted_ids=True), [2, 1], [[1, 0, 3], [1, 2, 3]], None, 0.5),
        (SparseTopKCategoricalAccuracy(k=1, from_sorted_ids=True), [2, 1], [[1, 0, 3], [1, 2, 3]], [0.7, 0.3], 0.3),
    ],
)
def test_the_figures_of_keras_come_out(metric: Metric, y_true: Any, y_pred: Any, weight: Any, expected: float) -> None:
    """From Keras's accuracy_metrics_test.py; weights of one row are written out for all samples here."""
    metric.reset_state()
    assert metric(y_true, y_pred, weight) == pytest.approx(expected, abs=1e-5)


def test_a_prediction_at_the_threshold_counts_as_0() -> None:
    assert BinaryAccuracy()([0.0], [0.5]) == 1.0


def test_a_binary_target_between_0_and_1_is_never_met() -> None:
    assert BinaryAccuracy()([[0.5], [0.5]], [[0.9], [0.1]]) == 0.0


@pytest.mark.parametrize("threshold", [0, 1, -0.5, True, "0.5"])
def test_a_threshold_outside_of_0_to_1_is_refused(threshold: Any) -> None:
    with pytest.raises(ArgumentError, match="BinaryAccuracy: threshold must be a number between 0 and 1"):
        BinaryAccuracy(threshold=threshold)


@pytest.mark.parametrize("k", [0, -1, 2.0, True])
@pytest.mark.parametrize("metric", [TopKCategoricalAccuracy, SparseTopKCategoricalAccuracy])
def test_a_k_that_is_no_count_is_refused(metric: Any, k: Any) -> None:
    with pytest.raises(ArgumentError, match=f"{metric.__name__}: k must be a positive whole number"):
        metric(k=k)


@pytest.mark.parametrize(("k", "expected"), [(1, 0.75), (2, 1.0), (3, 1.0), (5, 1.0)])
def test_equal_predictions_share_a_place_among_the_top(k: int, expected: float) -> None:
    assert SparseTopKCategoricalAccuracy(k)(CLASSES, SHARES) == expected
    assert TopKCategoricalAccuracy(k)(ONE_HOT, SHARES) == expected


def test_a_class_that_does_not_exist_and_a_prediction_that_is_no_number_are_never_among_the_top() -> None:
    top = SparseTopKCategoricalAccuracy(k=3)
    assert top([7, -1, 0], [[0.2, 0.8, 0.0], [0.2, 0.8, 0.0], [np.nan, 0.5, 0.5]]) == 0.0


@pytest.mark.parametrize(
    ("metric", "y_true"),
    [
        (SparseCategoricalAccuracy(), ONE_HOT),
        (SparseCategoricalAccuracy(), CLASSES[:3]),
        (SparseTopKCategoricalAccuracy(), CLASSES[:3]),
        (CategoricalAccuracy(), CLASSES),
        (TopKCategoricalAccuracy(), CLASSES),
        (BinaryAccuracy(), CLASSES),
    ],
)
def test_shapes_that_do_not_match_are_refused(metric: Metric, y_true: Any) -> None:
    with pytest.raises(ValueError, match=rf"{type(metric).__name__}: targets of shape .* do not match predictions"):
        metric.update_state(y_true, SHARES)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("metric", [SparseCategoricalAccuracy(), CategoricalAccuracy(), BinaryAccuracy()], ids=repr)
def test_updates_allocate_no_batch(metric, weighted):
    rng = np.random.default_rng(0)
    n = 65_536
    labels, y_pred = rng.integers(0, 10, n), rng.random((n, 10), np.float32)
    y_true = labels if isinstance(metric, SparseCategoricalAccuracy) else np.eye(10, dtype=np.float32)[labels]
    weight = rng.random(n, np.float32) if weighted else None
    metric.update_state(y_true, y_pred, weight)
    tracemalloc.start()
    try:
        metric.update_state(y_true, y_pred, weight)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # One truth value a sample would be 65,536 bytes, one weight four times that; NumPy itself converts types in
    # pieces of 8,192 numbers.
    assert peak < (220_000 if weighted else 48_000)
