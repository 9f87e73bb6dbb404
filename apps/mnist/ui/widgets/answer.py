"""The answer: the digit, how sure the network is, and what it took into consideration besides."""

from __future__ import annotations

from collections.abc import Hashable

import pygame

from framework.parameters import Array

from ..layout import Layout, Rect
from ..reading import Reading
from ..session import Session
from ..theme import Colour
from ..tools import Tools
from ..verdict import ALTERNATIVE, Certainty, certainty, percent, runner_up, verdict
from .base import Widget
from .canvas import LEFT

SHARE = 0.6
"""Of the width, the most that a number takes; longer ones are written smaller."""


class Answer(Widget):
    """The big digit in colour once it is settled, in grey while it is a guess."""

    def __init__(self, session: Session, tools: Tools) -> None:
        super().__init__(session)
        self._tools = tools

    def locate(self, layout: Layout) -> Rect:
        return layout.answer

    def state(self) -> Hashable:
        session = self.session
        return session.reading, session.settled, session.settings.live, session.recognizer is None

    def draw(self, surface: pygame.Surface, place: Rect) -> None:
        self.panel(surface, place)
        inner = place.shrunk(self.px(10))
        reading, settled = self.session.reading, self.session.settled
        if reading is None:
            self._draw_waiting(surface, inner)
            return
        if reading.is_number:
            self._draw_number(surface, inner, reading)
            return
        probabilities = reading.prediction.probabilities
        digit, words = inner.left(inner.h * 0.8), inner.beside(inner.h * 0.8 + self.px(12))
        colour = self.theme.winner if settled else self.theme.guess
        self.write(surface, str(reading.prediction.digit), digit, colour, size=92, align="centre")
        lines = words.rows(3)
        self.write(surface, percent(reading.prediction.probability), lines[0], self.theme.text, size=26)
        self.write(surface, self._verdict(), lines[1], self._colour(), size=20)
        second = runner_up(probabilities)
        if probabilities[second] >= ALTERNATIVE:
            said = f"runner-up: {second}, {percent(float(probabilities[second]))}"
            self.write(surface, said, lines[2], self.theme.muted, size=16)

    def _draw_number(self, surface: pygame.Surface, inner: Rect, reading: Reading) -> None:
        """All digits, the chosen one underlined; beside them how sure the network is, of all and of that one."""
        theme, settled = self.theme, self.session.settled
        cells = self._cells(inner, reading)
        for index, (found, cell) in enumerate(zip(reading.digits, cells, strict=True)):
            chosen = index == reading.chosen
            colour = theme.guess if not settled else theme.winner if chosen else theme.text
            self.write(surface, str(found.prediction.digit), cell, colour, size=92, align="centre")
            if chosen:
                line = cell.below(cell.h - self.px(3))
                surface.fill(theme.winner if settled else theme.guess, line)
        lines = inner.beside(cells[-1].right - inner.x + self.px(12)).rows(3)
        self.write(surface, percent(reading.probability), lines[0], theme.text, size=26)
        self.write(surface, self._verdict(), lines[1], self._colour(), size=20)
        digit, second = reading.prediction, runner_up(reading.prediction.probabilities)
        said = f"{digit.digit}: {percent(digit.probability)}"
        if digit.probabilities[second] >= ALTERNATIVE:
            said += f", or {second}: {percent(float(digit.probabilities[second]))}"
        self.write(surface, said, lines[2], theme.muted, size=16)

    def _cells(self, inner: Rect, reading: Reading) -> list[Rect]:
        """Where each digit of a number stands."""
        n = len(reading.digits)
        return inner.left(min(0.62 * inner.h * n, SHARE * inner.w)).columns(n)

    def press(self, x: int, y: int, button: int) -> bool:
        reading = self.session.reading
        if self.place is None or reading is None or button != LEFT:
            return False
        for index, cell in enumerate(self._cells(self.place.shrunk(self.px(10)), reading)):
            if reading.is_number and cell.holds(x, y):
                self._tools.select_digit(index)
                return True
        return False

    def _worst(self) -> Array:
        """The probabilities of the digit that the network is the least sure of."""
        assert self.session.reading is not None
        least = min(self.session.reading.digits, key=lambda digit: digit.prediction.probability)
        return least.prediction.probabilities

    def _verdict(self) -> str:
        assert self.session.reading is not None
        if self.session.settled:
            return verdict(self._worst())
        return "guessing..." if self.session.settings.live else "press P for the answer"

    def _colour(self) -> Colour:
        assert self.session.reading is not None
        if not self.session.settled:
            return self.theme.guess
        found = certainty(self._worst())
        return {
            Certainty.SURE: self.theme.ok,
            Certainty.PROBABLE: self.theme.text,
            Certainty.UNSURE: self.theme.warning,
        }[found]

    def _draw_waiting(self, surface: pygame.Surface, inner: Rect) -> None:
        if self.session.recognizer is None:
            said = ("No model", "train one: python -m apps.mnist.train", "or press M, or drop a model file here")
        elif not self.session.settings.live:
            said = ("Draw a digit", "and press P for the answer", "")
        else:
            said = ("Draw a digit", "and watch the network decide", "")
        for line, row, size in zip(said, inner.rows(3), (26, 17, 17), strict=True):
            self.write(surface, line, row, self.theme.text if size > 20 else self.theme.muted, size=size)
