"""Where everything lies in the window: arithmetic on its size, and nothing else."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from ..preprocess import SIDE

DESIGN = (1000, 660)
"""The size, in pixels, at which one unit is one pixel."""
SMALLEST = (720, 480)
"""Everything is readable from this size up; nothing fails below it."""
NARROW = 860
"""Below this width the preview lies under the bars."""
LOW = 620
"""Below this height there is no room for the last digits."""
WIDEST_PANEL = 640
HISTORY = 8
"""How many of the last digits are shown."""


class Rect(NamedTuple):
    """A rectangle of whole pixels: its corner, width and height.

    >>> Rect(10, 10, 30, 20).shrunk(5), Rect(10, 10, 30, 20).holds(40, 10)
    (Rect(x=15, y=15, w=20, h=10), False)
    """

    x: int
    y: int
    w: int
    h: int

    @property
    def right(self) -> int:
        return self.x + self.w

    @property
    def bottom(self) -> int:
        return self.y + self.h

    def holds(self, x: float, y: float) -> bool:
        return self.x <= x < self.right and self.y <= y < self.bottom

    def overlaps(self, other: Rect) -> bool:
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def shrunk(self, by: int) -> Rect:
        """The rectangle without a margin."""
        return Rect(self.x + by, self.y + by, max(0, self.w - 2 * by), max(0, self.h - 2 * by))

    def top(self, height: float) -> Rect:
        """Its upper part."""
        return self._replace(h=max(0, min(round(height), self.h)))

    def below(self, height: float) -> Rect:
        """What is left of it under its upper part."""
        cut = self.top(height).h
        return self._replace(y=self.y + cut, h=self.h - cut)

    def left(self, width: float) -> Rect:
        """Its left part."""
        return self._replace(w=max(0, min(round(width), self.w)))

    def beside(self, width: float) -> Rect:
        """What is left of it to the right of its left part."""
        cut = self.left(width).w
        return self._replace(x=self.x + cut, w=self.w - cut)

    def square(self) -> Rect:
        """The largest square in its middle."""
        side = min(self.w, self.h)
        return Rect(self.x + (self.w - side) // 2, self.y + (self.h - side) // 2, side, side)

    def rows(self, n: int, gap: int = 0) -> list[Rect]:
        """n rows that fill it, equally high but for a pixel."""
        edges = [self.y + (self.h + gap) * i // n for i in range(n + 1)]
        return [Rect(self.x, a, self.w, max(0, b - a - gap)) for a, b in pairwise(edges)]

    def columns(self, n: int, gap: int = 0) -> list[Rect]:
        """n columns that fill it, equally wide but for a pixel."""
        edges = [self.x + (self.w + gap) * i // n for i in range(n + 1)]
        return [Rect(a, self.y, max(0, b - a - gap), self.h) for a, b in pairwise(edges)]


class Layout(NamedTuple):
    """The window's parts; None where there is no room for one.

    unit: pixels that one pixel of the design takes. network: the inside view, in place of bars, preview and history.
    """

    window: Rect
    unit: float
    title: Rect
    canvas: Rect
    answer: Rect
    bars: Rect
    preview: Rect
    history: Rect | None
    network: Rect
    buttons: Rect
    status: Rect


def arrange(width: int, height: int) -> Layout:
    """The layout for a window of this size, in pixels; no part overlaps another, and none leaves the window.

    >>> layout = arrange(1000, 660)
    >>> layout.canvas, layout.preview.w // 28
    (Rect(x=8, y=40, w=532, h=532), 7)
    """
    unit = min(width / DESIGN[0], height / DESIGN[1])
    gap = round(8 * unit)
    window = Rect(0, 0, width, height)
    title = window.top(32 * unit)
    foot = window.below(height - 72 * unit)
    middle = Rect(gap, title.bottom + gap, max(0, width - 2 * gap), max(0, foot.y - title.bottom - 2 * gap))
    side = _whole_cells(min(middle.h, middle.w - gap - round(300 * unit)))
    panel_width = min(middle.w - side - gap, round(WIDEST_PANEL * unit))
    middle = middle.beside((middle.w - side - gap - panel_width) // 2)
    canvas = Rect(middle.x, middle.y, side, side)
    panel = middle.beside(side + gap).left(panel_width)
    answer = panel.top(104 * unit)
    network = panel.below(104 * unit + gap)
    bars, preview, history = (_stacked if width < NARROW else _side_by_side)(network, unit, gap, height >= LOW)
    return Layout(
        window,
        unit,
        title,
        canvas,
        answer,
        bars,
        preview,
        history,
        network,
        buttons=Rect(gap, foot.y, max(0, width - 2 * gap), round(40 * unit)),
        status=foot.below(44 * unit),
    )


def _whole_cells(side: float) -> int:
    """The largest side of whole pixels a cell, if it has any."""
    whole = int(side) // SIDE * SIDE
    return whole if whole else max(1, int(side))


CAPTION = 20
"""Units of height of the words above a part, and of those under the preview."""


def _side_by_side(area: Rect, unit: float, gap: int, tall: bool) -> tuple[Rect, Rect, Rect | None]:
    """Bars on the left; preview and history on the right."""
    captions = 2 * round(CAPTION * unit)
    room = area.h - captions - (round(140 * unit) + gap if tall else 0)
    cell = max(1, min(round(7 * unit), room // SIDE, (area.w - gap) // 2 // SIDE))
    right = area.beside(area.w - SIDE * cell)
    preview = right.top(SIDE * cell + captions)
    history = right.below(preview.h + gap) if tall else None
    return area.left(area.w - SIDE * cell - 2 * gap), preview, history


def _stacked(area: Rect, unit: float, gap: int, tall: bool) -> tuple[Rect, Rect, Rect | None]:
    """Bars above; below them the preview and, where the window is high, the history beside it."""
    captions = 2 * round(CAPTION * unit)
    cell = max(1, min(round(7 * unit), (area.h // 2 - captions) // SIDE, area.w // 2 // SIDE))
    height = SIDE * cell + captions
    bars = area.top(area.h - height - gap)
    rest = area.below(bars.h + gap)
    if not tall:
        return bars, rest, None
    return bars, rest.left(SIDE * cell), rest.beside(SIDE * cell + gap)
