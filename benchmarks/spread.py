"""What is made of repeated measurements: medians, quartiles, and the cost of a step."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple


class Spread(NamedTuple):
    """The middle of some figures, and the quartiles around it."""

    median: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    """Median and quartiles; of fewer than three values the smallest and the largest for quartiles.

    >>> spread([3.0, 1.0, 2.0, 5.0, 4.0])
    Spread(median=3.0, low=2.0, high=4.0)
    """
    if len(values) < 3:
        return Spread(statistics.median(values), min(values), max(values))
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(median, low, high)


def ratios(values: Sequence[float], base: Sequence[float]) -> list[float]:
    """How many times the base each value is, round by round; rounds that one of the two did not live to see are left.

    What slows the machine down for some rounds strikes both, and so drops out.

    >>> ratios([2.0, 6.0, 4.0], [1.0, 2.0])
    [2.0, 3.0]
    """
    return [value / unit for value, unit in zip(values, base, strict=False)]


def line(x: Sequence[float], y: Sequence[float]) -> tuple[float, float]:
    """(a, b) of y = a + b x with the least squares of relative errors, so that small and large y count alike.

    >>> a, b = line([1, 2, 10], [7, 9, 25])
    >>> round(a, 6), round(b, 6)
    (5.0, 2.0)
    """
    weights = [1 / value**2 for value in y]
    total = sum(weights)
    mean_x = sum(w * value for w, value in zip(weights, x, strict=True)) / total
    mean_y = sum(w * value for w, value in zip(weights, y, strict=True)) / total
    slope = sum(w * (a - mean_x) * (b - mean_y) for w, a, b in zip(weights, x, y, strict=True))
    slope /= sum(w * (a - mean_x) ** 2 for w, a in zip(weights, x, strict=True))
    return mean_y - slope * mean_x, slope
