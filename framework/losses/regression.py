"""Losses for numbers."""

from __future__ import annotations

import numpy as np

from ..parameters import Array
from .base import Loss, registry


@registry.register(aliases=("mse",))
class MeanSquaredError(Loss):
    """mean((y_true - y_pred)²) over the last axis of each sample.

    >>> MeanSquaredError()([[0.0], [1.0]], [[2.0], [1.0]])
    2.0
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str | None = "mean_squared_error") -> None:
        super().__init__(reduction, name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return np.asarray(np.square(y_pred - y_true).mean(axis=-1))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        return np.asarray((y_pred - y_true) * (2 / y_pred.shape[-1]))


@registry.register(aliases=("mae",))
class MeanAbsoluteError(Loss):
    """mean(|y_true - y_pred|) over the last axis of each sample.

    >>> MeanAbsoluteError()([[0.0], [1.0]], [[2.0], [1.0]])
    1.0
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str | None = "mean_absolute_error") -> None:
        super().__init__(reduction, name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return np.asarray(np.abs(y_pred - y_true).mean(axis=-1))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        return np.asarray(np.sign(y_pred - y_true) * (1 / y_pred.shape[-1]))
