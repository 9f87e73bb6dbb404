"""Checks of constructor arguments, and the one form in which a wrong one is reported."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .registry import ArgumentError


def require(fits: bool, owner: object, argument: str, value: object, rule: str) -> None:
    """Raises ArgumentError unless the argument fits: who has it, what it must be, what it is.

    >>> require(False, "text", "size", -1, "a positive number")
    Traceback (most recent call last):
    framework.registry.ArgumentError: str: size must be a positive number, got -1
    """
    if not fits:
        raise ArgumentError(f"{type(owner).__name__}: {argument} must be {rule}, got {value!r}", argument)


def is_number(value: Any, low: float = -math.inf, high: float = math.inf) -> bool:
    """Whether it is a real number from `low` to `high`; truth values and NaN are none.

    >>> [is_number(v, 0, 1) for v in (0.5, 1, np.float32(0.5), True, 1.5, math.nan, "0.5")]
    [True, True, True, False, False, False, False]
    """
    kinds = int | float | np.integer | np.floating
    return isinstance(value, kinds) and not isinstance(value, bool) and bool(low <= value <= high)


def is_whole(value: Any, low: float = -math.inf) -> bool:
    """Whether it is a whole number of at least `low`, of a type that says so.

    >>> [is_whole(v, 1) for v in (3, np.int64(3), 3.0, True, 0, None)]
    [True, True, False, False, False, False]
    """
    return isinstance(value, int | np.integer) and is_number(value, low)
