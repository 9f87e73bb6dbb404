"""How long the parts of a frame take, measured by the window itself."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

KEPT = 100_000
"""Measurements of each part; older ones are forgotten."""


class Profile:
    """Collects durations by name, and prints a table of them."""

    def __init__(self) -> None:
        self._seconds: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=KEPT))

    def add(self, name: str, seconds: float) -> None:
        self._seconds[name].append(seconds)

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Measures what is done inside."""
        begin = time.perf_counter()
        yield
        self.add(name, time.perf_counter() - begin)

    def table(self) -> str:
        """Median, 95th percentile and maximum of each, in milliseconds.

        >>> profile = Profile()
        >>> for ms in (1, 2, 3): profile.add("frame", ms / 1000)
        >>> print(profile.table())
        milliseconds          count  median     p95     max
        frame                     3    2.00    2.90    3.00
        """
        lines = [f"{'milliseconds':<20}{'count':>7}{'median':>8}{'p95':>8}{'max':>8}"]
        for name, seconds in self._seconds.items():
            ms = 1000 * np.array(seconds)
            figures = "".join(f"{value:8.2f}" for value in (*np.percentile(ms, [50, 95]), ms.max()))
            lines.append(f"{name:<20}{len(ms):>7}{figures}")
        return "\n".join(lines)
