"""The contract of a metric: it sees batches and gives one number, or an array, for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np

from ..losses.base import spread
from ..parameters import Array
from ..registry import Configurable, Registry


class Metric(Configurable):
    """A figure that is gathered batch by batch.

    A metric of your own defines `reset_state`, `update_state` and `result`; or it derives from
    `MeanMetric` and defines `values` alone. Calling a metric updates it and returns the result.
    """

    name: str | None
    direction: Literal["min", "max"] = "max"
    """Which way is better, for callbacks that watch it."""
    compares = True
    """Whether it compares predictions with targets, as what `compile` takes must."""

    def reset_state(self) -> None:
        """Forgets all batches."""
        raise NotImplementedError(f"{type(self).__name__} must define reset_state()")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Takes in a batch."""
        raise NotImplementedError(f"{type(self).__name__} must define update_state(y_true, y_pred, sample_weight)")

    def result(self) -> Any:
        """The figure for all batches since the last reset."""
        raise NotImplementedError(f"{type(self).__name__} must define result()")

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        self.update_state(y_true, y_pred, sample_weight)
        return self.result()


class MeanMetric(Metric):
    """The weighted mean, Σ w v / Σ w, of a value that `values` finds for each sample; 0 without samples."""

    total = 0.0
    count = 0.0

    def values(self, y_true: Array, y_pred: Array) -> Array:
        """The value of each sample: (batch, ...)."""
        raise NotImplementedError(f"{type(self).__name__} must define values(y_true, y_pred)")

    def reset_state(self) -> None:
        self.total = self.count = 0.0

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.add(self.values(np.asarray(y_true), np.asarray(y_pred)), sample_weight)

    def add(self, values: Array, sample_weight: Any = None) -> None:
        """Takes in the samples' values; weights of shape (batch,) weigh all values of a sample alike."""
        if sample_weight is None:
            counts = values.dtype == np.bool_
            self.total += int(np.count_nonzero(values)) if counts else float(np.add.reduce(values, axis=None))
            self.count += values.size
            return
        values = values.astype(np.float64)
        weight = spread(sample_weight, values)
        assert weight is not None
        self.total += float((values * weight).sum())
        self.count += float(weight.sum())

    def result(self) -> float:
        return self.total / self.count if self.count else 0.0


registry: Registry[Metric] = Registry("metric", Metric)
MetricSpec = Annotated[str | Mapping[str, Any] | Metric, registry]


@registry.register
class Mean(Metric):
    """The weighted mean of plain numbers: `update_state(values, sample_weight=None)`.

    >>> mean = Mean()
    >>> mean([1.0, 3.0])
    2.0
    >>> mean(8.0)
    4.0
    """

    direction = "min"
    compares = False

    def __init__(self, name: str | None = "mean") -> None:
        self.name = name
        self._mean = MeanMetric()

    def reset_state(self) -> None:
        self._mean.reset_state()

    def update_state(self, values: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        self._mean.add(np.asarray(values, np.float64), sample_weight)

    def result(self) -> float:
        return self._mean.result()

    def __call__(self, values: Any, sample_weight: Any = None) -> float:  # type: ignore[override]
        self.update_state(values, sample_weight)
        return self.result()
