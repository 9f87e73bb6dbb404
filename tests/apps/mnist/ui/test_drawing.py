"""From the pen to the document: every point that lies on the canvas arrives, once, in its stroke."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.mnist.ui.drawing import Drawing, Pen, Stroke, clipped, stroke_count

inside = st.integers(0, 560).map(lambda pixel: pixel / 560)
anywhere = st.integers(-300, 900).map(lambda pixel: pixel / 560)
Place = tuple[float, float]


def drawn(*places: Place) -> Stroke:
    """The stroke through these places, a tenth of a second from each to the next."""
    pen = Pen(*places[0], now=5.0)
    for number, place in enumerate(places[1:], 1):
        pen.move(*place, now=5.0 + number / 10)
    return pen.stroke


def places_of(stroke: Stroke) -> list[list[Place]]:
    return [[(x, y) for x, y, _ in segment] for segment in stroke.segments]


class TestPen:
    def test_a_tap_is_a_point(self) -> None:
        stroke = drawn((0.25, 0.75))
        assert stroke.segments == (((0.25, 0.75, 0.0),),)
        assert (stroke.points, stroke.seconds, stroke.began) == (1, 0.0, 5.0)

    def test_points_have_the_times_at_which_they_came(self) -> None:
        assert [round(t, 6) for _, _, t in drawn((0, 0), (0.5, 0), (1, 1)).segments[0]] == [0, 0.1, 0.2]

    def test_a_clock_that_goes_back_makes_no_negative_times(self) -> None:
        pen = Pen(0.5, 0.5, now=5.0)
        pen.move(0.6, 0.5, now=4.0)
        assert pen.stroke.seconds == 0

    def test_staying_in_place_is_no_point(self) -> None:
        assert drawn((0.5, 0.5), (0.5, 0.5), (0.6, 0.5), (0.6, 0.5), (0.5, 0.5)).points == 3

    def test_leaving_ends_the_segment_at_the_border(self) -> None:
        stroke = drawn((0.5, 0.5), (1.5, 0.5))
        assert places_of(stroke) == [[(0.5, 0.5), (1.0, 0.5)]]

    def test_what_is_drawn_outside_is_not_there(self) -> None:
        stroke = drawn((0.5, 0.5), (1.5, 0.5), (1.5, 0.9), (7.0, 0.2))
        assert places_of(stroke) == [[(0.5, 0.5), (1.0, 0.5)]]
        assert stroke.points == 4  # positions of the pen, wherever it was

    def test_coming_back_begins_a_segment_of_the_same_stroke(self) -> None:
        stroke = drawn((0.5, 0.5), (1.5, 0.5), (1.5, 0.75), (0.5, 0.75), (0.25, 0.75))
        assert places_of(stroke) == [[(0.5, 0.5), (1.0, 0.5)], [(1.0, 0.75), (0.5, 0.75), (0.25, 0.75)]]
        assert stroke.points == 5
        assert stroke.seconds == pytest.approx(0.4)

    def test_crossing_the_canvas_from_outside_to_outside(self) -> None:
        stroke = drawn((0.5, 0.5), (0.5, -1), (-1, 0.25), (2, 0.25))
        assert places_of(stroke) == [[(0.5, 0.5), (0.5, 0.0)], [(0.0, 0.25), (1.0, 0.25)]]

    def test_along_the_border_is_on_the_canvas(self) -> None:
        assert places_of(drawn((1, 0.2), (1, 0.8))) == [[(1, 0.2), (1, 0.8)]]
        assert places_of(drawn((1, 0.2), (1.5, 0.2))) == [[(1, 0.2)]]

    @given(st.lists(inside.flatmap(lambda x: st.tuples(st.just(x), inside)), min_size=1, max_size=30))
    def test_on_the_canvas_every_new_position_is_a_point(self, places: list[Place]) -> None:
        kept = [place for i, place in enumerate(places) if i == 0 or place != places[i - 1]]
        assert places_of(drawn(*places)) == [kept]

    @given(st.tuples(inside, inside), st.lists(st.tuples(anywhere, anywhere), max_size=30))
    def test_anywhere_points_lie_on_the_canvas_and_are_not_repeated(self, start: Place, rest: list[Place]) -> None:
        pen = Pen(*start, now=0.0)
        for number, place in enumerate(rest):
            pen.move(*place, now=float(number))
        stroke = pen.stroke
        assert pen.points == sum(map(len, stroke.segments))
        assert stroke.points == 1 + sum(a != b for a, b in pairwise([start, *rest]))
        for segment in stroke.segments:
            assert segment
            assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y, _ in segment)
            assert all(a[:2] != b[:2] and a[2] <= b[2] for a, b in pairwise(segment))
        arrived = {(x, y) for x, y, _ in sum(stroke.segments, ())}
        assert {place for place in [start, *rest] if all(0 <= c <= 1 for c in place)} <= arrived


class TestClipped:
    @pytest.mark.parametrize(
        ("start", "stop"),
        [((-1, 0.5), (-0.1, 0.5)), ((0.5, 2), (0.5, 1.1)), ((-0.5, 0.4), (0.4, -0.5)), ((2, 2), (2, 2))],
    )
    def test_outside_is_nothing(self, start: Place, stop: Place) -> None:
        assert clipped(start, stop) is None

    @given(st.tuples(anywhere, anywhere), st.tuples(anywhere, anywhere))
    def test_what_is_left_lies_on_the_line_and_on_the_canvas(self, start: Place, stop: Place) -> None:
        found = clipped(start, stop)
        on_canvas = [all(0 <= c <= 1 for c in place) for place in (start, stop)]
        if found is None:
            assert not any(on_canvas)
            return
        begin, end = found
        assert begin == start or not on_canvas[0]
        assert end == stop or not on_canvas[1]
        for x, y in found:
            assert 0 <= x <= 1
            assert 0 <= y <= 1
            way = np.subtract(stop, start)
            off = way[0] * (y - start[1]) - way[1] * (x - start[0])
            assert abs(off) < 1e-9


class TestDrawing:
    def test_is_replaced_and_never_changed(self) -> None:
        empty, one = Drawing(), drawn((0, 0), (1, 1))
        full = empty.with_stroke(one)
        assert empty.is_empty
        assert full.strokes == (one,)
        assert full.without(0).is_empty
        assert full.strokes == (one,)

    def test_a_picture_alone_is_not_empty(self) -> None:
        drawing = Drawing(picture=np.zeros((28, 28), np.float32))
        assert not drawing.is_empty
        assert (drawing.points, drawing.lines) == (0, [])

    def test_lines_are_the_segments_of_all_strokes(self) -> None:
        drawing = Drawing((drawn((0.5, 0.5), (1.5, 0.5), (1.5, 0.75), (0.5, 0.75)), drawn((0.1, 0.2))))
        assert [line.tolist() for line in drawing.lines] == [
            [[0.5, 0.5], [1, 0.5]],
            [[1, 0.75], [0.5, 0.75]],
            [[0.1, 0.2]],
        ]
        assert drawing.points == 5

    def test_the_uppermost_stroke_is_found(self) -> None:
        across, down, dot = drawn((0, 0.5), (1, 0.5)), drawn((0.5, 0), (0.5, 1)), drawn((0.9, 0.9))
        drawing = Drawing((across, down, dot))
        assert drawing.stroke_at(0.5, 0.5, 0.01) == 1
        assert drawing.stroke_at(0.2, 0.54, 0.05) == 0
        assert drawing.stroke_at(0.93, 0.9, 0.05) == 2
        assert drawing.stroke_at(0.2, 0.56, 0.05) is None
        assert Drawing().stroke_at(0.5, 0.5, 1.0) is None

    def test_between_two_segments_there_is_no_stroke(self) -> None:
        drawing = Drawing((drawn((0.5, 0.2), (1.5, 0.2), (1.5, 0.8), (0.5, 0.8)),))
        assert drawing.stroke_at(0.98, 0.5, 0.05) is None

    @pytest.mark.parametrize(
        ("strokes", "said"),
        [
            ((), "0 strokes, 0 points"),
            ((drawn((0, 0)),), "1 stroke, 1 point"),
            ((drawn((0, 0), (1, 1)), drawn((0, 0))), "2 strokes, 3 points"),
        ],
    )
    def test_count_in_words(self, strokes: tuple[Stroke, ...], said: str) -> None:
        assert stroke_count(Drawing(strokes)) == said
