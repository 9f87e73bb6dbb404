"""Metrics for numbers: most are the means of the losses of the same names."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from .. import losses
from ..parameters import Array
from .base import aligned, registry
from .means import LossMetric, MeanMetric


@registry.register(aliases=("mse",))
class MeanSquaredError(LossMetric):
    """mean((y_true - y_pred)²).

    >>> MeanSquaredError()([[0.0], [1.0]], [[2.0], [1.0]])
    2.0
    """

    def __init__(self, name: str | None = "mean_squared_error") -> None:
        self.name = name
        self.loss = losses.MeanSquaredError()


@registry.register
class RootMeanSquaredError(MeanMetric):
    """√ mean((y_true - y_pred)²), the root taken of the mean over all samples; in the unit of the targets.

    >>> RootMeanSquaredError()([[0.0], [1.0]], [[2.0], [3.0]])
    2.0
    """

    direction: Literal["min", "max"] = "min"

    def __init__(self, name: str | None = "root_mean_squared_error") -> None:
        self.name = name

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y_true, y_pred = aligned(self, y_true, y_pred)
        return np.asarray(np.square(y_pred - y_true))

    def result(self) -> float:
        return math.sqrt(super().result())


@registry.register(aliases=("mae",))
class MeanAbsoluteError(LossMetric):
    """mean(|y_true - y_pred|).

    >>> MeanAbsoluteError()([[0.0], [1.0]], [[2.0], [1.0]])
    1.0
    """

    def __init__(self, name: str | None = "mean_absolute_error") -> None:
        self.name = name
        self.loss = losses.MeanAbsoluteError()


@registry.register(aliases=("mape",))
class MeanAbsolutePercentageError(LossMetric):
    """100 mean(|y_true - y_pred| / |y_true|), in per cent; the divisor is at least 1e-7.

    >>> MeanAbsolutePercentageError()([[2.0], [4.0]], [[1.0], [4.0]])
    25.0
    """

    def __init__(self, name: str | None = "mean_absolute_percentage_error") -> None:
        self.name = name
        self.loss = losses.MeanAbsolutePercentageError()


@registry.register(aliases=("msle",))
class MeanSquaredLogarithmicError(LossMetric):
    """mean((log(1 + y_true) - log(1 + y_pred))²); negative numbers are taken for 1e-7.

    >>> round(MeanSquaredLogarithmicError()([[0.0]], [[1.0]]), 4)
    0.4805
    """

    def __init__(self, name: str | None = "mean_squared_logarithmic_error") -> None:
        self.name = name
        self.loss = losses.MeanSquaredLogarithmicError()


@registry.register(aliases=("logcosh",))
class LogCoshError(LossMetric):
    """mean(log(cosh(y_pred - y_true))): about e² / 2 for small errors and |e| - log 2 for large ones.

    >>> round(LogCoshError()([[0.0]], [[1.0]]), 4)
    0.4338
    """

    def __init__(self, name: str | None = "logcosh") -> None:
        self.name = name
        self.loss = losses.LogCosh()


@registry.register
class CosineSimilarity(LossMetric):
    """Σ y p / (‖y‖ ‖p‖), the cosine of the angle between targets and predictions, in [-1, 1].

    It is better the larger it is; the loss of this name is its negative. axis: along which the vectors lie.

    >>> round(CosineSimilarity()([[1.0, 1.0]], [[1.0, 0.0]]), 4)
    0.7071
    """

    direction = "max"

    def __init__(self, name: str | None = "cosine_similarity", axis: int = -1) -> None:
        self.name = name
        self.axis = axis
        self.loss = losses.CosineSimilarity(axis=axis)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return -super().values(y_true, y_pred)
