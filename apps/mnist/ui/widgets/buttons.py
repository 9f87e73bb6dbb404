"""The buttons, each with its key; while a label is asked for, the ten digits."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import pygame

from ...recognizer import CLASSES
from ..commands import BUTTONS
from ..layout import Layout, Rect
from ..session import Session
from ..tools import Tools
from .base import Widget
from .canvas import LEFT


class Buttons(Widget):
    """A row of buttons. do: carries out a command by its name."""

    _under_pointer: int | None = None

    def __init__(self, session: Session, tools: Tools, do: Callable[[str], None]) -> None:
        super().__init__(session)
        self._tools = tools
        self._do = do

    def locate(self, layout: Layout) -> Rect:
        return layout.buttons

    def state(self) -> Hashable:
        settings = self.session.settings
        return self._tools.asking, self._asks(), self._under_pointer, settings.eraser, settings.inside

    def draw(self, surface: pygame.Surface, place: Rect) -> None:
        for index, (label, key, cell) in enumerate(self._cells(place)):
            pressed = (label == "Eraser" and self.session.settings.eraser) or (
                label == "Inside" and self.session.settings.inside
            )
            self.panel(surface, cell, self.theme.grid if index == self._under_pointer else None)
            edge = self.theme.winner if pressed else self.theme.border
            pygame.draw.rect(surface, edge, cell, width=self.px(1), border_radius=self.px(6))
            inner = cell.shrunk(self.px(4))
            if not label or not key:
                self.write(surface, label or key, inner, size=18, align="centre")
                continue
            upper, lower = inner.rows(2)
            self.write(surface, label, upper, size=16, align="centre")
            self.write(surface, key, lower, self.theme.muted, size=14, align="centre")
        if self._tools.asking:
            self.write(surface, self._asks(), self._question(place), self.theme.warning, size=20, align="centre")

    def _asks(self) -> str:
        """The question for a label; of a number it shows which digit is meant, with its neighbours."""
        reading = self._tools.asked_label
        if reading is None or not reading.is_number:
            return "It is a ..."
        number, chosen = reading.number, reading.chosen
        return f"{number[max(0, chosen - 3) : chosen]}[{number[chosen]}]{number[chosen + 1 : chosen + 4]}?"

    def _question(self, place: Rect) -> Rect:
        return place.left(place.w / (CLASSES + 2))

    def _cells(self, place: Rect) -> list[tuple[str, str, Rect]]:
        """What stands on each button, its key, and where it is."""
        gap = self.px(4)
        if not self._tools.asking:
            cells = place.columns(len(BUTTONS), gap)
            return [(str(command.button), command.key, cell) for command, cell in zip(BUTTONS, cells, strict=True)]
        cells = place.beside(self._question(place).w).columns(CLASSES + 1, gap)
        words = [("", str(digit)) for digit in range(CLASSES)] + [("Cancel", "Escape")]
        return [(*said, cell) for said, cell in zip(words, cells, strict=True)]

    def hover(self, x: int, y: int) -> None:
        self._under_pointer = self._index(x, y)

    def press(self, x: int, y: int, button: int) -> bool:
        index = self._index(x, y)
        if index is None or button != LEFT:
            return False
        if not self._tools.asking:
            self._do(BUTTONS[index].name)
        elif index < CLASSES:
            self._tools.give_label(index)
        else:
            self._tools.cancel_label()
        return True

    def _index(self, x: int, y: int) -> int | None:
        if self.place is None:
            return None
        return next((i for i, (_, _, cell) in enumerate(self._cells(self.place)) if cell.holds(x, y)), None)
