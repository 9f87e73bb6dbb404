"""Strokes are put together to digits: what belongs together stays, what does not is told apart."""

from __future__ import annotations

import numpy as np
import pytest

from apps.mnist.grouping import MOST_STROKES, group_clouds, group_strokes
from framework.parameters import Array

HOOK = [(20, 10), (5, 10), (5, 45), (40, 50), (45, 80), (0, 95)]
BAR = [(22, 8), (50, 5)]
ONE = [(0, 0), (0, 50), (0, 100)]
TWO = [(0, 20), (25, 0), (50, 25), (0, 100), (50, 100)]
ANGLE, STAFF = [(30, 0), (0, 60), (60, 60)], [(45, 30), (45, 100)]


def at(x: float, stroke: list[tuple[float, float]], y: float = 0) -> Array:
    return np.add(stroke, (x, y), dtype=float)


def test_no_strokes_are_no_digits() -> None:
    assert group_strokes([]) == []
    assert group_strokes([np.zeros((0, 2))]) == []


@pytest.mark.parametrize("stroke", [ONE, TWO, BAR, [(3, 3)], [(0, 0), (90, 0)]])
def test_a_stroke_alone_is_a_digit_whatever_it_is(stroke: list[tuple[float, float]]) -> None:
    assert group_strokes([stroke]) == [[0]]


def test_digits_are_told_apart_and_come_from_left_to_right() -> None:
    strokes = [at(200, TWO), at(0, ONE), at(100, TWO)]
    assert group_strokes(strokes) == [[1], [2], [0]]


def test_a_bar_that_is_drawn_last_joins_its_digit() -> None:
    assert group_strokes([at(0, HOOK), at(100, ONE), at(200, TWO), at(0, BAR)]) == [[0, 3], [1], [2]]


def test_strokes_that_cross_are_one_digit() -> None:
    assert group_strokes([at(0, ANGLE), at(0, STAFF), at(90, ANGLE), at(90, STAFF)]) == [[0, 1], [2, 3]]


@pytest.mark.parametrize(("gap", "groups"), [(5, [[0, 1]]), (25, [[0, 1]]), (40, [[0]])])
def test_a_short_bar_apart_belongs_to_the_digit_beside_it_if_that_is_near(gap: float, groups: list[list[int]]) -> None:
    assert group_strokes([at(0, HOOK), [(20 + gap, 5), (35 + gap, 5)]]) == groups


def test_what_is_drawn_above_belongs_to_it_however_far() -> None:
    assert group_strokes([at(0, TWO, y=60), at(0, [(5, 0), (45, 0)])]) == [[0, 1]]


@pytest.mark.parametrize("lean", [-0.3, 0.3])
def test_digits_that_lean_are_told_apart_although_their_boxes_overlap(lean: float) -> None:
    strokes = [at(x, ONE) @ [[1, 0], [-lean, 1]] for x in (0, 22, 44)]
    assert group_strokes(strokes) == [[0], [1], [2]]


@pytest.mark.parametrize("degrees", [-8, 8])
def test_lines_may_rise(degrees: float) -> None:
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    strokes = [at(70 * n, TWO) @ [[c, -s], [s, c]] for n in range(6)]
    assert group_strokes(strokes) == [[n] for n in range(6)]


@pytest.mark.parametrize("scale", [1e-3, 1, 1e6])
def test_the_unit_and_the_place_do_not_matter(scale: float) -> None:
    strokes = [at(0, HOOK), at(100, ONE), at(0, BAR)]
    assert group_strokes([scale * (stroke - 1000) for stroke in strokes]) == [[0, 2], [1]]


def test_points_may_be_far_apart_or_close_together() -> None:
    """What is measured is the distance of the lines, and not that of the points that were sent."""
    fine = [(45, y) for y in np.linspace(30, 100, 500)]
    assert group_strokes([ANGLE, fine]) == group_strokes([ANGLE, STAFF]) == [[0, 1]]


class TestSpecks:
    def test_one_far_from_all_digits_belongs_to_none(self) -> None:
        assert group_strokes([at(0, TWO), [(150, 90)], at(200, TWO)]) == [[0], [2]]

    def test_one_beside_a_digit_belongs_to_it(self) -> None:
        assert group_strokes([at(0, TWO), [(60, 90)], at(200, TWO)]) == [[0, 1], [2]]

    def test_ink_that_is_small_in_all_is_there_nevertheless(self) -> None:
        dots = [[(0.01 * n, 0.5)] for n in range(100)]
        assert group_strokes(dots, smallest=0.1) == [list(range(100))]


def test_so_many_strokes_are_no_number() -> None:
    dots = [[(100.0 * n, 0.0)] for n in range(MOST_STROKES + 1)]
    assert group_strokes(dots) == [list(range(MOST_STROKES + 1))]
    assert len(group_strokes(dots[:-1])) == MOST_STROKES


def test_clouds_are_lengths_in_sizes_apart() -> None:
    column = np.stack([np.zeros(50), np.arange(50)], axis=1)
    clouds = [column, np.add(column, (8, 0))]
    assert group_clouds(clouds, size=50, near=0.1) == [[0], [1]]
    assert group_clouds(clouds, size=50, near=0.2) == [[0, 1]]


@pytest.mark.parametrize(
    ("stroke", "problem"),
    [
        ([(0, 0, 1), (1, 1, 1)], r"stroke 1 has shape \(2, 3\), expected \(n, 2\)"),
        ([(0, float("nan"))], "stroke 1 has a point that is not finite"),
        ("ab", "stroke 1 is not an array of numbers"),
    ],
)
def test_what_is_no_stroke_is_refused(stroke: object, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        group_strokes([ONE, stroke])  # type: ignore[list-item]


def test_a_long_chain_of_strokes_is_one_digit() -> None:
    chain = [[(0.1 * n, 0.0), (0.1 * n + 0.1, 0.0)] for n in range(200)]
    rng = np.random.default_rng(0)
    assert group_strokes([chain[n] for n in rng.permutation(200)], smallest=1.0) == [list(range(200))]
