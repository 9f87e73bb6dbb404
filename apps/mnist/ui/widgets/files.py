"""The files to open: a folder's entries, one of them under the cursor."""

from __future__ import annotations

from collections.abc import Hashable

import pygame

from ..layout import Layout, Rect
from ..session import Session
from ..tools import Tools
from .base import Widget
from .canvas import LEFT

ROW = 26
"""Units of height of an entry."""
HINT = "Up and Down move, Enter or a click opens, Escape closes. Or drop a file on the window at any time."


class Files(Widget):
    """Covers the window while a file is being chosen."""

    def __init__(self, session: Session, tools: Tools) -> None:
        super().__init__(session)
        self._tools = tools

    def locate(self, layout: Layout) -> Rect | None:
        return layout.window if self._tools.chooser is not None else None

    def state(self) -> Hashable:
        chooser = self._tools.chooser
        return None if chooser is None else (chooser.folder, chooser.cursor, len(chooser.entries), self.session.message)

    def draw(self, surface: pygame.Surface, place: Rect) -> None:
        chooser = self._tools.chooser
        if chooser is None:
            return
        inner = place.shrunk(self.px(20))
        self.write(surface, f"Open: {chooser.folder}", inner.top(self.px(34)), size=22)
        message = self.session.message
        said, colour = (HINT, self.theme.muted)
        if message is not None and message.kind == "error":
            said, colour = message.line, self.theme.error
        self.write(surface, said, inner.below(inner.h - self.px(20)), colour, size=15)
        for index, row in self._rows(place):
            if index == chooser.cursor:
                self.panel(surface, row, self.theme.grid)
            words = Rect(row.x + self.px(8), row.y, max(0, row.w - self.px(16)), row.h)
            colour = self.theme.bar if chooser.entries[index].is_dir() else self.theme.text
            self.write(surface, chooser.label(index), words, colour, size=18)

    def _rows(self, place: Rect) -> list[tuple[int, Rect]]:
        """The entries that are in sight, the one under the cursor among them, and where each is."""
        chooser = self._tools.chooser
        if chooser is None:
            return []
        inner = place.shrunk(self.px(20))
        area = inner.below(self.px(40)).top(inner.h - self.px(68))
        n = max(1, area.h // self.px(ROW))
        first = max(0, min(chooser.cursor - n // 2, len(chooser.entries) - n))
        rows = [Rect(area.x, area.y + i * self.px(ROW), area.w, self.px(ROW)) for i in range(n)]
        return list(zip(range(first, len(chooser.entries)), rows, strict=False))

    def press(self, x: int, y: int, button: int) -> bool:
        if self.place is None or self._tools.chooser is None:
            return False
        for index, row in self._rows(self.place):
            if row.holds(x, y) and button == LEFT:
                self._tools.chooser.cursor = index
                self._tools.choose()
        return True
