"""Losses for classes and probabilities. Numerics are those of Keras 3."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..activations import sigmoid
from ..arguments import is_number, is_whole, require
from ..layers import Layer, Sigmoid, Softmax
from ..parameters import Array, Shape, floating
from .base import Loss, registry, scaled

EPSILON = 1e-7
"""Probabilities are kept this far from 0 and 1, as in Keras."""

_SAFE_TO_LOG = 1e-30
"""Above this, a float32 probability still has all its digits."""


class _OfSoftmax(Loss):
    """The base of cross-entropies over classes, which absorb a Softmax over the same axis."""

    absorbs = Softmax
    from_logits: bool
    axis: int

    def can_absorb(self, output: Layer) -> bool:
        return super().can_absorb(output) and not self.from_logits and self._over_last_axis(output)

    def _over_last_axis(self, output: Layer) -> bool:
        return self.axis == -1 and getattr(output, "axis", None) == -1


@registry.register
class CategoricalCrossentropy(_OfSoftmax):
    """-Σ_c y_c log p_c for targets that are distributions over the classes, such as one-hot rows.

    from_logits: y_pred is before the softmax; otherwise probabilities, which are divided by their sum
    and clipped to [1e-7, 1 - 1e-7]. label_smoothing: y (1 - s) + s / classes, s in [0, 1].

    Shapes: (batch, ..., classes) both. Raises ArgumentError for smoothing outside of [0, 1], ValueError for
    a single class, whose loss would always be 0.

    >>> round(CategoricalCrossentropy()([[0.0, 1.0]], [[0.25, 0.75]]), 4)
    0.2877
    """

    expects = "a distribution over the classes for each sample; for class numbers use sparse_categorical_crossentropy"

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_crossentropy",
    ) -> None:
        super().__init__(reduction, name)
        _check(self, axis, label_smoothing)
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.axis = axis

    def _targets(self, y_true: Array) -> Array:
        if self.label_smoothing:
            y_true = y_true * (1 - self.label_smoothing) + self.label_smoothing / y_true.shape[self.axis]
        return y_true

    def aligned(self, y_true: Any, y_pred: Any) -> tuple[Array, Array]:
        y_pred = floating(y_pred)
        y_true = np.asarray(y_true, y_pred.dtype)
        if y_pred.ndim and y_pred.shape[self.axis] == 1:
            raise ValueError(
                f"CategoricalCrossentropy needs at least two classes, got predictions of shape {y_pred.shape}; "
                f"for one number a sample use binary_crossentropy"
            )
        if y_true.shape != y_pred.shape:
            return super().aligned(y_true, y_pred)
        return y_true, y_pred

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y_true = self._targets(y_true)
        if self.from_logits:
            return np.asarray(-(y_true * log_softmax(y_pred, self.axis)).sum(axis=self.axis))
        share, _ = _clipped_shares(y_pred, self.axis)
        return np.asarray(-(y_true * np.log(share)).sum(axis=self.axis))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        y_true = self._targets(y_true)
        if self.from_logits:
            softmax = np.exp(log_softmax(y_pred, self.axis))
            return np.asarray(softmax * y_true.sum(axis=self.axis, keepdims=True) - y_true)
        return _gradient_of_log_shares(y_true, y_pred, self.axis)

    def fused_value_and_gradient(
        self, y_true: Array, output: Layer, y_pred: Array, sample_weight: Array | None = None
    ) -> tuple[float, Array]:
        y_true, y_pred = self.aligned(y_true, y_pred)
        y_true = self._targets(y_true)
        log_p = log_softmax(output.x, -1)  # type: ignore[attr-defined]
        value, scale = self.reduce(-(y_true * log_p).sum(axis=-1), sample_weight)
        return value, scaled(y_pred * y_true.sum(axis=-1, keepdims=True) - y_true, scale)


@registry.register
class SparseCategoricalCrossentropy(_OfSoftmax):
    """-log p_c for targets that are class numbers c = 0, 1, ...

    from_logits: y_pred is before the softmax; otherwise probabilities, which are divided by their sum
    and clipped to [1e-7, 1 - 1e-7]. ignore_class: samples of this class count for nothing.

    Shapes: y_true (batch, ...) or (batch, ..., 1), y_pred (batch, ..., classes). Raises ValueError for
    class numbers out of range.

    >>> round(SparseCategoricalCrossentropy()([1], [[0.25, 0.75]]), 4)
    0.2877
    """

    expects = "one class number for each sample; for one-hot rows use categorical_crossentropy"

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = "sparse_categorical_crossentropy",
    ) -> None:
        super().__init__(reduction, name)
        _check(self, axis)
        require(ignore_class is None or is_whole(ignore_class), self, "ignore_class", ignore_class, "a class or None")
        self.from_logits = from_logits
        self.ignore_class = ignore_class
        self.axis = axis

    def aligned(self, y_true: Any, y_pred: Any) -> tuple[Array, Array]:
        y_pred = floating(y_pred)
        if y_pred.ndim == 0:
            raise ValueError("SparseCategoricalCrossentropy: predictions must have an axis of classes")
        return self._checked_labels(y_true, y_pred.shape), y_pred

    def check_targets(self, y_true: Array, output_shape: Shape) -> None:
        self._checked_labels(y_true, (len(y_true), *output_shape))

    def _checked_labels(self, y_true: Any, prediction_shape: Shape) -> Array:
        sizes = list(prediction_shape)
        classes = sizes.pop(self.axis)
        labels = _labels(y_true, tuple(sizes), prediction_shape)
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

    def _log_probabilities(self, y_pred: Array) -> Array:
        if self.from_logits:
            return log_softmax(y_pred, self.axis)
        return np.asarray(np.log(_clipped_shares(y_pred, self.axis)[0]))

    def counted(self, y_true: Array) -> Array | None:
        return None if self.ignore_class is None else y_true != self.ignore_class

    def _valid(self, labels: Array) -> Array:
        # An ignored class may be no valid index; class 0 stands in, and does not count.
        counted = self.counted(labels)
        return labels if counted is None else labels * counted

    def values(self, y_true: Array, y_pred: Array) -> Array:
        index = np.expand_dims(self._valid(y_true), self.axis)
        values = -np.take_along_axis(self._log_probabilities(y_pred), index, self.axis).squeeze(self.axis)
        counted = self.counted(y_true)
        return values if counted is None else values * counted

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        one_hot = np.zeros_like(y_pred)
        np.put_along_axis(one_hot, np.expand_dims(self._valid(y_true), self.axis), 1, self.axis)
        if self.from_logits:
            gradient = np.exp(log_softmax(y_pred, self.axis)) - one_hot
        else:
            gradient = _gradient_of_log_shares(one_hot, y_pred, self.axis)
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


@registry.register(aliases=("bce",))
class BinaryCrossentropy(Loss):
    """-(y log p + (1 - y) log(1 - p)), averaged over the last axis of each sample.

    from_logits: y_pred is before the sigmoid, and the stable form max(x, 0) - x y + log(1 + exp(-|x|))
    is used; otherwise probabilities, clipped to [1e-7, 1 - 1e-7]. label_smoothing: y (1 - s) + s / 2.

    Shapes: (batch, ..., d) both. Raises ArgumentError for smoothing outside of [0, 1].

    >>> round(BinaryCrossentropy()([[1.0]], [[0.75]]), 4)
    0.2877
    """

    absorbs = Sigmoid

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_crossentropy",
    ) -> None:
        super().__init__(reduction, name)
        _check(self, axis, label_smoothing)
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.axis = axis

    def can_absorb(self, output: Layer) -> bool:
        return super().can_absorb(output) and not self.from_logits and self.axis == -1

    def _targets(self, y_true: Array) -> Array:
        if self.label_smoothing:
            y_true = y_true * (1 - self.label_smoothing) + self.label_smoothing / 2
        return y_true

    def values(self, y_true: Array, y_pred: Array) -> Array:
        y_true = self._targets(y_true)
        if self.from_logits:
            return np.asarray(_logistic_loss(y_true, y_pred).mean(axis=self.axis))
        p = np.clip(y_pred, EPSILON, 1 - EPSILON)
        return np.asarray(-(y_true * np.log(p) + (1 - y_true) * np.log1p(-p)).mean(axis=self.axis))

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        y_true = self._targets(y_true)
        share = 1 / y_pred.shape[self.axis]
        if self.from_logits:
            return np.asarray((sigmoid(y_pred) - y_true) * share)
        p = np.clip(y_pred, EPSILON, 1 - EPSILON)
        return np.asarray((p - y_true) / (p * (1 - p)) * (p == y_pred) * share)

    def fused_value_and_gradient(
        self, y_true: Array, output: Layer, y_pred: Array, sample_weight: Array | None = None
    ) -> tuple[float, Array]:
        shape = y_pred.shape
        y_true, y_pred = self.aligned(y_true, y_pred)
        y_true = self._targets(y_true)
        x = output.x.reshape(y_pred.shape)  # type: ignore[attr-defined]
        value, scale = self.reduce(_logistic_loss(y_true, x).mean(axis=-1), sample_weight)
        return value, scaled((y_pred - y_true) * (1 / y_pred.shape[-1]), scale).reshape(shape)


def log_softmax(x: Array, axis: int = -1) -> Array:
    """log softmax(x) = x - max - log Σ exp(x - max), exact for any x."""
    shifted = x - x.max(axis=axis, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True)))


def _logistic_loss(y: Array, x: Array) -> Array:
    return np.asarray(np.maximum(x, 0) - x * y + np.log1p(np.exp(-np.abs(x))))


def _clipped_shares(p: Array, axis: int) -> tuple[Array, Array]:
    """p / Σp, clipped to [ε, 1 - ε], and the sum."""
    total = p.sum(axis=axis, keepdims=True)
    total += total == 0  # the shares of nothing are 0, not NaN
    return np.clip(p / total, EPSILON, 1 - EPSILON), total


def _gradient_of_log_shares(y_true: Array, p: Array, axis: int) -> Array:
    """The derivative of -Σ y log(clip(p / Σp)) with respect to p; what is clipped has none."""
    share, total = _clipped_shares(p, axis)
    inside = share == p / total
    slope = np.where(inside, -y_true / share, 0)  # with respect to the share
    return np.asarray((slope - (slope * share).sum(axis=axis, keepdims=True)) / total, p.dtype)


def _labels(y_true: Any, shape: Shape, prediction_shape: Shape) -> Array:
    """Class numbers as integers of this shape, the predictions' less the axis of classes."""
    labels = np.asarray(y_true)
    if labels.ndim == len(prediction_shape) and labels.shape[-1] == 1:
        labels = labels[..., 0]
    if labels.shape != shape:
        raise ValueError(
            f"SparseCategoricalCrossentropy: targets of shape {np.shape(y_true)} do not match predictions of shape "
            f"{prediction_shape}; it expects {SparseCategoricalCrossentropy.expects}"
        )
    if labels.dtype.kind not in "iu":
        with np.errstate(invalid="ignore"):  # what is no number is found right below
            rounded = labels.astype(np.int64)
        if (rounded != labels).any():
            first = np.argwhere(rounded != labels)[0]
            raise ValueError(f"class {labels[tuple(first)]} of sample {first[0]} is no whole number")
        labels = rounded
    return labels


def _check(loss: Loss, axis: int, label_smoothing: float = 0.0) -> None:
    require(is_whole(axis), loss, "axis", axis, "a whole number")
    smoothing = is_number(label_smoothing, 0, 1)
    require(smoothing, loss, "label_smoothing", label_smoothing, "a number between 0 and 1")
