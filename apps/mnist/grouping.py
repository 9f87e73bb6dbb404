"""Which strokes belong to which digit: a number such as 2026 is read digit by digit.

Boxes alone do not tell: digits that lean, or lines that rise, overlap in x. So what counts first is how near the
ink itself comes. All lengths here are shares of the drawing's height, which in a line that rises is more than
that of its digits: of the largest stroke's longer side it is at most 1.15 times as much.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from framework.parameters import Array

from .preprocess import as_line

NEAR = 0.12
"""Strokes of one digit come as near as this, or ..."""
SHARED = 0.3
"""... one lies above the other: they share this part of the narrower one's width."""
LOW = 0.5
"""What is lower than this is hardly a digit: a bar of a 5 that was drawn apart, the short stroke of a 4, a dot. ..."""
REACH = 0.3
"""... It belongs to the nearest digit if that is as near as this ..."""
SPECK = 0.2
"""... and else, where it is lower than this, to none."""
RISE = 1.15
"""By how much the height of a drawing may exceed the size of its largest stroke."""
STEP = 0.03
"""Between the points of a stroke at which its distance to others is measured, where there are no more than ..."""
MOST_POINTS = 384
MOST_STROKES = 256
"""Of more strokes than this nobody makes a number: they are one digit."""


def group_strokes(strokes: Sequence[ArrayLike], smallest: float = 0.0) -> list[list[int]]:
    """The strokes of each digit, from left to right: lists of ascending indices into `strokes`.

    strokes: one (n, 2) array of points per stroke, x to the right and y down, in any unit; those without points
        belong to no digit. The order does not matter: the bar of a 5 may be drawn last.
    smallest: the least height, in the strokes' unit, that is reckoned with, as in `image_from_strokes`.

    Strokes join whose centre lines come within 0.12 of the height, or one of which lies above the other. What is
    too low for a digit joins the nearest one, or is left out when it is small and far from all.

    Raises ValueError, as `image_from_strokes`, for strokes of another shape and points that are not finite.

    >>> two = [(0, 10), (30, 0), (40, 30), (0, 100), (50, 100)]
    >>> four, bar = [(110, 0), (80, 60), (140, 60)], [(130, 20), (130, 100)]
    >>> group_strokes([two, bar, four])
    [[0], [1, 2]]
    >>> group_strokes([two, [(200, 50)]])  # a speck
    [[0]]
    """
    lines = [as_line(stroke, number) for number, stroke in enumerate(strokes)]
    kept = [index for index, line in enumerate(lines) if len(line)]
    if not kept:
        return []
    if len(kept) > MOST_STROKES:
        return [kept]
    ink = [lines[index] for index in kept]
    largest = max(float(np.ptp(line, axis=0).max()) for line in ink)
    height = float(np.ptp(np.concatenate(ink)[:, 1]))
    size = max(smallest, largest, min(height, RISE * largest))
    return [[kept[place] for place in group] for group in group_clouds(_along(ink, STEP * size), size)]


def group_clouds(
    clouds: Sequence[Array], size: float, near: float = NEAR, shared: float = SHARED, reach: float = REACH
) -> list[list[int]]:
    """The same for parts of which points (n, 2), n >= 1, are given that lie close together.

    size: the length, in their unit, of which all the others are shares.

    >>> bar = np.array([[0, 0], [0, 1], [0, 2], [0, 3]])
    >>> group_clouds([bar, bar + (2, 0), np.array([[0.3, 1]])], size=3)
    [[0, 2], [1]]
    """
    low, high = np.array([c.min(axis=0) for c in clouds]), np.array([c.max(axis=0) for c in clouds])
    left, right = low[:, 0], high[:, 0]
    apart = _distances(clouds, low, high, max(near, reach) * size)
    common = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    narrower = np.minimum((right - left)[:, None], right - left)
    together = (apart <= near * size) | ((common >= 0) & (common >= shared * narrower))
    groups = _connected(together)
    heights = [float(high[group, 1].max() - low[group, 1].min()) for group in groups]
    least = LOW * min(size, max(heights))
    digit = np.full(len(clouds), -1)  # the number of the group that each cloud belongs to
    for number, (group, height) in enumerate(zip(groups, heights, strict=True)):
        if height >= least:
            digit[group] = number
    for number, (group, height) in enumerate(zip(groups, heights, strict=True)):
        if height >= least:
            continue
        gaps = np.where(digit >= 0, apart[group].min(axis=0), np.inf)
        nearest = int(np.argmin(gaps))
        if gaps[nearest] <= reach * size:
            digit[group] = digit[nearest]
        elif height >= SPECK * size:
            digit[group] = number
    found = [np.flatnonzero(digit == number).tolist() for number in np.unique(digit[digit >= 0])]
    return sorted(found, key=lambda group: float(left[group].min() + right[group].max()))


def _along(lines: Sequence[Array], step: float) -> list[Array]:
    """Points (m, 2) at equal distances along each line, fewer where there would be too many."""
    ways = [np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))]) for line in lines]
    step = max(step, sum(float(way[-1]) for way in ways) / MOST_POINTS)
    clouds = []
    for line, way in zip(lines, ways, strict=True):
        stops = np.linspace(0, way[-1], 1 + int(np.ceil(way[-1] / step))) if way[-1] > 0 else way[:1]
        clouds.append(np.stack([np.interp(stops, way, line[:, 0]), np.interp(stops, way, line[:, 1])], axis=1))
    return clouds


def _distances(clouds: Sequence[Array], low: Array, high: Array, reach: float) -> Array:
    """Between the nearest points of each two clouds, (n, n); infinite where boxes are farther apart than `reach`.

    low, high: (n, 2), the corners of the clouds' boxes.
    """
    apart = np.full((len(clouds), len(clouds)), np.inf)
    for index, cloud in enumerate(clouds):
        gaps = np.maximum(low - high[index], low[index] - high).max(axis=1)
        near = np.flatnonzero(gaps <= reach).tolist()
        others = [clouds[other] for other in near]
        begins = np.cumsum([0, *(len(other) for other in others[:-1])])
        x, y = np.concatenate(others).T
        squared = ((cloud[:, :1] - x) ** 2 + (cloud[:, 1:] - y) ** 2).min(axis=0)
        apart[index, near] = np.sqrt(np.minimum.reduceat(squared, begins))
    return apart


def _connected(together: Array) -> list[list[int]]:
    """The groups into which a symmetric (n, n) mask joins n things."""
    number = np.arange(len(together))
    while True:
        lowest = np.where(together, number, len(together)).min(axis=1)
        lowest = lowest[lowest]  # twice as far each time
        if np.array_equal(lowest, number):
            return [np.flatnonzero(number == first).tolist() for first in np.unique(number)]
        number = lowest
