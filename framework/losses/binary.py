"""Cross-entropy for targets that are 0 or 1, each by itself. Numerics are those of Keras 3."""

from __future__ import annotations

import numpy as np

from ..activations import Sigmoid as SigmoidFunction
from ..arguments import is_number, is_whole, require
from ..layers import Layer, Sigmoid
from ..parameters import Array, Shape
from .base import Loss, registry, scaled
from .probabilities import EPSILON, logistic_loss


class BinaryLoss(Loss):
    """The base of losses of single probabilities, averaged over an axis, which absorb a Sigmoid.

    A subclass defines the loss of each number and its derivative, twice: of probabilities, where both
    end at the clip, as `costs` and `slopes`; and of logits x, where nothing does, as `logit_costs` and
    `logit_slopes`.

    axis: over which the losses are averaged: -1, the last, or another one of a batch.
    """

    absorbs = Sigmoid

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
        self._sigmoid = SigmoidFunction()

    def costs(self, y: Array, p: Array) -> Array:
        """The loss of each probability."""
        raise NotImplementedError(f"{type(self).__name__} must define costs(y, p)")

    def slopes(self, y: Array, p: Array) -> Array:
        """The derivative of `costs` with respect to p."""
        raise NotImplementedError(f"{type(self).__name__} must define slopes(y, p)")

    def logit_costs(self, y: Array, x: Array) -> Array:
        """The loss of each probability sigmoid(x)."""
        raise NotImplementedError(f"{type(self).__name__} must define logit_costs(y, x)")

    def logit_slopes(self, y: Array, x: Array, p: Array) -> Array:
        """The derivative of `logit_costs` with respect to x, given p = sigmoid(x)."""
        raise NotImplementedError(f"{type(self).__name__} must define logit_slopes(y, x, p)")

    def can_absorb(self, output: Layer) -> bool:
        return super().can_absorb(output) and not self.from_logits and self.axis == -1

    def check_targets(self, y_true: Array, output_shape: Shape) -> None:
        super().check_targets(y_true, output_shape)
        self.check_range(y_true, 0, 1, "takes targets from 0 to 1")

    def smoothed(self, y_true: Array) -> Array:
        """Targets moved towards 1/2 by `label_smoothing`: y (1 - s) + s / 2."""
        if self.label_smoothing:
            y_true = np.multiply(y_true, 1 - self.label_smoothing, out=self.buffer_like("smoothed", y_true))
            y_true += self.label_smoothing / 2
        return y_true

    def values(self, y_true: Array, y_pred: Array) -> Array:
        costs = self.logit_costs if self.from_logits else self.costs
        return self.means(costs(self.smoothed(y_true), y_pred))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        y_true = self.smoothed(y_true)
        if self.from_logits:
            p = self._sigmoid(y_pred, out=self.buffer_like("p", y_pred))
            slopes = self.logit_slopes(y_true, y_pred, p)
        else:
            slopes = self.slopes(y_true, y_pred)
        share = 1 / y_pred.shape[self.axis]
        return np.asarray(np.multiply(slopes, share, out=self.buffer_like("slopes of mean", slopes)))

    def fused_value_and_gradient(
        self, y_true: Array, output: Layer, y_pred: Array, sample_weight: Array | None = None
    ) -> tuple[float, Array]:
        shape = y_pred.shape
        y_true, y_pred = self.aligned(y_true, y_pred)
        y_true = self.smoothed(y_true)
        x = output.x.reshape(y_pred.shape)  # type: ignore[attr-defined]
        value, scale = self.reduce(self.means(self.logit_costs(y_true, x)), sample_weight)
        scale /= y_pred.shape[-1]
        slopes = self.logit_slopes(y_true, x, y_pred)
        return value, scaled(slopes, scale, out=self.buffer_like("gradient", slopes)).reshape(shape)

    def fused_value(self, y_true: Array, output: Layer, y_pred: Array, sample_weight: Array | None = None) -> float:
        y_true, y_pred = self.aligned(y_true, y_pred)
        x = output.x.reshape(y_pred.shape)  # type: ignore[attr-defined]
        return self.reduce(self.means(self.logit_costs(self.smoothed(y_true), x)), sample_weight)[0]


@registry.register(aliases=("bce",))
class BinaryCrossentropy(BinaryLoss):
    """-(y log p + (1 - y) log(1 - p)), averaged over the last axis of each sample.

    from_logits: y_pred is before the sigmoid, and the stable form max(x, 0) - x y + log(1 + exp(-|x|)) is used;
    otherwise probabilities, clipped to [1e-7, 1 - 1e-7]. label_smoothing: s in [0, 1] makes targets y (1 - s) + s / 2.
    As in Keras.

    Shapes: (batch, ..., d) both. Raises ArgumentError for smoothing outside of [0, 1].

    >>> round(BinaryCrossentropy()([[1.0]], [[0.75]]), 4)
    0.2877
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_crossentropy",
    ) -> None:
        super().__init__(from_logits, label_smoothing, axis, reduction, name)

    def costs(self, y: Array, p: Array) -> Array:
        p = np.clip(p, EPSILON, 1 - EPSILON, out=self.buffer_like("clipped", p))
        of_ones = np.log(p, out=self.buffer_like("costs", p))
        of_ones *= y
        of_zeros = np.log1p(np.negative(p, out=p), out=p)
        of_zeros *= np.subtract(1, y, out=self.buffer_like("scratch", p))
        costs = np.add(of_ones, of_zeros, out=of_ones)
        return np.negative(costs, out=costs)

    def slopes(self, y: Array, p: Array) -> Array:
        clipped = np.clip(p, EPSILON, 1 - EPSILON, out=self.buffer_like("clipped", p))
        slopes = np.subtract(clipped, y, out=self.buffer_like("slopes", p))
        slopes *= np.equal(clipped, p, out=self.buffer_like("inside", p, np.bool_))
        spread = np.subtract(1, clipped, out=self.buffer_like("scratch", p))
        spread *= clipped
        slopes /= spread
        return slopes

    def logit_costs(self, y: Array, x: Array) -> Array:
        return logistic_loss(y, x, out=self.buffer_like("costs", x), scratch=self.buffer_like("scratch", x))

    def logit_slopes(self, y: Array, x: Array, p: Array) -> Array:
        return np.subtract(p, y, out=self.buffer_like("slopes", x))
