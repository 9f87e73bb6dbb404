"""How much of the targets' variance is explained."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from ..arguments import is_whole, require
from ..losses.base import spread
from ..parameters import Array
from .base import Metric, aligned, number_or_array, ratio, registry


@registry.register(name="r2_score")
class R2Score(Metric):
    """1 - Σ (y_true - y_pred)² / Σ (y_true - mean)², for each output; at most 1, and 0 for a constant target.

    class_aggregation: "uniform_average" for the mean over the outputs, "variance_weighted_average" for their mean
    weighted by the targets' variance, None for the score of each.
    num_regressors: p above 0 adjusts the score for as many predictors, 1 - (1 - R²) (n - 1) / (n - p - 1), where n
    counts the numbers in the targets, as in Keras; where n - p - 1 is not above 0, the score stays as it is.
    Shapes: (batch, outputs) both, or (batch,). Raises ArgumentError for arguments out of range.

    >>> round(R2Score()([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]]), 4)
    0.5714
    """

    def __init__(
        self,
        class_aggregation: Literal["uniform_average", "variance_weighted_average"] | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
    ) -> None:
        known = class_aggregation in (None, "uniform_average", "variance_weighted_average")
        rule = "None, 'uniform_average' or 'variance_weighted_average'"
        require(known, self, "class_aggregation", class_aggregation, rule)
        fits = is_whole(num_regressors, 0)
        require(fits, self, "num_regressors", num_regressors, "a whole number that is not negative")
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors
        self.name = name
        self._sums: Array | None = None  # (4, outputs): of w, w y, w y², w (y - p)²
        self._numbers = 0

    def reset_state(self) -> None:
        self._sums, self._numbers = None, 0

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = aligned(self, y_true, y_pred)
        if y_pred.ndim == 1:
            y_true, y_pred = y_true[:, None], y_pred[:, None]
        if y_pred.ndim != 2:
            raise ValueError(f"R2Score takes predictions of shape (batch, outputs), got {y_pred.shape}")
        y_true, y_pred = y_true.astype(np.float64), y_pred.astype(np.float64)
        weight = spread(sample_weight, y_true)
        weight = np.ones_like(y_true) if weight is None else weight
        weighted = weight * y_true
        error = weight * np.square(y_true - y_pred)
        sums = np.stack([s.sum(axis=0) for s in (weight, weighted, weighted * y_true, error)])
        self._sums = sums if self._sums is None else self._sums + sums
        self._numbers += y_true.size

    def result(self) -> float | Array:
        if self._sums is None:
            return 0.0
        weight, total, squares, error = self._sums
        variance = squares - total * ratio(total, weight)
        scores = np.where(variance == 0, 0.0, 1 - ratio(error, variance))
        if self.class_aggregation == "uniform_average":
            scores = scores.mean()
        elif self.class_aggregation == "variance_weighted_average":
            scores = ratio((variance * scores).sum(), variance.sum())
        rest = self._numbers - self.num_regressors - 1
        if self.num_regressors and rest > 0:
            scores = 1 - (1 - scores) * ((self._numbers - 1) / rest)
        return number_or_array(np.asarray(scores))
