"""Metrics for probabilities: the means of the losses of the same names."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import losses
from ..losses.base import spread
from .base import registry
from .means import LossMetric


@registry.register(aliases=("bce",))
class BinaryCrossentropy(LossMetric):
    """-(y log p + (1 - y) log(1 - p)), averaged over the last axis of each sample.

    from_logits: y_pred is before the sigmoid. label_smoothing: s in [0, 1] makes targets y (1 - s) + s / 2.
    Shapes: (batch, ..., d) both. Raises ArgumentError for smoothing outside of [0, 1].

    >>> round(BinaryCrossentropy()([[1.0]], [[0.75]]), 4)
    0.2877
    """

    def __init__(
        self, name: str | None = "binary_crossentropy", from_logits: bool = False, label_smoothing: float = 0.0
    ) -> None:
        self.name = name
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.loss = losses.BinaryCrossentropy(from_logits, label_smoothing)


@registry.register
class CategoricalCrossentropy(LossMetric):
    """-Σ_c y_c log p_c for targets that are distributions over the classes, such as one-hot rows.

    from_logits: y_pred is before the softmax. label_smoothing: s in [0, 1] makes targets y (1 - s) + s / classes.

    axis: that of the classes: -1, the last, or another one of a batch.

    Shapes: (batch, ..., classes) both. Raises ArgumentError for smoothing outside of [0, 1].

    >>> round(CategoricalCrossentropy()([[0.0, 1.0]], [[0.25, 0.75]]), 4)
    0.2877
    """

    def __init__(
        self,
        name: str | None = "categorical_crossentropy",
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
    ) -> None:
        self.name = name
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.axis = axis
        self.loss = losses.CategoricalCrossentropy(from_logits, label_smoothing, axis)


@registry.register
class SparseCategoricalCrossentropy(LossMetric):
    """-log p_c for targets that are class numbers c = 0, 1, ...

    from_logits: y_pred is before the softmax. ignore_class: the values of samples of this class are 0; as in Keras,
    they still count in a mean without weights, and in one with weights they do not.

    axis: that of the classes in y_pred: -1, the last, or another one of a batch.

    Shapes: y_true (batch, ...) or (batch, ..., 1), y_pred (batch, ..., classes). Raises ValueError for class numbers
    out of range.

    >>> round(SparseCategoricalCrossentropy()([1], [[0.25, 0.75]]), 4)
    0.2877
    """

    def __init__(
        self,
        name: str | None = "sparse_categorical_crossentropy",
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        self.name = name
        self.from_logits = from_logits
        self.ignore_class = ignore_class
        self.axis = axis
        self.loss = losses.SparseCategoricalCrossentropy(from_logits, ignore_class, axis=axis)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        labels, y_pred = self.loss.aligned(y_true, y_pred)
        values, counted = self.loss.values(labels, y_pred), self.loss.counted(labels)
        weight = spread(sample_weight, values)
        if counted is not None and weight is not None:
            weight = weight * counted
        self.add(np.asarray(values), weight)


@registry.register(aliases=("kld",))
class KLDivergence(LossMetric):
    """The Kullback-Leibler divergence Σ_c y_c log(y_c / p_c) of the predicted distribution from the true one.

    Shapes: (batch, ..., classes) both.

    >>> round(KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]]), 4)
    0.1438
    """

    def __init__(self, name: str | None = "kl_divergence") -> None:
        self.name = name
        self.loss = losses.KLDivergence()


@registry.register
class Poisson(LossMetric):
    """mean(p - y log p): how unlikely the counts y are, where a count of p is expected.

    Shapes: (batch, ..., d) both.

    >>> round(Poisson()([[1.0, 0.0]], [[1.0, 2.0]]), 4)
    1.5
    """

    def __init__(self, name: str | None = "poisson") -> None:
        self.name = name
        self.loss = losses.Poisson()
