"""The canvas: the drawing as cells or as smooth ink, and the pen on it."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pygame

from framework.parameters import Array

from ...preprocess import BOX, SIDE
from ..drawing import Drawing
from ..layout import Layout, Rect
from ..pixels import show
from ..playback import Centring
from ..raster import Raster, as_levels
from .base import Widget

LEFT, RIGHT = 1, 3
SMALLEST_GRID = 4
"""Pixels; smaller cells get no lines between them."""
HINT = ("draw a digit here", "P asks for the answer, Q clears, Z takes back", "H shows everything else")


class Canvas(Widget):
    """Shows what is drawn; the left button draws, the right one erases."""

    _raster: Raster | None = None
    _pointer: tuple[int, int] | None = None

    def locate(self, layout: Layout) -> Rect:
        return layout.canvas

    def state(self) -> Hashable:
        session = self.session
        settings = session.settings
        moving = None if session.playback is None else session.clock()
        look = (settings.view, settings.brush, settings.eraser)
        return session.page.drawing, session.revision, look, moving, self._pointer

    def draw(self, surface: pygame.Surface, place: Rect) -> None:
        theme, playback = self.theme, self.session.playback
        if isinstance(playback, Centring):
            self._draw_centring(surface, place, playback)
            return
        drawing, view = self.session.shown, self.session.settings.view
        show(surface, self._levels(drawing, view, place.w), place, theme.paper, theme.ink)
        if view != "smooth":
            self._draw_grid(surface, place)
        pygame.draw.rect(surface, theme.border, place, width=1)
        if drawing.is_empty and self.session.pen is None:
            self._draw_hint(surface, place)
        if self._pointer is not None:
            self._draw_brush(surface, place, self._pointer)

    # The ink.

    def _levels(self, drawing: Drawing, view: str, pixels: int) -> Array:
        side = SIDE if view == "cells" else pixels
        brush = self.session.settings.brush
        width = brush * side / SIDE
        if self._raster is None or (self._raster.side, self._raster.width) != (side, width):
            self._raster = Raster(side, width)
        self._raster.draw([segment for stroke in drawing.strokes for segment in stroke.segments])
        if drawing.picture is None:
            return self._raster.levels
        nearest = np.arange(side) * SIDE // side
        return np.maximum(self._raster.levels, as_levels(drawing.picture)[np.ix_(nearest, nearest)])

    def _draw_centring(self, surface: pygame.Surface, place: Rect, playback: Centring) -> None:
        now = self.session.clock()
        show(surface, playback.levels(now), place, self.theme.paper, self.theme.ink)
        self._draw_grid(surface, place)
        pygame.draw.rect(surface, self.theme.winner, pixels_of(playback.box(now), place), width=self.px(2))

    # What lies over it.

    def _draw_grid(self, surface: pygame.Surface, place: Rect) -> None:
        theme = self.theme
        if place.w >= SMALLEST_GRID * SIDE:
            for i in range(1, SIDE):
                at = i * place.w // SIDE
                pygame.draw.line(surface, theme.grid, (place.x + at, place.y), (place.x + at, place.bottom - 1))
                pygame.draw.line(surface, theme.grid, (place.x, place.y + at), (place.right - 1, place.y + at))
        x, y = place.x + place.w // 2, place.y + place.h // 2
        arm = self.px(6)
        pygame.draw.line(surface, theme.border, (x - arm, y), (x + arm, y))
        pygame.draw.line(surface, theme.border, (x, y - arm), (x, y + arm))

    def _draw_hint(self, surface: pygame.Surface, place: Rect) -> None:
        lines = HINT if self.session.untouched else HINT[:1]
        box = place.shrunk(self.px(20))
        middle = box.below(box.h * 0.62).top(self.px(24) * len(lines))
        for line, row in zip(lines, middle.rows(len(lines)), strict=True):
            self.write(surface, line, row, self.theme.guess, size=20 if line is lines[0] else 15, align="centre")

    def _draw_brush(self, surface: pygame.Surface, place: Rect, pointer: tuple[int, int]) -> None:
        settings = self.session.settings
        radius = max(2, round(settings.brush / 2 * place.w / SIDE))
        colour = self.theme.winner if settings.eraser else self.theme.border
        pygame.draw.circle(surface, colour, pointer, radius, width=1)

    # The mouse.

    def hover(self, x: int, y: int) -> None:
        self._pointer = (x, y) if self.place is not None and self.place.holds(x, y) else None

    def press(self, x: int, y: int, button: int) -> bool:
        if button == LEFT:
            self.session.pen_down(*self.position(x, y))
        elif button == RIGHT:
            self.session.erase(*self.position(x, y))
        else:
            return False
        return True

    def position(self, x: int, y: int) -> tuple[float, float]:
        """A pixel of the window in units of the canvas."""
        assert self.place is not None
        return (x - self.place.x) / self.place.w, (y - self.place.y) / self.place.h


def pixels_of(box: tuple[float, float, float], place: Rect) -> Rect:
    """A square, x, y and side in units of a picture, where the picture lies."""
    x, y, side = (share * place.w for share in box)
    return Rect(round(place.x + x), round(place.y + y), round(side), round(side))


MIDDLE_BOX = ((SIDE - BOX) / 2 / SIDE, (SIDE - BOX) / 2 / SIDE, BOX / SIDE)
"""The 20x20 box in the middle of the 28x28 pixels."""
