"""The geometry of pen strokes: the segments that join their points, and how far pixels lie from them."""

from __future__ import annotations

import numpy as np

from framework.parameters import Array

WORKING_SET = 12_800
"""Distances that are worked out at once; they stay in the processor's cache."""


def segments(points: Array, ends: Array) -> tuple[Array, Array]:
    """Beginnings and ends (m, 2) of the segments that join each stroke's points; a dot is one of length 0.

    points: (n, 2), one stroke behind the other. ends: for each stroke, the index behind its last point.

    >>> segments(np.array([[0, 0], [3, 4], [9, 9]]), np.array([2, 3]))
    (array([[0, 0],
           [9, 9]]), array([[3, 4],
           [9, 9]]))
    """
    first, last = first_and_last(len(points), ends)
    dots = first & last
    return points[~last | dots], points[~first | dots]


def first_and_last(n: int, ends: Array) -> tuple[Array, Array]:
    """Which of n points are the first and which the last of their stroke, as masks (n,)."""
    first, last = np.zeros(n, bool), np.zeros(n, bool)
    last[ends - 1] = True
    first[0] = True
    first[ends[:-1]] = True
    return first, last


def distances(starts: Array, ends: Array, columns: Array, rows: Array) -> Array:
    """From each pixel to the nearest of the segments: (len(rows), len(columns)) float32.

    starts, ends: (m, 2) x and y of the segments' ends. columns, rows: x and y of the pixels' centres.

    >>> distances(np.array([[0.0, 0.0]]), np.array([[4.0, 0.0]]), np.array([2.0, 7.0]), np.array([0.0, 4.0]))
    array([[0., 3.],
           [4., 5.]], dtype=float32)
    """
    nearest = np.full((len(rows), len(columns)), np.inf, np.float32)
    ax, ay = (ends - starts).astype(np.float32).T[:, :, None]
    squared = np.maximum(ax * ax + ay * ay, np.float32(1e-12))
    x = columns.astype(np.float32) - starts[:, :1].astype(np.float32)  # (m, columns): seen from the start
    y = rows.astype(np.float32) - starts[:, 1:].astype(np.float32)
    # p: from the start to a pixel; a: from the start to the end. The segment's nearest point is t a, where
    # t = clip(p.a / |a|^2, 0, 1), and the squared distance to it |p|^2 + t (t |a|^2 - 2 p.a).
    along_x, along_y, xx, yy = x * ax, y * ay, x * x, y * y
    chunk = max(1, WORKING_SET // max(nearest.size, 1))
    for i in range(0, len(starts), chunk):
        part = slice(i, i + chunk)
        along = along_y[part, :, None] + along_x[part, None, :]
        length = squared[part, :, None]
        t = np.clip(along / length, 0, 1)
        found = yy[part, :, None] + xx[part, None, :] + t * (t * length - 2 * along)
        np.minimum(nearest, found.min(axis=0), out=nearest)
    return np.sqrt(np.maximum(nearest, 0))


def coverage(distance: Array, width: float) -> Array:
    """How much of a pixel, 0 to 1, a line of this width covers at this distance: clip(width/2 + 1/2 - d, 0, 1)."""
    return np.clip(np.float32(width / 2 + 0.5) - distance, 0, 1)
