"""The answer in words."""

from __future__ import annotations

import numpy as np
import pytest

from apps.mnist.ui.theme import DARK, Colour
from apps.mnist.ui.verdict import percent, runner_up

from ..conftest import SEVEN
from ..hand import Hand


@pytest.fixture
def said(hand: Hand, monkeypatch: pytest.MonkeyPatch):
    """What stands in the part of the answer."""

    def said(hand: Hand = hand) -> list[str]:
        place = hand.window.layout.answer
        return [line.text for line in hand.written(monkeypatch) if place.holds(line.ink.x, line.ink.y)]

    return said


def has(hand: Hand, colour: Colour) -> bool:
    return hand.shows(colour, hand.window.layout.answer)


def test_before_anything_is_drawn(hand: Hand, said) -> None:
    assert said() == ["Draw a digit", "and watch the network decide"]
    hand.key("l")
    assert said() == ["Draw a digit", "and press P for the answer"]


def test_without_a_model(hand_without_model: Hand, said) -> None:
    hand_without_model.draw(SEVEN)
    hand_without_model.rest()
    assert said(hand_without_model)[0] == "No model"


def test_a_guess_is_grey(hand: Hand, said) -> None:
    hand.draw(SEVEN, up=False)
    hand.frame(0.06)
    assert "guessing..." in said()
    assert has(hand, DARK.guess)
    assert not has(hand, DARK.winner)


def test_the_answer_has_colour_and_a_verdict(hand: Hand, said) -> None:
    hand.draw(SEVEN)
    hand.rest()
    digit, share, verdict, *_ = said()
    assert (digit, verdict) == ("7", "sure")
    assert hand.session.reading is not None
    assert share == percent(hand.session.reading.prediction.probability)
    assert has(hand, DARK.winner)
    assert has(hand, DARK.ok)


def test_not_sure_names_both(hand: Hand, said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand.session.recognizer, "temperature", 20.0)
    hand.draw(SEVEN)
    hand.rest()
    assert hand.session.reading is not None
    probabilities = hand.session.reading.prediction.probabilities
    first, second = np.argmax(probabilities), runner_up(probabilities)
    assert said()[2:] == [
        f"not sure, {first} or {second}",
        f"runner-up: {second}, {percent(float(probabilities[second]))}",
    ]
    assert has(hand, DARK.warning)


def test_without_guesses_p_gives_the_answer(hand: Hand, said) -> None:
    hand.key("l")
    hand.draw(SEVEN)
    hand.rest()
    assert said() == ["Draw a digit", "and press P for the answer"]
    hand.key("p")
    assert said()[:3:2] == ["7", "sure"]
    hand.draw(SEVEN)
    assert "press P for the answer" in said()


def test_cleared(hand: Hand, said) -> None:
    hand.draw(SEVEN)
    hand.rest()
    hand.key("q")
    assert said() == ["Draw a digit", "and watch the network decide"]
