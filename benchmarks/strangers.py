"""Pen digits by people whom the models that come with the project have never seen."""

from __future__ import annotations

from collections.abc import Sequence

from apps.mnist.strokes import Pendigits
from apps.mnist.unipen import PenDigit

JUDGES = Pendigits(test=3)
"""Keeps the writers apart as `configs/digits_everyone.yaml` does."""


def strangers(digits: Sequence[PenDigit]) -> list[PenDigit]:
    """Of the digits of UCI's training file those by the three writers whom the recipe keeps to judge by."""
    return JUDGES.split(digits).test
