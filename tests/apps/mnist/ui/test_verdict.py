"""Probabilities in words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.mnist.ui.verdict import percent, runner_up, verdict


def shares(**of: float) -> np.ndarray:
    """Probabilities, given as `d4=0.9`; the rest is spread over the other digits."""
    found = np.zeros(10)
    for name, share in of.items():
        found[int(name[1:])] = share
    others = found == 0
    found[others] = (1 - found.sum()) / others.sum()
    return found


@pytest.mark.parametrize(
    ("probabilities", "said"),
    [
        (shares(d7=0.97), "sure"),
        (shares(d7=0.75), "probably"),
        (shares(d4=0.5, d9=0.4), "not sure, 4 or 9"),
        (shares(d4=0.4, d9=0.5), "not sure, 9 or 4"),
        (np.full(10, 0.1), "not sure, 0 or 1"),
    ],
)
def test_verdict(probabilities: np.ndarray, said: str) -> None:
    assert verdict(probabilities) == said


@given(st.permutations(range(10)))
def test_the_runner_up_is_the_second(order: list[int]) -> None:
    assert runner_up(np.array(order) / 45) == order.index(8)


def test_of_equals_the_first_is_the_runner_up() -> None:
    assert runner_up(shares(d3=0.4, d5=0.2, d8=0.2)) == 5


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (0.0, "0 %"),
        (1e-300, "< 0.1 %"),
        (0.000999, "< 0.1 %"),
        (0.001, "0.1 %"),
        (0.0344, "3.4 %"),
        (0.0994, "9.9 %"),
        (0.1, "10 %"),
        (0.5, "50 %"),
        (0.9949, "99 %"),
        (0.995, "99.5 %"),
        (0.9994, "99.9 %"),
        (0.99951, "99.9 %"),
        (np.nextafter(1.0, 0), "99.9 %"),
        (1.0, "100 %"),
    ],
)
def test_percent(probability: float, said: str) -> None:
    assert percent(probability) == said


@given(st.floats(0, 1))
def test_percent_is_near_the_truth_and_never_certain_of_what_is_not(probability: float) -> None:
    said = percent(probability)
    assert said.endswith(" %")
    assert (said == "100 %") == (probability == 1)
    assert (said == "0 %") == (probability == 0)
    number = float(said.removesuffix(" %").removeprefix("< "))
    assert abs(number - 100 * probability) <= 0.5001
    assert len(said) <= len("< 0.1 %")


@given(st.floats(0, 1), st.floats(0, 1))
def test_percent_keeps_the_order(a: float, b: float) -> None:
    low, high = (float(percent(p).removesuffix(" %").removeprefix("< ")) for p in sorted((a, b)))
    assert low <= high
