"""What is sure: answers, and shares."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.mnist.certainty import Certainty, certainty, interval, sure_answers


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (1.0, Certainty.SURE),
        (0.90, Certainty.SURE),
        (np.nextafter(0.90, 0), Certainty.PROBABLE),
        (0.60, Certainty.PROBABLE),
        (np.nextafter(0.60, 0), Certainty.UNSURE),
        (0.1, Certainty.UNSURE),
    ],
)
def test_certainty_at_its_borders(share: float, expected: Certainty) -> None:
    assert certainty(np.array([share, 1 - share] + 8 * [0.0]) if share >= 0.5 else np.full(10, share)) is expected


def test_sure_answers_are_those_that_the_window_calls_sure() -> None:
    best = np.linspace(0.2, 1, 81)
    rows = np.stack([best, *[(1 - best) / 9] * 9], axis=1)
    expected = [certainty(row) is Certainty.SURE for row in rows]
    assert sure_answers(rows).tolist() == expected
    assert 0 < sum(expected) < 81


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662), (9902, 10_000, 0.98808, 0.99195)],
)
def test_interval_has_the_published_values(right: int, n: int, low: float, high: float) -> None:
    """81 of 263 is the example of R. Newcombe, "Two-Sided Confidence Intervals for the Single Proportion", 1998."""
    assert interval(right, n) == pytest.approx((low, high), abs=6e-5)


def test_interval_of_nothing_is_everything() -> None:
    assert interval(0, 0) == (0.0, 1.0)


@given(st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_interval_holds_the_share_and_stays_a_share(counts: tuple[int, int]) -> None:
    right, n = counts
    low, high = interval(right, n)
    assert 0 <= low <= right / n + 1e-12
    assert right / n - 1e-12 <= high <= 1
    assert low < high
