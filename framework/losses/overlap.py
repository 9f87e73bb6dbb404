"""Losses of how much two masks overlap, for segmentation. Formulas are those of Keras 3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..arguments import is_number, is_whole, require
from ..parameters import Array
from .base import Loss, registry, spread
from .probabilities import EPSILON


class _Ratio(NamedTuple):
    """A numerator and a denominator with their derivatives."""

    above: Array
    below: Array
    d_above: Array
    d_below: Array | float


class _Overlap(Loss):
    """The base of losses 1 - ratio of sums over `axis`; None for a single one over the whole batch."""

    def __init__(self, axis: int | Sequence[int] | None, reduction: str | None, name: str | None) -> None:
        super().__init__(reduction, name)
        axes = axis if isinstance(axis, list | tuple) else (axis,)
        fits = axis is None or all(is_whole(a) for a in axes)
        require(fits, self, "axis", axis, "an axis, several of them, or None")
        self._axis = axis

    @property
    def axis(self) -> Any:
        return tuple(self._axis) if isinstance(self._axis, list) else self._axis

    def ratio(self, y_true: Array, y_pred: Array) -> _Ratio:
        raise NotImplementedError(f"{type(self).__name__} must define ratio(y_true, y_pred)")

    def values(self, y_true: Array, y_pred: Array) -> Array:
        """The loss of each sample, or, where the axis is None, the one of the batch: an array of shape ()."""
        ratio = self.ratio(y_true, y_pred)
        value = 1 - ratio.above / ratio.below
        return np.asarray(value.squeeze() if self._axis is None else value.squeeze(self.axis))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        above, below, d_above, d_below = self.ratio(y_true, y_pred)
        return np.asarray((above / below * d_below - d_above) / below)

    def reduce(
        self, values: Array, sample_weight: Any = None, counted: Array | None = None
    ) -> tuple[float, float | Array]:
        if values.ndim:
            return super().reduce(values, sample_weight, counted)
        # One loss for the whole batch, which counts once for every weight.
        factor, weight = 1.0, spread(sample_weight, values)
        if weight is not None:
            if self.reduction == "mean_with_sample_weight":
                factor = 1.0 if weight.sum() else 0.0
            else:
                factor = float(weight.sum() if self.reduction == "sum" else weight.mean())
        return float(values) * factor, factor

    def sum(self, x: Array) -> Array:
        return np.asarray(x.sum(axis=self.axis, keepdims=True))


@registry.register
class Dice(_Overlap):
    """1 - 2 Σ t p / (Σ t + Σ p + 1e-7) of masks t = y_true and p = y_pred in [0, 1] (Milletari et al. 2016).

    axis: what is summed over; None for everything, that is one loss for the whole batch, as in Keras;
    (1, 2, 3) for one of each image. Two empty masks cost 1.

    Shapes: (batch, ...) both. Raises ArgumentError for an axis that is none.

    >>> round(Dice()([[1.0, 0.0], [1.0, 1.0]], [[1.0, 0.0], [1.0, 0.0]]), 4)
    0.2
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "dice",
        axis: int | Sequence[int] | None = None,
    ) -> None:
        super().__init__(axis, reduction, name)

    def ratio(self, y_true: Array, y_pred: Array) -> _Ratio:
        return _Ratio(
            2 * self.sum(y_true * y_pred), self.sum(y_true) + self.sum(y_pred) + EPSILON, 2 * y_true, d_below=1.0
        )


@registry.register
class Tversky(_Overlap):
    """1 - Σ t p / (Σ t p + alpha Σ t (1 - p) + beta Σ (1 - t) p + 1e-7) of masks t = y_true, p = y_pred in [0, 1].

    alpha: the weight of what the prediction misses; beta: the weight of what it takes for the object by mistake
    (that is what Keras computes, though it describes them the other way round). With 0.5 and 0.5 it is
    Dice. axis: what is summed over; None for everything, that is one loss for the whole batch, as in Keras.
    Two empty masks cost 1 (Salehi et al. 2017).

    Shapes: (batch, ...) both. Raises ArgumentError for negative coefficients, or an axis that is none.

    >>> round(Tversky(alpha=0.7, beta=0.3)([[1.0, 0.0, 1.0]], [[1.0, 1.0, 0.0]]), 4)
    0.5
    """

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "tversky",
        axis: int | Sequence[int] | None = None,
    ) -> None:
        super().__init__(axis, reduction, name)
        require(is_number(alpha, 0), self, "alpha", alpha, "a number of at least 0")
        require(is_number(beta, 0), self, "beta", beta, "a number of at least 0")
        self.alpha = alpha
        self.beta = beta

    def ratio(self, y_true: Array, y_pred: Array) -> _Ratio:
        both = self.sum(y_true * y_pred)
        missed, extra = self.sum(y_true * (1 - y_pred)), self.sum((1 - y_true) * y_pred)
        below = both + self.alpha * missed + self.beta * extra + EPSILON
        return _Ratio(both, below, y_true, (1 - self.alpha) * y_true + self.beta * (1 - y_true))
