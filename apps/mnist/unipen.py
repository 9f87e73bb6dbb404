"""Reads digits as people drew them: UCI's "Pen-Based Recognition of Handwritten Digits", in its original files.

`pendigits-orig.tra` holds 7,494 digits by 30 writers, `pendigits-orig.tes` those of 14 others. They are what a
drawing window gives: strokes of a pen, and not scanned paper. The file is text in the UNIPEN form; after a few
lines about the whole file come its digits, each a block such as this one of two strokes:

    .SEGMENT DIGIT 10-11 ? "4"    the numbers of its first and last stroke in the file, and the label
    .COMMENT 4 14 100             the label, the writer, and which of the writer's digits it is
    .PEN_DOWN
     267  333                     x to the right and y upwards, integers from 0 to 500
     267  336
    .PEN_UP
    .DT 100                       has no meaning here, and may be missing
    .PEN_DOWN
     ...

As with MNIST's files, a file that is wrong anywhere is refused as a whole.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from framework.parameters import Array

from .compress import MAGIC, DamagedError, unpack
from .files import CLASSES, DataError, expanded, refuse_pipe
from .gunzip import MAGIC as GZIPPED
from .gunzip import Unpacked

FILE = "pendigits-orig.tra"
"""The file that is read where a folder is given, also with `.gz` or `.Z` behind its name."""
TEST_FILE = "pendigits-orig.tes"
LIMIT = 1 << 22
"""The most bytes of text that a file may hold, read in seconds; the largest there is holds 3.6 million."""
BOX = 500
"""Side of the square on the tablet in which the digits were written, in the unit of the coordinates."""
MANY = 10**9
"""Numbers that count something are smaller."""

_LABELS = [f'"{digit}"' for digit in range(CLASSES)]
_POINT = f"a point, x and y from 0 to {BOX}, or .PEN_UP"


@dataclass(frozen=True)
class PenDigit:
    """A digit that somebody drew.

    label: 0 to 9. writer: the person's number in this file.
    strokes: one (n, 2) float64 array of points per stroke, n >= 1, x to the right and y down, from 0 to 500.
    """

    label: int
    writer: int
    strokes: list[Array]


def read_pen_digits(path: str | os.PathLike[str]) -> list[PenDigit]:
    """The digits of a file, in its order: of `path`, packed or not, or of `pendigits-orig.tra[.gz|.Z]` in that folder.

    Raises DataError, naming the file and the line, when it is cut short or anything but such a file.

    >>> import tempfile
    >>> lines = ['.SEGMENT DIGIT 0 ? "1"', ".COMMENT 1 7 30", ".PEN_DOWN", "80 400", "80 90", ".PEN_UP"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "pendigits-orig.tra").write_text("\\n".join(lines))
    ...     read_pen_digits(folder)
    [PenDigit(label=1, writer=7, strokes=[array([[ 80., 100.], [ 80., 410.]])])]

    Source: F. Alimoglu, E. Alpaydin, "Pen-Based Recognition of Handwritten Digits", UCI Machine Learning Repository.
    """
    file = training_file(path)
    lines = _Lines(file, _text(file))
    lines.skip_head()
    digits = []
    while lines.word is not None:
        digits.append(_digit(lines))
    if not digits:
        raise DataError(file, "holds no digits (no line begins with .SEGMENT)", f"give UCI's {FILE}")
    return digits


class _Lines:
    """The lines that are not blank, one at a time: `words` are those of the current one, empty at the end."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = enumerate(text.split("\n"), start=1)
        self._number = 0
        self.words: list[str] = []
        self.advance()

    def advance(self) -> None:
        """Goes on to the next line."""
        for number, line in self._lines:
            words = line.split()
            if words:
                self._number, self.words = number, words
                return
        self.words = []

    @property
    def word(self) -> str | None:
        """The first one of the line; None at the end of the file."""
        return self.words[0] if self.words else None

    def skip_head(self) -> None:
        """Goes on to the first digit. What stands before it is about the whole file, and nothing of it is needed."""
        while self.word not in (None, ".SEGMENT"):
            if not self.words[0].startswith("."):
                raise self.wrong("a UNIPEN line, which begins with a dot")
            self.advance()

    def take(self, directive: str, expected: str) -> None:
        """Goes on from this directive, which must stand alone in its line."""
        if self.words != [directive]:
            raise self.wrong(expected)
        self.advance()

    def wrong(self, expected: str) -> DataError:
        """The error for the current line."""
        if not self.words:
            return DataError(self._path, f"is cut short: it ends where {expected} is expected")
        line = " ".join(self.words)
        shown = line if len(line) <= 60 else line[:57] + "..."
        return DataError(f"{self._path}, line {self._number}", f"{shown!r}, expected {expected}")

    def numbers(self, texts: list[str], end: int, expected: str) -> list[int]:
        """The texts as integers from 0 to below `end`; they are words of the current line."""
        # `int` takes signs and `1_000`, too, and raises on thousands of digits.
        if not all(text.isdigit() and len(text) < 10 and int(text) < end for text in texts):
            raise self.wrong(expected)
        return [int(text) for text in texts]


def _digit(lines: _Lines) -> PenDigit:
    label, count = _segment(lines)
    writer = _comment(lines, label)
    strokes = [_stroke(lines) for _ in range(count)]
    if lines.word not in (None, ".SEGMENT"):
        raise lines.wrong(f".SEGMENT, or the end of the file, behind the {count} stroke(s) that were announced")
    return PenDigit(label, writer, strokes)


def _segment(lines: _Lines) -> tuple[int, int]:
    """The label, and how many strokes follow."""
    form = '.SEGMENT DIGIT, its first and last stroke, ?, and the label from "0" to "9" in quotes'
    words = lines.words
    if len(words) != 5 or words[:2] != [".SEGMENT", "DIGIT"] or words[4] not in _LABELS:
        raise lines.wrong(form)
    bounds = words[2].split("-")
    first, last = lines.numbers([bounds[0], bounds[-1]], MANY, form)
    if len(bounds) > 2 or last < first:
        raise lines.wrong(form)
    lines.advance()
    return _LABELS.index(words[4]), last - first + 1


def _comment(lines: _Lines, label: int) -> int:
    """The writer."""
    form = f".COMMENT, the label {label} again, the writer and the number of the digit"
    if len(lines.words) != 4 or lines.word != ".COMMENT":
        raise lines.wrong(form)
    again, writer, _ = lines.numbers(lines.words[1:], MANY, form)
    if again != label:
        raise lines.wrong(form)
    lines.advance()
    return writer


def _stroke(lines: _Lines) -> Array:
    lines.take(".PEN_DOWN", ".PEN_DOWN")
    points = list(_points(lines))
    if not points:
        raise lines.wrong("at least one point behind .PEN_DOWN")
    lines.take(".PEN_UP", _POINT)
    if lines.word == ".DT":
        if len(lines.words) != 2:
            raise lines.wrong(".DT and a time")
        lines.advance()
    return np.array(points, np.float64) * (1, -1) + (0, BOX)


def _points(lines: _Lines) -> Iterator[list[int]]:
    while lines.word is not None and not lines.word.startswith("."):
        if len(lines.words) != 2:
            raise lines.wrong(_POINT)
        yield lines.numbers(lines.words, BOX + 1, _POINT)
        lines.advance()


def training_file(path: str | os.PathLike[str]) -> Path:
    """The file `pendigits-orig.tra[.gz|.Z]` of a folder; what is no folder is taken for the file.

    Raises DataError for a folder without it.
    """
    path = expanded(path)
    if not path.is_dir():
        return path
    file = file_in(path, FILE)
    if file is None:
        raise DataError(path, f"has no file {FILE} or {FILE}.gz", "give the folder that it is in, or the file itself")
    return file


def file_in(folder: Path, name: str) -> Path | None:
    """The file of that name, or with `.gz` or `.Z` behind it; None where the folder has none of them."""
    files = (folder / f"{name}{ending}" for ending in ("", ".gz", ".Z"))
    return next((file for file in files if file.exists()), None)


def _text(path: Path) -> str:
    """What the file holds, unpacked, at most LIMIT bytes; whatever is not ASCII is left visible."""
    refuse_pipe(path)
    try:
        with path.open("rb") as file:
            begin = file.read(2)
            file.seek(0)
            content = (Unpacked(file) if begin == GZIPPED else file).read(LIMIT + 1)
        if begin == MAGIC or path.suffix == ".Z":
            content = unpack(content, LIMIT)
    except FileNotFoundError as error:
        raise DataError(path, "no such file or folder", "check the path") from error
    except DamagedError as error:
        raise DataError(path, str(error)) from error
    except (OSError, EOFError, ValueError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(path, f"cannot be read ({reason})") from error
    if len(content) > LIMIT:
        raise DataError(path, f"holds more than {LIMIT:,} bytes of text", f"give UCI's {FILE}")
    return content.decode("ascii", "backslashreplace")
