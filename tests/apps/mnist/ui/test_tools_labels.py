"""Saying what a digit is: the file holds exactly the labels that were given and not taken back."""

from __future__ import annotations

import json

import numpy as np
import pytest

from apps.mnist import corrections
from apps.mnist.recognizer import Prediction, Recognizer

from .conftest import DASH, ONE, SEVEN, Desk


def label(desk: Desk, digit: int) -> None:
    desk.tools.label()
    desk.session.tick()
    desk.tools.give_label(digit)
    desk.session.tick()


def in_file(desk: Desk) -> list[int]:
    path = desk.places.corrections
    return [correction.label for correction in corrections.read(path)] if path.exists() else []


def in_memory(desk: Desk) -> list[int]:
    return [given.correction.label for given in desk.session.page.labels]


def undone(desk: Desk, name: str = "undo") -> list[int]:
    """The labels after an undo, in the file and in memory alike."""
    getattr(desk.session, name)()
    desk.session.tick()
    assert in_file(desk) == in_memory(desk)
    return in_file(desk)


class TestGiving:
    def test_writes_down_what_was_answered(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.draw(DASH)
        desk.rest()
        label(desk, 3)
        (correction,) = corrections.read(desk.places.corrections)
        reading = desk.session.reading
        assert reading is not None
        assert (correction.label, correction.predicted, correction.model) == (3, 7, reading.model)
        assert correction.strokes == (SEVEN, DASH)
        assert correction.probabilities == tuple(reading.prediction.probabilities)
        np.testing.assert_array_equal(correction.image, np.rint(255 * reading.prediction.image))
        assert desk.said == ("ok", f"it is a 3: 1 correction in {desk.places.corrections}; Z takes it back")
        assert desk.session.page.label_of(reading.sheet) == 3
        assert desk.tools.asked_label is None

    def test_an_eight_is_spoken_of_as_people_do(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        label(desk, 8)
        desk.session.clear()
        desk.draw(ONE)
        label(desk, 1)
        assert desk.said[1].startswith("it is a 1: 2 corrections in ")
        desk.session.undo()
        label(desk, 8)
        assert desk.said[1].startswith("it is an 8: ")

    def test_adds_to_what_is_in_the_file(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        label(desk, 3)
        other = Desk(desk.folder, desk.session.recognizer)
        other.draw(ONE)
        label(other, 5)
        assert in_file(desk) == [3, 5]
        undone_in_other = other.session
        undone_in_other.undo()
        assert in_file(desk) == [3]

    def test_asks_first_when_there_is_no_answer_to_all_of_it(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.rest()
        desk.draw(DASH)
        label(desk, 3)
        (correction,) = corrections.read(desk.places.corrections)
        assert len(correction.strokes) == 2
        assert [entry["strokes"] for entry in desk.events("prediction")] == [1, 2]

    def test_without_guesses_too(self, desk: Desk) -> None:
        desk.switches.live()
        desk.draw(SEVEN)
        desk.predict()
        desk.draw(DASH)
        label(desk, 3)
        assert len(corrections.read(desk.places.corrections)[0].strokes) == 2

    def test_a_drawing_that_grows_meanwhile_is_not_asked_about(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.tools.label()
        desk.draw(DASH)
        desk.session.tick()
        assert desk.tools.asked_label is None

    def test_of_a_replay_the_whole_drawing_is_labelled(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.rest()
        desk.tools.replay()
        desk.wait(0.06)
        desk.wait(0.01)
        label(desk, 3)
        assert corrections.read(desk.places.corrections)[0].strokes == (SEVEN,)

    def test_of_the_history(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.rest()
        desk.session.clear()
        desk.draw(ONE)
        desk.rest()
        desk.tools.ask_label(desk.session.history[0])
        desk.tools.give_label(2)
        desk.session.tick()
        assert corrections.read(desk.places.corrections)[0].strokes == (SEVEN,)
        assert [desk.session.page.label_of(reading.sheet) for reading in desk.session.history] == [2, None]

    def test_the_last_of_several_counts(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        for digit in (1, 2):
            label(desk, digit)
        assert desk.session.page.label_of(desk.session.page.sheet) == 2
        assert in_file(desk) == [1, 2]

    def test_a_picture_has_no_strokes(self, desk: Desk, no_mnist: None) -> None:
        desk.tools.random_digit()
        desk.session.tick()
        label(desk, 4)
        assert corrections.read(desk.places.corrections)[0].strokes == ()

    def test_a_digit_typed_before_the_answer_counts(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.tools.label()
        assert desk.tools.asking
        desk.tools.give_label(3)
        assert in_memory(desk) == []
        desk.session.tick()
        desk.session.tick()
        assert in_file(desk) == in_memory(desk) == [3]
        assert not desk.tools.asking

    def test_one_that_was_called_off_before_the_answer_does_not(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.tools.label()
        desk.tools.give_label(3)
        desk.tools.cancel_label()
        desk.session.tick()
        desk.session.tick()
        assert in_file(desk) == in_memory(desk) == []
        assert not desk.tools.asking

    def test_undo_right_behind_it_takes_this_one_back(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        label(desk, 1)
        desk.tools.label()
        desk.tools.give_label(2)
        desk.session.undo()
        desk.session.tick()
        assert in_file(desk) == in_memory(desk) == [1]


class TestNotGiving:
    def test_without_a_question(self, desk: Desk) -> None:
        desk.tools.give_label(3)
        assert desk.worker.jobs == 0

    def test_without_a_digit(self, desk: Desk) -> None:
        desk.tools.label()
        desk.session.tick()
        assert desk.tools.asked_label is None
        assert desk.said == ("info", "draw a digit first, and let the model answer")

    def test_after_clearing(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.rest()
        desk.session.clear()
        desk.tools.label()
        assert desk.tools.asked_label is None

    def test_without_a_model(self, no_model: Desk) -> None:
        no_model.draw(SEVEN)
        label(no_model, 3)
        assert no_model.said[0] == "error"
        assert not no_model.places.corrections.exists()

    def test_when_the_model_fails(self, desk: Desk, recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch) -> None:
        broken = Recognizer(recognizer.model)
        monkeypatch.setattr(broken, "classify", lambda image: Prediction(0, np.full(10, np.nan), image))
        desk.session.use(broken)
        desk.draw(SEVEN)
        label(desk, 3)
        assert desk.said[0] == "error"
        assert "not finite" in desk.said[1]
        assert in_file(desk) == in_memory(desk) == []

    def test_where_nothing_can_be_written_nothing_is_remembered(self, desk: Desk) -> None:
        desk.places.corrections.mkdir()
        desk.draw(SEVEN)
        page = desk.session.page
        label(desk, 3)
        assert desk.said[0] == "error"
        assert str(desk.places.corrections) in desk.said[1]
        assert desk.session.page is page
        assert len(desk.events("error")) == 1

    def test_a_full_file_is_left_alone(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(corrections, "LIMIT", 100)
        desk.draw(SEVEN)
        label(desk, 3)
        assert desk.said[0] == "error"
        assert not desk.places.corrections.exists()
        assert desk.session.page.labels == ()


class TestUndo:
    def test_takes_it_out_of_the_file_and_redo_puts_it_back(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        label(desk, 3)
        before = desk.places.corrections.read_bytes()
        assert undone(desk) == []
        assert desk.said == ("ok", "correction taken back")
        assert desk.session.drawing.points == 4
        assert undone(desk, "redo") == [3]
        assert desk.said == ("ok", "correction given again")
        assert desk.places.corrections.read_bytes() == before

    def test_the_answer_stays_when_only_a_label_goes(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        label(desk, 3)
        undone(desk)
        desk.rest()
        assert desk.session.settled
        assert len(desk.events("prediction")) == 1

    def test_labels_and_strokes_in_turn(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        label(desk, 1)
        desk.draw(DASH)
        label(desk, 2)
        assert [undone(desk) for _ in range(4)] == [[1], [1], [], []]
        assert [undone(desk, "redo") for _ in range(4)] == [[], [1], [1], [1, 2]]

    def test_the_same_label_twice_is_two_records(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        label(desk, 3)
        label(desk, 3)
        assert in_file(desk) == [3, 3]
        assert undone(desk) == [3]
        assert undone(desk) == []
        assert undone(desk, "redo") == [3]

    def test_what_others_wrote_stays(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        label(desk, 3)
        label(desk, 4)
        path = desk.places.corrections
        record = json.loads(path.read_bytes().splitlines()[0]) | {"label": 9}
        path.write_bytes(path.read_bytes() + json.dumps(record).encode() + b"\n")
        desk.session.undo()
        assert in_file(desk) == [3, 9]

    def test_a_file_that_has_gone_is_no_trouble(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        label(desk, 3)
        desk.places.corrections.unlink()
        assert undone(desk) == []

    def test_a_file_that_cannot_be_written_is_told(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        label(desk, 3)
        desk.places.corrections.unlink()
        desk.places.corrections.mkdir()
        desk.session.undo()
        desk.session.tick()
        assert desk.said[0] == "error"
        assert str(desk.places.corrections) in desk.said[1]
