"""Pen strokes as grey pixels, drawn bit by bit: what is new is added to what is there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from framework.parameters import Array

from ..lines import coverage, distances
from .drawing import Point
from .layout import Rect

RUN = 8
"""Segments that are drawn at once: their common surroundings are not much larger than their own."""

Segment = tuple[Point, ...]


class Raster:
    """How much ink each of side x side pixels has, 0 to 255, for lines of one width.

    side: in pixels. width: of the lines, in pixels.

    >>> raster = Raster(side=4, width=1.0)
    >>> raster.draw([((0.0, 0.375, 0.0), (1.0, 0.375, 0.1))])
    Rect(x=0, y=0, w=4, h=3)
    >>> raster.levels
    array([[  0,   0,   0,   0],
           [255, 255, 255, 255],
           [  0,   0,   0,   0],
           [  0,   0,   0,   0]], dtype=uint8)
    """

    def __init__(self, side: int, width: float) -> None:
        self.side = side
        self.width = width
        self.levels = np.zeros((side, side), np.uint8)
        self._drawn: list[Segment] = []

    def draw(self, segments: Sequence[Segment]) -> Rect:
        """Shows these lines and no others; returns the part that has changed.

        Where they only continue what was drawn last, as they do while the pen moves, only what is new is drawn.
        """
        changed = Rect(0, 0, 0, 0)
        if not self._continued_by(segments):
            self.levels[...] = 0
            self._drawn = []
            changed = Rect(0, 0, self.side, self.side)
        for index in range(max(0, len(self._drawn) - 1), len(segments)):
            before = len(self._drawn[index]) if index < len(self._drawn) else 0
            if len(segments[index]) > before:
                changed = _union(changed, self._add(np.array(segments[index][max(0, before - 1) :])[:, :2]))
        self._drawn = list(segments)
        return changed

    def _continued_by(self, segments: Sequence[Segment]) -> bool:
        """Whether these lines begin with all that is drawn, and only the last of that has grown."""
        if not self._drawn:
            return True
        *whole, last = self._drawn
        n = len(whole)
        return len(segments) > n and list(segments[:n]) == whole and segments[n][: len(last)] == last

    def _add(self, points: Array) -> Rect:
        """Draws a line through these points (n, 2)."""
        places = points * self.side
        changed = Rect(0, 0, 0, 0)
        for first in range(0, max(1, len(places) - 1), RUN):
            run = places[first : first + RUN + 1]
            starts, stops = (run[:-1], run[1:]) if len(run) > 1 else (run, run)
            reach = self.width / 2 + 1
            low = np.clip(np.floor(run.min(axis=0) - reach), 0, self.side).astype(int)
            high = np.clip(np.ceil(run.max(axis=0) + reach), 0, self.side).astype(int)
            (x, y), (right, bottom) = low.tolist(), high.tolist()
            found = distances(starts, stops, np.arange(x, right) + 0.5, np.arange(y, bottom) + 0.5)
            levels = self.levels[y:bottom, x:right]
            np.maximum(levels, np.rint(255 * coverage(found, self.width)).astype(np.uint8), out=levels)
            changed = _union(changed, Rect(x, y, right - x, bottom - y))
        return changed


def as_levels(image: Array) -> Array:
    """An image with values from 0 to 1 as levels from 0 to 255, uint8."""
    return np.asarray(np.rint(255 * image), np.uint8)


def _union(a: Rect, b: Rect) -> Rect:
    """The smallest rectangle that holds both; an empty one holds nothing."""
    if not a.w or not a.h:
        return b
    x, y = min(a.x, b.x), min(a.y, b.y)
    return Rect(x, y, max(a.right, b.right) - x, max(a.bottom, b.bottom) - y)
