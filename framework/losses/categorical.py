"""Cross-entropy for targets that are distributions over the classes. Numerics are those of Keras 3."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..activations import Softmax as SoftmaxFunction
from ..arguments import is_number, is_whole, require
from ..layers import Layer, Softmax
from ..parameters import Array, Shape, floating
from .base import Loss, registry, scaled
from .probabilities import SAFE_TO_LOG, clipped_shares, log_softmax, through_shares


class CategoricalLoss(Loss):
    """The base of losses Σ_c f(y_c, log p_c) over the classes, which absorb a Softmax over the same axis.

    A subclass defines f, as `costs`, and its derivative with respect to log p_c, as `slopes`.

    axis: that of the classes: -1, the last, or another one of a batch.
    """

    absorbs = Softmax
    expects = "a distribution over the classes for each sample; for class numbers use sparse_categorical_crossentropy"

    def __init__(
        self, from_logits: bool, label_smoothing: float, axis: int, reduction: str | None, name: str | None
    ) -> None:
        super().__init__(reduction, name)
        require(is_whole(axis), self, "axis", axis, "a whole number")
        smoothing = is_number(label_smoothing, 0, 1)
        require(smoothing, self, "label_smoothing", label_smoothing, "a number between 0 and 1")
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.axis = axis
        self._softmax = SoftmaxFunction(axis)

    def costs(self, y: Array, log_p: Array) -> Array:
        """What each class costs; the loss of a sample is their sum."""
        raise NotImplementedError(f"{type(self).__name__} must define costs(y, log_p)")

    def slopes(self, y: Array, log_p: Array) -> Array:
        """The derivative of each class's cost with respect to the logarithm of its probability."""
        raise NotImplementedError(f"{type(self).__name__} must define slopes(y, log_p)")

    def can_absorb(self, output: Layer) -> bool:
        same_axis = self.axis == -1 and getattr(output, "axis", None) == -1
        return super().can_absorb(output) and not self.from_logits and same_axis

    def aligned(self, y_true: Any, y_pred: Any) -> tuple[Array, Array]:
        y_pred = floating(y_pred)
        y_true = self.as_floating("targets", y_true, y_pred.dtype)
        if y_pred.ndim and y_pred.shape[self.axis] == 1:
            raise ValueError(
                f"{type(self).__name__} needs at least two classes, got predictions of shape {y_pred.shape}; "
                f"for one number a sample use binary_crossentropy"
            )
        if y_true.shape != y_pred.shape:
            return super().aligned(y_true, y_pred)
        return y_true, y_pred

    def check_targets(self, y_true: Array, output_shape: Shape) -> None:
        super().check_targets(y_true, output_shape)
        self.check_range(y_true, 0, math.inf, "takes shares of the classes, none of them negative")

    def smoothed(self, y_true: Array) -> Array:
        """Targets with `label_smoothing` of their whole spread evenly over the classes."""
        if self.label_smoothing:
            y_true = np.multiply(y_true, 1 - self.label_smoothing, out=self.buffer_like("smoothed", y_true))
            y_true += self.label_smoothing / y_true.shape[self.axis]
        return y_true

    def values(self, y_true: Array, y_pred: Array) -> Array:
        if self.from_logits:
            return self._costs(self.smoothed(y_true), self._log_p(y_pred, self._probabilities(y_pred)))
        log_p = np.log(clipped_shares(y_pred, self.axis)[0])
        return self._costs(self.smoothed(y_true), log_p)

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        y_true = self.smoothed(y_true)
        if self.from_logits:
            p = self._probabilities(y_pred)
            return self._through_softmax(self.slopes(y_true, self._log_p(y_pred, p)), p)
        share, total = clipped_shares(y_pred, self.axis)
        return through_shares(self.slopes(y_true, np.log(share)) / share, y_pred, share, total, self.axis)

    def reduced_value_and_gradient(self, y_true: Array, y_pred: Array, sample_weight: Any) -> tuple[float, Array]:
        if self.from_logits:
            return self._of_softmax(y_true, y_pred, self._probabilities(y_pred), sample_weight)
        return super().reduced_value_and_gradient(y_true, y_pred, sample_weight)

    def fused_value_and_gradient(
        self, y_true: Array, output: Layer, y_pred: Array, sample_weight: Array | None = None
    ) -> tuple[float, Array]:
        y_true, p = self.aligned(y_true, y_pred)
        return self._of_softmax(y_true, output.x, p, sample_weight)  # type: ignore[attr-defined]

    def _of_softmax(self, y_true: Array, x: Array, p: Array, sample_weight: Any) -> tuple[float, Array]:
        """The loss of p = softmax(x), and its gradient with respect to x."""
        y_true, log_p = self.smoothed(y_true), self._log_p(x, p)
        value, scale = self.reduce(self._costs(y_true, log_p), sample_weight)
        gradient = self._through_softmax(self.slopes(y_true, log_p), p)
        return value, scaled(gradient, scale, self.axis, out=gradient)

    def fused_value(self, y_true: Array, output: Layer, y_pred: Array, sample_weight: Array | None = None) -> float:
        y_true, p = self.aligned(y_true, y_pred)
        log_p = self._log_p(output.x, p)  # type: ignore[attr-defined]
        return self.reduce(self._costs(self.smoothed(y_true), log_p), sample_weight)[0]

    def _costs(self, y: Array, log_p: Array) -> Array:
        return self.sums(self.costs(y, log_p))

    def _probabilities(self, logits: Array) -> Array:
        if self._softmax.axis != self.axis:
            self._softmax = SoftmaxFunction(self.axis)
        return self._softmax(logits, out=self.buffer_like("p", logits))

    def _log_p(self, x: Array, p: Array) -> Array:
        """The logarithm of p = softmax(x), with all digits."""
        if p.min(initial=1.0) > SAFE_TO_LOG:
            return np.log(p, out=self.buffer_like("log p", p))
        return log_softmax(x, self.axis)

    def _through_softmax(self, slopes: Array, p: Array) -> Array:
        """The derivative with respect to logits, given the one with respect to log p."""
        total = np.expand_dims(self.sums(slopes, "totals"), self.axis)
        gradient = np.multiply(p, total, out=self.buffer_like("through softmax", p))
        return np.asarray(np.subtract(slopes, gradient, out=gradient))


@registry.register
class CategoricalCrossentropy(CategoricalLoss):
    """-Σ_c y_c log p_c for targets that are distributions over the classes, such as one-hot rows.

    from_logits: y_pred is before the softmax; otherwise probabilities, which are divided by their sum
    and clipped to [1e-7, 1 - 1e-7]. label_smoothing: s in [0, 1] makes targets y (1 - s) + s / classes. As in Keras.

    Shapes: (batch, ..., classes) both. Raises ArgumentError for smoothing outside of [0, 1], ValueError for
    a single class, whose loss would always be 0.

    >>> round(CategoricalCrossentropy()([[0.0, 1.0]], [[0.25, 0.75]]), 4)
    0.2877
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_crossentropy",
    ) -> None:
        super().__init__(from_logits, label_smoothing, axis, reduction, name)

    def costs(self, y: Array, log_p: Array) -> Array:
        costs = np.multiply(y, log_p, out=self.buffer_like("costs", log_p))
        return np.negative(costs, out=costs)

    def slopes(self, y: Array, log_p: Array) -> Array:
        return np.negative(y, out=self.buffer_like("slopes", log_p))
