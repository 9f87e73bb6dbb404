"""The document: pen strokes as vectors, in units of the canvas, with the times at which they were drawn."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from framework.parameters import Array

from ..lines import distances

Point = tuple[float, float, float]
"""x to the right and y down, both from 0 to 1 over the canvas, and seconds since the stroke began."""


@dataclass(frozen=True, eq=False)
class Stroke:
    """What was drawn from pressing the button to releasing it.

    segments: the runs of points that were joined; more than one where the pen left the canvas and came back.
    began: seconds on the clock of whoever drew. positions: of the pen, those outside of the canvas included;
    None where that is not known.
    """

    segments: tuple[tuple[Point, ...], ...]
    began: float = 0.0
    positions: int | None = None

    @property
    def points(self) -> int:
        """The positions of the pen that it came from, or else its points."""
        return sum(map(len, self.segments)) if self.positions is None else self.positions

    @property
    def lines(self) -> list[Array]:
        """x and y of each segment's points, (n, 2) each."""
        return [np.array(segment)[:, :2] for segment in self.segments]

    @property
    def seconds(self) -> float:
        """How long it took to draw."""
        return max((segment[-1][2] for segment in self.segments), default=0.0)


@dataclass(frozen=True, eq=False)
class Drawing:
    """All that is on the canvas; never changed, only replaced, so that undoing is keeping the old one.

    picture: (28, 28) float32 in [0, 1], an image that was opened, under the strokes.

    >>> drawing = Drawing().with_stroke(Stroke((((0.5, 0.2, 0.0), (0.5, 0.8, 0.1)),)))
    >>> drawing.points, drawing.stroke_at(0.52, 0.5, 0.05), drawing.without(0).is_empty
    (2, 0, True)
    """

    strokes: tuple[Stroke, ...] = ()
    picture: Array | None = None

    @property
    def is_empty(self) -> bool:
        return not self.strokes and self.picture is None

    @property
    def points(self) -> int:
        return sum(stroke.points for stroke in self.strokes)

    @property
    def lines(self) -> list[Array]:
        """The strokes as `preprocess.image_from_strokes` takes them."""
        return [line for stroke in self.strokes for line in stroke.lines]

    def with_stroke(self, stroke: Stroke) -> Drawing:
        return replace(self, strokes=(*self.strokes, stroke))

    def without(self, index: int) -> Drawing:
        """The drawing without one of its strokes."""
        return replace(self, strokes=(*self.strokes[:index], *self.strokes[index + 1 :]))

    def stroke_at(self, x: float, y: float, reach: float) -> int | None:
        """The uppermost stroke that passes within this reach of a place."""
        for index in reversed(range(len(self.strokes))):
            for line in self.strokes[index].lines:
                starts, stops = (line[:-1], line[1:]) if len(line) > 1 else (line, line)
                if distances(starts, stops, np.array([x]), np.array([y]))[0, 0] <= reach:
                    return index
        return None


@dataclass
class Pen:
    """A stroke while it is drawn. Positions may lie outside of the canvas: there it draws nothing.

    >>> pen = Pen(0.5, 0.5, now=10.0)
    >>> pen.move(1.5, 0.5, now=10.1); pen.move(1.5, 1.5, now=10.2); pen.move(0.5, 0.75, now=10.3)
    >>> [[(x, y) for x, y, _ in segment] for segment in pen.stroke.segments]
    [[(0.5, 0.5), (1.0, 0.5)], [(0.8333333333333334, 1.0), (0.5, 0.75)]]
    """

    x: float
    y: float
    now: float
    segments: list[list[Point]] = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.now
        self.positions = 1
        self.segments = [[(self.x, self.y, 0.0)]]

    def move(self, x: float, y: float, now: float) -> None:
        """Draws to this place what lies on the canvas of the way there; staying in place is no movement."""
        self.positions += (x, y) != (self.x, self.y)
        visible = clipped((self.x, self.y), (x, y))
        if visible is not None:
            begin, end = visible
            time = max(0.0, now - self.began)
            if self.segments[-1][-1][:2] != begin:
                self.segments.append([(*begin, time)])
            if end != begin:
                self.segments[-1].append((*end, time))
        self.x, self.y = x, y

    @property
    def points(self) -> int:
        """How many points it has on the canvas."""
        return sum(map(len, self.segments))

    @property
    def stroke(self) -> Stroke:
        return Stroke(tuple(map(tuple, self.segments)), self.began, self.positions)


def clipped(
    start: tuple[float, float], end: tuple[float, float]
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """The part of a line that lies in the unit square, or None. Source: Liang and Barsky, 1984.

    >>> clipped((-1.0, 0.5), (0.5, 0.5))
    ((0.0, 0.5), (0.5, 0.5))
    """
    enters, leaves = 0.0, 1.0
    for a, b in zip(start, end, strict=True):
        way = b - a
        if way == 0:
            if not 0 <= a <= 1:
                return None
            continue
        near, far = sorted((-a / way, (1 - a) / way))
        enters, leaves = max(enters, near), min(leaves, far)
    if enters > leaves:
        return None

    def at(t: float) -> tuple[float, float]:
        x, y = (min(1.0, max(0.0, a + t * (b - a))) for a, b in zip(start, end, strict=True))
        return x, y

    return start if enters == 0 else at(enters), end if leaves == 1 else at(leaves)


def stroke_count(drawing: Drawing) -> str:
    """How much there is on the canvas, in words.

    >>> stroke_count(Drawing((Stroke((((0.5, 0.5, 0.0),),)),)))
    '1 stroke, 1 point'
    """
    strokes, points = len(drawing.strokes), drawing.points
    return f"{strokes} stroke{'s' * (strokes != 1)}, {points} point{'s' * (points != 1)}"
