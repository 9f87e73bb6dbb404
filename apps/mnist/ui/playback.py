"""Drawings that move: a replay of how one was drawn, and how it becomes what the model sees."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from framework.parameters import Array

from ..preprocess import BOX, SIDE, placement
from .drawing import Drawing, Point, Stroke
from .raster import Raster, as_levels
from .reading import LINE, SMALLEST_DRAWING

LONGEST_PAUSE = 0.25
"""Seconds; who thought for longer between two strokes need not be waited for again."""
SHORTEST_STROKE = 0.15
PIXELS = 5 * SIDE
"""Side of the pictures in motion; they are drawn anew for each frame."""
CENTRING = 0.8
HOLDING = 1.2
"""Seconds for which the way to the model's image, and then that image, is shown."""


class Playback(Protocol):
    """Something that the canvas shows for a while instead of the drawing."""

    @property
    def grows(self) -> bool:
        """Whether the network is to be asked while it goes on."""

    def drawing(self, now: float) -> Drawing: ...

    def is_over(self, now: float) -> bool: ...


class Replay:
    """The strokes as they were drawn, at their own speed."""

    grows = True

    def __init__(self, drawing: Drawing, now: float) -> None:
        self._whole = drawing
        self._starts: list[float] = []
        clock = now
        for stroke in drawing.strokes:
            self._starts.append(clock)
            clock += max(stroke.seconds, SHORTEST_STROKE) + LONGEST_PAUSE
        self._end = clock

    def drawing(self, now: float) -> Drawing:
        """As much as had been drawn by then."""
        strokes = []
        for stroke, start in zip(self._whole.strokes, self._starts, strict=True):
            seconds = stroke.seconds
            time = (now - start) * (min(1.0, seconds / SHORTEST_STROKE) if seconds else 1.0)
            segments = (tuple(p for p in segment if p[2] <= time) for segment in stroke.segments)
            drawn = tuple(segment for segment in segments if segment)
            if drawn:
                strokes.append(Stroke(drawn, stroke.began))
        return Drawing(tuple(strokes), self._whole.picture)

    def is_over(self, now: float) -> bool:
        return now >= self._end


class Centring:
    """The way of a drawing into the model's image: its box, scaled to 20 pixels, the centre of mass in the middle.

    image: (28, 28), what the model sees in the end.
    """

    grows = False

    def __init__(self, drawing: Drawing, image: Array, brush: float, now: float) -> None:
        self._whole = drawing
        self.image = image
        self._start = now
        self._brush = brush
        self._placement = placement(drawing.lines, LINE, SMALLEST_DRAWING) if drawing.strokes else None

    def drawing(self, now: float) -> Drawing:
        """The strokes on their way, still in units of the canvas."""
        if self._placement is None:
            return self._whole
        scale, shift = self._progress(now)
        place = self._placement
        factor = 1 + scale * (place.scale / SIDE - 1)
        middle = place.middle + scale * (0.5 - place.middle)  # first into the middle of the image ...
        middle = middle + shift * (place.target / SIDE - 0.5)  # ... then the centre of mass there
        moved = [
            Stroke(tuple(tuple(self._moved(p, factor, middle) for p in segment) for segment in stroke.segments))
            for stroke in self._whole.strokes
        ]
        return Drawing(tuple(moved), self._whole.picture)

    def _moved(self, point: Point, factor: float, middle: Array) -> Point:
        assert self._placement is not None
        x, y = (np.array(point[:2]) - self._placement.middle) * factor + middle
        return float(x), float(y), point[2]

    def width(self, now: float) -> float:
        """Of the lines, in cells of the canvas."""
        return self._brush + self._progress(now)[0] * (LINE - self._brush)

    def box(self, now: float) -> tuple[float, float, float]:
        """The square around the ink that becomes the 20x20 box: x, y and side in units of the canvas."""
        side = BOX / SIDE
        if self._placement is None:
            return (1 - side) / 2, (1 - side) / 2, side
        scale, shift = self._progress(now)
        place = self._placement
        first = side * SIDE / place.scale if place.scale else side
        width = first + scale * (side - first)
        x, y = place.middle + scale * (0.5 - place.middle) + shift * (place.target / SIDE - 0.5) - width / 2
        return float(x), float(y), float(width)

    def fading(self, now: float) -> float:
        """How far the drawing has become the model's pixels, 0 to 1."""
        return _eased((now - self._start - CENTRING) / 0.2)

    def levels(self, now: float) -> Array:
        """The picture at that moment: (140, 140) uint8, the drawing becoming the model's pixels at the end."""
        raster = Raster(PIXELS, self.width(now) * PIXELS / SIDE)
        moving = self.drawing(now)
        raster.draw([segment for stroke in moving.strokes for segment in stroke.segments])
        levels = raster.levels
        if moving.picture is not None:
            levels = np.maximum(levels, _enlarged(moving.picture))
        fading = self.fading(now)
        return ((1 - fading) * levels + fading * _enlarged(self.image)).astype(np.uint8)

    def is_over(self, now: float) -> bool:
        return now >= self._start + CENTRING + HOLDING

    def _progress(self, now: float) -> tuple[float, float]:
        """How far the scaling has come, and the last shift, 0 to 1 each."""
        time = (now - self._start) / CENTRING
        return _eased((time - 0.2) / 0.5), _eased((time - 0.75) / 0.25)


def _enlarged(image: Array) -> Array:
    """A (28, 28) image as levels of whole squares, (140, 140)."""
    return as_levels(image).repeat(PIXELS // SIDE, axis=0).repeat(PIXELS // SIDE, axis=1)


def _eased(time: float) -> float:
    """From 0 to 1, slowly at both ends."""
    t = min(1.0, max(0.0, time))
    return t * t * (3 - 2 * t)
