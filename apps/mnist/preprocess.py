"""From pen strokes or pixels to the 28x28 image that the model sees, made the way MNIST's images were made.

MNIST's recipe (LeCun et al. 1998; in all detail Yadav and Bottou, "Cold Case: the Lost MNIST Digits", 2019):
scale the ink, aspect ratio kept, into a box of 20x20 pixels; let the peak be 1; paste the box into 28x28
pixels so that the ink's centre of mass comes to lie in the middle. All lengths here are in pixels of that
image, x to the right and y down; a pixel's centre lies at half past its index.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from framework.parameters import Array

from .ink import ink_from_pixels

SIDE = 28
BOX = 20
"""Side of the box into which the ink is scaled."""
SMALLEST = 10
"""The least side that a square of ink has before it is scaled: the smaller, the more a blot is blown up."""

THINNING = 0.15
"""Neighbouring points of a stroke that lie nearer to each other than this tell nothing new."""
ENOUGH_POINTS = 256
"""Drawings with no more points than this are not thinned, and no thinning leaves many more."""
FARTHEST = 1e100
"""Coordinates from here on count as infinite; their differences would overflow."""
CHUNK = 32
"""Segments that are drawn at once; their distances to 20x20 pixels stay in the processor's cache."""


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
    points = (points - (low + high) / 2) * scale + BOX / 2
    starts_at, ends_at = _segments(points, ends)
    box = np.clip(width / 2 + 0.5 - _distances(starts_at, ends_at), 0, 1)
    return _placed(box, tolerance=1e-3)


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
    """The 28x28 image with this 20x20 box of ink in it, the centre of mass in the middle.

    tolerance: how far, in pixels, the centre may come to lie too far right or down. Symmetric drawings have
        theirs just where the rounding switches, and noise in the last digits must not move them by a pixel.
    """
    box = box.astype(np.float64) / box.max()
    centres = np.arange(BOX) + 0.5
    total = box.sum()
    y = int(15 - box.sum(axis=1) @ centres / total + tolerance)
    x = int(15 - box.sum(axis=0) @ centres / total + tolerance)
    frame = np.zeros((3 * SIDE, 3 * SIDE), np.float32)  # wide enough that no box sticks out
    frame[SIDE + y : SIDE + y + BOX, SIDE + x : SIDE + x + BOX] = box
    return frame[SIDE : 2 * SIDE, SIDE : 2 * SIDE].copy()


def _as_points(strokes: Sequence[ArrayLike]) -> list[Array]:
    """The strokes that have points, as float arrays (n, 2)."""
    lines = []
    for number, stroke in enumerate(strokes):
        try:
            line = np.asarray(stroke, np.float64)
        except (TypeError, ValueError):
            raise ValueError(f"stroke {number} is not an array of numbers of shape (n, 2)") from None
        if line.size == 0:
            continue
        if line.ndim != 2 or line.shape[1] != 2:
            raise ValueError(
                f"stroke {number} has shape {line.shape}, expected (n, 2): give a list of strokes, "
                f"each a list of (x, y)"
            )
        if not (np.abs(line) < FARTHEST).all():  # false for NaN, too
            raise ValueError(f"stroke {number} has a point that is not finite: leave such points out")
        lines.append(line)
    return lines


def _segments(points: Array, ends: Array) -> tuple[Array, Array]:
    """Beginnings and ends (m, 2) of the segments that join each stroke's points; a dot is one of length 0.

    ends: for each stroke, the index behind its last point.
    """
    first = np.zeros(len(points), bool)
    last = np.zeros(len(points), bool)
    last[ends - 1] = True
    first[0] = True
    first[ends[:-1]] = True
    if len(points) > ENOUGH_POINTS:
        steps = np.hypot(*np.diff(points, axis=0, prepend=points[:1]).T)
        way = np.cumsum(np.where(first, 0.0, steps))
        stretch = np.floor(way / max(THINNING, way[-1] / ENOUGH_POINTS))
        kept = first | last | (np.diff(stretch, prepend=0.0) > 0)
        points, first, last = points[kept], first[kept], last[kept]
    dots = first & last
    begins = ~last | dots
    goes_on = ~first | dots
    return points[begins], points[goes_on]


def _distances(starts: Array, ends: Array) -> Array:
    """From the centre of each of the 20x20 pixels to the nearest of the segments."""
    centres = np.arange(BOX, dtype=np.float32) + np.float32(0.5)
    nearest = np.full((BOX, BOX), np.inf, np.float32)
    ax, ay = (ends - starts).astype(np.float32).T[:, :, None]
    squared = np.maximum(ax * ax + ay * ay, np.float32(1e-12))
    x = centres - starts[:, :1].astype(np.float32)  # (m, 20): of each column's centre, seen from the start
    y = centres - starts[:, 1:].astype(np.float32)
    # p: from the start to a pixel; a: from the start to the end. The segment's nearest point is t a, where
    # t = clip(p.a / |a|^2, 0, 1), and the squared distance to it |p|^2 + t (t |a|^2 - 2 p.a).
    along_x, along_y, xx, yy = x * ax, y * ay, x * x, y * y
    for i in range(0, len(starts), CHUNK):
        part = slice(i, i + CHUNK)
        along = along_y[part, :, None] + along_x[part, None, :]
        length = squared[part, :, None]
        t = np.clip(along / length, 0, 1)
        distances = yy[part, :, None] + xx[part, None, :] + t * (t * length - 2 * along)
        np.minimum(nearest, distances.min(axis=0), out=nearest)
    return np.sqrt(np.maximum(nearest, 0))
