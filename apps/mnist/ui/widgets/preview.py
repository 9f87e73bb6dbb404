"""What the model saw: its 28x28 numbers, with the 20x20 box and the centre of mass."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pygame

from ...preprocess import SIDE
from ..layout import CAPTION, Layout, Rect
from ..pixels import show
from ..raster import as_levels
from .base import Widget
from .canvas import MIDDLE_BOX, pixels_of


class Preview(Widget):
    """The exact image that was given to the model; pointing at a pixel tells its value."""

    _pixel: tuple[int, int] | None = None

    def locate(self, layout: Layout) -> Rect | None:
        return None if self.session.settings.inside else layout.preview

    def state(self) -> Hashable:
        return self.session.reading, self._pixel

    def draw(self, surface: pygame.Surface, place: Rect) -> None:
        theme, reading = self.theme, self.session.reading
        caption, picture = self._parts(place)
        self.write(surface, "what the model sees", caption, theme.muted, size=15)
        image = np.zeros((SIDE, SIDE)) if reading is None else reading.prediction.image
        show(surface, as_levels(image), picture, theme.paper, theme.ink)
        pygame.draw.rect(surface, theme.border, pixels_of(MIDDLE_BOX, picture), width=1)
        pygame.draw.rect(surface, theme.border, picture, width=1)
        if reading is None:
            return
        mass = image.sum()
        cell = picture.w / SIDE
        x = round(picture.x + (image.sum(axis=0) @ (np.arange(SIDE) + 0.5)) / mass * cell)
        y = round(picture.y + (image.sum(axis=1) @ (np.arange(SIDE) + 0.5)) / mass * cell)
        arm = self.px(6)
        pygame.draw.line(surface, theme.winner, (x - arm, y), (x + arm, y), width=self.px(2))
        pygame.draw.line(surface, theme.winner, (x, y - arm), (x, y + arm), width=self.px(2))
        said = f"{np.count_nonzero(image)} pixels of ink"
        if self._pixel is not None:
            row, column = self._pixel
            said = f"row {row}, column {column}: {image[row, column]:.2f}"
        below = place.below(picture.bottom - place.y)
        self.write(surface, said, below, theme.muted, size=14)

    def _parts(self, place: Rect) -> tuple[Rect, Rect]:
        """The caption, and the picture below it: of whole pixels a cell where there is room."""
        height = round(CAPTION * self.unit)
        side = min(place.w, max(0, place.h - 2 * height))
        side = side // SIDE * SIDE or side
        return place.top(height), Rect(place.x, place.y + height, side, side)

    def hover(self, x: int, y: int) -> None:
        if self.place is None:
            return
        picture = self._parts(self.place)[1]
        inside = picture.holds(x, y)
        self._pixel = ((y - picture.y) * SIDE // picture.h, (x - picture.x) * SIDE // picture.w) if inside else None
