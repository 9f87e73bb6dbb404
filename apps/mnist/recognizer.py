"""A trained model and the preprocessing in front of it: ink in, digit out. The commands and the window share it."""

from __future__ import annotations

import errno
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

import framework
from framework.arguments import is_number
from framework.checkpoint import CheckpointError
from framework.parameters import Array

from .calibration import HIGHEST, LOWEST, with_temperature
from .grouping import group_strokes
from .preprocess import SIDE, image_from_pixels, image_from_strokes
from .scan import Box, Spot, find_digits

SHIPPED = Path(__file__).parents[2] / "checkpoints" / "digits_everyone.json"
"""The checkpoint that is used when none is named: trained on MNIST and on pen strokes, for digits that people draw."""

CLASSES = 10
AT_ONCE = 256
"""Images of a page that the model is given at a time, so that a page of thousands needs no more memory."""


@dataclass(frozen=True)
class Prediction:
    """What the model makes of one digit.

    digit: 0 to 9. probabilities: (10,), calibrated where the model says how, their sum is 1.
    image: (28, 28) float32 in [0, 1], what the model saw.
    """

    digit: int
    probabilities: Array
    image: Array

    @property
    def probability(self) -> float:
        """How sure the model is of its digit, in [0, 1]."""
        return float(self.probabilities[self.digit])


@dataclass(frozen=True)
class Located(Prediction):
    """What the model makes of one digit of several, and where that is.

    box: around its ink, in the unit of the strokes, or in pixels of the picture.
    """

    box: Box


class Recognizer:
    """Reads digits with a trained model.

    path: the file that the model came from, None for one that came from none. temperature: by which it is
    calibrated, from its metadata; 1 changes nothing. Raises CheckpointError for a temperature that cannot be.

    >>> from apps.mnist import data
    >>> (_, _), (images, labels) = data.load("sample")
    >>> recognizer = Recognizer.load()
    >>> recognizer.predict_image(images[0]).digit == int(labels[0])
    True
    >>> recognizer.predict_strokes([]) is None
    True
    """

    def __init__(self, model: framework.Sequential, path: Path | None = None) -> None:
        self.model = model
        self.path = path
        self.temperature = _temperature(model, path)

    @property
    def name(self) -> str:
        """What the model is called: its file, with the run's folder where the file's name alone says nothing."""
        if self.path is None:
            return str(self.model.name)
        return f"{self.path.parent.name}/{self.path.name}" if self.path.name == "model.json" else self.path.name

    @classmethod
    def load(cls, path: str | Path | None = None) -> Self:
        """The recognizer of a model file or a run folder, of the checkpoint that comes with the project for None.

        Raises CheckpointError, naming the file, for what is no model of digits, FileNotFoundError when it is not there.
        """
        place = model_file(SHIPPED if path is None else path)
        model = framework.load_model(place, compile=False)
        if model.input_shape not in ((28, 28), (28, 28, 1), (784,)) or model.output_shape != (CLASSES,):
            raise CheckpointError(
                f"{place}: a model of digits takes images of 28x28 and gives {CLASSES} probabilities; "
                f"this one takes {model.input_shape} and gives {model.output_shape}"
            )
        return cls(model, place)

    def predict_strokes(self, strokes: Sequence[Any], width: float = 2.2, smallest: float = 0.0) -> Prediction | None:
        """The digit in pen strokes, a list of (n, 2) arrays in any unit, x right and y down; None without ink.

        width, smallest: of the line and of the drawing, as in `image_from_strokes`.
        """
        image = image_from_strokes(strokes, width, smallest)
        return None if image is None else self.classify(image)

    def predict_image(self, array: Any) -> Prediction | None:
        """The digit in a grey or colour image of any size, dark on light or light on dark; None without ink."""
        image = image_from_pixels(array)
        return None if image is None else self.classify(image)

    def read_strokes(self, strokes: Sequence[Any], width: float = 2.2, smallest: float = 0.0) -> list[Located]:
        """The digits of a number in pen strokes, from left to right; arguments as for `predict_strokes`.

        >>> two, zero = [(0, 20), (30, 0), (50, 30), (0, 90), (60, 90)], [(120, 0), (90, 50), (120, 95), (150, 50)]
        >>> [found.digit for found in Recognizer.load().read_strokes([two, [*zero, zero[0]]])]
        [2, 0]
        """
        images, boxes = [], []
        for group in group_strokes(strokes, smallest):
            lines = [strokes[index] for index in group]
            image = image_from_strokes(lines, width, smallest)
            if image is not None:
                images.append(image)
                boxes.append(box_of(lines))
        return self.locate(images, boxes)

    def read_image(self, array: Any) -> list[list[Located]]:
        """The digits on a photo or scan of many: lines from top to bottom, in each the digits from left to right.

        array: as for `predict_image`, but any number of digits may be there; see `scan.find_digits`.
        """
        lines = find_digits(array)
        spots = [spot for line in lines for whole in line for spot in (whole, *whole.pieces)]
        answers = iter(self.locate([spot.image for spot in spots], [spot.box for spot in spots]))
        return [[digit for spot in line for digit in _likelier(spot, answers)] for line in lines]

    def locate(self, images: Sequence[Array], boxes: Sequence[Box]) -> list[Located]:
        """The digits in images as the model sees them, which lie in these boxes."""
        predictions = self.classify_all(np.stack(images)) if images else []
        return [
            Located(found.digit, found.probabilities, found.image, box)
            for found, box in zip(predictions, boxes, strict=True)
        ]

    def classify(self, image: Array) -> Prediction:
        """The digit in an image as the model sees it, (28, 28) float32 in [0, 1]; ValueError for another shape."""
        if image.shape != (SIDE, SIDE):
            raise ValueError(f"image has shape {image.shape}: give ({SIDE}, {SIDE}), as image_from_strokes makes it")
        return self.classify_all(image[None])[0]

    def classify_all(self, images: Array) -> list[Prediction]:
        """The digits in n >= 1 images, (n, 28, 28) float32 in [0, 1], 256 at a time; ValueError for another shape."""
        if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE) or not len(images):
            raise ValueError(f"images have shape {images.shape}: give (n, {SIDE}, {SIDE}), n >= 1")
        x = images.reshape(len(images), *self.model.input_shape)
        outputs = self.model.predict_on_batch(x) if len(x) <= AT_ONCE else self.model.predict(x, AT_ONCE)
        shares = with_temperature(as_probabilities(outputs), self.temperature)
        digits = shares.argmax(axis=1).tolist()
        return [Prediction(*found) for found in zip(digits, shares, images, strict=True)]


def box_of(lines: Sequence[Any]) -> Box:
    """The box around the points of lines, (n, 2) each, at least one of which has any.

    >>> box_of([[(1, 2), (4, 2)], [(3, 6)]])
    (1.0, 2.0, 3.0, 4.0)
    """
    points = np.concatenate([np.asarray(line, np.float64).reshape(-1, 2) for line in lines])
    (x, y), (w, h) = points.min(axis=0), np.ptp(points, axis=0)
    return float(x), float(y), float(w), float(h)


def _likelier(spot: Spot, answers: Iterator[Located]) -> list[Located]:
    """The digit at a spot or, where the model is at least as sure of each of its pieces, these.

    answers: of the spot and its pieces, then of what comes next.
    """
    whole, *pieces = itertools.islice(answers, 1 + len(spot.pieces))
    least = min((piece.probability for piece in pieces), default=-1.0)
    return pieces if least >= whole.probability else [whole]


def as_probabilities(outputs: Array) -> Array:
    """A model's outputs (n, classes) as probabilities: of one that gives logits, their softmax.

    >>> as_probabilities(np.array([[0.0, 0.0]]))
    array([[0.5, 0.5]])
    """
    if (outputs >= 0).all() and np.allclose(outputs.sum(axis=1), 1, atol=1e-3):
        return outputs
    with np.errstate(invalid="ignore"):  # what is not finite stays that way
        powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def model_file(path: str | Path) -> Path:
    """The model's file: the path itself, or `model.json` in a run folder.

    Raises FileNotFoundError for a folder without one.
    """
    path = Path(path)
    if not path.is_dir():
        return path
    file = path / "model.json"
    if not file.exists():
        raise FileNotFoundError(errno.ENOENT, "this folder holds no model.json; give the folder of a run", str(path))
    return file


def _temperature(model: framework.Sequential, path: Path | None) -> float:
    temperature = model.metadata.get("temperature", 1.0)
    if not is_number(temperature, LOWEST, HIGHEST):
        raise CheckpointError(
            f"{path or model.name}: metadata.temperature must be a number from {LOWEST} to {HIGHEST:g}, "
            f"got {temperature!r}; train the model anew"
        )
    return float(temperature)
