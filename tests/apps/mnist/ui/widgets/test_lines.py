"""The lines of words at the edges."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from apps.mnist.ui.layout import Rect
from apps.mnist.ui.session import SAID_FOR
from apps.mnist.ui.theme import DARK

from ..conftest import DASH, SEVEN
from ..hand import Hand

Said = Callable[[Hand, Rect], str]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Said:
    """What stands in a place."""

    def said(hand: Hand, place: Rect) -> str:
        return " # ".join(line.text for line in hand.written(monkeypatch) if place.holds(line.ink.x, line.ink.y))

    return said


def test_the_title_tells_the_model_and_what_is_switched_on(hand: Hand, said: Said) -> None:
    title = said(hand, hand.window.layout.title)
    assert hand.session.recognizer is not None
    assert hand.session.recognizer.path is not None
    assert title.startswith(f"Digits: {hand.session.recognizer.path.name}, 68,482 parameters, MNIST ")
    assert title.endswith(" % # brush 2.2")
    hand.key("e", "a", "l", "]")
    assert said(hand, hand.window.layout.title).endswith("# brush 2.4, eraser, width as drawn, no guesses")


def test_a_model_that_says_nothing_of_itself(hand: Hand, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    assert hand.session.recognizer is not None
    monkeypatch.setattr(hand.session.recognizer.model, "metadata", {"figures": 7, "test_set": "MNIST"})
    assert said(hand, hand.window.layout.title).endswith("68,482 parameters # brush 2.2")


def test_a_mixture_has_the_figure_of_each_of_its_tests(hand: Hand, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    figures = [
        {"set": "mnist", "kind": "test", "images": 10_000, "accuracy": 0.9951},
        {"set": "pendigits", "kind": "test", "images": 747, "accuracy": 0.992},
        {"set": "letters", "kind": "validation", "images": 10, "accuracy": 1.0},
    ]
    assert hand.session.recognizer is not None
    monkeypatch.setattr(hand.session.recognizer.model, "metadata", {"figures": figures})
    assert said(hand, hand.window.layout.title).endswith(" parameters, MNIST 99.5 %, pen 99.2 % # brush 2.2")


def test_no_model(hand_without_model: Hand, said: Said) -> None:
    title = said(hand_without_model, hand_without_model.window.layout.title)
    assert title == "Digits: no model # brush 2.2"


def test_the_status_tells_what_is_there(hand: Hand, said: Said) -> None:
    place = hand.window.layout.status
    assert said(hand, place) == "nothing drawn yet"
    hand.draw(SEVEN)
    assert said(hand, place).startswith("1 stroke, 4 points")
    hand.draw(DASH)
    hand.rest()
    line = said(hand, place)
    assert line.startswith("2 strokes, 6 points   |   preprocessing ")
    assert " ms, model " in line
    assert line.endswith(" %")


def test_the_status_of_a_picture(hand: Hand, said: Said) -> None:
    hand.key("shift+r")
    hand.frame(SAID_FOR + 1)
    assert said(hand, hand.window.layout.status).startswith("a picture   |   ")
    hand.draw(DASH)
    assert said(hand, hand.window.layout.status).startswith("a picture   |   1 stroke, 2 points")


def test_a_message_stays_for_a_while(hand: Hand, said: Said) -> None:
    hand.key("g")
    place = hand.window.layout.status
    assert said(hand, place) == "canvas: smooth"
    hand.frame(SAID_FOR - 0.2)
    assert said(hand, place) == "canvas: smooth"
    hand.frame(0.3)
    assert said(hand, place) == "nothing drawn yet"


def test_an_error_is_red_and_says_so(hand: Hand, said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    hand.drop(Path("missing.png"))
    place = hand.window.layout.status
    assert said(hand, place).startswith("error: missing.png: ")
    assert hand.shows(DARK.error, place)


def test_a_good_message_is_green(hand: Hand) -> None:
    hand.draw(SEVEN)
    hand.key("s")
    hand.frame()
    assert hand.shows(DARK.ok, hand.window.layout.status)
