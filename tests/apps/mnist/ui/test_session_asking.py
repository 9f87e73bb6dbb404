"""When the session asks the model, and what it does with the answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from apps.mnist.recognizer import Recognizer
from apps.mnist.ui.drawing import Drawing, Stroke
from apps.mnist.ui.layout import HISTORY
from apps.mnist.ui.playback import Centring, Replay
from apps.mnist.ui.session import SAID_FOR

from .conftest import DASH, SEVEN, Desk, one_as_a_picture


class TestAsking:
    def test_guesses_while_the_pen_moves(self, desk: Desk) -> None:
        desk.session.pen_down(*SEVEN[0])
        for n in range(1, 129):
            desk.session.pen_move(0.2 + 0.004 * n, 0.2)
            desk.wait(1 / 128)
        assert desk.worker.jobs == 19  # in a second: every seventh frame is the first after 50 ms
        desk.session.tick()
        assert desk.session.reading is not None
        assert not desk.session.reading.settled
        assert not desk.session.settled
        assert desk.events("prediction") == []
        assert desk.session.history == []

    def test_a_pen_that_rests_on_the_canvas_asks_no_more(self, desk: Desk) -> None:
        desk.session.pen_down(0.5, 0.5)
        desk.wait(5.0, frames=100)
        assert desk.worker.jobs == 1
        assert desk.events("prediction") == []

    def test_settles_after_the_rest(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.wait(0.340, frames=34)
        assert desk.events("prediction") == []
        desk.wait(0.030, frames=3)
        assert [entry["digit"] for entry in desk.events("prediction")] == [7]
        assert desk.session.settled
        assert [reading.settled for reading in desk.session.history] == [True]
        assert not desk.session.busy

    def test_settles_once(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.wait(20.0, frames=1000)
        assert len(desk.events("prediction")) == 1

    def test_a_second_stroke_within_the_rest_continues_the_digit(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.wait(0.300, frames=30)
        desk.draw(DASH)
        desk.wait(0.300, frames=30)
        assert desk.events("prediction") == []
        desk.rest()
        assert [(entry["strokes"], entry["points"]) for entry in desk.events("prediction")] == [(2, 6)]
        assert len(desk.session.history) == 1

    def test_a_pen_that_is_put_down_begins_the_rest_anew(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.wait(0.340, frames=34)
        desk.session.pen_down(0.3, 0.5)
        desk.wait(1.0, frames=100)
        assert desk.events("prediction") == []
        desk.session.pen_up()
        desk.wait(0.340, frames=34)
        assert desk.events("prediction") == []
        desk.wait(0.030, frames=3)
        assert len(desk.events("prediction")) == 1

    def test_a_later_stroke_of_the_same_digit_replaces_its_entry(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.rest()
        desk.draw(DASH)
        desk.rest()
        assert len(desk.events("prediction")) == 2
        assert [len(reading.drawing.strokes) for reading in desk.session.history] == [2]

    def test_p_settles_at_once_and_nothing_follows(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.predict()
        assert desk.session.settled
        desk.wait(5.0, frames=500)
        assert len(desk.events("prediction")) == 1
        assert len(desk.session.history) == 1

    def test_p_while_the_pen_is_down(self, desk: Desk) -> None:
        desk.session.pen_down(*SEVEN[0])
        for place in SEVEN[1:]:
            desk.session.pen_move(*place)
        desk.predict()
        assert desk.session.settled
        desk.session.pen_up()
        desk.wait(5.0, frames=100)
        assert [(entry["strokes"], entry["points"]) for entry in desk.events("prediction")] == [(1, 4)]
        assert desk.session.settled

    def test_p_twice_answers_twice_and_is_one_digit(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.predict()
        desk.predict()
        assert len(desk.events("prediction")) == 2
        assert len(desk.session.history) == 1

    def test_without_guesses_nothing_is_asked(self, desk: Desk) -> None:
        desk.switches.live()
        desk.draw(SEVEN)
        desk.wait(5.0, frames=100)
        assert desk.worker.jobs == 0
        assert desk.session.reading is None
        assert not desk.session.busy
        desk.predict()
        assert [entry["digit"] for entry in desk.events("prediction")] == [7]

    def test_switching_guesses_on_again_answers_what_is_there(self, desk: Desk) -> None:
        desk.switches.live()
        desk.draw(SEVEN)
        desk.rest()
        desk.switches.live()
        desk.rest()
        assert len(desk.events("prediction")) == 1

    def test_an_answer_that_comes_after_the_clearing_is_logged_but_not_shown(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.session.predict()  # on its way
        desk.session.clear()
        desk.session.tick()
        assert desk.session.reading is None
        assert [entry["event"] for entry in desk.logged] == ["stroke", "clear", "prediction"]
        assert desk.logged[-1]["points"] == 4

    def test_a_guess_that_is_on_its_way_does_not_outlive_an_undo(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.session.undo()
        desk.session.tick()
        assert desk.session.reading is None

    def test_an_answer_to_a_part_is_a_guess_at_the_whole(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.session.predict()
        desk.session.pen_down(*DASH[0])
        desk.session.tick()
        assert desk.session.reading is not None
        assert desk.session.reading.prediction.digit == 7
        assert not desk.session.settled

    def test_the_history_keeps_the_last_eight_digits(self, desk: Desk) -> None:
        for n in range(HISTORY + 3):
            desk.draw(((0.5, 0.1), (0.5, 0.5 + n / 100)))
            desk.predict()
            desk.session.clear()
        ends = [reading.drawing.lines[0][-1, 1] for reading in desk.session.history]
        assert np.allclose(ends, [0.5 + n / 100 for n in range(3, 11)])

    def test_another_model_reads_the_drawing_again(self, desk: Desk, recognizer: Recognizer) -> None:
        desk.draw(SEVEN)
        desk.rest()
        desk.session.use(Recognizer(recognizer.model, Path("other.json")))
        assert desk.session.reading is None
        desk.rest()
        assert [entry["model"] for entry in desk.events("prediction")][1:] == ["other.json"]
        assert len(desk.session.history) == 1

    def test_the_width_of_the_brush_matters_when_it_is_seen(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.rest()
        desk.switches.thicker()
        desk.rest()
        assert len(desk.events("prediction")) == 1
        desk.switches.as_drawn()
        desk.rest()
        desk.switches.thicker()
        desk.rest()
        assert len(desk.events("prediction")) == 3
        first, last = desk.session.reading, desk.session.history[-1]
        assert first is last


class TestWithoutInk:
    def test_nothing_is_asked(self, desk: Desk) -> None:
        desk.wait(5.0, frames=50)
        assert desk.worker.jobs == 0
        assert desk.logged == []

    def test_p_says_so(self, desk: Desk) -> None:
        desk.predict()
        expected = {"digit": None, "probabilities": None, "strokes": 0, "points": 0, "ms": 0.0}
        assert desk.logged == [{"event": "prediction"} | expected]
        assert desk.said == ("info", "draw a digit first")
        assert desk.session.history == []
        assert desk.worker.jobs == 0

    def test_a_replay_that_has_not_begun_is_blank(self, desk: Desk) -> None:
        desk.session.put(Drawing((Stroke((((0.5, 0.1, 2.0), (0.5, 0.9, 3.0)),)),)))
        desk.rest()
        desk.session.play(Replay(desk.session.drawing, desk.clock()))
        jobs = desk.worker.jobs
        desk.wait(1.0, frames=20)
        assert desk.session.shown.is_empty
        assert desk.worker.jobs == jobs

    def test_a_blank_picture_has_no_answer(self, desk: Desk) -> None:
        desk.session.put(Drawing(picture=np.zeros((28, 28), np.float32)))
        desk.predict()
        desk.rest()
        assert desk.session.reading is None
        assert desk.logged == []

    def test_after_clearing(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.rest()
        desk.session.clear()
        desk.rest()
        desk.predict()
        assert desk.session.reading is None
        assert [entry["digit"] for entry in desk.events("prediction")] == [7, None]


class TestPlayback:
    def test_a_replay_is_guessed_at_and_then_answered(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.rest()
        desk.session.play(Replay(desk.session.drawing, desk.clock()))
        desk.wait(0.005)
        assert desk.session.shown.points < 4
        assert desk.session.drawing.points == 4
        desk.wait(0.1, frames=10)
        assert desk.session.reading is not None
        assert not desk.session.settled
        assert len(desk.events("prediction")) == 1
        desk.wait(2.0, frames=100)
        assert desk.session.playback is None
        assert desk.session.settled
        assert [entry["points"] for entry in desk.events("prediction")] == [4, 4]
        assert len(desk.session.history) == 1

    def test_p_during_a_replay_answers_the_whole_drawing_once(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.session.play(Replay(desk.session.drawing, desk.clock()))
        desk.wait(0.01)
        desk.predict()
        desk.wait(5.0, frames=50)
        assert [entry["points"] for entry in desk.events("prediction")] == [4]

    def test_a_replay_without_guesses_keeps_the_answer(self, desk: Desk) -> None:
        desk.switches.live()
        desk.draw(SEVEN)
        desk.predict()
        desk.session.play(Replay(desk.session.drawing, desk.clock()))
        desk.wait(5.0, frames=50)
        assert desk.session.playback is None
        assert desk.session.settled

    def test_switching_guesses_off_ends_a_replay(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.rest()
        desk.session.play(Replay(desk.session.drawing, desk.clock()))
        desk.wait(0.1, frames=5)
        desk.switches.live()
        assert desk.session.playback is None
        assert desk.session.drawing is desk.session.shown

    def test_the_pen_ends_it(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.session.play(Replay(desk.session.drawing, desk.clock()))
        desk.session.pen_down(*DASH[0])
        assert desk.session.playback is None
        assert desk.session.shown.points == 5

    def test_it_ends_the_stroke(self, desk: Desk) -> None:
        desk.session.pen_down(0.5, 0.5)
        desk.session.play(Replay(desk.session.drawing, desk.clock()))
        assert desk.session.pen is None
        assert len(desk.session.page.drawing.strokes) == 1

    def test_a_drawing_that_is_being_moved_is_answered_as_it_was_drawn(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.session.play(Centring(desk.session.drawing, one_as_a_picture(), 2.2, desk.clock()))
        desk.wait(1.5, frames=60)
        assert desk.session.playback is not None
        assert desk.session.settled
        desk.wait(2.0, frames=50)
        assert [entry["points"] for entry in desk.events("prediction")] == [4]
        assert desk.session.reading is not None
        assert desk.session.reading.drawing is desk.session.page.drawing


class TestTelling:
    def test_every_error_is_logged_but_one_that_goes_on_only_once(self, desk: Desk) -> None:
        for again in (True, True, False, False):
            desk.session.fail("no", again)
            desk.wait(1.0)
        assert desk.events("error") == 2 * [{"event": "error", "message": "no"}]
        desk.session.fail("never", again=False)
        desk.session.fail("no", again=False)
        assert [entry["message"] for entry in desk.events("error")] == ["no", "no", "never", "no"]

    def test_the_same_words_as_information_are_no_error(self, desk: Desk) -> None:
        desk.session.say("no")
        desk.session.fail("no")
        assert len(desk.events("error")) == 1
        assert desk.said == ("error", "no")

    def test_messages_go_by_themselves(self, desk: Desk) -> None:
        desk.session.say("hello")
        desk.wait(SAID_FOR)
        assert desk.said == ("info", "hello")
        desk.wait(0.1)
        assert desk.said == ("", "")

    def test_without_a_model_p_says_what_to_do(self, no_model: Desk) -> None:
        no_model.draw(SEVEN)
        no_model.rest()
        assert no_model.events("error", "prediction") == []
        no_model.predict()
        no_model.predict()
        assert len(no_model.events("error")) == 2
        assert "press M" in no_model.said[1]
        assert not no_model.session.busy

    def test_a_model_that_fails_in_the_middle(
        self, desk: Desk, recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = Recognizer(recognizer.model)

        def fails(image: np.ndarray) -> None:
            raise RuntimeError("a layer of\nmy own")

        desk.draw(SEVEN)
        desk.rest()
        monkeypatch.setattr(other, "classify", fails)
        desk.session.use(other)
        desk.draw(DASH)
        desk.wait(3.0, frames=100)
        message = f"{other.name}: a layer of my own"
        assert {entry["message"] for entry in desk.events("error")} == {message}
        assert len(desk.events("error")) == 2  # of a guess, and of the answer
        assert desk.said == ("error", message)
        assert len(desk.events("prediction")) == 1
        assert desk.session.drawing.points == 6
        desk.session.use(recognizer)
        desk.rest()
        assert desk.session.settled
