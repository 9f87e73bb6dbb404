"""A disk that fills up in the middle of a run does not end it: hours of training are worth more than one file."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOT_THE_PATH = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""Reasons that have nothing to do with how a path was spelt."""


class KeepGoing:
    """What one callback does, in one run, about files that cannot be written: it says so once, and goes on.

    Only the first of all writes raises, unless the disk is full or read-only: a path that is wrong is noticed early.

    who: the name of the callback, with which its messages begin.

    >>> keep_going = KeepGoing("CSVLogger")
    >>> with keep_going.writing("history.csv"):
    ...     pass
    >>> with keep_going.writing("history.csv"):
    ...     raise OSError(28, "No space left on device", "history.csv")
    >>> keep_going.failing
    True
    """

    def __init__(self, who: str) -> None:
        self.who = who
        self.failing = False
        """Whether the last attempt failed."""
        self.raises = True
        """Whether the next attempt may raise; once one has, so may all others."""
        self._folders: set[Path] = set()

    @contextmanager
    def writing(self, path: str | Path, last: bool = False) -> Iterator[None]:
        """Inside, the file is written; an OSError is told on stderr, the first time, in place of being raised.

        last: whether nobody will try again, which is told in any case. Raises OSError unless something could be written
        before, or the disk is full or read-only.
        """
        folder = Path(path).parent
        if folder in self._folders and not folder.exists():
            self._folders.discard(folder)  # `write_atomically` makes it again
            _say(f"{self.who}: the folder {folder} has gone in mid-run, with all that was in it")
        try:
            yield
        except OSError as error:
            was_failing, self.failing = self.failing, True
            if self.raises and error.errno not in NOT_THE_PATH:
                raise
            self.raises = False
            if last:
                _say(f"{self.who}: {_reason(error, path)}; it stays as it was")
            elif not was_failing:
                _say(f"{self.who}: {_reason(error, path)}; training goes on, and it is tried again")
        else:
            if self.failing:
                _say(f"{self.who}: {path} could be written again")
            self.failing = self.raises = False
            self._folders.add(folder)


def _reason(error: OSError, path: str | Path) -> str:
    said = str(error.strerror or error)
    return f"{error.filename or path} cannot be written ({said[:1].lower()}{said[1:]})"


def _say(message: str) -> None:
    from tqdm import tqdm

    tqdm.write(message, file=sys.stderr)  # above a bar, where there is one
