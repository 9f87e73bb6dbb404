"""Medians, quartiles, ratios and straight lines."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.spread import Spread, line, ratios, spread


def test_the_spread_is_numpys_median_and_quartiles() -> None:
    values = [0.3, 0.1, 0.9, 0.4, 0.2, 0.25]
    np.testing.assert_allclose(spread(values), np.percentile(values, [50, 25, 75]))


def test_few_values_have_their_extremes_for_quartiles() -> None:
    assert spread([2.0]) == Spread(2.0, 2.0, 2.0)
    assert spread([3.0, 1.0]) == Spread(2.0, 1.0, 3.0)


def test_ratios_are_taken_round_by_round() -> None:
    assert ratios([2.0, 40.0, 2.0], [1.0, 20.0, 1.0]) == [2.0, 2.0, 2.0]  # the slow round drops out


def test_a_peer_that_failed_midway_is_compared_as_far_as_it_came() -> None:
    assert ratios([3.0], [1.0, 2.0]) == [3.0]


def test_a_line_is_found_again() -> None:
    assert line([1.0, 2.0, 4.0, 100.0], [3.5, 4.0, 5.0, 53.0]) == pytest.approx((3.0, 0.5))


def test_small_values_count_as_much_as_large_ones() -> None:
    x, y = [1.0, 2.0, 3.0, 1000.0], [11.0, 12.0, 13.0, 1110.0]  # the last is 10 % off
    constant, slope = line(x, y)
    assert constant == pytest.approx(10, abs=0.5)
    assert slope == pytest.approx(1.1, abs=0.05)
