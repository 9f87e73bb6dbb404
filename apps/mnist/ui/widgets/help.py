"""The help: every key, and what happens to a drawing before the model sees it."""

from __future__ import annotations

from collections.abc import Hashable

import pygame

from ..commands import COMMANDS, shown
from ..drawing import Drawing, Stroke
from ..layout import Layout, Rect
from ..pixels import show
from ..playback import CENTRING, Centring
from ..reading import LINE, model_image
from ..session import Session
from ..tools import Tools
from .base import Widget
from .canvas import pixels_of

EXAMPLE = Drawing(
    (Stroke((((0.12, 0.3, 0.0), (0.3, 0.26, 0.1), (0.48, 0.24, 0.2), (0.4, 0.45, 0.3), (0.34, 0.7, 0.4)),)),)
)
STEPS = (
    (0.0, "1. you draw, anywhere"),
    (0.1, "2. the ink's box"),
    (0.72, "3. scaled to 20 pixels"),
    (2.0, "4. balanced in the middle"),
)
"""At which share of the way each picture is taken."""
EXPLANATION = (
    "The model never sees the canvas: lines of one width are drawn into 20x20 pixels, and these are shifted until",
    "their centre of mass lies in the middle of 28x28, as MNIST was made. Size, place and brush do not matter.",
)


class Help(Widget):
    """Covers the window while it is open."""

    open = False

    def __init__(self, session: Session, tools: Tools) -> None:
        super().__init__(session)
        self._tools = tools

    def locate(self, layout: Layout) -> Rect | None:
        return layout.window if self.open else None

    def state(self) -> Hashable:
        return None

    def draw(self, surface: pygame.Surface, place: Rect) -> None:
        inner = place.shrunk(self.px(20))
        head, foot = inner.top(self.px(34)), inner.below(inner.h - self.px(20))
        self.write(surface, "What the keys do", head.left(head.w // 2), size=24)
        close = head.beside(head.w // 2)
        self.write(surface, "any key closes this page", close, self.theme.muted, size=15, align="right")
        corrections = self._tools.places.corrections.resolve()
        said = f"Nothing leaves this computer; labels are kept in {corrections}"
        self.write(surface, said, foot, self.theme.muted, size=15)
        middle = Rect(inner.x, head.bottom, inner.w, max(0, foot.y - head.bottom))
        lesson = self.px(210)
        self._draw_keys(surface, middle.top(middle.h - lesson - self.px(10)))
        self._draw_lesson(surface, middle.below(middle.h - lesson))

    def _draw_keys(self, surface: pygame.Surface, place: Rect) -> None:
        half = (len(COMMANDS) + 1) // 2
        for column, part in zip(place.columns(2, self.px(20)), (COMMANDS[:half], COMMANDS[half:]), strict=True):
            for command, row in zip(part, column.rows(half), strict=False):
                keys = ", ".join(dict.fromkeys(shown(key) for key in command.keys if key.count("+") < 2))
                self.write(surface, keys, row.left(row.w * 0.34), self.theme.winner, size=15)
                self.write(surface, command.help, row.beside(row.w * 0.35), size=15)

    def _draw_lesson(self, surface: pygame.Surface, place: Rect) -> None:
        words = place.below(place.h - self.px(40))
        for text, row in zip(EXPLANATION, words.rows(len(EXPLANATION)), strict=True):
            self.write(surface, text, row, self.theme.muted, size=15)
        image = model_image(EXAMPLE)
        assert image is not None
        playback = Centring(EXAMPLE, image, LINE, now=0.0)
        cells = place.top(place.h - self.px(46)).columns(len(STEPS), self.px(10))
        for number, (cell, (share, caption)) in enumerate(zip(cells, STEPS, strict=True)):
            picture = cell.top(cell.h - self.px(22)).square()
            show(surface, playback.levels(share * CENTRING), picture, self.theme.paper, self.theme.ink)
            pygame.draw.rect(surface, self.theme.border, picture, width=1)
            if number > 0:
                box = pixels_of(playback.box(share * CENTRING), picture)
                pygame.draw.rect(surface, self.theme.winner, box, width=self.px(2))
            self.write(surface, caption, cell.below(cell.h - self.px(20)), size=15, align="centre")
