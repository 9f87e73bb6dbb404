"""Digits as people drew them, as training data: pen strokes, rendered as the drawing window renders its own."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from framework.arguments import is_number, is_whole, require
from framework.data.datasets import Data, Dataset, Examples, registry
from framework.parameters import Array

from .download import DownloadError, cache_folder, download_pen_digits
from .files import SIDE, DataError, expanded
from .preprocess import image_from_strokes
from .unipen import FILE, TEST_FILE, PenDigit, file_in, read_pen_digits, training_file

PEN = 2.2
"""The width of the line, in pixels of the image, that the window draws with."""
KNOT = 0.15
"""How far apart along the line, as a share of the digit's height, a trembling hand goes astray by itself."""
WRITERS = 30
"""How many people wrote the training file."""


class Parts(NamedTuple):
    """Digits to train on, to choose by and to judge by."""

    train: list[PenDigit]
    validation: list[PenDigit]
    test: list[PenDigit]


@registry.register
class Pendigits(Dataset):
    """Pen strokes of 44 people, as images like MNIST's: uint8 of 28x28, to be scaled by 1/255.

    They are UCI's "Pen-Based Recognition of Handwritten Digits": 7,494 digits by 30 writers to train on, 3,498 by 14
    others to judge by. A writer's digits are all in the same part, so that validation and test tell how well the digits
    of strangers are read. Training digits may be drawn several times, each time a little differently; those to choose
    and to judge by are drawn once, as they are, and as the window would draw them.

    path: the file pendigits-orig.tra, or its folder; None for the first that `find` finds.
    width: of the line in pixels; of two numbers, any between them.
    slant: how far, in degrees, a digit is sheared to either side at most.
    rotation: how far, in degrees, it is turned to either side at most.
    stretch: by how much its width may differ from what is natural at most: 0.2 for a factor from 1/1.2 to 1.2.
    jitter: how much the hand trembles: the standard deviation of smooth noise on the line, as a share of the digit's
        height.
    copies: how many differently drawn images there are of each training digit.
    validation: how many of the training file's writers to choose by.
    test: how many of the training file's writers to judge by instead of the 14 others; None for those others, where
        their file pendigits-orig.tes lies beside, and for no test examples, where it does not.
    fold: which writers are kept from training: of all, in an order that is always the same, `validation` to choose by
        and then `test` to judge by, from place fold * (validation + test) on, round and round.
    seed: of how training digits are drawn.

    Raises ArgumentError for numbers out of range; `load` raises DataError for a file that cannot be used, and where
    there is none and none can be downloaded.

    >>> Pendigits(width=[1.6, 3.2], slant=15, copies=4)
    Pendigits(width=[1.6, 3.2], slant=15, copies=4)

    Source: F. Alimoglu, E. Alpaydin, "Methods of Combining Multiple Classifiers Based on Different Representations for
    Pen-based Handwritten Digit Recognition", 1996.
    """

    def __init__(
        self,
        path: str | None = None,
        width: float | Sequence[float] = PEN,
        slant: float = 0.0,
        rotation: float = 0.0,
        stretch: float = 0.0,
        jitter: float = 0.0,
        copies: int = 1,
        validation: int = 3,
        test: int | None = None,
        fold: int = 0,
        seed: int = 0,
    ) -> None:
        require(_is_width(width), self, "width", width, "a number of pixels from 0.5 to 15, or two, the lesser first")
        require(is_number(slant, 0, 60), self, "slant", slant, "an angle from 0 to 60 degrees")
        require(is_number(rotation, 0, 180), self, "rotation", rotation, "an angle from 0 to 180 degrees")
        require(is_number(stretch, 0, 4), self, "stretch", stretch, "a number from 0 to 4")
        require(is_number(jitter, 0, 1), self, "jitter", jitter, "a share from 0 to 1")
        require(is_whole(copies, 1), self, "copies", copies, "a whole number of at least 1")
        require(is_whole(validation, 0), self, "validation", validation, "a number of writers from 0 up")
        require(test is None or is_whole(test, 0), self, "test", test, "a number of writers from 0 up, or None")
        kept = validation + (test or 0)
        require(kept < WRITERS, self, "validation", validation, f"less than {WRITERS} writers together with test")
        require(is_whole(fold, 0), self, "fold", fold, "a whole number from 0 up")
        require(is_whole(seed, 0), self, "seed", seed, "a whole number from 0 up")
        self.path = path
        self.width = width
        self.slant = slant
        self.rotation = rotation
        self.stretch = stretch
        self.jitter = jitter
        self.copies = copies
        self.validation = validation
        self.test = test
        self.fold = fold
        self.seed = seed

    def load(self) -> Data:
        place, description = find(self.path)
        parts = self.split(read_pen_digits(place))
        if self.test is None and (others := file_in(place.parent, TEST_FILE)) and others != place:
            parts = parts._replace(test=read_pen_digits(others))
        if not parts.train:
            raise DataError(place, "leaves no writer to train on", "choose fewer for validation and test")
        train = drawn(parts.train * self.copies, self._drawings(parts.train))
        validation, test = (
            drawn(digits, ((digit.strokes, PEN) for digit in digits)) if digits else None
            for digits in (parts.validation, parts.test)
        )
        return Data(train, validation, test, scale=1 / 255, source=f"{description}: {self._told(parts)}")

    def split(self, digits: Sequence[PenDigit]) -> Parts:
        """The training file's digits to train on, to choose by and to judge by, no writer's in two of them."""
        order = sorted({digit.writer for digit in digits}, key=_shuffled)
        size = self.validation + (self.test or 0)
        start = self.fold * size
        kept = [order[(start + place) % len(order)] for place in range(min(size, len(order)))]
        by, judges = set(kept[: self.validation]), set(kept[self.validation :])
        return Parts(
            [digit for digit in digits if digit.writer not in by | judges],
            [digit for digit in digits if digit.writer in by],
            [digit for digit in digits if digit.writer in judges],
        )

    def _told(self, parts: Parts) -> str:
        """How many digits by how many people are there for what, in one line for people."""
        names = ("to train on", "to choose by", "to judge by")
        told = []
        for digits, name in zip(parts, names, strict=True):
            writers = len({digit.writer for digit in digits})
            if writers:
                told.append(f"{len(digits):,} digits by {writers} writer{'s' * (writers > 1)} {name}")
        times = f", each drawn {self.copies} times" if self.copies > 1 else ""
        return ", ".join([told[0] + times, *told[1:]])

    def _drawings(self, digits: Sequence[PenDigit]) -> Iterator[tuple[Sequence[Array], float]]:
        """The strokes and line widths of all copies of the digits, one copy of all behind the other."""
        rng = np.random.default_rng(self.seed)
        low, high = self.width if isinstance(self.width, Sequence) else (self.width, self.width)
        for _ in range(self.copies):
            for digit in digits:
                yield self._varied(digit.strokes, rng), rng.uniform(low, high)

    def _varied(self, strokes: Sequence[Array], rng: np.random.Generator) -> Sequence[Array]:
        """The strokes as the same person might have drawn them at another time."""
        slant, turn, wide = rng.uniform(-1.0, 1.0, 3).tolist()
        if not (self.slant or self.rotation or self.stretch or self.jitter):
            return strokes
        if self.jitter:
            strokes = trembling(strokes, self.jitter, rng)
        lean = -math.tan(math.radians(slant * self.slant))  # y points down: to the right for positive angles
        factor = (1 + self.stretch) ** wide
        sine, cosine = math.sin(math.radians(turn * self.rotation)), math.cos(math.radians(turn * self.rotation))
        # x and y, as rows, times this: first sheared and stretched, then turned.
        matrix = np.array([[cosine * factor, sine * factor], [cosine * lean - sine, sine * lean + cosine]])
        return [stroke @ matrix for stroke in strokes]


def find(path: str | os.PathLike[str] | None = None) -> tuple[Path, str]:
    """The training file, and a line for people on where it is. The first of these that there is:

    1. `path`: the file pendigits-orig.tra, also as .gz or .Z, or a folder with it;
    2. the environment variable PENDIGITS_DIR, which takes the same values;
    3. the folder `pendigits` beside Keras's cache of MNIST;
    4. a download into that folder (needs pooch).

    Raises DataError, which names what was tried and what to do.
    """
    if path is not None:
        return training_file(path), f"pen digits from {os.fspath(path)}"
    if from_environment := os.environ.get("PENDIGITS_DIR"):
        if not expanded(from_environment).exists():
            raise DataError(from_environment, "no such file or folder", "check the environment variable PENDIGITS_DIR")
        return training_file(from_environment), f"pen digits from {from_environment}"
    cache = cache_folder() / "pendigits"
    told = f"pen digits from {cache}"
    if file_in(cache, FILE) is None:
        try:
            told = f"pen digits, downloaded from {download_pen_digits(cache)} to {cache}"
        except DownloadError as error:
            raise DataError(
                FILE,
                f"is not found: no path is given, PENDIGITS_DIR is not set, {cache} is not there, and no download is "
                f"possible ({error})",
                "fetch UCI's pen digits (archive.ics.uci.edu/dataset/81), and give their folder as path of pendigits "
                "or as PENDIGITS_DIR",
            ) from error
    return training_file(cache), told


def drawn(digits: Sequence[PenDigit], drawings: Iterable[tuple[Sequence[Array], float]]) -> Examples:
    """One image for each of the digits, with its label and its writer as group, from strokes and the line's width.

    >>> digit = PenDigit(1, 7, [np.array([[80.0, 100.0], [80.0, 410.0]])])
    >>> examples = drawn([digit], [(digit.strokes, 2.0)])
    >>> examples.x.shape, examples.x.max(), examples.y
    ((1, 28, 28), np.uint8(255), array([1], dtype=uint8))
    """
    from tqdm import tqdm

    x = np.zeros((len(digits), SIDE, SIDE), np.uint8)
    bar = tqdm(drawings, "Drawing pen strokes", len(digits), leave=False, delay=1.0, unit="", disable=None)
    for image, (strokes, width) in zip(x, bar, strict=True):
        pixels = image_from_strokes(strokes, width)
        assert pixels is not None  # every digit has at least one point
        np.rint(pixels * 255, out=image, casting="unsafe")
    y = np.array([digit.label for digit in digits], np.uint8)
    return Examples(x, y, groups=np.array([digit.writer for digit in digits]))


def trembling(strokes: Sequence[Array], jitter: float, rng: np.random.Generator) -> list[Array]:
    """The strokes with smooth noise on them.

    jitter: the standard deviation of the noise, as a share of the digit's height.

    At knots along the way of the pen, in the air also, the points move by normal noise; between two knots linearly.
    """
    points = np.concatenate(strokes)
    height = max(float(np.ptp(points[:, 1])), 1.0)
    steps = points[1:] - points[:-1]
    way = np.zeros(len(points))
    np.cumsum(np.hypot(steps[:, 0], steps[:, 1]), out=way[1:])
    way /= KNOT * height
    noise = rng.normal(0.0, jitter * height, (2, int(way[-1]) + 2))
    knot = way.astype(int)
    share = way - knot
    moved = points + (noise[:, knot] * (1 - share) + noise[:, knot + 1] * share).T
    ends = np.cumsum([len(stroke) for stroke in strokes]).tolist()
    return [moved[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _is_width(width: object) -> bool:
    if not isinstance(width, Sequence):
        return is_number(width, 0.5, 15)
    return len(width) == 2 and all(is_number(value, 0.5, 15) for value in width) and width[0] <= width[1]


def _shuffled(writer: int) -> bytes:
    """A key that puts writers in an order that has nothing to do with their numbers, and never changes."""
    return hashlib.sha256(b"%d" % writer).digest()
