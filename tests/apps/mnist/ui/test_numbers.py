"""Several digits on the canvas are a number: read as a whole, and looked at digit by digit."""

from __future__ import annotations

import json

import numpy as np
import pytest

from apps.mnist import corrections
from apps.mnist.recognizer import Recognizer
from apps.mnist.ui.drawing import Drawing
from apps.mnist.ui.playback import Centring
from apps.mnist.ui.reading import digits_of

from .conftest import DASH, ONE, SECOND_ONE, SEVEN, SMALL_ONE, SMALL_SEVEN, Desk, one_as_a_picture


def write(desk: Desk) -> None:
    """Writes 171 and waits for the answer."""
    for digit in (SMALL_ONE, SMALL_SEVEN, SECOND_ONE):
        desk.draw(digit)
    desk.rest()


class TestAnswer:
    def test_is_the_number_and_the_last_digit_is_looked_at(self, desk: Desk) -> None:
        write(desk)
        reading = desk.session.reading
        assert reading is not None
        assert (reading.number, reading.is_number, reading.chosen) == ("171", True, 2)
        assert reading.prediction.digit == 1
        shares = [digit.prediction.probability for digit in reading.digits]
        assert reading.probability == pytest.approx(np.prod(shares))

    def test_the_last_digit_is_the_one_that_was_drawn_on_last(self, desk: Desk) -> None:
        for digit in (SECOND_ONE, SMALL_SEVEN, SMALL_ONE):
            desk.draw(digit)
        desk.rest()
        assert desk.session.reading is not None
        assert (desk.session.reading.number, desk.session.reading.chosen) == ("171", 0)

    def test_one_digit_is_no_number(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.draw(DASH)
        desk.rest()
        reading = desk.session.reading
        assert reading is not None
        assert (reading.number, reading.is_number, len(reading.digits)) == ("7", False, 1)
        assert reading.digit.drawing is reading.drawing
        assert reading.picture is reading.prediction.image

    def test_each_digit_is_read_as_if_it_were_alone(self, desk: Desk, recognizer: Recognizer) -> None:
        write(desk)
        assert desk.session.reading is not None
        alone = recognizer.predict_strokes([np.array(SMALL_SEVEN)], smallest=0.1)
        assert alone is not None
        np.testing.assert_allclose(
            desk.session.reading.digits[1].prediction.probabilities, alone.probabilities, rtol=1e-4, atol=1e-6
        )

    def test_grows_with_every_digit(self, desk: Desk) -> None:
        numbers = []
        for digit in (SMALL_ONE, SMALL_SEVEN, SECOND_ONE):
            desk.draw(digit)
            desk.rest()
            assert desk.session.reading is not None
            numbers.append(desk.session.reading.number)
        assert numbers == ["1", "17", "171"]
        assert [reading.number for reading in desk.session.history] == ["171"]
        desk.session.undo()
        desk.rest()
        assert desk.session.reading is not None
        assert desk.session.reading.number == "17"

    def test_a_tap_far_from_the_digits_is_none(self, desk: Desk) -> None:
        desk.draw(SMALL_ONE)
        desk.draw(((0.6, 0.6),))
        desk.rest()
        assert desk.session.reading is not None
        assert desk.session.reading.number == "1"

    def test_is_logged_with_the_digits_and_their_places(self, desk: Desk) -> None:
        write(desk)
        (entry,) = desk.events("prediction")
        assert list(entry)[-2:] == ["number", "digits"]
        assert (entry["number"], entry["digit"], entry["strokes"]) == ("171", 1, 3)
        assert [found["digit"] for found in entry["digits"]] == [1, 7, 1]
        assert entry["digits"][1]["box"] == pytest.approx([0.4, 0.3, 0.25, 0.4])
        json.dumps(entry)

    def test_strokes_over_a_picture_are_one_digit(self) -> None:
        drawing = Drawing(picture=one_as_a_picture())
        assert digits_of(drawing) == [drawing]


class TestChoosing:
    def test_goes_through_the_digits_in_a_circle(self, desk: Desk) -> None:
        write(desk)
        chosen = []
        for step in ("next_digit", "next_digit", "previous_digit", "previous_digit"):
            getattr(desk.session, step)()
            assert desk.session.reading is not None
            chosen.append(desk.session.reading.chosen)
        assert chosen == [0, 1, 0, 2]
        assert desk.session.settled

    def test_stays_when_the_same_drawing_is_answered_again(self, desk: Desk) -> None:
        write(desk)
        desk.session.select(0)
        desk.predict()
        assert desk.session.reading is not None
        assert desk.session.reading.chosen == 0
        desk.draw(((0.88, 0.5), (0.92, 0.5)))
        desk.rest()
        assert desk.session.reading.chosen == 2

    def test_there_is_nothing_to_choose_of_one_digit(self, desk: Desk) -> None:
        desk.session.next_digit()
        desk.draw(ONE)
        desk.rest()
        desk.session.previous_digit()
        assert desk.said == ("info", "there is no number: write several digits beside each other")
        desk.session.select(5)
        assert desk.session.reading is not None
        assert desk.session.reading.chosen == 0


class TestTools:
    def test_a_label_is_the_chosen_digits(self, desk: Desk) -> None:
        write(desk)
        desk.session.select(1)
        desk.tools.label()
        desk.tools.give_label(2)
        desk.session.tick()
        (correction,) = corrections.read(desk.places.corrections)
        assert (correction.label, correction.predicted) == (2, 7)
        assert correction.strokes == (SMALL_SEVEN,)
        reading, page = desk.session.history[0], desk.session.page
        found = [page.label_of(reading.sheet, digit.drawing.strokes) for digit in reading.digits]
        assert found == [None, 2, None]

    def test_another_digit_can_be_chosen_while_the_label_is_asked_for(self, desk: Desk) -> None:
        write(desk)
        desk.tools.label()
        desk.tools.select_digit(1)
        desk.tools.give_label(9)
        desk.session.tick()
        assert corrections.read(desk.places.corrections)[0].predicted == 7

    def test_the_chosen_digit_is_centred(self, desk: Desk) -> None:
        write(desk)
        desk.session.select(1)
        desk.tools.animate()
        playback = desk.session.playback
        assert isinstance(playback, Centring)
        assert len(playback.drawing(desk.clock()).strokes) == 1
        assert desk.session.reading is not None
        np.testing.assert_array_equal(playback.image, desk.session.reading.prediction.image)

    def test_without_an_answer_the_last_digit_is_centred(self, no_model: Desk) -> None:
        no_model.draw(SMALL_ONE)
        no_model.draw(SMALL_SEVEN)
        assert no_model.session.chosen_digit.strokes == no_model.session.drawing.strokes[1:]

    def test_all_digits_are_saved(self, desk: Desk) -> None:
        write(desk)
        desk.tools.save()
        desk.session.tick()
        names = sorted(path.name.split("-171")[1] for path in desk.places.drawings.iterdir())
        assert names == ["-28x28-1.png", "-28x28-2.png", "-28x28-3.png", "-560x560.png", ".json"]

    def test_the_number_is_copied(self, desk: Desk) -> None:
        copied: list[str] = []
        desk.tools.clipboard = copied.append
        desk.tools.copy()
        write(desk)
        desk.tools.copy()
        assert copied == ["171"]
        assert desk.said == ("ok", "copied 171")

    def test_a_clipboard_that_fails(self, desk: Desk) -> None:
        def fails(text: str) -> None:
            raise RuntimeError("no clipboard")

        desk.tools.clipboard = fails
        write(desk)
        desk.tools.copy()
        assert desk.said == ("error", "no clipboard")

    def test_a_number_of_the_history_comes_back(self, desk: Desk) -> None:
        write(desk)
        desk.session.clear()
        desk.draw(ONE)
        desk.rest()
        number = desk.session.history[0]
        assert number.picture.shape == (84, 84)
        assert 0.9 < number.picture.max() <= 1
        desk.session.revisit(number)
        desk.rest()
        assert desk.session.reading is not None
        assert desk.session.reading.number == "171"
