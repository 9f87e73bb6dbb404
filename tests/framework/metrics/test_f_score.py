"""Precision and recall in one figure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework.metrics import F1Score, FBetaScore
from framework.registry import ArgumentError

GUESSES = [[0.7, 0.7, 0.7], [1, 0, 0], [0.9, 0.8, 0]]
BITS = [[0, 0, 1], [1, 1, 0], [1, 1, 1]]
HOT = np.eye(3)[[0, 1, 2, 0, 0, 2]]
SHARES = [[0.9, 0.1, 0], [0.2, 0.6, 0.2], [0, 0, 1], [0.4, 0.3, 0.3], [0, 0.9, 0.1], [0, 0, 1]]
SOME = [1.0, 0.0, 1.0, 1.0, 0.0, 1.0]
HALVES = [0.5, 1.0, 1.0, 1.0, 0.5, 1.0]


@pytest.mark.parametrize("average", ["micro", "macro", "weighted"])
@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
def test_the_best_and_the_worst_scores_are_1_and_0(average: Any, beta: float) -> None:
    """From Keras's f_score_metrics_test.py."""
    assert FBetaScore(average, beta, 0.66)([[1, 1, 1], [1, 0, 0], [1, 1, 0]], GUESSES) == 1.0
    assert FBetaScore(average, beta, 0.66)([[0, 0, 0], [0, 1, 0], [0, 0, 1]], GUESSES) == 0.0


@pytest.mark.parametrize(
    ("average", "beta", "expected"),
    [
        (None, 0.5, [0.71428573, 0.5, 0.833334]),
        (None, 1.0, [0.8, 0.5, 0.6666667]),
        (None, 2.0, [0.9090904, 0.5, 0.555556]),
        ("micro", 0.5, 0.6666667),
        ("micro", 1.0, 0.6666667),
        ("micro", 2.0, 0.6666667),
        ("macro", 0.5, 0.6825397),
        ("macro", 1.0, 0.6555555),
        ("macro", 2.0, 0.6548822),
        ("weighted", 0.5, 0.6825397),
        ("weighted", 1.0, 0.6555555),
        ("weighted", 2.0, 0.6548822),
    ],
)
def test_the_figures_of_keras_come_out_above_a_threshold(average: Any, beta: float, expected: Any) -> None:
    """From Keras's f_score_metrics_test.py."""
    np.testing.assert_allclose(FBetaScore(average, beta, 0.66)(BITS, GUESSES), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("average", "beta", "weight", "expected"),
    [
        (None, 0.5, None, [0.909091, 0.555556, 1.0]),
        (None, 0.5, SOME, [1.0, 0.0, 1.0]),
        (None, 0.5, HALVES, [0.9375, 0.714286, 1.0]),
        (None, 1.0, None, [0.8, 0.666667, 1.0]),
        (None, 1.0, SOME, [1.0, 0.0, 1.0]),
        (None, 1.0, HALVES, [0.857143, 0.8, 1.0]),
        (None, 2.0, None, [0.714286, 0.833333, 1.0]),
        (None, 2.0, HALVES, [0.789474, 0.909091, 1.0]),
        ("micro", 0.5, None, 0.833333),
        ("micro", 0.5, SOME, 1.0),
        ("micro", 0.5, HALVES, 0.9),
        ("micro", 2.0, None, 0.833333),
        ("micro", 2.0, HALVES, 0.9),
        ("macro", 0.5, None, 0.821549),
        ("macro", 0.5, SOME, 0.666667),
        ("macro", 0.5, HALVES, 0.883929),
        ("macro", 1.0, None, 0.822222),
        ("macro", 1.0, HALVES, 0.885714),
        ("macro", 2.0, None, 0.849206),
        ("macro", 2.0, HALVES, 0.899522),
        ("weighted", 0.5, None, 0.880471),
        ("weighted", 0.5, SOME, 1.0),
        ("weighted", 0.5, HALVES, 0.917857),
        ("weighted", 1.0, None, 0.844444),
        ("weighted", 1.0, HALVES, 0.902857),
        ("weighted", 2.0, None, 0.829365),
        ("weighted", 2.0, HALVES, 0.897608),
    ],
)
def test_the_figures_of_keras_come_out_for_the_largest(average: Any, beta: float, weight: Any, expected: Any) -> None:
    """From Keras's f_score_metrics_test.py."""
    for y_true in (HOT, HOT.argmax(axis=-1)):
        np.testing.assert_allclose(FBetaScore(average, beta)(y_true, SHARES, weight), expected, atol=1e-5)


def test_f1_is_f_beta_with_a_beta_of_1_and_has_no_such_argument() -> None:
    np.testing.assert_array_equal(F1Score()(HOT, SHARES), FBetaScore(beta=1.0)(HOT, SHARES))
    assert F1Score("macro").get_config() == {"average": "macro", "threshold": None, "name": "f1_score"}


def test_a_row_of_zeros_names_no_class_and_equal_predictions_name_all_of_theirs() -> None:
    assert F1Score()([[1, 0]], [[0.0, 0.0]]).tolist() == [0.0, 0.0]
    assert F1Score()([[1, 0]], [[0.5, 0.5]]).tolist() == [1.0, 0.0]


def test_a_single_column_needs_a_threshold() -> None:
    with pytest.raises(ValueError, match=r"F1Score takes the largest .* shape \(2, 1\) have only one: pass threshold="):
        F1Score()([[1], [0]], [[0.9], [0.8]])
    for y_true, y_pred in (([[1], [0]], [[0.9], [0.8]]), ([1, 0], [[0.9], [0.8]]), ([1, 0], [0.9, 0.8])):
        assert F1Score(threshold=0.5)(y_true, y_pred) == 2 / 3


def test_positions_of_a_sequence_count_as_samples() -> None:
    y_true, y_pred = np.array(HOT).reshape(2, 3, 3), np.array(SHARES).reshape(2, 3, 3)
    np.testing.assert_array_equal(F1Score()(y_true, y_pred), F1Score()(HOT, SHARES))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"average": "mean"}, "average must be None, 'micro', 'macro' or 'weighted', got 'mean'"),
        *[({"beta": beta}, "beta must be a number above 0") for beta in (0.0, -1.0, "1.0", None)],
        *[({"threshold": t}, "threshold must be a number above 0 and up to 1, or None") for t in (0.0, 1.1, "0.5")],
    ],
)
def test_arguments_out_of_range_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=f"FBetaScore: {message}"):
        FBetaScore(**arguments)
