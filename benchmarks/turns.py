"""Repeats in turns: everybody once, then everybody once more, each time with another one first.

So what the machine does besides strikes all alike, and nobody always comes after the same neighbour.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from .processes import PeerError


def in_turn(
    tasks: Mapping[str, Callable[[], float]],
    rounds: int,
    done: Callable[[], object] = lambda: None,
    pause: float = 0.0,
) -> tuple[dict[str, list[float]], dict[str, str]]:
    """What each task gave in each round, and the errors of those that failed, which are asked no more.

    done: called after every task. pause: seconds before each, for threads of the one before that still spin.
    """
    values: dict[str, list[float]] = {name: [] for name in tasks}
    errors: dict[str, str] = {}
    names = list(tasks)
    for number in range(rounds):
        first = number % len(names) if names else 0
        for name in names[first:] + names[:first]:
            if name not in errors:
                time.sleep(pause)
                try:
                    values[name].append(tasks[name]())
                except PeerError as error:
                    errors[name] = str(error)
            done()
    return values, errors
