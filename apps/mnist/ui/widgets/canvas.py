"""The canvas: the drawing as cells or as smooth ink, and the pen on it."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import pairwise

import numpy as np
import pygame

from framework.parameters import Array

from ...preprocess import BOX, SIDE
from ..drawing import Drawing
from ..layout import Layout, Rect
from ..pixels import show
from ..playback import Centring
from ..raster import Raster, as_levels
from ..reading import LINE
from ..theme import Colour
from ..verdict import Certainty, certainty, percent
from .base import Widget

LEFT, RIGHT = 1, 3
FINEST = 0.4
"""Cells; lines in a number are no thinner."""
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
        marked = (session.reading, session.settled) if self._is_number else None
        return session.page.drawing, session.revision, look, moving, self._pointer, marked

    @property
    def _is_number(self) -> bool:
        """Whether there are several digits to mark."""
        session = self.session
        return session.reading is not None and session.reading.is_number and session.playback is None

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
        if self._is_number:
            self._draw_marks(surface, place)
        if self._pointer is not None:
            self._draw_brush(surface, place, self._pointer)

    # The ink.

    def _levels(self, drawing: Drawing, view: str, pixels: int) -> Array:
        side = SIDE if view == "cells" and not self._is_number else pixels
        brush = self._line
        width = brush * side / SIDE
        if self._raster is None or (self._raster.side, self._raster.width) != (side, width):
            self._raster = Raster(side, width)
        self._raster.draw([segment for stroke in drawing.strokes for segment in stroke.segments])
        if drawing.picture is None:
            return self._raster.levels
        nearest = np.arange(side) * SIDE // side
        return np.maximum(self._raster.levels, as_levels(drawing.picture)[np.ix_(nearest, nearest)])

    @property
    def _line(self) -> float:
        """Width of the lines in cells: the brush's, but in a number no more than the model would see of its digits."""
        brush = self.session.settings.brush
        if not self._is_number or self.session.reading is None:
            return brush
        largest = max(max(digit.box[2:]) for digit in self.session.reading.digits)
        return min(brush, max(FINEST, round(5 * LINE * largest * SIDE / BOX) / 5))

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

    def _draw_marks(self, surface: pygame.Surface, place: Rect) -> None:
        """A bracket under each digit of a number, and what it was read as."""
        reading = self.session.reading
        assert reading is not None
        pixels = [Rect(*(round(length * place.w) for length in digit.box)) for digit in reading.digits]
        middles = [place.x + box.x + box.w / 2 for box in pixels]
        borders = [float(place.x), *((a + b) / 2 for a, b in pairwise(middles)), float(place.right)]
        margin = round(self._line / 2 * place.w / SIDE) + self.px(4)
        for index, (digit, box) in enumerate(zip(reading.digits, pixels, strict=True)):
            chosen = index == reading.chosen
            colour = self._mark_colour(digit.prediction.probabilities)
            half = int(min(middles[index] - borders[index], borders[index + 1] - middles[index])) - self.px(1)
            arm = max(1, min(half, max(box.w // 2 + margin, self.px(14))))
            middle, below = round(middles[index]), place.y + box.bottom + margin
            tick, line = self.px(5), self.px(17)
            if below + line > place.bottom:  # no room under it
                below, tick, line = place.y + box.y - margin, -tick, -line
            thick = self.px(3 if chosen else 1.4)
            corners = [(middle - arm, below - tick), (middle - arm, below)]
            corners += [(middle + arm, below), (middle + arm, below - tick)]
            pygame.draw.lines(surface, self.theme.winner if chosen else colour, False, corners, thick)
            words = Rect(middle - half, min(below, below + line) + self.px(1), 2 * half, abs(line))
            said = str(digit.prediction.digit)
            if words.w >= self.px(46):
                said += f"  {percent(digit.prediction.probability)}"
            self.write(surface, said, words, colour, size=15, align="centre")

    def _mark_colour(self, probabilities: Array) -> Colour:
        if not self.session.settled:
            return self.theme.guess
        found = certainty(probabilities)
        return self.theme.warning if found is Certainty.UNSURE else self.theme.text

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
