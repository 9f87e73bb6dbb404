"""What people said a digit really is: a file of corrections, one JSON object a line, for training to learn from.

The file is read whole and checked whole; it is replaced as a whole, so that no interruption leaves half a line.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, Self

import numpy as np

from framework.arguments import is_number, is_whole
from framework.data import Examples
from framework.files import write_atomically
from framework.locks import FolderLock
from framework.parameters import Array
from framework.version import __version__

from .files import CLASSES, SIDE, DataError
from .preprocess import FARTHEST
from .recognizer import Prediction

LIMIT = 24 << 20
"""The most bytes that a file of corrections may have, about 7,500 of them."""
LONGEST = 8 << 20
"""The most bytes of a line that is parsed: JSON made for it takes twenty times as much memory."""
PATIENCE = 2.0
"""Seconds to wait for another program that is writing into the file, which takes some milliseconds."""

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Correction:
    """One digit, what the model took it for, and what it is.

    time: when, in ISO 8601. label: what it is. predicted: what the model said. probabilities: 10, in [0, 1].
    strokes: of (x, y) in units of the canvas; none when the digit came from a picture.
    image: 28 rows of 28 values from 0 to 255, what the model saw. model: names its file. version: the program's.

    Lists and arrays become tuples, so that two records can be compared. Raises ValueError, naming the field,
    for values of another kind.

    >>> prediction = Prediction(7, np.eye(10)[7], np.zeros((28, 28), np.float32))
    >>> correction = Correction.of(prediction, label=1, strokes=[[(0.5, 0.1), (0.5, 0.9)]], model="mnist_mlp.json")
    >>> correction.label, correction.predicted, correction.strokes
    (1, 7, (((0.5, 0.1), (0.5, 0.9)),))
    """

    time: str
    label: int
    predicted: int
    probabilities: tuple[float, ...]
    strokes: tuple[Points, ...]
    image: tuple[tuple[int, ...], ...]
    model: str
    version: str

    def __post_init__(self) -> None:
        for name, (check, rule) in _FIELDS.items():
            try:
                value = check(getattr(self, name))
            except (OverflowError, TypeError, ValueError):
                raise ValueError(f"{name} must be {rule}") from None
            object.__setattr__(self, name, value)

    @classmethod
    def of(cls, prediction: Prediction, label: int, strokes: Sequence[Any], model: str) -> Self:
        """The record, made now, that the digit of this prediction is a `label`. Raises ValueError as above."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        image: Any = np.rint(255 * prediction.image).astype(np.uint8)
        shares: Any = prediction.probabilities
        return cls(now, label, prediction.digit, shares, tuple(strokes), image, model, __version__)


def append(path: str | Path, correction: Correction) -> None:
    """Adds a record at the end; makes the file, and its folder, where there is none.

    Whatever the file holds stays as it is, also what another program adds at the same time. Raises DataError when it
    would become too large, OSError when it cannot be written.
    """
    with _locked(path):
        content = _content(path, missing=b"")
        if content and not content.endswith(b"\n"):
            content += b"\n"
        content += json.dumps(asdict(correction), allow_nan=False).encode() + b"\n"
        if len(content) > LIMIT:
            raise DataError(path, f"is full, it may have {LIMIT:,} bytes", "train with it, then move it away")
        write_atomically(path, content)


def remove_last(path: str | Path, correction: Correction) -> bool:
    """Takes the last record that equals this one out of the file; False when there is none, or no file."""
    if not Path(path).exists():
        return False
    with _locked(path):
        lines = _content(path, missing=b"").split(b"\n")
        for number in reversed(range(len(lines))):
            try:
                found = bool(lines[number].strip()) and _parsed(lines[number]) == correction
            except ValueError:  # another line's damage is not for the undoing of this one to judge
                continue
            if found:
                del lines[number]
                write_atomically(path, b"\n".join(lines))
                return True
    return False


def read(path: str | Path) -> list[Correction]:
    """All records, the oldest first; empty lines are passed over.

    Raises DataError, naming file and line, for a line that is no correction and for a file that is too large,
    FileNotFoundError when there is none.
    """
    corrections = []
    for number, line in enumerate(_content(path).split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            corrections.append(_parsed(line))
        except ValueError as error:
            raise DataError(f"{path}, line {number}", str(error), "mend that line, or delete it") from None
    return corrections


def examples(corrections: Sequence[Correction]) -> Examples:
    """The corrected digits to learn from: images uint8 (n, 28, 28) and labels uint8 (n,)."""
    images = np.array([correction.image for correction in corrections], np.uint8).reshape(-1, SIDE, SIDE)
    return Examples(images, np.array([correction.label for correction in corrections], np.uint8))


def _locked(path: str | Path) -> FolderLock:
    """Two programs that read the file and replace it at the same time would lose what one of them has added."""
    target = Path(os.path.realpath(path))
    return FolderLock(target.parent, timeout=PATIENCE, clean=False, name=f".{target.name}.lock")


def _content(path: str | Path, missing: bytes | None = None) -> bytes:
    """The bytes of the file, or `missing`, if given, when there is none."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(LIMIT + 1)
    except FileNotFoundError:
        if missing is None:
            raise
        return missing
    if len(content) > LIMIT:
        raise DataError(path, f"has more than the {LIMIT:,} bytes of a file of corrections", "check the path")
    return content


def _parsed(line: bytes) -> Correction:
    """The record in a line; raises ValueError for anything else."""
    if len(line) > LONGEST:
        raise ValueError(f"it has {len(line):,} bytes, no correction has more than {LONGEST:,}")
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is not JSON, or was cut short ({error})") from None
    if not isinstance(record, dict):
        raise ValueError("it is no JSON object")
    for name in _FIELDS:
        if name not in record:
            raise ValueError(f"{name} is missing")
    for name in record:
        if name not in _FIELDS:
            raise ValueError(f"{name[:40]!r} is no field of a correction (they are {', '.join(_FIELDS)})")
    return Correction(**record)


def _require(fits: bool) -> None:
    if not fits:
        raise ValueError


def _text(value: Any) -> str:
    _require(isinstance(value, str))
    return str(value)


def _time(value: Any) -> str:
    datetime.fromisoformat(value)
    return str(value)


def _digit(value: Any) -> int:
    _require(is_whole(value, 0) and value < CLASSES)
    return int(value)


def _probabilities(values: Any) -> tuple[float, ...]:
    _require(len(values) == CLASSES and all(is_number(value, 0, 1) for value in values))
    return tuple(float(value) for value in values)


def _strokes(strokes: Any) -> tuple[Points, ...]:
    _require(not isinstance(strokes, str | dict))
    return tuple(map(_points, strokes))


def _points(stroke: Any) -> Points:
    """The points of a stroke; of a file full of them, there are millions."""
    values = list(chain.from_iterable(stroke))
    _require(set(map(len, stroke)) <= {2} and all(is_number(kind(0)) for kind in set(map(type, values))))
    floats = tuple(map(float, values))
    _require(all(map(FARTHEST.__ge__, map(abs, floats))))  # no NaN either
    return tuple(zip(floats[::2], floats[1::2], strict=True))


def _image(rows: Any) -> tuple[tuple[int, ...], ...]:
    pixels: Array = np.asarray(rows)
    _require(pixels.shape == (SIDE, SIDE) and pixels.dtype.kind in "ui")
    _require(bool(pixels.min() >= 0 and pixels.max() <= 255))
    return tuple(tuple(row) for row in pixels.tolist())


_FIELDS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "time": (_time, "a time in ISO 8601, such as 2030-01-02T03:04:05+00:00"),
    "label": (_digit, "a whole number from 0 to 9"),
    "predicted": (_digit, "a whole number from 0 to 9"),
    "probabilities": (_probabilities, "10 numbers from 0 to 1"),
    "strokes": (_strokes, "a list of strokes, each a list of pairs of finite numbers"),
    "image": (_image, "28 rows of 28 whole numbers from 0 to 255"),
    "model": (_text, "a text"),
    "version": (_text, "a text"),
}
"""For each field what returns its value as it is kept, or raises, and what it has to be."""
