"""From pen strokes or pixels to the 28x28 image that the model sees, made the way MNIST's images were made.

MNIST's recipe (LeCun et al. 1998; in all detail Yadav and Bottou, "Cold Case: the Lost MNIST Digits", 2019):
scale the ink, aspect ratio kept, into a box of 20x20 pixels; let the peak be 1; paste the box into 28x28
pixels so that the ink's centre of mass comes to lie in the middle. All lengths here are in pixels of that
image, x to the right and y down; a pixel's centre lies at half past its index.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from framework.parameters import Array

from .ink import ink_from_pixels
from .lines import coverage, distances, first_and_last, segments

SIDE = 28
BOX = 20
"""Side of the box into which the ink is scaled."""
CENTRES = np.arange(BOX) + 0.5
"""Where the centres of the box's pixels lie."""
SMALLEST = 10
"""The least side that a square of ink has before it is scaled: the smaller, the more a blot is blown up."""

THINNING = 0.15
"""Neighbouring points of a stroke that lie nearer to each other than this tell nothing new."""
ENOUGH_POINTS = 256
"""Drawings with no more points than this are not thinned, and no thinning leaves many more."""
DRAWN = 1e-3
"""Pixels by which the centre of mass of a drawing may be off; the distances are float32."""
FARTHEST = 1e100
"""Coordinates from here on count as infinite; their differences would overflow."""


def image_from_strokes(strokes: Sequence[ArrayLike], width: float = 2.2, smallest: float = 0.0) -> Array | None:
    """Draws pen strokes as an MNIST image: (28, 28) float32 in [0, 1], or None when there is no ink.

    strokes: one (n, 2) array of points per stroke, x to the right and y down, in any unit.
    width: of the line, in pixels of the image, however large the drawing is. MNIST's own median is 2.6.
    smallest: drawings smaller than this, in the strokes' unit, are not enlarged any further than one of this
        size would be. A window gives a tenth of its canvas, so that a tap with a trembling hand stays a dot.

    The centre lines' longest side becomes 20 - width; the ink at a pixel's centre, `d` away from the nearest
    line, is clip(width/2 + 1/2 - d, 0, 1). Moving or scaling the drawing changes nothing. A stroke of a
    single point is a dot.

    Raises ValueError for strokes of another shape, for points that are not finite, and for a width outside
    0.5 to 15.

    >>> seven = [[(10, 10), (60, 10), (30, 90)]]
    >>> image = image_from_strokes(seven)
    >>> image.shape, image.dtype, image.max()
    ((28, 28), dtype('float32'), np.float32(1.0))
    >>> image_from_strokes([]) is None
    True
    """
    drawn = _drawn(strokes, width, smallest)
    return None if drawn is None else _placed(drawn[0], tolerance=DRAWN)


@dataclass(frozen=True)
class Placement:
    """How a drawing gets into the image: a point p of a stroke comes to lie at (p - middle) * scale + target.

    middle: (2,), of the drawing, in the strokes' unit. scale: pixels a unit. target: (2,), where the middle comes
    to lie in the 28x28 pixels.
    """

    middle: Array
    scale: float
    target: Array


def placement(strokes: Sequence[ArrayLike], width: float = 2.2, smallest: float = 0.0) -> Placement | None:
    """Where `image_from_strokes` puts the drawing; arguments and errors are the same.

    >>> bar = placement([[(0, 0), (0, 100)]], width=2.0)
    >>> bar.middle, bar.scale, bar.target
    (array([ 0., 50.]), 0.18, array([15., 15.]))
    """
    drawn = _drawn(strokes, width, smallest)
    if drawn is None:
        return None
    box, middle, scale = drawn
    return Placement(middle, scale, np.add(_corner(box.astype(np.float64), DRAWN), BOX / 2))


def _drawn(strokes: Sequence[ArrayLike], width: float, smallest: float) -> tuple[Array, Array, float] | None:
    """The 20x20 box with the strokes in it, the drawing's middle, and the scale; None without ink."""
    if not 0.5 <= width <= 15:
        raise ValueError(f"width = {width}: give a line width from 0.5 to 15 pixels")
    lines = _as_points(strokes)
    if not lines:
        return None
    points = np.concatenate(lines)
    ends = np.cumsum([len(line) for line in lines])
    low, high = points.min(axis=0), points.max(axis=0)
    side = max(float((high - low).max()), smallest)
    scale = (BOX - width) / side if side > 0 else 0.0
    if not math.isfinite(side * scale):
        scale = 0.0
    middle = (low + high) / 2
    starts, stops = segments(*_thinned((points - middle) * scale + BOX / 2, ends))
    return coverage(distances(starts, stops, CENTRES, CENTRES), width), middle, scale


def image_from_pixels(array: ArrayLike) -> Array | None:
    """Turns a picture of one digit into an MNIST image: (28, 28) float32 in [0, 1], or None for no ink.

    array: grey (h, w) or (h, w, 1), grey and alpha (h, w, 2), RGB (h, w, 3) or RGBA (h, w, 4), of any size; dark
        on light or light on dark; integers from 0 to 255 or to 65535, or floats from 0 to 1 or to 255.

    Uneven light, noise and specks are dealt with; the digit must be the largest thing that there is.
    MNIST's own images come back unchanged. Raises ValueError for another shape, type or range.

    >>> page = np.full((200, 300), 240, np.uint8)
    >>> page[40:160, 100:112] = 20
    >>> image = image_from_pixels(page)
    >>> np.flatnonzero(image.any(axis=1)).size  # the line is 20 pixels high
    20
    """
    ink = ink_from_pixels(array)
    return None if ink is None else normalise(ink)


def normalise(ink: Array) -> Array | None:
    """MNIST's recipe for an array of ink (h, w) >= 0, where 0 is none: (28, 28) float32, or None for no ink.

    The square around the ink, at least 10 pixels wide and beginning on a whole pixel, is resampled to 20x20
    by exact area overlap, R @ ink @ C.T, scaled to a peak of 1, and pasted at a whole pixel, int(15 - b) where
    b is the centre of mass in the box: it ends between 13.5 and 14.5, counted in indices.

    >>> corner = np.zeros((50, 40))
    >>> corner[5:45, 10] = corner[44, 10:30] = 1.0  # an L, 40 pixels high
    >>> image = normalise(corner)
    >>> float(image.max()), bool(13.5 < np.average(np.arange(28), weights=image.sum(axis=1)) <= 14.5)
    (1.0, True)
    """
    rows = np.flatnonzero(ink.any(axis=1))
    columns = np.flatnonzero(ink.any(axis=0))
    if rows.size == 0:
        return None
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float64)
    height, width = cut.shape
    side = max(height, width, SMALLEST)
    return _placed(_resampling(height, side) @ cut @ _resampling(width, side).T)


def _resampling(n: int, side: int) -> Array:
    """The matrix (20, n) that averages n pixels, centred in a row of `side`, over 20 equal stretches."""
    first = (side - n) // 2
    pixels = np.arange(first, first + n)
    stretches = np.arange(BOX + 1)[:, None] * (side / BOX)
    overlap = np.minimum(stretches[1:], pixels + 1) - np.maximum(stretches[:-1], pixels)
    return np.asarray(np.clip(overlap, 0, None) * (BOX / side))


def _placed(box: Array, tolerance: float = 1e-9) -> Array:
    """The 28x28 image with this 20x20 box of ink in it, the centre of mass in the middle."""
    box = box.astype(np.float64) / box.max()
    x, y = _corner(box, tolerance)
    frame = np.zeros((3 * SIDE, 3 * SIDE), np.float32)  # wide enough that no box sticks out
    frame[SIDE + y : SIDE + y + BOX, SIDE + x : SIDE + x + BOX] = box
    return frame[SIDE : 2 * SIDE, SIDE : 2 * SIDE].copy()


def _corner(box: Array, tolerance: float) -> tuple[int, int]:
    """Where, x and y, the 20x20 box's corner belongs in the image.

    tolerance: how far, in pixels, the centre may come to lie too far right or down. Symmetric drawings have
        theirs just where the rounding switches, and noise in the last digits must not move them by a pixel.
    """
    total = box.sum()
    x = int(15 - box.sum(axis=0) @ CENTRES / total + tolerance)
    y = int(15 - box.sum(axis=1) @ CENTRES / total + tolerance)
    return x, y


def _as_points(strokes: Sequence[ArrayLike]) -> list[Array]:
    """The strokes that have points, as float arrays (n, 2)."""
    return [line for number, stroke in enumerate(strokes) if len(line := as_line(stroke, number))]


def as_line(stroke: ArrayLike, number: int) -> Array:
    """A stroke as a float array (n, 2), n >= 0. number: of the stroke, which errors name it by.

    Raises ValueError for another shape and for points that are not finite.
    """
    try:
        line = np.asarray(stroke, np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"stroke {number} is not an array of numbers of shape (n, 2)") from None
    if line.size == 0:
        return np.zeros((0, 2))
    if line.ndim != 2 or line.shape[1] != 2:
        raise ValueError(
            f"stroke {number} has shape {line.shape}, expected (n, 2): give a list of strokes, each a list of (x, y)"
        )
    if not (np.abs(line) < FARTHEST).all():  # false for NaN, too
        raise ValueError(f"stroke {number} has a point that is not finite: leave such points out")
    return line


def _thinned(points: Array, ends: Array) -> tuple[Array, Array]:
    """The points without those that lie close to the one before them, and where each stroke ends then."""
    if len(points) <= ENOUGH_POINTS:
        return points, ends
    first, last = first_and_last(len(points), ends)
    steps = np.hypot(*np.diff(points, axis=0, prepend=points[:1]).T)
    way = np.cumsum(np.where(first, 0.0, steps))
    stretch = np.floor(way / max(THINNING, way[-1] / ENOUGH_POINTS))
    kept = first | last | (np.diff(stretch, prepend=0.0) > 0)
    return points[kept], np.cumsum(kept)[ends - 1]
