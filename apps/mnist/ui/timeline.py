"""Undo and redo: a value, and those that it had before and after."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
LEVELS = 100


class Timeline(Generic[T]):
    """A value that remembers what it was, up to 100 changes back.

    >>> text = Timeline("")
    >>> text.change("a"); text.change("ab")
    >>> text.undo(), text.undo(), text.undo(), text.now
    (True, True, False, '')
    >>> text.redo(), text.now
    (True, 'a')
    """

    def __init__(self, now: T) -> None:
        self.now = now
        self._past: deque[T] = deque(maxlen=LEVELS)
        self._future: list[T] = []

    def change(self, value: T) -> None:
        """Replaces the value; what had been undone is gone."""
        self._past.append(self.now)
        self._future.clear()
        self.now = value

    def amend(self, change: Callable[[T], T], same: Callable[[T, T], bool]) -> None:
        """Makes a change to the value as it is, was and may become again, as if it had always been so.

        same: whether there is nothing left to undo between two values.
        """
        past: list[T] = []
        for value in map(change, [*self._past, self.now]):
            if not past or not same(past[-1], value):
                past.append(value)
        self.now = past.pop()
        self._past = deque(past, maxlen=LEVELS)
        self._future = [change(value) for value in self._future]

    @property
    def has_past(self) -> bool:
        """Whether there is anything to undo."""
        return bool(self._past)

    def undo(self) -> bool:
        """Goes one change back; False when there is none."""
        if not self._past:
            return False
        self._future.append(self.now)
        self.now = self._past.pop()
        return True

    def redo(self) -> bool:
        """Takes the last undo back; False when there is none."""
        if not self._future:
            return False
        self._past.append(self.now)
        self.now = self._future.pop()
        return True
