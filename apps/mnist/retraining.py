"""Training that also learns from corrections, and what came of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from framework import Sequential
from framework.data import Examples
from framework.data.datasets import Data

from . import corrections
from .command import UsageError
from .files import SIDE
from .metadata import kind_of
from .recognizer import Recognizer
from .report import judge

SHARE = 0.02
"""The least share of corrections among the training examples; augmentation makes their copies differ."""


@dataclass(frozen=True)
class Retraining:
    """Corrections to learn from, and the model to compare with: that which comes with the project.

    >>> digit = Examples(np.zeros((1, 28, 28), np.uint8), np.array([7], np.uint8))
    >>> train = Examples(np.zeros((98, 28, 28), np.uint8), np.zeros(98, np.uint8))
    >>> data, line = Retraining(digit, Recognizer.load().model).mixed(Data(train, scale=1 / 255))
    >>> len(data.train), line
    (100, 'Corrections: 1, each taken 2 times, are 2.0 % of 100 training images')
    """

    corrections: Examples
    before: Sequential

    @classmethod
    def read(cls, path: Path) -> Self:
        """With the corrections of a file.

        Raises UsageError for a file without any, DataError for one that is malformed, OSError when it cannot be read.
        """
        records = corrections.read(path)
        if not records:
            raise UsageError(f"{path} holds no corrections; correct a digit first, or leave --corrections out")
        return cls(corrections.examples(records), Recognizer.load().model)

    def mixed(self, data: Data) -> tuple[Data, str]:
        """The data with the corrections among the training examples, repeated to be 2 % of them; and a line on it.

        Raises UsageError when the training examples are no images of 28x28 bytes, scaled by 1/255, with class
        numbers as labels.
        """
        x, y = data.train.x, data.train.y
        if x.dtype != np.uint8 or x.shape[1:] != (SIDE, SIDE) or not math.isclose(data.scale, 1 / 255):
            raise UsageError(
                f"--corrections are uint8 images of shape (28, 28), to be scaled by 1/255, but the training examples "
                f"are {x.dtype} of shape {x.shape[1:]}, to be scaled by {data.scale:g}; choose data like MNIST's"
            )
        if y.ndim != 1 or y.dtype.kind not in "ui":
            raise UsageError(
                f"--corrections are labelled by digits, but the training examples by {y.dtype} of shape {y.shape[1:]}; "
                f"choose data like MNIST's"
            )
        n = len(self.corrections)
        times = math.ceil(SHARE / (1 - SHARE) * len(x) / n)
        more_x, more_y = (np.repeat(array, times, axis=0) for array in (self.corrections.x, self.corrections.y))
        train = Examples(np.concatenate([x, more_x]), np.concatenate([y, more_y.astype(y.dtype)]))
        share = 100 * len(more_x) / len(train)
        often = f"{times:,} time{'s' * (times > 1)}"
        line = f"Corrections: {n:,}, each taken {often}, are {share:.1f} % of {len(train):,} training images"
        return replace(data, train=train), line

    def comparison(self, after: Sequential, data: Data) -> str:
        """A table of the accuracy before and after, on the corrections and on what the data has to judge by."""
        judged = data.test or data.validation
        assert judged is not None
        chosen_by = kind_of(judged, data) == "validation"
        groups = {
            f"{len(self.corrections):,} corrections": self.corrections,
            f"{len(judged):,} {'validation' if chosen_by else 'test'} images": judged,
        }
        width = max(map(len, groups))
        lines = [f"{'Accuracy':{width}}    before     after"]
        for name, examples in groups.items():
            shares = [100 * judge(model, examples, data.scale).accuracy for model in (self.before, after)]
            lines.append(f"{name:>{width}}" + "".join(f"  {share:6.2f} %" for share in shares))
        lines.append("before: the model that comes with the project; after: this one.")
        lines.append("It was trained on the corrections: their figure does not tell how well it reads new digits.")
        if chosen_by:
            lines.append("The model before may have been trained on the validation images.")
        return "\n".join(lines)
