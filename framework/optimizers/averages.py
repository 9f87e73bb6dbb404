"""Running means, the building block of adaptive optimizers, kept as sums; everything in place.

The running mean m = β · m + (1 - β) · g is 1 - β times the sum s = β · s + g. The sum takes a pass over the
parameters less, two less for squares, so it is what the slots of the optimizers hold; the factor 1 - β goes into
numbers that the formulas have anyway, such as the learning rate.
"""

from __future__ import annotations

import numpy as np

from ..arguments import is_number
from ..parameters import Array


def decaying_sum(total: Array, sample: Array, decay: float) -> None:
    """total = decay · total + sample, which is the running mean divided by 1 - decay.

    >>> total = np.array([1.0])
    >>> decaying_sum(total, np.array([2.0]), 0.75)
    >>> total
    array([2.75])
    """
    total *= decay
    total += sample


def decaying_sum_of_squares(total: Array, sample: Array, decay: float, scratch: Array) -> None:
    """total = decay · total + sample²; `scratch` is overwritten.

    >>> total = np.array([1.0])
    >>> decaying_sum_of_squares(total, np.array([2.0]), 0.75, np.empty(1))
    >>> total
    array([4.75])
    """
    total *= decay
    total += np.multiply(sample, sample, out=scratch)


SHARE = "a number of at least 0 and below 1"


def is_share(value: object) -> bool:
    """Whether it can be the decay of a running mean: a number from 0 up to, but not including, 1."""
    return is_number(value, 0, 1) and value != 1
