"""The last digits."""

from __future__ import annotations

import pygame
import pytest

from apps.mnist.ui.layout import HISTORY, Rect
from apps.mnist.ui.pixels import show
from apps.mnist.ui.raster import as_levels
from apps.mnist.ui.widgets.history import History

from ..conftest import ONE, SEVEN
from ..hand import Hand

BLACK, WHITE = (0, 0, 0), (255, 255, 255)


def fill(hand: Hand, n: int) -> None:
    for number in range(n):
        hand.draw(SEVEN if number % 2 else ONE)
        hand.key("p", "q")


def captions(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    place = hand.window.layout.history
    assert place is not None
    return [line.text for line in hand.written(monkeypatch) if place.holds(line.ink.x, line.ink.y)]


def cell(hand: Hand, index: int) -> Rect:
    return hand.widget(History)._cells(hand.window.layout.history)[index]


def test_digits_with_their_answers(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    assert captions(hand, monkeypatch) == ["last digits"]
    fill(hand, 3)
    assert captions(hand, monkeypatch) == ["last digits", "1", "7", "1"]


def test_the_last_eight(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(hand, HISTORY + 3)
    assert captions(hand, monkeypatch) == ["last digits", *"71717171"]
    for index in range(HISTORY):
        assert hand.picture(cell(hand, index).top(62)).max() > 200


def test_the_picture_is_what_the_model_saw(hand: Hand) -> None:
    fill(hand, 1)
    picture = cell(hand, 0).top(cell(hand, 0).h - 18).square()
    alone = pygame.Surface((picture.w, picture.h))
    show(alone, as_levels(hand.session.history[0].prediction.image), Rect(0, 0, *alone.get_size()), BLACK, WHITE)
    expected = pygame.surfarray.array3d(alone).swapaxes(0, 1)
    assert (hand.picture(picture)[1:-1, 1:-1] == expected[1:-1, 1:-1]).all()


def test_an_unsure_one_has_a_question_mark(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand.session.recognizer, "temperature", 20.0)
    fill(hand, 1)
    assert captions(hand, monkeypatch)[1].endswith("?")


def test_a_left_click_brings_it_back(hand: Hand) -> None:
    fill(hand, 2)
    hand.click(cell(hand, 1))
    assert hand.session.drawing.points == len(SEVEN)
    hand.rest()
    assert len(hand.session.history) == 2
    hand.key("z")
    assert hand.session.drawing.is_empty


def test_a_right_click_asks_for_its_label(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(hand, 2)
    hand.click(cell(hand, 1), button=3)
    hand.key("2")
    assert captions(hand, monkeypatch) == ["last digits", "1", "7, is 2"]
    hand.key("z")
    assert captions(hand, monkeypatch) == ["last digits", "1", "7"]


def test_a_click_beside_them(hand: Hand) -> None:
    fill(hand, 1)
    hand.click(cell(hand, 5))
    hand.click(cell(hand, 0), button=2)
    assert hand.session.drawing.is_empty
    assert hand.tools.asked_label is None


def test_in_a_low_window_there_is_none(hand: Hand) -> None:
    fill(hand, 1)
    hand.resize(900, 600)
    assert hand.widget(History).place is None
    assert hand.widget(History).press(5, 5, 1) is False
