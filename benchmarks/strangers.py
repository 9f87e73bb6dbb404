"""Pen digits by people whom the models that come with the project have never seen."""

from __future__ import annotations

from pathlib import Path

from apps.mnist.strokes import Pendigits
from apps.mnist.unipen import PenDigit, read_pen_digits

JUDGES = Pendigits(test=3)
"""Keeps the writers apart as `configs/digits_everyone.yaml` does."""


def digits_of_strangers(path: Path) -> list[PenDigit]:
    """The digits in UCI's training file, or in its folder, by the three writers that the recipe keeps to judge by."""
    return JUDGES.split(read_pen_digits(path)).test
