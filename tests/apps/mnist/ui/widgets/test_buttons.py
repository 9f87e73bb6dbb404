"""The buttons."""

from __future__ import annotations

import pytest

from apps.mnist.ui.commands import BUTTONS
from apps.mnist.ui.layout import Rect
from apps.mnist.ui.theme import DARK
from apps.mnist.ui.widgets.buttons import Buttons

from ..conftest import SEVEN
from ..hand import Hand


def cell(hand: Hand, name: str) -> Rect:
    index = [command.name for command in BUTTONS].index(name)
    return hand.widget(Buttons)._cells(hand.window.layout.buttons)[index][2]


def edge(hand: Hand, name: str) -> tuple[int, ...]:
    """The colour of a button's upper edge."""
    rect = cell(hand, name)
    return tuple(hand.picture()[rect.y, rect.x + rect.w // 2].tolist())


def test_each_says_what_it_does_and_its_key(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    place = hand.window.layout.buttons
    said = [line.text for line in hand.written(monkeypatch) if place.holds(line.ink.x, line.ink.y)]
    assert said == [text for command in BUTTONS for text in (command.button, command.key)]


def test_they_are_large_enough_for_a_finger(hand: Hand) -> None:
    for command in BUTTONS:
        rect = cell(hand, command.name)
        assert rect.w >= 40
        assert rect.h >= 40


def test_what_is_switched_on_is_marked(hand: Hand) -> None:
    for key, name in (("e", "eraser"), ("i", "inside")):
        assert edge(hand, name) == DARK.border
        hand.key(key)
        assert edge(hand, name) == DARK.winner
        hand.key(key)
        assert edge(hand, name) == DARK.border


def test_the_one_under_the_pointer_is_lit(hand: Hand) -> None:
    rect = cell(hand, "undo")
    inside = (rect.x + 4, rect.y + rect.h // 2)
    before = hand.picture()[inside[::-1]].tolist()
    hand.move(inside)
    assert hand.picture()[inside[::-1]].tolist() == list(DARK.grid) != before
    hand.move((0, 0))
    assert hand.picture()[inside[::-1]].tolist() == before


def test_only_the_left_button_presses_them(hand: Hand) -> None:
    hand.draw(SEVEN)
    hand.click(cell(hand, "clear"), button=3)
    assert not hand.session.drawing.is_empty
    hand.click(cell(hand, "clear"))
    assert hand.session.drawing.is_empty


def test_between_two_buttons_is_none(hand: Hand) -> None:
    first, second = cell(hand, "predict"), cell(hand, "clear")
    assert first.right < second.x
    assert hand.widget(Buttons).press(first.right, first.y + 5, 1) is False


def test_the_question_which_digit_it_is(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    hand.draw(SEVEN)
    hand.rest()
    hand.key("w")
    place = hand.window.layout.buttons
    said = [line.text for line in hand.written(monkeypatch) if place.holds(line.ink.x, line.ink.y)]
    assert sorted(said) == sorted([*"0123456789", "Cancel", "Escape", "It is a ..."])
