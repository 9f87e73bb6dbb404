"""Cross-entropy for targets that are class numbers. Numerics are those of Keras 3."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..activations import Softmax as SoftmaxFunction
from ..arguments import is_whole, require
from ..layers import Layer, Softmax
from ..parameters import Array, Shape, floating
from .base import Loss, registry, scaled
from .probabilities import SAFE_TO_LOG, clipped_shares, log_probabilities, log_softmax, through_shares

_ONE = np.ones((), np.float32)


class ClassNumberLoss(Loss):
    """The base of losses for class numbers c = 0, 1, ..., which absorb a Softmax over the last axis.

    Shapes: y_true (batch, ...) or (batch, ..., 1), y_pred (batch, ..., classes). Raises ValueError for
    class numbers out of range.
    """

    absorbs = Softmax
    expects = "one class number for each sample; for one-hot rows use categorical_crossentropy"
    ignore_class: int | None = None

    def can_absorb(self, output: Layer) -> bool:
        return super().can_absorb(output) and self.axis == -1 and getattr(output, "axis", None) == -1

    def aligned(self, y_true: Any, y_pred: Any) -> tuple[Array, Array]:
        y_pred = floating(y_pred)
        if y_pred.ndim == 0:
            raise ValueError(f"{type(self).__name__}: predictions must have an axis of classes")
        return self._checked_labels(y_true, y_pred.shape), y_pred

    def check_targets(self, y_true: Array, output_shape: Shape) -> None:
        self._checked_labels(y_true, (len(y_true), *output_shape))

    def _checked_labels(self, y_true: Any, prediction_shape: Shape) -> Array:
        sizes = list(prediction_shape)
        classes = sizes.pop(self.axis)
        labels = self._whole_numbers(y_true, tuple(sizes), prediction_shape)
        if not labels.size or (labels.min() >= 0 and labels.max() < classes):
            return labels
        wrong = (labels < 0) | (labels >= classes)
        if self.ignore_class is not None:
            wrong &= labels != self.ignore_class
        if wrong.any():
            first = np.argwhere(wrong)[0]
            raise ValueError(
                f"class {labels[tuple(first)]} of sample {first[0]} is out of range: the model predicts {classes} "
                f"classes, numbered 0 to {classes - 1}"
            )
        return labels

    def _whole_numbers(self, y_true: Any, shape: Shape, prediction_shape: Shape) -> Array:
        """Class numbers as integers of this shape, the predictions' less the axis of classes."""
        labels = np.asarray(y_true)
        if labels.ndim == len(prediction_shape) and labels.shape[self.axis] == 1:
            labels = labels.squeeze(self.axis)
        if labels.shape != shape:
            raise ValueError(
                f"{type(self).__name__}: targets of shape {np.shape(y_true)} do not match predictions of shape "
                f"{prediction_shape}; it expects {self.expects}"
            )
        if labels.dtype.kind not in "iu":
            with np.errstate(invalid="ignore"):  # what is no number is found right below
                rounded = labels.astype(np.int64)
            if (rounded != labels).any():
                first = np.argwhere(rounded != labels)[0]
                raise ValueError(f"class {labels[tuple(first)]} of sample {first[0]} is no whole number")
            labels = rounded
        return labels


@registry.register
class SparseCategoricalCrossentropy(ClassNumberLoss):
    """-log p_c for targets that are class numbers c = 0, 1, ...

    from_logits: y_pred is before the softmax; otherwise probabilities, which are divided by their sum and clipped to
    [1e-7, 1 - 1e-7]. ignore_class: samples of this class count for nothing; None for all to count. As in Keras.

    axis: that of the classes in y_pred: -1, the last, or another one of a batch.

    Shapes: y_true (batch, ...) or (batch, ..., 1), y_pred (batch, ..., classes). Raises ValueError for
    class numbers out of range.

    >>> round(SparseCategoricalCrossentropy()([1], [[0.25, 0.75]]), 4)
    0.2877
    """

    kept_for_backward = ("_known", "_gradient", "_starts", "_place", "_class_p", "_logs")
    _known: Array | None = None

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = "sparse_categorical_crossentropy",
    ) -> None:
        super().__init__(reduction, name)
        require(is_whole(axis), self, "axis", axis, "a whole number")
        require(ignore_class is None or is_whole(ignore_class), self, "ignore_class", ignore_class, "a class or None")
        self.from_logits = from_logits
        self.ignore_class = ignore_class
        self.axis = axis
        self._softmax = SoftmaxFunction()

    def can_absorb(self, output: Layer) -> bool:
        return super().can_absorb(output) and not self.from_logits

    def counted(self, y_true: Array) -> Array | None:
        return None if self.ignore_class is None else y_true != self.ignore_class

    def _valid(self, labels: Array) -> Array:
        # An ignored class may be no valid index; class 0 stands in, and does not count.
        counted = self.counted(labels)
        return labels if counted is None else labels * counted

    def values(self, y_true: Array, y_pred: Array) -> Array:
        if self._of_logits:
            p = self._probabilities(y_pred)
            self._meet(p)
            place, of_class = self._of_class(y_true, p)
            logs = self._logs_of(of_class, place, y_pred)
            values = np.negative(logs, out=logs).reshape(y_true.shape)
        else:
            log_p = log_probabilities(y_pred, self.axis, self.from_logits)
            index = np.expand_dims(self._valid(y_true), self.axis)
            values = -np.take_along_axis(log_p, index, self.axis).squeeze(self.axis)
        counted = self.counted(y_true)
        return values if counted is None else values * counted

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        one_hot = np.zeros_like(y_pred)
        np.put_along_axis(one_hot, np.expand_dims(self._valid(y_true), self.axis), 1, self.axis)
        if self.from_logits:
            gradient = np.exp(log_softmax(y_pred, self.axis)) - one_hot
        else:
            share, total = clipped_shares(y_pred, self.axis)
            gradient = through_shares(-one_hot / share, y_pred, share, total, self.axis)
        counted = self.counted(y_true)
        return np.asarray(gradient if counted is None else gradient * np.expand_dims(counted, self.axis))

    # With the softmax inside, no array but the buffers is needed: of logits, and where the output layer is absorbed.

    @property
    def _of_logits(self) -> bool:
        return self.from_logits and self.axis == -1

    def reduced_value_and_gradient(self, y_true: Array, y_pred: Array, sample_weight: Any) -> tuple[float, Array]:
        if self._of_logits:
            return self._of_softmax(y_true, y_pred, self._probabilities(y_pred), sample_weight)
        return super().reduced_value_and_gradient(y_true, y_pred, sample_weight)

    def fused_value_and_gradient(
        self, y_true: Array, output: Layer, y_pred: Array, sample_weight: Array | None = None
    ) -> tuple[float, Array]:
        return self._of_softmax(y_true, output.x, y_pred, sample_weight)  # type: ignore[attr-defined]

    def fused_value(self, y_true: Array, output: Layer, y_pred: Array, sample_weight: Array | None = None) -> float:
        self._meet(y_pred)
        place, of_class = self._of_class(y_true, y_pred)
        logs = self._logs_of(of_class, place, output.x)  # type: ignore[attr-defined]
        return -self._reduced(logs, y_true, y_pred, sample_weight)[0]

    def _of_softmax(self, y_true: Array, x: Array, p: Array, sample_weight: Any) -> tuple[float, Array]:
        """The loss of p = softmax(x), and its gradient with respect to x: p, less 1 at the class of each sample."""
        self._meet(p)
        gradient = self._gradient
        gradient[...] = p
        place, of_class = self._of_class(y_true, p)
        value, scale = self._reduced(self._logs_of(of_class, place, x), y_true, p, sample_weight)
        of_class -= _ONE
        gradient.put(place, of_class)
        return -value, scaled(gradient, scale, out=gradient)

    def _meet(self, p: Array) -> None:
        """Prepares what else is needed, once for as long as probabilities come in the same array."""
        if p is self._known:
            return
        self._known, classes, samples = p, p.shape[-1], p.size // p.shape[-1]
        self._gradient = self.buffer("gradient", p.shape, p.dtype)
        self._starts = np.arange(0, p.size, classes)  # where the numbers of each sample start
        self._place = self.buffer("place", (samples,), np.intp)
        self._class_p = self.buffer("of class", (samples,), p.dtype)
        self._logs = self.buffer("logs", (samples,), p.dtype)

    def _of_class(self, y_true: Array, p: Array) -> tuple[Array, Array]:
        """Where the number of each sample's class stands in p as one flat array, and what it is."""
        place = self._place
        place[...] = self._valid(y_true).reshape(-1)
        place += self._starts
        return place, p.take(place, out=self._class_p, mode="clip")

    def _logs_of(self, p: Array, place: Array, x: Array) -> Array:
        """log p of the classes' probabilities, which may be too small for digits: the logits x have them all."""
        if not p.size or p[p.argmin()] > SAFE_TO_LOG:
            return np.log(p, out=self._logs)
        return log_softmax(x).take(place, out=self._logs)

    def _reduced(self, values: Array, y_true: Array, p: Array, sample_weight: Any) -> tuple[float, float | Array]:
        if p.ndim == 2:
            return self.reduce(values, sample_weight, self.counted(y_true.reshape(-1)))
        shape = p.shape[:-1]
        return self.reduce(values.reshape(shape), sample_weight, self.counted(y_true.reshape(shape)))

    def _probabilities(self, logits: Array) -> Array:
        return self._softmax(logits, out=self.buffer("p", logits.shape, logits.dtype))
