"""The last digits: what they were read as, and what somebody said they are."""

from __future__ import annotations

from collections.abc import Hashable

import pygame

from ..layout import CAPTION, HISTORY, Layout, Rect
from ..pixels import show
from ..raster import as_levels
from ..reading import Reading
from ..session import Session
from ..tools import Tools
from ..verdict import Certainty, certainty
from .base import Widget
from .canvas import LEFT, RIGHT

COLUMNS = 4


class History(Widget):
    """Small pictures with their answers; a left click brings a digit back, a right click labels it."""

    def __init__(self, session: Session, tools: Tools) -> None:
        super().__init__(session)
        self._tools = tools

    def locate(self, layout: Layout) -> Rect | None:
        return None if self.session.settings.inside else layout.history

    def state(self) -> Hashable:
        return tuple(self.session.history), self.session.page.labels, self._tools.asked_label

    def draw(self, surface: pygame.Surface, place: Rect) -> None:
        theme = self.theme
        self.write(surface, "last digits", place.top(round(CAPTION * self.unit)), theme.muted, size=15)
        for reading, cell in zip(self.session.history, self._cells(place), strict=False):
            picture = cell.top(cell.h - self.px(18)).square()
            show(surface, as_levels(reading.picture), picture, theme.paper, theme.ink)
            asked = self._tools.asked_label is not None and self._tools.asked_label.sheet == reading.sheet
            pygame.draw.rect(surface, theme.warning if asked else theme.border, picture, self.px(2) if asked else 1)
            number, labelled = reading.number, self._labelled(reading)
            words = cell.below(cell.h - self.px(18))
            if labelled != number:
                said = f"is {labelled}" if reading.is_number else f"{number}, is {labelled}"
                self.write(surface, said, words, theme.warning, size=13, align="centre")
            else:
                unsure = any(certainty(d.prediction.probabilities) is Certainty.UNSURE for d in reading.digits)
                said, colour = (f"{number}?", theme.warning) if unsure else (number, theme.text)
                self.write(surface, said, words, colour, size=16, align="centre")

    def _labelled(self, reading: Reading) -> str:
        """What it is: as it was read, but for the digits that were given a label."""
        page, said = self.session.page, ""
        for digit in reading.digits:
            label = page.label_of(reading.sheet, digit.drawing.strokes)
            said += str(digit.prediction.digit if label is None else label)
        return said

    def _cells(self, place: Rect) -> list[Rect]:
        rows = place.below(round(CAPTION * self.unit)).rows(HISTORY // COLUMNS, gap=self.px(4))
        return [cell for row in rows for cell in row.columns(COLUMNS, gap=self.px(4))]

    def press(self, x: int, y: int, button: int) -> bool:
        if self.place is None:
            return False
        for reading, cell in zip(self.session.history, self._cells(self.place), strict=False):
            if cell.holds(x, y) and button == LEFT:
                self.session.revisit(reading)
                return True
            if cell.holds(x, y) and button == RIGHT:
                self._tools.ask_label(reading)
                return True
        return False
