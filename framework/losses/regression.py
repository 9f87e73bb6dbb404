"""Losses for numbers. Formulas and numerics are those of Keras 3."""

from __future__ import annotations

import math

import numpy as np

from ..arguments import is_number, require
from ..parameters import Array
from .base import Loss, registry
from .probabilities import EPSILON


class _OfErrors(Loss):
    """The base of losses of the difference between prediction and truth."""

    def error(self, y_true: Array, y_pred: Array, name: str = "error") -> Array:
        """y_pred - y_true, in the buffer of that name, to work on."""
        return np.subtract(y_pred, y_true, out=self.buffer_like(name, y_pred))


@registry.register(aliases=("mse",))
class MeanSquaredError(_OfErrors):
    """mean((y_true - y_pred)²) over the last axis of each sample.

    Shapes: (batch, ..., d) both; (n,) and (n, 1) are taken for each other.

    >>> MeanSquaredError()([[0.0], [1.0]], [[2.0], [1.0]])
    2.0
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str | None = "mean_squared_error") -> None:
        super().__init__(reduction, name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        error = self.error(y_true, y_pred)
        return self.means(np.square(error, out=error))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        slope = self.error(y_true, y_pred, "slope")
        slope *= 2 / y_pred.shape[-1]
        return slope


@registry.register(aliases=("mae",))
class MeanAbsoluteError(_OfErrors):
    """mean(|y_true - y_pred|) over the last axis of each sample; no slope where the two are equal.

    Shapes: (batch, ..., d) both; (n,) and (n, 1) are taken for each other.

    >>> MeanAbsoluteError()([[0.0], [1.0]], [[2.0], [1.0]])
    1.0
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str | None = "mean_absolute_error") -> None:
        super().__init__(reduction, name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        error = self.error(y_true, y_pred)
        return self.means(np.abs(error, out=error))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        sign = np.sign(self.error(y_true, y_pred), out=self.buffer_like("sign", y_pred))
        sign *= 1 / y_pred.shape[-1]
        return sign


@registry.register(aliases=("mape",))
class MeanAbsolutePercentageError(_OfErrors):
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
        error = self.error(y_true, y_pred)
        np.abs(error, out=error)
        error /= self._size(y_true)
        percentages = self.means(error)
        percentages *= 100
        return percentages

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        sign = np.sign(self.error(y_true, y_pred), out=self.buffer_like("sign", y_pred))
        sign /= self._size(y_true)
        sign *= 100 / y_pred.shape[-1]
        return sign

    def _size(self, y_true: Array) -> Array:
        size = np.abs(y_true, out=self.buffer_like("size", y_true))
        return np.maximum(size, EPSILON, out=size)


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
        error = self._error(y_true, y_pred)
        return self.means(np.square(error, out=error))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        slope = self._error(y_true, y_pred, "slope")
        slope *= np.greater_equal(y_pred, EPSILON, out=self.buffer_like("has a slope", y_pred, np.bool_))
        divisor = np.maximum(y_pred, EPSILON, out=self.buffer_like("divisor", y_pred))
        divisor += 1
        slope /= divisor
        slope *= 2 / y_pred.shape[-1]
        return slope

    def _error(self, y_true: Array, y_pred: Array, name: str = "error") -> Array:
        error = self._logarithm(name, y_pred)
        error -= self._logarithm("truth", y_true)
        return error

    def _logarithm(self, name: str, y: Array) -> Array:
        logarithm = np.maximum(y, EPSILON, out=self.buffer_like(name, y))
        return np.log1p(logarithm, out=logarithm)


@registry.register
class Huber(_OfErrors):
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
        error = self.error(y_true, y_pred)
        np.abs(error, out=error)
        inner = np.minimum(error, self.delta, out=self.buffer_like("inner", error))
        error *= 2  # inner · (error - inner / 2) = inner · (2 error - inner) / 2
        error -= inner
        error *= inner
        error *= 0.5
        return self.means(error)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        slope = self.error(y_true, y_pred, "slope")
        np.clip(slope, -self.delta, self.delta, out=slope)
        slope *= 1 / y_pred.shape[-1]
        return slope


@registry.register
class LogCosh(_OfErrors):
    """mean(log cosh(y_pred - y_true)) over the last axis of each sample: like e² / 2 near 0, |e| - log 2 far out.

    Shapes: (batch, ..., d) both; (n,) and (n, 1) are taken for each other.

    >>> round(LogCosh()([[0.0], [0.0]], [[1.0], [-1000.0]]), 4)
    499.8703
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str | None = "log_cosh") -> None:
        super().__init__(reduction, name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        error = self.error(y_true, y_pred)
        np.abs(error, out=error)
        # Two forms, log(1 + 2 sinh²(e / 2)) and e + log(1 + exp(-2 e)) - log 2, since each loses its digits where the
        # other is used.
        near = np.minimum(error, 1, out=self.buffer_like("near", error))
        near *= 0.5
        np.sinh(near, out=near)
        np.square(near, out=near)
        near *= 2
        np.log1p(near, out=near)
        far = np.multiply(error, -2, out=self.buffer_like("far", error))
        np.exp(far, out=far)
        np.log1p(far, out=far)
        far += error
        far -= math.log(2)
        chosen = np.greater_equal(error, 1, out=self.buffer_like("chosen", error, np.bool_))
        far *= chosen
        near *= np.logical_not(chosen, out=chosen)
        far += near
        return self.means(far)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        slope = self.error(y_true, y_pred, "slope")
        np.tanh(slope, out=slope)
        slope *= 1 / y_pred.shape[-1]
        return slope
