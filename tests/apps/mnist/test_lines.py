"""The geometry of strokes: segments, and how far pixels lie from them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.mnist import lines
from apps.mnist.lines import coverage, distances, first_and_last, segments

CENTRES = np.arange(20) + 0.5
places = st.tuples(st.floats(0, 20), st.floats(0, 20))


def by_definition(starts: np.ndarray, stops: np.ndarray, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """For each pixel and segment, the distance to the nearest point of the segment, in float64."""
    pixels = np.stack(np.meshgrid(columns, rows), axis=-1)[:, :, None]
    way = stops - starts
    length = np.maximum((way**2).sum(axis=-1), 1e-12)
    t = np.clip(((pixels - starts) * way).sum(axis=-1) / length, 0, 1)
    return np.hypot(*np.moveaxis(pixels - starts - t[..., None] * way, -1, 0)).min(axis=-1)


class TestSegments:
    def test_join_the_points_of_each_stroke_and_no_others(self) -> None:
        points = np.arange(12).reshape(6, 2)
        starts, stops = segments(points, np.array([3, 4, 6]))
        assert starts.tolist() == [[0, 1], [2, 3], [6, 7], [8, 9]]
        assert stops.tolist() == [[2, 3], [4, 5], [6, 7], [10, 11]]

    def test_masks_of_first_and_last(self) -> None:
        first, last = first_and_last(4, np.array([1, 4]))
        assert first.tolist() == [True, True, False, False]
        assert last.tolist() == [True, False, False, True]

    @given(st.lists(st.integers(1, 5), min_size=1, max_size=6))
    def test_one_for_each_pair_of_neighbours_and_each_dot(self, lengths: list[int]) -> None:
        starts, stops = segments(np.random.default_rng(0).random((sum(lengths), 2)), np.cumsum(lengths))
        assert len(starts) == len(stops) == sum(max(1, n - 1) for n in lengths)


class TestDistances:
    @given(st.lists(st.tuples(places, places), min_size=1, max_size=20))
    def test_are_those_of_the_definition(self, pairs: list[tuple[tuple[float, float], tuple[float, float]]]) -> None:
        starts, stops = np.array([a for a, _ in pairs]), np.array([b for _, b in pairs])
        found = distances(starts, stops, CENTRES, CENTRES)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, by_definition(starts, stops, CENTRES, CENTRES), atol=0.03)
        near = found < 3  # where it matters for the ink
        np.testing.assert_allclose(
            found[near] ** 2, by_definition(starts, stops, CENTRES, CENTRES)[near] ** 2, atol=1e-3
        )

    @pytest.mark.parametrize("working_set", [1, 400, 1000, 10**9])
    def test_depend_on_no_size_of_a_part(self, working_set: int, monkeypatch: pytest.MonkeyPatch) -> None:
        starts, stops = np.random.default_rng(0).random((2, 50, 2)) * 20
        expected = distances(starts, stops, CENTRES, CENTRES)
        monkeypatch.setattr(lines, "WORKING_SET", working_set)
        np.testing.assert_array_equal(distances(starts, stops, CENTRES, CENTRES), expected)

    def test_rows_and_columns_are_not_mixed_up(self) -> None:
        dot = np.array([[2.0, 5.0]])
        found = distances(dot, dot, np.array([2.0, 3.0, 4.0]), np.array([5.0, 6.0]))
        np.testing.assert_allclose(found, [[0, 1, 2], [1, 2**0.5, 5**0.5]], rtol=1e-6)

    def test_without_pixels(self) -> None:
        dot = np.array([[2.0, 5.0]])
        assert distances(dot, dot, np.array([]), CENTRES).shape == (20, 0)


def test_coverage_falls_from_all_to_nothing_over_one_pixel() -> None:
    found = coverage(np.array([0, 0.5, 1, 1.5, 2], np.float32), width=2.0)
    np.testing.assert_allclose(found, [1, 1, 0.5, 0, 0])
    assert found.dtype == np.float32
