"""The answer: the digit, how sure the network is, and what it took into consideration besides."""

from __future__ import annotations

from collections.abc import Hashable

import pygame

from ..layout import Layout, Rect
from ..theme import Colour
from ..verdict import ALTERNATIVE, Certainty, certainty, percent, runner_up, verdict
from .base import Widget


class Answer(Widget):
    """The big digit in colour once it is settled, in grey while it is a guess."""

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

    def _verdict(self) -> str:
        assert self.session.reading is not None
        if self.session.settled:
            return verdict(self.session.reading.prediction.probabilities)
        return "guessing..." if self.session.settings.live else "press P for the answer"

    def _colour(self) -> Colour:
        assert self.session.reading is not None
        if not self.session.settled:
            return self.theme.guess
        found = certainty(self.session.reading.prediction.probabilities)
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
