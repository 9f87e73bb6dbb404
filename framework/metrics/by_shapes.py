"""Metrics whose names mean what fits the shapes: "accuracy" and "crossentropy"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from ..parameters import Shape
from .accuracy import BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy
from .base import Metric, registry
from .means import MeanMetric
from .probabilistic import BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy


class _ByShapes(Metric):
    """Stands for one of three metrics, which the first batch decides."""

    binary: ClassVar[type[MeanMetric]]
    sparse: ClassVar[type[MeanMetric]]
    categorical: ClassVar[type[MeanMetric]]

    def __init__(self, name: str | None = None) -> None:
        self.name = name
        self._resolved: MeanMetric | None = None

    def resolve(self, true_shape: Shape, pred_shape: Shape) -> type[MeanMetric]:
        """The class that fits batches of these shapes."""
        if pred_shape[-1] == 1 or len(pred_shape) == 1:
            return self.binary
        if len(true_shape) < len(pred_shape) or true_shape[-1] == 1:
            return self.sparse
        return self.categorical

    def reset_state(self) -> None:
        self._resolved = None

    def get_state(self) -> dict[str, Any]:
        if self._resolved is None:
            return {"stands_for": None}
        return {"stands_for": self._resolved.registered_name, **self._resolved.get_state()}

    def set_state(self, state: Mapping[str, Any]) -> None:
        gathered = dict(state)
        name = gathered.pop("stands_for")
        kinds = {cls.registered_name: cls for cls in (self.binary, self.sparse, self.categorical)}
        self._resolved = None if name is None else kinds[name]()
        if self._resolved is not None:
            self._resolved.set_state(gathered)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        if self._resolved is None:
            self._resolved = self.resolve(np.shape(y_true), np.shape(y_pred))()
        self._resolved.update_state(y_true, y_pred, sample_weight)

    def result(self) -> float:
        return 0.0 if self._resolved is None else self._resolved.result()


@registry.register(aliases=("acc",))
class Accuracy(_ByShapes):
    """The share of right answers, in the sense that fits the shapes, as Keras resolves "accuracy".

    Predictions of width 1: BinaryAccuracy. Targets without an axis of classes, or with one of width 1:
    SparseCategoricalAccuracy. Otherwise: CategoricalAccuracy. The first batch decides.

    Keras's class of this name is another thing than its string "accuracy": it counts predictions that *equal*
    their targets, which probabilities hardly ever do. Here, both are the string.

    >>> Accuracy()([0, 1], [[0.9, 0.1], [0.8, 0.2]])
    0.5
    """

    binary = BinaryAccuracy
    sparse = SparseCategoricalAccuracy
    categorical = CategoricalAccuracy

    def __init__(self, name: str | None = "accuracy") -> None:
        super().__init__(name)


@registry.register(aliases=("ce",))
class Crossentropy(_ByShapes):
    """The cross-entropy, in the sense that fits the shapes, as Keras resolves "crossentropy".

    Predictions of width 1: BinaryCrossentropy. Targets without an axis of classes, or with one of width 1:
    SparseCategoricalCrossentropy. Otherwise: CategoricalCrossentropy. The first batch decides. It takes
    probabilities; for logits name the class, with from_logits=True.

    >>> round(Crossentropy()([1], [[0.25, 0.75]]), 4)
    0.2877
    """

    direction = "min"
    binary = BinaryCrossentropy
    sparse = SparseCategoricalCrossentropy
    categorical = CategoricalCrossentropy

    def __init__(self, name: str | None = "crossentropy") -> None:
        super().__init__(name)
