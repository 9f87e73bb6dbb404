"""Takes the lines of ruled paper out of the ink, also where digits stand on them or are crossed by them."""

from __future__ import annotations

import numpy as np

from framework.parameters import Array

THICKER = 1.5
"""Where a rule is more than this many times as thick as in most places, something else crosses it."""
BOW = 0.1
"""By how much, in digits' heights, a rule may stray from a straight line."""
MOST = 0.6
"""A rule is seen in this share of the columns that the part extends over, or in more."""
SLOPES = np.linspace(-0.12, 0.12, 25)
"""Those that are tried: of up to 7 degrees."""
BIN = 3
"""Pixels; so much lower or higher at the same slope is the same rule, at first."""
APART = 0.5
"""Rules are farther apart than this, in digits' heights; what is closer is a pattern."""
ROUNDS = 3
"""How often a line is fitted, each time without what is far from it."""


def on_a_rule(along: Array, across: Array, height: float) -> Array:
    """Which pixels of a long connected part are rules' and nothing else's: a mask (n,), all False without any.

    along, across: (n,) integers, the pixels' coordinates in the direction of the rules and in the other one.
    height: of a digit.

    What crosses a rule is thicker than it is, and is left whole. Lines are found by counting how many runs of
    pixels lie on each (P. Hough, 1962), the longest first, and then fitted by least squares.

    >>> along, across = np.array([0, 1, 2, 2, 2, 3, 4, 5]), np.array([7, 7, 6, 7, 8, 7, 7, 7])
    >>> on_a_rule(along, across, height=20).astype(int)
    array([1, 1, 0, 0, 0, 1, 1, 1])
    """
    order = np.lexsort((across, along))
    a, b = along[order], across[order]
    begins = np.flatnonzero(np.concatenate([[True], (np.diff(a) != 0) | (np.diff(b) != 1)]))
    lengths = np.diff([*begins, len(a)])
    column, middle = a[begins].astype(np.float64), b[begins] + (lengths - 1) / 2
    free = lengths <= max(2.0, THICKER * float(np.percentile(lengths, 40)))
    ruled = np.zeros(len(begins), bool)
    extent, rules = int(a[-1] - a[0]) + 1, 1 + int(np.ptp(across) / (APART * height))
    while MOST * extent <= np.count_nonzero(free) <= rules * extent:
        near = free & _near_the_longest(column, middle, free, max(1.5, BOW * height))
        if len(np.unique(column[near])) < MOST * extent:
            break
        ruled |= near
        free &= ~near
    result = np.zeros(len(a), bool)
    result[order] = np.repeat(ruled, lengths)
    return result


def _near_the_longest(column: Array, middle: Array, free: Array, reach: float) -> Array:
    """Which runs lie within this reach of the line on which the most of the free ones lie."""
    x, y = column[free], middle[free]
    best = 0
    for slope in SLOPES:
        bins = ((y - slope * x - (y - slope * x).min()) / BIN).astype(int)
        counts = np.bincount(bins)
        if counts.max() > best:
            best = counts.max()
            used = bins == counts.argmax()
    for _ in range(ROUNDS):
        terms = np.stack([np.ones(np.count_nonzero(used)), x[used]], axis=1)
        start, slope = np.linalg.lstsq(terms, y[used], rcond=None)[0]
        used = np.abs(y - start - slope * x) <= reach
    return np.asarray(np.abs(middle - start - slope * column) <= reach)
