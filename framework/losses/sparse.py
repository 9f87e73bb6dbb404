"""Cross-entropy for targets that are class numbers. Numerics are those of Keras 3."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arguments import is_whole, require
from ..layers import Layer, Softmax
from ..parameters import Array, Shape, floating
from .base import Loss, registry
from .probabilities import clipped_shares, log_probabilities, log_softmax, through_shares

_SAFE_TO_LOG = 1e-30
"""Above this, a float32 probability still has all its digits."""


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

    def can_absorb(self, output: Layer) -> bool:
        return super().can_absorb(output) and not self.from_logits

    def counted(self, y_true: Array) -> Array | None:
        return None if self.ignore_class is None else y_true != self.ignore_class

    def _valid(self, labels: Array) -> Array:
        # An ignored class may be no valid index; class 0 stands in, and does not count.
        counted = self.counted(labels)
        return labels if counted is None else labels * counted

    def values(self, y_true: Array, y_pred: Array) -> Array:
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

    def fused_value_and_gradient(
        self, y_true: Array, output: Layer, y_pred: Array, sample_weight: Array | None = None
    ) -> tuple[float, Array]:
        classes = y_pred.shape[-1]
        sample_shape = y_pred.shape[:-1]
        labels = self._valid(y_true).reshape(-1)
        counted = self.counted(y_true.reshape(sample_shape))
        flat = self.buffer("flat", labels.shape, np.intp)  # where each sample's class stands in y_pred
        np.multiply(self._rows(len(labels)), classes, out=flat)
        np.add(flat, labels, out=flat, casting="unsafe")
        p = y_pred.reshape(-1).take(flat)
        if p.min(initial=1.0) > _SAFE_TO_LOG:
            values = -np.log(p)
        else:
            log_p = log_softmax(output.x, -1)  # type: ignore[attr-defined]
            values = -log_p.reshape(-1).take(flat)
        value, scale = self.reduce(values.reshape(sample_shape), sample_weight, counted)
        gradient = self.buffer("gradient", y_pred.shape, y_pred.dtype)
        gradient[...] = y_pred
        gradient.reshape(-1)[flat] -= 1
        np.multiply(gradient, scale if isinstance(scale, float) else scale[..., None], out=gradient)
        return value, gradient

    def _rows(self, n: int) -> Array:
        rows = self._buffers.get("rows")
        if rows is None or len(rows) < n:
            rows = self._buffers["rows"] = np.arange(n)
        return rows[:n]
