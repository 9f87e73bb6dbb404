"""How far two results are apart, and the record of it that is shown when all tests are done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np

DOUBLE = 1e-14
"""What separates two orders of summation in double precision; a wrong formula or constant is far beyond it."""

EPS32 = float(np.finfo(np.float32).eps)
FACTOR = 4
"""How many times Keras's own rounding error ours may be in float32 ..."""
FLOOR = 8 * EPS32
"""... or, where Keras happens to be exact, how far off we may be."""


class Record:
    """The number of arrays and figures that were compared, and the largest error, by subject."""

    def __init__(self) -> None:
        self.count: dict[str, int] = defaultdict(int)
        self.largest: dict[str, float] = defaultdict(float)

    def note(self, subject: str, count: int, error: float) -> None:
        self.count[subject] += count
        self.largest[subject] = max(self.largest[subject], error)

    def lines(self) -> list[str]:
        return [
            f"{subject:<32} {self.count[subject]:>8,} compared, largest error {self.largest[subject]:.1e}"
            for subject in sorted(self.count)
        ]


RECORD = Record()


def agree(subject: str, ours: Iterable[Any], theirs: Iterable[Any], tolerance: float = DOUBLE) -> None:
    """Fails unless the arrays agree to `tolerance` (see `largest_error`)."""
    ours, theirs = list(ours), list(theirs)
    error = largest_error(ours, theirs)
    RECORD.note(subject, len(ours), error)
    assert error <= tolerance, f"{subject}: {error:.2e} apart, {tolerance:.1e} allowed\nours   {ours}\ntheirs {theirs}"


def agree_in_single(subject: str, exact: Iterable[Any], ours: Iterable[Any], theirs: Iterable[Any]) -> None:
    """Fails when our float32 results are further from the exact ones than FACTOR times Keras's, plus FLOOR."""
    exact, ours, theirs = list(exact), list(ours), list(theirs)
    our_error, their_error = largest_error(ours, exact), largest_error(theirs, exact)
    RECORD.note(f"{subject} (float32)", len(ours), our_error)
    allowed = FACTOR * their_error + FLOOR
    assert our_error <= allowed, f"{subject}: {our_error:.2e} off, and Keras {their_error:.2e}"


def largest_error(ours: Iterable[Any], theirs: Iterable[Any]) -> float:
    """The largest difference between arrays, relative to the largest number (at least 1) of each."""
    errors = [0.0]
    for a, b in zip(ours, theirs, strict=True):
        a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
        assert a.shape == b.shape, f"{a.shape} is not {b.shape}"
        if a.size:
            finite = np.isfinite(b)
            assert (np.isfinite(a) == finite).all(), "one is finite and the other is not"
            np.testing.assert_array_equal(a[~finite], b[~finite])
            scale = max(1.0, float(np.abs(b[finite]).max(initial=0.0)))
            errors.append(float(np.abs(np.where(finite, a - b, 0.0)).max()) / scale)
    return max(errors)
