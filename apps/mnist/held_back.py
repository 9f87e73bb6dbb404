"""Which of the training images a dataset keeps to choose by."""

from __future__ import annotations

from pathlib import Path

from framework.data.datasets import Examples

from .files import DataError


def hold_back(train: Examples, validation: int, place: str | Path) -> tuple[Examples, Examples | None]:
    """What is left to train on, and the last `validation` images; None for no images.

    The last ones, as is customary, so that the choice depends on no seed. Raises DataError, naming the place, when
    nothing is left to train on.

    >>> import numpy as np
    >>> train, validation = hold_back(Examples(np.zeros((10, 28, 28)), np.arange(10)), 3, "a folder")
    >>> len(train), validation.y
    (7, array([7, 8, 9]))
    """
    n = len(train) - validation
    if n < 1:
        problem = f"validation = {validation:,} leaves nothing of the {len(train):,} training images"
        raise DataError(place, problem, "choose fewer")
    if validation == 0:
        return train, None
    return Examples(train.x[:n], train.y[:n]), Examples(train.x[n:], train.y[n:])
