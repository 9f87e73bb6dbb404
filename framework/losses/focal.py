"""Cross-entropies that look away from what is already right (Lin et al. 2017). Formulas are those of Keras 3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..activations import sigmoid
from ..arguments import is_number, require
from ..parameters import Array
from .base import registry
from .binary import BinaryLoss
from .categorical import CategoricalLoss
from .probabilities import EPSILON, logistic_loss


@registry.register
class BinaryFocalCrossentropy(BinaryLoss):
    """-(1 - p_t)^gamma (y log p + (1 - y) log(1 - p)), where p_t = y p + (1 - y) (1 - p); the mean over the last axis.

    gamma: how much less a prediction counts that is nearly right, at least 0. apply_class_balancing: whether to
    multiply by alpha y + (1 - alpha) (1 - y). from_logits: y_pred is before the sigmoid, and nothing
    is clipped (Keras clips here as well); otherwise probabilities, clipped to [1e-7, 1 - 1e-7] in the
    logarithms. label_smoothing: s in [0, 1] makes targets y (1 - s) + s / 2.

    alpha: the weight of the class 1 with apply_class_balancing, in [0, 1]; that of the class 0 is 1 - alpha.

    Shapes: (batch, ..., d) both. Raises ArgumentError for an alpha or smoothing outside of [0, 1], or a
    negative gamma.

    >>> round(BinaryFocalCrossentropy()([[1.0]], [[0.75]]), 4)
    0.018
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_focal_crossentropy",
    ) -> None:
        super().__init__(from_logits, label_smoothing, axis, reduction, name)
        require(is_number(alpha, 0, 1), self, "alpha", alpha, "a number between 0 and 1")
        require(is_number(gamma, 0), self, "gamma", gamma, "a number of at least 0")
        self.apply_class_balancing = apply_class_balancing
        self.alpha = alpha
        self.gamma = gamma

    def costs(self, y: Array, p: Array) -> Array:
        focus, _ = _focus(y * (1 - p) + (1 - y) * p, self.gamma)
        return np.asarray(self._balance(y) * focus * self._entropy(y, p))

    def slopes(self, y: Array, p: Array) -> Array:
        focus, d_focus = _focus(y * (1 - p) + (1 - y) * p, self.gamma)
        clipped = np.clip(p, EPSILON, 1 - EPSILON)
        d_entropy = (clipped - y) / (clipped * (1 - clipped)) * (clipped == p)
        return np.asarray(self._balance(y) * (focus * d_entropy + d_focus * (1 - 2 * y) * self._entropy(y, p)))

    def logit_costs(self, y: Array, x: Array) -> Array:
        focus, _ = _focus(y * sigmoid(-x) + (1 - y) * sigmoid(x), self.gamma)
        return np.asarray(self._balance(y) * focus * logistic_loss(y, x))

    def logit_slopes(self, y: Array, x: Array, p: Array) -> Array:
        not_p = sigmoid(-x)  # with all digits, which 1 - p has not
        focus, d_focus = _focus(y * not_p + (1 - y) * p, self.gamma)
        d_focus = d_focus * (1 - 2 * y) * p * not_p
        return np.asarray(self._balance(y) * (focus * (p - y) + d_focus * logistic_loss(y, x)))

    def _entropy(self, y: Array, p: Array) -> Array:
        p = np.clip(p, EPSILON, 1 - EPSILON)
        return np.asarray(-(y * np.log(p) + (1 - y) * np.log1p(-p)))

    def _balance(self, y: Array) -> Array | float:
        return y * self.alpha + (1 - y) * (1 - self.alpha) if self.apply_class_balancing else 1.0


@registry.register
class CategoricalFocalCrossentropy(CategoricalLoss):
    """-Σ_c alpha (1 - p_c)^gamma y_c log p_c for targets that are distributions over the classes, such as one-hot rows.

    alpha: the weight of all classes, or a list of one for each, at least 0. gamma: how much less a prediction counts
    that is nearly right, at least 0. from_logits: y_pred is before the softmax, and nothing is clipped (Keras clips
    here as well); otherwise probabilities, which are divided by their sum and clipped to [1e-7, 1 - 1e-7].
    label_smoothing: s in [0, 1] makes targets y (1 - s) + s / classes.

    Shapes: (batch, ..., classes) both. Raises ArgumentError for a negative alpha or gamma or smoothing
    outside of [0, 1], ValueError for a single class or for another number of alphas than classes.

    >>> round(CategoricalFocalCrossentropy()([[0.0, 1.0]], [[0.25, 0.75]]), 4)
    0.0045
    """

    def __init__(
        self,
        alpha: float | Sequence[float] = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_focal_crossentropy",
    ) -> None:
        super().__init__(from_logits, label_smoothing, axis, reduction, name)
        alphas = alpha if isinstance(alpha, list | tuple) else [alpha]
        fits = bool(alphas) and all(is_number(a, 0) for a in alphas)
        require(fits, self, "alpha", alpha, "a number of at least 0, or a list of them")
        require(is_number(gamma, 0), self, "gamma", gamma, "a number of at least 0")
        self.alpha = alpha
        self.gamma = gamma

    def aligned(self, y_true: Any, y_pred: Any) -> tuple[Array, Array]:
        y_true, y_pred = super().aligned(y_true, y_pred)
        if isinstance(self.alpha, Sequence) and len(self.alpha) != y_pred.shape[self.axis]:
            raise ValueError(
                f"{type(self).__name__} has {len(self.alpha)} alphas for predictions of shape {y_pred.shape}: "
                f"give one for each class, or a single number"
            )
        return y_true, y_pred

    def costs(self, y: Array, log_p: Array) -> Array:
        focus, _ = _focus(-np.expm1(log_p), self.gamma)
        return np.asarray(-self._alpha(y) * focus * y * log_p)

    def slopes(self, y: Array, log_p: Array) -> Array:
        focus, d_focus = _focus(-np.expm1(log_p), self.gamma)
        return np.asarray(-self._alpha(y) * y * (focus - d_focus * np.exp(log_p) * log_p))

    def _alpha(self, y: Array) -> Array:
        alpha = np.asarray(self.alpha, y.dtype)
        return alpha if alpha.ndim == 0 else np.moveaxis(alpha.reshape((1,) * (y.ndim - 1) + (-1,)), -1, self.axis)


def _focus(missing: Array, gamma: float) -> tuple[Array, Array]:
    """missing^gamma and its derivative, for shares that are missing to 1; nothing missing has no slope."""
    missing = np.maximum(missing, 0)
    slope = np.power(missing, gamma - 1, where=missing > 0, out=np.zeros_like(missing))
    return missing**gamma, gamma * slope
