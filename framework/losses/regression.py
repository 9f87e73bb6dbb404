"""Losses for numbers. Formulas and numerics are those of Keras 3."""

from __future__ import annotations

import math

import numpy as np

from ..arguments import is_number, require
from ..parameters import Array
from .base import Loss, registry
from .probabilities import EPSILON


@registry.register(aliases=("mse",))
class MeanSquaredError(Loss):
    """mean((y_true - y_pred)²) over the last axis of each sample.

    Shapes: (batch, ..., d) both; (n,) and (n, 1) are taken for each other.

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
    """mean(|y_true - y_pred|) over the last axis of each sample; no slope where the two are equal.

    Shapes: (batch, ..., d) both; (n,) and (n, 1) are taken for each other.

    >>> MeanAbsoluteError()([[0.0], [1.0]], [[2.0], [1.0]])
    1.0
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str | None = "mean_absolute_error") -> None:
        super().__init__(reduction, name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return np.asarray(np.abs(y_pred - y_true).mean(axis=-1))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        return np.asarray(np.sign(y_pred - y_true) * (1 / y_pred.shape[-1]))


@registry.register(aliases=("mape",))
class MeanAbsolutePercentageError(Loss):
    """100 · mean(|y_true - y_pred| / max(|y_true|, 1e-7)) over the last axis of each sample, in percent.

    Shapes: (batch, ..., d) both; (n,) and (n, 1) are taken for each other.

    >>> MeanAbsolutePercentageError()([[2.0], [1.0]], [[1.0], [1.0]])
    25.0
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "mean_absolute_percentage_error"
    ) -> None:
        super().__init__(reduction, name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        error = np.abs((y_true - y_pred) / np.maximum(np.abs(y_true), EPSILON))
        return np.asarray(100 * error.mean(axis=-1))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        scale = 100 / y_pred.shape[-1]
        return np.asarray(np.sign(y_pred - y_true) / np.maximum(np.abs(y_true), EPSILON) * scale)


@registry.register(aliases=("msle",))
class MeanSquaredLogarithmicError(Loss):
    """mean((log(1 + y_true) - log(1 + y_pred))²) over the last axis of each sample.

    Numbers below 1e-7 count as 1e-7, and have no slope. Shapes: (batch, ..., d) both; (n,) and (n, 1) are
    taken for each other.

    >>> round(MeanSquaredLogarithmicError()([[0.0], [1.0]], [[1.0], [1.0]]), 4)
    0.2402
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "mean_squared_logarithmic_error"
    ) -> None:
        super().__init__(reduction, name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return np.asarray(np.square(self._error(y_true, y_pred)).mean(axis=-1))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        slope = (y_pred >= EPSILON) / (1 + np.maximum(y_pred, EPSILON))
        return np.asarray(self._error(y_true, y_pred) * slope * (2 / y_pred.shape[-1]))

    def _error(self, y_true: Array, y_pred: Array) -> Array:
        return np.asarray(np.log1p(np.maximum(y_pred, EPSILON)) - np.log1p(np.maximum(y_true, EPSILON)))


@registry.register
class Huber(Loss):
    """The mean over the last axis of e² / 2 where |e| <= delta, else delta |e| - delta² / 2; e = y_pred - y_true.

    delta: where the parabola becomes a straight line, positive (Huber 1964).

    Shapes: (batch, ..., d) both; (n,) and (n, 1) are taken for each other. Raises ArgumentError for a delta
    that is not positive.

    >>> Huber()([[0.0], [0.0]], [[1.0], [3.0]])
    1.5
    """

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
    ) -> None:
        super().__init__(reduction, name)
        require(is_number(delta, 0) and delta > 0, self, "delta", delta, "a positive number")
        self.delta = delta

    def values(self, y_true: Array, y_pred: Array) -> Array:
        error = np.abs(y_pred - y_true)
        inner = np.minimum(error, self.delta)
        return np.asarray((inner * (error - 0.5 * inner)).mean(axis=-1))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        return np.asarray(np.clip(y_pred - y_true, -self.delta, self.delta) * (1 / y_pred.shape[-1]))


@registry.register
class LogCosh(Loss):
    """mean(log cosh(y_pred - y_true)) over the last axis of each sample: like e² / 2 near 0, |e| - log 2 far out.

    Shapes: (batch, ..., d) both; (n,) and (n, 1) are taken for each other.

    >>> round(LogCosh()([[0.0], [0.0]], [[1.0], [-1000.0]]), 4)
    499.8703
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str | None = "log_cosh") -> None:
        super().__init__(reduction, name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        error = np.abs(y_pred - y_true)
        # Two forms, since each loses its digits where the other is used.
        near = np.log1p(2 * np.square(np.sinh(0.5 * np.minimum(error, 1))))
        far = error + np.log1p(np.exp(-2 * error)) - math.log(2)
        return np.asarray(np.where(error < 1, near, far).mean(axis=-1))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        return np.asarray(np.tanh(y_pred - y_true) * (1 / y_pred.shape[-1]))
