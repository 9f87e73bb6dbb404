"""The session as its user meets it: pen, answers, history, undo, and what is logged of all that."""

from __future__ import annotations

import numpy as np
import pytest

from apps.mnist.ui.drawing import Drawing, Pen
from apps.mnist.ui.playback import Replay

from .conftest import DASH, ONE, SEVEN, Desk, one_as_a_picture


class TestPen:
    def test_a_stroke_is_a_change_of_the_document(self, desk: Desk) -> None:
        session = desk.session
        assert session.untouched
        desk.draw(SEVEN)
        assert not session.untouched
        assert session.pen is None
        assert [len(stroke.segments[0]) for stroke in session.page.drawing.strokes] == [4]
        assert desk.events("stroke") == [{"event": "stroke", "points": 4}]

    def test_is_seen_while_it_is_drawn(self, desk: Desk) -> None:
        desk.session.pen_down(0.5, 0.5)
        desk.session.pen_move(0.6, 0.5)
        assert desk.session.drawing.points == 2
        assert desk.session.page.drawing.is_empty
        assert not desk.session.untouched
        assert desk.logged == []

    def test_a_tap(self, desk: Desk) -> None:
        desk.draw(((0.5, 0.5),))
        desk.rest()
        assert desk.events("stroke") == [{"event": "stroke", "points": 1}]
        assert [entry["points"] for entry in desk.events("prediction")] == [1]

    def test_put_down_twice_makes_two_strokes(self, desk: Desk) -> None:
        desk.session.pen_down(0.1, 0.1)
        desk.session.pen_down(0.9, 0.9)
        desk.session.pen_up()
        desk.session.pen_up()
        assert [entry["points"] for entry in desk.events("stroke")] == [1, 1]

    def test_moves_and_lifts_without_a_stroke_are_nothing(self, desk: Desk) -> None:
        desk.session.pen_move(0.5, 0.5)
        desk.session.pen_up()
        assert desk.session.untouched
        assert desk.logged == []

    def test_leaving_the_canvas_counts_all_positions(self, desk: Desk) -> None:
        desk.draw(((0.5, 0.5), (1.5, 0.5), (1.6, 0.6), (1.5, 0.75), (0.5, 0.75)))
        assert len(desk.session.page.drawing.strokes) == 1
        assert len(desk.session.page.drawing.strokes[0].segments) == 2
        assert desk.events("stroke") == [{"event": "stroke", "points": 5}]

    def test_positions_outside_ask_nothing_of_the_model(self, desk: Desk) -> None:
        desk.session.pen_down(0.5, 0.5)
        desk.session.pen_move(1.5, 0.5)
        revision = desk.session.revision
        desk.session.pen_move(1.6, 0.6)
        assert desk.session.revision == revision


class TestEraser:
    @pytest.fixture(autouse=True)
    def _two_strokes(self, desk: Desk) -> None:
        desk.draw(((0.2, 0.1), (0.2, 0.9)))
        desk.draw(((0.8, 0.1), (0.8, 0.9)))

    def test_takes_the_stroke_that_is_touched(self, desk: Desk) -> None:
        left, right = desk.session.page.drawing.strokes
        desk.switches.eraser()
        desk.session.pen_down(0.21, 0.5)
        assert desk.session.pen is None
        assert desk.session.page.drawing.strokes == (right,)
        desk.session.undo()
        assert desk.session.page.drawing.strokes == (left, right)

    def test_beside_the_strokes_nothing_happens(self, desk: Desk) -> None:
        page = desk.session.page
        desk.session.erase(0.5, 0.5)
        assert desk.session.page is page

    def test_takes_the_picture_under_the_strokes_last(self, desk: Desk) -> None:
        desk.session.put(Drawing(desk.session.page.drawing.strokes, one_as_a_picture()))
        desk.session.erase(0.5, 0.5)
        assert desk.session.page.drawing.picture is None
        assert len(desk.session.page.drawing.strokes) == 2

    @pytest.mark.parametrize("place", [(0.0, 0.0), (1.0, 1.0), (1.0, 0.0)])
    def test_in_the_corners_of_a_picture(self, desk: Desk, place: tuple[float, float]) -> None:
        picture = one_as_a_picture()
        picture[0, 0] = 1
        desk.session.put(Drawing(picture=picture))
        desk.session.erase(*place)
        assert (desk.session.page.drawing.picture is None) == (place == (0.0, 0.0))

    def test_a_stroke_that_is_being_drawn_is_not_lost(self, desk: Desk) -> None:
        desk.session.pen_down(0.5, 0.2)
        desk.session.pen_move(0.5, 0.8)
        desk.session.erase(0.2, 0.5)
        assert [stroke.lines[0][0, 0] for stroke in desk.session.drawing.strokes] == [0.8, 0.5]
        assert [entry["points"] for entry in desk.events("stroke")] == [2, 2, 2]

    def test_erasing_all_leaves_no_answer(self, desk: Desk) -> None:
        desk.rest()
        desk.session.erase(0.2, 0.5)
        desk.session.erase(0.8, 0.5)
        desk.rest()
        assert desk.session.reading is None
        assert len(desk.events("prediction")) == 1


class TestUndo:
    def test_takes_back_a_clear(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.draw(DASH)
        drawing = desk.session.drawing
        desk.session.clear()
        assert desk.session.drawing.is_empty
        desk.session.undo()
        assert desk.session.drawing is drawing
        assert desk.logged[-2:] == [{"event": "clear"}, {"event": "undo", "strokes": 2}]

    def test_counts_what_is_left(self, desk: Desk) -> None:
        for _ in range(3):
            desk.draw(DASH)
        for _ in range(4):
            desk.session.undo()
        assert [entry["strokes"] for entry in desk.events("undo")] == [2, 1, 0, 0]
        assert desk.said == ("info", "nothing to undo")

    def test_while_drawing_ends_the_stroke_and_takes_it_back(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.session.pen_down(0.1, 0.1)
        desk.session.undo()
        assert desk.session.pen is None
        assert desk.logged[-1] == {"event": "undo", "strokes": 1}
        desk.session.pen_move(0.5, 0.5)
        desk.session.pen_up()
        assert len(desk.events("stroke")) == 2
        desk.rest()
        assert desk.events("prediction")[-1]["points"] == 4
        desk.session.redo()
        assert desk.session.drawing.points == 5

    def test_the_first_stroke_while_drawing_it(self, desk: Desk) -> None:
        desk.session.pen_down(0.1, 0.1)
        desk.wait(0.1)
        desk.session.undo()
        desk.rest()
        assert desk.session.reading is None
        assert desk.events("prediction") == []

    def test_redo_is_no_matter_of_the_pen(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.session.undo()
        desk.session.pen_down(0.1, 0.1)
        desk.session.redo()
        assert desk.said == ("info", "nothing to redo")
        desk.session.undo()
        desk.session.redo()
        assert desk.session.drawing.points == 1

    def test_the_digit_is_answered_anew_and_stays_one(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.draw(DASH)
        desk.rest()
        desk.session.undo()
        desk.rest()
        desk.session.redo()
        desk.rest()
        assert [entry["strokes"] for entry in desk.events("prediction")] == [2, 1, 2]
        assert len(desk.session.history) == 1

    def test_a_clear_that_is_taken_back_is_the_same_digit(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.rest()
        desk.session.clear()
        desk.draw(ONE)
        desk.rest()
        for _ in range(2):
            desk.session.undo()
        desk.draw(DASH)
        desk.rest()
        assert [len(reading.drawing.strokes) for reading in desk.session.history] == [1, 2]
        assert [reading.sheet for reading in desk.session.history] == [1, 0]

    def test_a_hundred_levels(self, desk: Desk) -> None:
        for n in range(120):
            desk.draw(((n / 120, 0.5),))
        for _ in range(120):
            desk.session.undo()
        assert len(desk.session.drawing.strokes) == 20
        for _ in range(120):
            desk.session.redo()
        assert len(desk.session.drawing.strokes) == 120


class TestClear:
    def test_of_a_blank_canvas_is_logged_and_cannot_be_undone(self, desk: Desk) -> None:
        desk.session.clear()
        assert desk.logged == [{"event": "clear"}]
        assert desk.session.untouched

    def test_leaves_nothing_to_wait_for(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.session.clear()
        desk.session.tick()
        assert not desk.session.busy

    def test_while_drawing_ends_the_stroke(self, desk: Desk) -> None:
        desk.session.pen_down(0.1, 0.1)
        desk.session.pen_move(0.5, 0.1)
        desk.session.clear()
        assert desk.session.drawing.is_empty
        assert desk.logged == [{"event": "stroke", "points": 2}, {"event": "clear"}]
        desk.session.undo()
        assert desk.session.drawing.points == 2

    def test_during_a_replay(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.session.play(Replay(desk.session.drawing, desk.clock()))
        desk.wait(0.1, frames=5)
        desk.session.clear()
        desk.rest()
        assert desk.session.playback is None
        assert desk.session.shown.is_empty
        assert desk.session.reading is None
        desk.session.undo()
        assert desk.session.drawing.points == 4


class TestRevisiting:
    def test_puts_the_digit_back_and_can_be_undone(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.rest()
        desk.session.clear()
        desk.draw(ONE)
        desk.rest()
        seven, one = desk.session.history
        desk.session.revisit(seven)
        assert desk.session.drawing is seven.drawing
        assert desk.session.page.sheet == seven.sheet
        desk.rest()
        assert [reading.prediction.digit for reading in desk.session.history] == [1, 7]
        desk.session.undo()
        assert desk.session.drawing is one.drawing

    def test_the_digit_that_is_there_is_no_change(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.rest()
        page = desk.session.page
        desk.session.revisit(desk.session.history[0])
        assert desk.session.page is page
        assert desk.session.settled


class TestEvents:
    def test_a_prediction_has_these_fields(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.draw(DASH)
        desk.rest()
        (entry,) = desk.events("prediction")
        assert list(entry) == ["event", "digit", "probabilities", "strokes", "points", "ms", "model"]
        assert entry["digit"] == 7
        assert (entry["strokes"], entry["points"]) == (2, 6)
        assert [type(p) for p in entry["probabilities"]] == [float] * 10
        assert sum(entry["probabilities"]) == pytest.approx(1)
        assert int(np.argmax(entry["probabilities"])) == 7
        assert isinstance(entry["ms"], float)
        assert entry["ms"] > 0

    def test_a_digit_from_beginning_to_end(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.predict()
        desk.session.undo()
        desk.session.redo()
        desk.session.clear()
        desk.session.undo()
        names = [entry["event"] for entry in desk.logged]
        assert names == ["stroke", "prediction", "undo", "clear", "undo"]
        assert [entry["strokes"] for entry in desk.events("undo")] == [0, 1]


def test_long_strokes_cost_no_more_for_each_point(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The document of a stroke is made when it is needed, not for each position."""
    made = []
    stroke = Pen.stroke.fget  # type: ignore[attr-defined]
    monkeypatch.setattr(Pen, "stroke", property(lambda pen: made.append(1) or stroke(pen)))
    desk.switches.live()
    desk.session.pen_down(0, 0)
    for n in range(1, 1000):
        desk.session.pen_move(n / 1000, 0.5)
    assert not made
    desk.session.pen_up()
    assert desk.session.page.drawing.points == 1000
