"""Losses that compare distributions: what is lost by taking one for the other. Numerics are those of Keras 3."""

from __future__ import annotations

import numpy as np

from ..parameters import Array
from .base import Loss, registry
from .probabilities import EPSILON


@registry.register(aliases=("kld", "kullback_leibler_divergence"))
class KLDivergence(Loss):
    """Σ y_true log(y_true / y_pred) over the last axis of each sample (Kullback and Leibler 1951).

    Both are clipped to [1e-7, 1]; a prediction that is clipped has no slope.

    Shapes: (batch, ..., d) both.

    >>> round(KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]]), 4)
    0.1438
    """

    expects = "distributions of the shape of the predictions"

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str | None = "kl_divergence") -> None:
        super().__init__(reduction, name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y, p = self._clipped(y_true, y_pred)
        lost = np.divide(y, p, out=p)
        np.log(lost, out=lost)
        lost *= y
        return self.sums(lost)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        y, p = self._clipped(y_true, y_pred)
        has_slope = np.equal(p, y_pred, out=self.buffer_like("has a slope", p, np.bool_))
        slope = np.divide(y, p, out=self.buffer_like("slope", y_pred))
        slope *= has_slope
        return np.negative(slope, out=slope)

    def _clipped(self, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
        return (
            np.clip(y_true, EPSILON, 1, out=self.buffer_like("y", y_true)),
            np.clip(y_pred, EPSILON, 1, out=self.buffer_like("p", y_pred)),
        )


@registry.register
class Poisson(Loss):
    """mean(y_pred - y_true log(y_pred + 1e-7)) over the last axis of each sample, for counts y_true.

    Least where y_pred, the expected count, equals y_true; predictions must not be negative.

    Shapes: (batch, ..., d) both; (n,) and (n, 1) are taken for each other.

    >>> round(Poisson()([[2.0]], [[1.5]]), 4)
    0.6891
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str | None = "poisson") -> None:
        super().__init__(reduction, name)

    def values(self, y_true: Array, y_pred: Array) -> Array:
        costs = np.add(y_pred, EPSILON, out=self.buffer_like("costs", y_pred))
        np.log(costs, out=costs)
        costs *= y_true
        return self.means(np.subtract(y_pred, costs, out=costs))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        slopes = np.add(y_pred, EPSILON, out=self.buffer_like("slopes", y_pred))
        np.divide(y_true, slopes, out=slopes)
        np.subtract(1, slopes, out=slopes)
        slopes *= 1 / y_pred.shape[-1]
        return slopes
