"""Asking the network about a drawing: the work that is done beside the frames."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from framework.parameters import Array

from ..grouping import group_strokes
from ..preprocess import SIDE, image_from_strokes, normalise
from ..recognizer import Prediction, Recognizer, box_of
from ..scan import Box
from .drawing import Drawing
from .raster import Raster

SMALLEST_DRAWING = 0.1
"""Of the canvas: what is smaller is not blown up further, so that a tap with a trembling hand stays a dot."""
LINE = 2.2
"""Width of the lines that the model sees, in its pixels."""
THUMBNAIL, THUMBNAIL_LINE = 84, 3.0
"""Side of the small picture of a number, and the width of its lines, in pixels."""


@dataclass(frozen=True, eq=False)
class Digit:
    """One digit of a drawing. drawing: its strokes. box: around them, in units of the canvas."""

    drawing: Drawing
    prediction: Prediction
    box: Box


@dataclass(frozen=True, eq=False)
class Reading:
    """What the network made of a drawing.

    digits: from left to right, at least one. chosen: the index of the one that is looked at.
    revision: the number of the drawing; sheet: that of what is on the canvas, the same until it is cleared.
    settled: whether this is an answer and no guess. Times in milliseconds.
    """

    drawing: Drawing
    digits: tuple[Digit, ...]
    chosen: int
    revision: int
    sheet: int
    settled: bool
    preprocess_ms: float
    model_ms: float
    model: str

    @property
    def ms(self) -> float:
        return self.preprocess_ms + self.model_ms

    @property
    def digit(self) -> Digit:
        """The one that is looked at."""
        return self.digits[self.chosen]

    @property
    def prediction(self) -> Prediction:
        """What the network makes of that one."""
        return self.digit.prediction

    @property
    def is_number(self) -> bool:
        """Whether there are several digits."""
        return len(self.digits) > 1

    @property
    def number(self) -> str:
        """All digits as text."""
        return "".join(str(digit.prediction.digit) for digit in self.digits)

    @property
    def probability(self) -> float:
        """How likely it is that all digits are right, if they do not depend on each other, in [0, 1]."""
        return math.prod(digit.prediction.probability for digit in self.digits)

    @cached_property
    def picture(self) -> Array:
        """A small picture of it, in [0, 1]: of one digit what the model saw, (28, 28)."""
        return _thumbnail(self.drawing) if self.is_number else self.prediction.image


@dataclass(frozen=True)
class Question:
    """What is needed to read a drawing. brush: in cells of the canvas. as_drawn: whether the model sees that."""

    drawing: Drawing
    brush: float
    as_drawn: bool
    revision: int
    sheet: int
    settled: bool


def read(recognizer: Recognizer, question: Question) -> Reading | None:
    """The answer to a question, None when there is no ink; raises ValueError when the model gives no numbers."""
    begin = time.perf_counter()
    parts = digits_of(question.drawing)
    images = [model_image(part, question.brush, question.as_drawn) for part in parts]
    seen = [image for image in images if image is not None]
    if len(seen) < len(parts):
        return None
    middle = time.perf_counter()
    with np.errstate(all="ignore"):  # what overflows is told below
        one = len(seen) == 1
        predictions = [recognizer.classify(seen[0])] if one else recognizer.classify_all(np.stack(seen))
    end = time.perf_counter()
    if not all(np.isfinite(prediction.probabilities).all() for prediction in predictions):
        raise ValueError("its answer is not finite; open another model")
    return Reading(
        question.drawing,
        tuple(Digit(part, found, _box(part)) for part, found in zip(parts, predictions, strict=True)),
        last_drawn(question.drawing, parts),
        question.revision,
        question.sheet,
        question.settled,
        preprocess_ms=1000 * (middle - begin),
        model_ms=1000 * (end - middle),
        model=recognizer.name,
    )


def digits_of(drawing: Drawing) -> list[Drawing]:
    """The digits that the strokes make, from left to right; of a drawing over a picture only the drawing itself.

    A small dot far from all digits belongs to none.
    """
    if drawing.picture is not None or len(drawing.strokes) < 2:
        return [drawing]
    groups = group_strokes([np.concatenate(stroke.lines) for stroke in drawing.strokes], SMALLEST_DRAWING)
    if len(groups) == 1 and len(groups[0]) == len(drawing.strokes):
        return [drawing]
    return [Drawing(tuple(drawing.strokes[index] for index in group)) for group in groups]


def last_drawn(drawing: Drawing, digits: Sequence[Drawing]) -> int:
    """The index of the digit that was drawn on last."""
    owners = {id(stroke): index for index, digit in enumerate(digits) for stroke in digit.strokes}
    return next((owners[id(stroke)] for stroke in reversed(drawing.strokes) if id(stroke) in owners), len(digits) - 1)


def _box(drawing: Drawing) -> Box:
    return box_of(drawing.lines) if drawing.picture is None else (0.0, 0.0, 1.0, 1.0)


def _thumbnail(drawing: Drawing) -> Array:
    """The drawing, enlarged to a picture of (84, 84) pixels, float32 in [0, 1]."""
    x, y, w, h = box_of(drawing.lines)
    scale = (1 - 2 * THUMBNAIL_LINE / THUMBNAIL) / max(w, h, SMALLEST_DRAWING)
    raster = Raster(THUMBNAIL, THUMBNAIL_LINE)
    raster.draw(
        [
            tuple(((px - x - w / 2) * scale + 0.5, (py - y - h / 2) * scale + 0.5, t) for px, py, t in segment)
            for stroke in drawing.strokes
            for segment in stroke.segments
        ]
    )
    return raster.levels / np.float32(255)


def model_image(drawing: Drawing, brush: float = LINE, as_drawn: bool = False) -> Array | None:
    """The (28, 28) image that the model sees of a drawing, None without ink.

    Strokes over a picture are drawn into its pixels.
    """
    if drawing.picture is None:
        width = drawn_width(drawing, brush) if as_drawn else LINE
        return image_from_strokes(drawing.lines, width, SMALLEST_DRAWING)
    cells = Raster(SIDE, brush if as_drawn else LINE)
    cells.draw([segment for stroke in drawing.strokes for segment in stroke.segments])
    return normalise(np.maximum(drawing.picture, cells.levels / np.float32(255)))


def drawn_width(drawing: Drawing, brush: float) -> float:
    """The width that lines of this brush have once the drawing is scaled to the model's box, within what can be drawn.

    With centre lines of longest side s and a brush b the ink is s + b long, and b becomes 20 b / (s + b).
    """
    points = np.concatenate(drawing.lines) if drawing.strokes else np.zeros((1, 2))
    side = max(float(np.ptp(points, axis=0).max()), SMALLEST_DRAWING)
    wide = brush / SIDE
    return float(np.clip(20 * wide / (side + wide), 0.5, 15))
