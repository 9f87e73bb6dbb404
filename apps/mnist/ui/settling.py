"""When to ask the network: at most every 50 ms while the drawing changes, and for good after 350 ms of rest."""

from __future__ import annotations

from enum import Enum

GUESS_EVERY = 0.050
REST = 0.350
"""Seconds. A quarter of all digits have a second stroke, and it begins within the rest more often than not."""


class Ask(Enum):
    GUESS = "guess"
    SETTLE = "settle"


class Settling:
    """Watches one drawing; times are seconds on any clock that does not go back.

    >>> settling = Settling()
    >>> settling.changed(0.0)
    >>> settling.due(0.0, pen_down=True), settling.due(0.01, pen_down=True)
    (<Ask.GUESS: 'guess'>, None)
    >>> settling.due(0.34, pen_down=False), settling.due(0.36, pen_down=False), settling.due(9.0, pen_down=False)
    (None, <Ask.SETTLE: 'settle'>, None)
    """

    def __init__(self) -> None:
        self._guess_wanted = self._answer_wanted = False
        self._last_guess = self._last_change = float("-inf")

    def changed(self, now: float) -> None:
        """The drawing is not what it was: what was answered before no longer counts."""
        self._guess_wanted = self._answer_wanted = True
        self._last_change = now

    def touched(self, now: float) -> None:
        """The pen was put down or lifted: the rest begins anew."""
        self._last_change = now

    def settled(self) -> None:
        """The drawing as it is has been asked about for good, or there is nothing to ask about."""
        self._guess_wanted = self._answer_wanted = False

    def due(self, now: float, pen_down: bool) -> Ask | None:
        """What to ask now, if anything; each question is told once."""
        if self._answer_wanted and not pen_down and now - self._last_change >= REST:
            self.settled()
            return Ask.SETTLE
        if self._guess_wanted and now - self._last_guess >= GUESS_EVERY:
            self._guess_wanted = False
            self._last_guess = now
            return Ask.GUESS
        return None

    @property
    def waiting(self) -> bool:
        """Whether something will become due by the mere passing of time."""
        return self._guess_wanted or self._answer_wanted
