"""Ink that is drawn bit by bit is the ink that is drawn at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.mnist.lines import coverage, distances
from apps.mnist.ui.layout import Rect
from apps.mnist.ui.raster import Raster, Segment, as_levels

shares = st.integers(0, 40).map(lambda n: n / 40)
points = st.tuples(shares, shares, st.integers(0, 3).map(float))
drawings = st.lists(st.lists(points, min_size=1, max_size=20).map(tuple), max_size=4)
SIZES = st.sampled_from([(28, 2.2), (28, 5.0), (100, 1.0), (57, 9.3)])


def at_once(segments: list[Segment], side: int, width: float) -> np.ndarray:
    """All the ink from its definition, without parts and boxes."""
    found = np.zeros((side, side), np.float32)
    centres = np.arange(side) + 0.5
    for segment in segments:
        line = side * np.array(segment)[:, :2]
        starts, stops = (line[:-1], line[1:]) if len(line) > 1 else (line, line)
        found = np.maximum(found, coverage(distances(starts, stops, centres, centres), width))
    return np.rint(255 * found).astype(np.uint8)


def is_within(changed: np.ndarray, rect: Rect) -> bool:
    rows, columns = np.nonzero(changed)
    return all(rect.holds(x, y) for x, y in zip(columns, rows, strict=True))


@given(drawings, SIZES)
def test_is_the_ink_of_the_definition(segments: list[Segment], size: tuple[int, float]) -> None:
    raster = Raster(*size)
    rect = raster.draw(segments)
    assert raster.levels.dtype == np.uint8
    assert raster.levels.shape == (size[0], size[0])
    np.testing.assert_array_equal(raster.levels, at_once(segments, *size))
    assert is_within(raster.levels, rect)


@given(drawings, SIZES)
def test_point_by_point_is_the_same(segments: list[Segment], size: tuple[int, float]) -> None:
    raster = Raster(*size)
    for number, segment in enumerate(segments):
        for length in range(1, len(segment) + 1):
            before = raster.levels.copy()
            rect = raster.draw([*segments[:number], segment[:length]])
            assert is_within(before != raster.levels, rect)
    np.testing.assert_array_equal(raster.levels, at_once(segments, *size))


@given(st.lists(drawings, max_size=4), SIZES)
def test_any_drawing_after_any_other(several: list[list[Segment]], size: tuple[int, float]) -> None:
    raster = Raster(*size)
    for segments in several:
        before = raster.levels.copy()
        rect = raster.draw(segments)
        np.testing.assert_array_equal(raster.levels, at_once(segments, *size))
        assert is_within(before != raster.levels, rect)


def test_a_drawing_with_the_same_ends_is_another_drawing() -> None:
    raster = Raster(28, 2.2)
    raster.draw([((0.1, 0.1, 0.0), (0.5, 0.9, 0.0), (0.9, 0.1, 0.0))])
    other = [((0.1, 0.1, 0.0), (0.5, 0.2, 0.0), (0.9, 0.1, 0.0))]
    raster.draw(other)
    np.testing.assert_array_equal(raster.levels, at_once(other, 28, 2.2))


def test_one_that_has_shrunk_is_drawn_anew() -> None:
    raster = Raster(28, 2.2)
    segment = ((0.1, 0.5, 0.0), (0.5, 0.5, 0.1), (0.9, 0.5, 0.2))
    raster.draw([segment])
    assert raster.draw([segment[:2]]) == Rect(0, 0, 28, 28)
    assert raster.levels[14, 24] == 0
    raster.draw([])
    assert not raster.levels.any()


def test_what_is_new_changes_only_its_surroundings() -> None:
    raster = Raster(280, 22)
    segment = ((0.1, 0.1, 0.0), (0.1, 0.9, 0.1))
    raster.draw([segment])
    rect = raster.draw([segment, ((0.8, 0.8, 0.0),)])
    assert rect.w <= 26
    assert rect.h <= 26
    assert rect.holds(224, 224)


def test_nothing_new_changes_nothing() -> None:
    raster = Raster(28, 2.2)
    segment = ((0.1, 0.1, 0.0), (0.1, 0.9, 0.1))
    raster.draw([segment])
    rect = raster.draw([segment])
    assert rect.w * rect.h == 0


@pytest.mark.parametrize("place", [(-3.0, 0.5), (1.5, 1.5), (0.5, -0.02), (1.02, 0.5)])
def test_ink_beyond_the_border_is_cut_off(place: tuple[float, float]) -> None:
    segments = [((*place, 0.0),), ((0.5, 0.5, 0.0), (*place, 1.0))]
    raster = Raster(28, 2.2)
    raster.draw(segments)
    np.testing.assert_array_equal(raster.levels, at_once(segments, 28, 2.2))


@pytest.mark.parametrize("side", [1, 2, 5])
def test_on_a_canvas_of_a_few_pixels(side: int) -> None:
    raster = Raster(side, 2.2 * side / 28)
    raster.draw([((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))])
    assert raster.levels.shape == (side, side)


def test_levels_of_an_image() -> None:
    levels = as_levels(np.array([[0.0, 0.5, 1.0]], np.float32))
    assert levels.dtype == np.uint8
    assert levels.tolist() == [[0, 128, 255]]
