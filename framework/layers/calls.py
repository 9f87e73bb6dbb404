"""Calls of NumPy that are written down once and made at every step.

Arrays come and go in the same buffers, step after step. Which parts of them have to do with which others, and in what
order, is therefore the same every time. Finding it out anew would take small networks as long as the arithmetic, and
threads would wait for each other meanwhile, since it is only the arithmetic that they can do at the same time.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable
from typing import Any, TypeAlias

from ..threads import spread

Call = functools.partial
Calls: TypeAlias = list[Call[Any]]
Stage: TypeAlias = list[Calls]
"""Parts of some work, each of which threads can do at the same time as the others."""


def make(calls: Iterable[Call[Any]]) -> None:
    """Makes the calls, in order.

    >>> make([Call(print, "one", "two", sep="-"), Call(print, "three")])
    one-two
    three
    """
    for call in calls:
        call()


def work_through(stages: Iterable[Stage]) -> None:
    """Makes all calls of the stages, of which one begins when the one before has ended."""
    for parts in stages:
        spread(make, parts)


def same(known: tuple[Any, ...], before: tuple[Any, ...]) -> bool:
    """Whether these are the very objects that there were before.

    >>> a, b = [1], [1]
    >>> same((a, 2), (a, 2)), same((a, 2), (b, 2)), same((a, 2), ())
    (True, False, False)
    """
    return len(known) == len(before) and all(map(operator.is_, known, before))
