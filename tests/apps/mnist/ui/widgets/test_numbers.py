"""How the window shows a number: in the answer, on the canvas, among the last digits."""

from __future__ import annotations

import pytest

from apps.mnist.ui.layout import Rect
from apps.mnist.ui.theme import DARK
from apps.mnist.ui.widgets.answer import Answer

from ..conftest import ONE, SECOND_ONE, SMALL_ONE, SMALL_SEVEN
from ..hand import Hand


@pytest.fixture(autouse=True)
def _number(hand: Hand) -> None:
    for digit in (SMALL_ONE, SMALL_SEVEN, SECOND_ONE):
        hand.draw(digit)
    hand.rest()
    hand.move((5, 5))


def texts(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return [written.text for written in hand.written(monkeypatch)]


def cells(hand: Hand) -> list[Rect]:
    answer = hand.widget(Answer)
    return list(answer._cells(answer.place.shrunk(answer.px(10)), hand.session.reading))


def test_a_click_on_a_digit_of_the_answer_looks_at_it(hand: Hand) -> None:
    assert hand.session.reading is not None
    assert hand.session.reading.chosen == 2
    hand.click(cells(hand)[1])
    assert hand.session.reading.chosen == 1
    hand.click(cells(hand)[0], button=3)
    assert hand.session.reading.chosen == 1


def test_the_arrow_keys_do(hand: Hand) -> None:
    hand.key("left")
    assert hand.session.reading is not None
    assert hand.session.reading.chosen == 1
    hand.key("right", "right")
    assert hand.session.reading.chosen == 0


def test_the_chosen_digit_has_the_colour_of_the_answer(hand: Hand) -> None:
    hand.key("left")
    shown = [hand.shows(DARK.winner, cell) for cell in cells(hand)]
    assert shown == [False, True, False]


def test_each_digit_on_the_canvas_is_marked(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    canvas = hand.window.layout.canvas
    marks = [w for w in hand.written(monkeypatch) if canvas.holds(w.ink.x, w.ink.y)]
    assert [mark.text[0] for mark in marks] == ["1", "7", "1"]
    middles = [(mark.ink.x + mark.ink.w / 2 - canvas.x) / canvas.w for mark in marks]
    assert middles == pytest.approx([0.15, 0.525, 0.9], abs=0.02)
    assert all(mark.ink.y > canvas.y + 0.7 * canvas.h for mark in marks)


def test_marks_are_above_where_there_is_no_room_below(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    hand.key("q")
    for x in (0.3, 0.6):
        hand.draw(((x, 0.6), (x, 0.98)))
    hand.rest()
    canvas = hand.window.layout.canvas
    marks = [w for w in hand.written(monkeypatch) if canvas.holds(w.ink.x, w.ink.y)]
    assert len(marks) == 2
    assert all(mark.ink.bottom < canvas.y + 0.6 * canvas.h for mark in marks)


def test_one_digit_is_not_marked(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    hand.key("q")
    hand.draw(ONE)
    hand.rest()
    canvas = hand.window.layout.canvas
    assert not [w for w in hand.written(monkeypatch) if canvas.holds(w.ink.x, w.ink.y)]


def test_lines_of_a_number_are_as_fine_as_the_model_sees_them(hand: Hand) -> None:
    """Cells and a wide brush would make a blot of digits this small."""
    canvas = hand.window.layout.canvas
    x, y = hand.at(0.15, 0.45)
    beside = round(1.5 * canvas.w / 28)
    assert hand.shows(DARK.ink, Rect(x - 1, y - 1, 3, 3))
    assert not hand.shows(DARK.ink, Rect(x + beside, y - 1, 3, 3))


def test_the_question_for_a_label_shows_which_digit_is_meant(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    hand.key("left", "w")
    assert "1[7]1?" in texts(hand, monkeypatch)
    hand.click(cells(hand)[0])
    assert "[1]71?" in texts(hand, monkeypatch)
    hand.key("4")
    hand.rest()
    assert "is 471" in texts(hand, monkeypatch)


def test_long_numbers_fit(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    hand.key("q")
    for n in range(12):
        x = 0.04 + 0.08 * n
        hand.draw(((x, 0.4), (x, 0.5)))
    hand.rest()
    assert hand.session.reading is not None
    assert hand.session.reading.number == "1" * 12
    hand.resize(720, 480)
    for written in hand.written(monkeypatch):
        ink, room = written.ink, written.room
        assert ink.x >= room.x
        assert ink.right <= room.right
