"""Running means, the building block of adaptive optimizers; everything in place."""

from __future__ import annotations

import numpy as np

from ..arguments import is_number
from ..parameters import Array


def running_mean(mean: Array, sample: Array, decay: float, scratch: Array) -> None:
    """mean = decay · mean + (1 - decay) · sample; `scratch` is overwritten.

    >>> mean = np.array([1.0])
    >>> running_mean(mean, np.array([2.0]), 0.75, np.empty(1))
    >>> mean
    array([1.25])
    """
    np.multiply(sample, 1 - decay, out=scratch)
    mean *= decay  # last, since what was touched last is in the cache
    mean += scratch


def running_mean_square(mean: Array, sample: Array, decay: float, scratch: Array) -> None:
    """mean = decay · mean + (1 - decay) · sample²; `scratch` is overwritten.

    >>> mean = np.array([1.0])
    >>> running_mean_square(mean, np.array([2.0]), 0.75, np.empty(1))
    >>> mean
    array([1.75])
    """
    np.multiply(sample, sample, out=scratch)
    scratch *= 1 - decay
    mean *= decay
    mean += scratch


SHARE = "a number of at least 0 and below 1"


def is_share(value: object) -> bool:
    """Whether it can be the decay of a running mean: a number from 0 up to, but not including, 1."""
    return is_number(value, 0, 1) and value != 1
