"""Asking the network about a drawing: the work that is done beside the frames."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from framework.parameters import Array

from ..preprocess import SIDE, image_from_strokes, normalise
from ..recognizer import Prediction, Recognizer
from .drawing import Drawing
from .raster import Raster

SMALLEST_DRAWING = 0.1
"""Of the canvas: what is smaller is not blown up further, so that a tap with a trembling hand stays a dot."""
LINE = 2.2
"""Width of the lines that the model sees, in its pixels."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What the network made of a drawing.

    revision: the number of the drawing; sheet: that of the digit, the same until the canvas is cleared.
    settled: whether this is an answer and no guess. Times in milliseconds.
    """

    drawing: Drawing
    prediction: Prediction
    revision: int
    sheet: int
    settled: bool
    preprocess_ms: float
    model_ms: float
    model: str

    @property
    def ms(self) -> float:
        return self.preprocess_ms + self.model_ms


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
    image = model_image(question.drawing, question.brush, question.as_drawn)
    if image is None:
        return None
    middle = time.perf_counter()
    with np.errstate(all="ignore"):  # what overflows is told below
        prediction = recognizer.classify(image)
    end = time.perf_counter()
    if not np.isfinite(prediction.probabilities).all():
        raise ValueError("its answer is not finite; open another model")
    return Reading(
        question.drawing,
        prediction,
        question.revision,
        question.sheet,
        question.settled,
        preprocess_ms=1000 * (middle - begin),
        model_ms=1000 * (end - middle),
        model=recognizer.name,
    )


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
