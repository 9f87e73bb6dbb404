"""What the parts of the window have in common: a place, and drawing only when there is something new to see."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

import pygame

from ..layout import Layout, Rect
from ..text import Align, write
from ..theme import Colour, Theme

if TYPE_CHECKING:
    from ..session import Session


class Widget:
    """A part of the window. A subclass says where it lies, what its picture depends on, and how to draw it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.place: Rect | None = None
        self.unit = 1.0
        self._drawn: Hashable = None

    @property
    def theme(self) -> Theme:
        return self.session.settings.theme

    # For a subclass to define.

    def locate(self, layout: Layout) -> Rect | None:
        """The place in this layout; None when there is nothing to show."""
        raise NotImplementedError

    def state(self) -> Hashable:
        """All that the picture depends on, other than place and theme; when it is equal, nothing is drawn."""
        raise NotImplementedError

    def draw(self, surface: pygame.Surface, place: Rect) -> None:
        """Draws into the place, which has the window's background."""
        raise NotImplementedError

    def press(self, x: int, y: int, button: int) -> bool:
        """A mouse button went down here; returns whether that was anything to this part."""
        return False

    def hover(self, x: int, y: int) -> None:
        """The mouse is here, which may be elsewhere than in this part."""

    # For all.

    def arrange(self, layout: Layout) -> None:
        """Takes its place in a new layout."""
        self.place = self.locate(layout)
        self.unit = layout.unit
        self._drawn = None

    def show(self, surface: pygame.Surface) -> bool:
        """Draws itself when something has changed; returns whether it did."""
        if self.place is None or self.place.w < 1 or self.place.h < 1:
            return False
        state = (self.theme.name, self.state())
        if state == self._drawn:
            return False
        self._drawn = state
        surface.set_clip(pygame.Rect(self.place))
        surface.fill(self.theme.background)
        self.draw(surface, self.place)
        surface.set_clip(None)
        return True

    def px(self, units: float) -> int:
        """Pixels for a length in units of the design; at least one."""
        return max(1, round(units * self.unit))

    def write(
        self,
        surface: pygame.Surface,
        text: str,
        place: Rect,
        colour: Colour | None = None,
        size: float = 16,
        align: Align = "left",
    ) -> Rect:
        """Writes a line of this height, in units, that fits the place; returns the rectangle that it takes."""
        return write(surface, text, place, size * self.unit, colour or self.theme.text, align)

    def panel(self, surface: pygame.Surface, place: Rect, colour: Colour | None = None) -> None:
        """A plate with round corners for other things to lie on."""
        pygame.draw.rect(surface, colour or self.theme.panel, place, border_radius=self.px(6))
