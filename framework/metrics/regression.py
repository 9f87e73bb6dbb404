"""Metrics for numbers: the means of the losses of the same names."""

from __future__ import annotations

from typing import Literal

from ..losses import Loss
from ..losses import MeanAbsoluteError as AbsoluteErrorLoss
from ..losses import MeanSquaredError as SquaredErrorLoss
from ..parameters import Array
from .base import MeanMetric, registry


class _LossMetric(MeanMetric):
    """The base of metrics that are the weighted mean of a loss."""

    loss: Loss
    direction: Literal["min", "max"] = "min"

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return self.loss.values(*self.loss.aligned(y_true, y_pred))


@registry.register(aliases=("mse",))
class MeanSquaredError(_LossMetric):
    """mean((y_true - y_pred)²).

    >>> MeanSquaredError()([[0.0], [1.0]], [[2.0], [1.0]])
    2.0
    """

    loss = SquaredErrorLoss()

    def __init__(self, name: str | None = "mean_squared_error") -> None:
        self.name = name


@registry.register(aliases=("mae",))
class MeanAbsoluteError(_LossMetric):
    """mean(|y_true - y_pred|).

    >>> MeanAbsoluteError()([[0.0], [1.0]], [[2.0], [1.0]])
    1.0
    """

    loss = AbsoluteErrorLoss()

    def __init__(self, name: str | None = "mean_absolute_error") -> None:
        self.name = name
