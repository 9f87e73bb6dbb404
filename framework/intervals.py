"""How often something is to be done while a model trains: by epochs, by batches, or by the clock."""

from __future__ import annotations

import re
import time
from typing import Any

from .arguments import is_whole

WORDS = "'epoch', a positive number of batches, or a time such as '30s', '5min' or '1h'"
"""What an interval can be, for messages."""

_SECONDS = {"s": 1, "min": 60, "h": 3600}
_SHARE = 100
"""By the clock, what is done takes at most one part in so many of the time, however long it takes each time."""


class Interval:
    """When the next time is: every epoch, every so many batches, or every so many seconds after a batch.

    every: "epoch", a number of batches, or a time such as "30s", "0.5s", "5min", "1h". What takes longer than a
    hundredth of such a time is done less often.

    Raises ValueError for anything else.

    >>> Interval(2).is_due(1), Interval(2).is_due(2), Interval("epoch").is_due(2)
    (False, True, False)
    """

    def __init__(self, every: int | str) -> None:
        self.batches = int(every) if is_whole(every, 1) else None
        self.seconds = seconds_of(every) if isinstance(every, str) and every != "epoch" else None
        self.by_epochs = every == "epoch"
        if self.batches is None and self.seconds is None and not self.by_epochs:
            raise ValueError(f"an interval must be {WORDS}, got {every!r}")
        self.restart()

    def restart(self, took: float = 0.0) -> None:
        """Begins a new one. took: how many seconds it took to do what was due."""
        self._due = time.monotonic() + max(self.seconds or 0.0, _SHARE * took)

    def is_due(self, batches: int) -> bool:
        """Whether it is over when so many batches have been trained on."""
        if self.batches is not None:
            return batches % self.batches == 0
        return self.seconds is not None and time.monotonic() >= self._due


def seconds_of(text: Any) -> float | None:
    """A time in seconds; None for a text that is no time above 0.

    >>> [seconds_of(text) for text in ("30s", "1.5 min", "2h", "soon", "0s")]
    [30.0, 90.0, 7200.0, None, None]
    """
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?) ?(s|min|h)", str(text))
    return (float(found[1]) * _SECONDS[found[2]] or None) if found else None


def is_interval(value: Any) -> bool:
    """Whether it is one; what else it may be is said in `WORDS`.

    >>> is_interval("30s"), is_interval(0)
    (True, False)
    """
    return value == "epoch" or is_whole(value, 1) or (isinstance(value, str) and seconds_of(value) is not None)
