"""What may be called sure: an answer, by its probability, and a share, by how many examples it was counted on."""

from __future__ import annotations

import math
from enum import Enum

import numpy as np

from framework.parameters import Array

SURE = 0.90
PROBABLE = 0.60
NORMAL_95 = 1.959964
"""95 % of a normal distribution lie within so many standard deviations of its mean."""


class Certainty(Enum):
    """What the words of a verdict come down to."""

    SURE = "sure"
    PROBABLE = "probably"
    UNSURE = "not sure"


def certainty(probabilities: Array) -> Certainty:
    """Of calibrated probabilities (classes,): from 90 % on sure, from 60 % on probable."""
    best = float(probabilities.max())
    return Certainty.SURE if best >= SURE else Certainty.PROBABLE if best >= PROBABLE else Certainty.UNSURE


def sure_answers(probabilities: Array) -> Array:
    """Which answers are sure, of calibrated probabilities (n, classes): (n,) bool.

    >>> sure_answers(np.array([[0.9, 0.1], [0.2, 0.8]]))
    array([ True, False])
    """
    return np.asarray(probabilities.max(axis=1) >= SURE)


def interval(right: float, n: float) -> tuple[float, float]:
    """The 95 % interval of a share of which `right` of `n` were counted, in [0, 1].

    With p = right / n and z = 1.96 it is (p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n), which
    stays within 0 and 1 and is no point even where nothing was wrong. Of nothing it is (0, 1).

    Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927.

    >>> low, high = interval(9902, 10_000)
    >>> round(low, 4), round(high, 4)
    (0.9881, 0.992)
    >>> interval(20, 20)[1]
    1.0
    """
    if n <= 0:
        return 0.0, 1.0
    p, z2 = right / n, NORMAL_95**2
    middle, half = p + z2 / (2 * n), math.sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n * n)))
    return max(0.0, (middle - half) / (1 + z2 / n)), min(1.0, (middle + half) / (1 + z2 / n))
