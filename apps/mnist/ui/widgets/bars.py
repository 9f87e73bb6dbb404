"""Ten probabilities on a fixed axis from 0 to 100 %: hollow and grey for a guess, solid for an answer."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pygame

from ...recognizer import CLASSES
from ..layout import Layout, Rect
from ..verdict import percent, runner_up
from .base import Widget

EASE = 0.12
"""Seconds that the bars take to reach their new lengths."""


class Bars(Widget):
    """One bar for each digit, always in the same order; the winner in its colour, the runner-up outlined."""

    _lengths = np.zeros(CLASSES)
    _from = np.zeros(CLASSES)
    _to = np.zeros(CLASSES)
    _since = float("-inf")

    def locate(self, layout: Layout) -> Rect | None:
        return None if self.session.settings.inside else layout.bars

    def state(self) -> Hashable:
        self._ease()
        return self.session.reading, self.session.settled, self._lengths.tobytes()

    @property
    def moving(self) -> bool:
        """Whether the bars are still on their way."""
        return not np.array_equal(self._lengths, self._to)

    def _ease(self) -> None:
        reading, now = self.session.reading, self.session.clock()
        goal = np.zeros(CLASSES) if reading is None else np.asarray(reading.prediction.probabilities, np.float64)
        if not np.array_equal(goal, self._to):
            self._from, self._to, self._since = self._lengths, goal, now
        share = min(1.0, (now - self._since) / EASE) if self.session.settings.animation else 1.0
        self._lengths = self._to if share == 1 else self._from + share * (self._to - self._from)

    def draw(self, surface: pygame.Surface, place: Rect) -> None:
        self.panel(surface, place)
        inner = place.shrunk(self.px(8))
        scale, rows = inner.below(inner.h - self.px(18)), inner.left(inner.w)._replace(h=inner.h - self.px(20))
        name, number = self.px(18), self.px(56)
        axis = Rect(rows.x + name, rows.y, max(1, rows.w - name - number), rows.h)
        for share in (0.0, 0.5, 1.0):
            x = axis.x + round(share * (axis.w - 1))
            pygame.draw.line(surface, self.theme.grid, (x, rows.y), (x, rows.bottom - 1))
            label = Rect(x - self.px(22), scale.y, 2 * self.px(22), scale.h)
            self.write(surface, f"{100 * share:.0f} %", label, self.theme.muted, size=13, align="centre")
        for digit, row in enumerate(rows.rows(CLASSES, gap=self.px(3))):
            self._draw_bar(surface, digit, row, axis)

    def _draw_bar(self, surface: pygame.Surface, digit: int, row: Rect, axis: Rect) -> None:
        theme, reading = self.theme, self.session.reading
        self.write(surface, str(digit), row.left(axis.x - row.x), theme.text, size=17)
        if reading is None:
            return
        probabilities = reading.prediction.probabilities
        winner, second = digit == reading.prediction.digit, digit == runner_up(probabilities)
        thickness = max(1, min(row.h, self.px(24)))
        bar = Rect(axis.x, row.y + (row.h - thickness) // 2, round(self._lengths[digit] * axis.w), thickness)
        if bar.w > 0:
            if self.session.settled:
                pygame.draw.rect(surface, theme.winner if winner else theme.bar, bar, border_radius=self.px(2))
                if second:
                    pygame.draw.rect(surface, theme.text, bar, width=self.px(1), border_radius=self.px(2))
            else:
                pygame.draw.rect(surface, theme.guess, bar, width=self.px(1), border_radius=self.px(2))
        said = percent(float(probabilities[digit]))
        place = Rect(axis.right, row.y, row.right - axis.right, row.h)
        self.write(surface, said, place, theme.text if winner else theme.muted, size=16, align="right")
