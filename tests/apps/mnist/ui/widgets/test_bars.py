"""The bars: their lengths are the probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from apps.mnist.ui.theme import DARK
from apps.mnist.ui.verdict import percent
from apps.mnist.ui.widgets.bars import CLASSES, EASE, Bars

from ..conftest import SEVEN
from ..hand import Hand


def lengths(hand: Hand) -> np.ndarray:
    """Of the bars as they are seen, in pixels."""
    place = hand.window.layout.bars
    picture = hand.picture(place)
    coloured = np.zeros(picture.shape[:2], bool)
    for colour in (DARK.bar, DARK.winner, DARK.guess, DARK.text):
        coloured |= (picture == colour).all(axis=-1)
    inner = place.shrunk(8)
    rows = inner._replace(h=inner.h - 20).rows(CLASSES, gap=3)
    axis = inner.x + 18 - place.x
    found = []
    for row in rows:
        line = coloured[row.y + row.h // 2 - place.y, axis : place.w - 8 - 56]
        found.append(np.flatnonzero(line).max(initial=-1) + 1)
    return np.array(found)


def width(hand: Hand) -> int:
    """Of the axis, in pixels."""
    return hand.window.layout.bars.w - 16 - 18 - 56


def test_their_lengths_are_the_probabilities(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand.session.recognizer, "temperature", 5.0)
    hand.draw(SEVEN)
    hand.rest()
    assert hand.session.reading is not None
    probabilities = hand.session.reading.prediction.probabilities
    assert (np.abs(lengths(hand) - probabilities * width(hand)) <= 1).all()
    assert lengths(hand).max() > 50
    hand.key("q")
    assert not lengths(hand).any()


def test_their_numbers(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand.session.recognizer, "temperature", 5.0)
    hand.draw(SEVEN)
    hand.rest()
    place = hand.window.layout.bars
    said = [line.text for line in hand.written(monkeypatch) if place.holds(line.ink.x, line.ink.y)]
    assert hand.session.reading is not None
    numbers = [percent(float(p)) for p in hand.session.reading.prediction.probabilities]
    assert said == [
        "0 %",
        "50 %",
        "100 %",
        *(text for pair in zip("0123456789", numbers, strict=True) for text in pair),
    ]


def test_a_guess_is_hollow_and_an_answer_solid(hand: Hand) -> None:
    def solid(colour: tuple[int, int, int]) -> int:
        return int((hand.picture(hand.window.layout.bars) == colour).all(axis=-1).sum())

    hand.draw(SEVEN, up=False)
    hand.frame(0.06)
    assert solid(DARK.guess) > 50
    assert solid(DARK.winner) == solid(DARK.bar) == 0
    hand.release(hand.at(*SEVEN[-1]))
    hand.rest()
    assert solid(DARK.guess) == 0
    assert solid(DARK.winner) > 0.9 * width(hand) * 20


def test_they_take_their_time(hand: Hand) -> None:
    hand.session.settings.animation = True
    bars = hand.widget(Bars)
    hand.draw(SEVEN)
    hand.key("p")
    hand.frame(EASE)
    assert not bars.moving
    hand.key("q")
    assert bars.moving
    hand.frame(EASE / 2)
    half = bars._lengths.max()
    assert 0.3 < half < 0.7
    hand.frame(EASE)
    assert not bars.moving
    assert not bars._lengths.any()
