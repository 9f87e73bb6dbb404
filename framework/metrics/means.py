"""Means and sums over the samples: what most metrics are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from ..arguments import require
from ..losses import Loss
from ..losses.base import fitted
from ..parameters import Array
from .base import Metric, registry, same_rank


class MeanMetric(Metric):
    """The weighted mean, Σ w v / Σ w, of a value that `values` finds for each sample; 0 without samples.

    Targets (n,) and predictions (n, 1), or the other way round, come to `values` as (n, 1) both, so that
    nothing is broadcast. Raises ValueError for values that are not one a sample.
    """

    total = 0.0
    count = 0.0

    def values(self, y_true: Array, y_pred: Array) -> Array:
        """The value of each sample: (batch, ...).

        It may lie in a buffer that the next call overwrites: what is to be kept is to be copied.
        """
        raise NotImplementedError(f"{type(self).__name__} must define values(y_true, y_pred)")

    def reset_state(self) -> None:
        self.total = self.count = 0.0

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = same_rank(np.asarray(y_true), np.asarray(y_pred))
        values = self.values(y_true, y_pred)
        shape = values.shape
        if shape != y_true.shape and shape not in (y_true.shape[: values.ndim], y_pred.shape[: values.ndim]):
            raise ValueError(
                f"{self.name}: the values of the samples have shape {values.shape}, which fits neither targets of "
                f"shape {y_true.shape} nor predictions of shape {y_pred.shape}: has something been broadcast?"
            )
        self.add(values, sample_weight)

    def add(self, values: Array, sample_weight: Any = None) -> None:
        """Takes in the samples' values; weights of shape (batch,) weigh all values of a sample alike."""
        if sample_weight is None:
            counts = values.dtype == np.bool_
            self.total += int(np.count_nonzero(values)) if counts else float(np.add.reduce(values, axis=None))
            self.count += values.size
            return
        weight = fitted(np.asarray(sample_weight), values)
        if values.ndim == 0:
            values = np.broadcast_to(values, weight.shape)
        axes = list(range(values.ndim))  # all are summed up, in double precision but without arrays of it
        self.total += float(np.einsum(values, axes, weight, axes, [], dtype=np.float64, casting="unsafe"))
        self.count += float(np.add.reduce(weight, axis=None, dtype=np.float64))

    def result(self) -> float:
        return self.total / self.count if self.count else 0.0


class LossMetric(MeanMetric):
    """The weighted mean of a loss; unlike the loss itself, it divides by the sum of the weights.

    A metric of this kind sets `self.loss` in its constructor.
    """

    loss: Loss
    direction: Literal["min", "max"] = "min"

    def values(self, y_true: Array, y_pred: Array) -> Array:
        return self.loss.values(*self.loss.aligned(y_true, y_pred))


@registry.register
class MeanMetricWrapper(MeanMetric):
    """The weighted mean of a function of yours, `fn(y_true, y_pred)` -> a value for each sample.

    In `compile(metrics=[fn])` a plain function becomes this by itself, under the function's name. A function that
    gives one number for a whole batch counts it once for each sample, so that the size of batches plays no part
    (Keras counts it once for each batch).

    direction: "min" or "max", which way is better, for callbacks in mode "auto". No file can hold a function: what is
    to be saved with a model is a registered class that derives from `MeanMetric`.

    fn: the function, called with arrays; Python only.

    Raises ArgumentError for what cannot be called, or another direction.

    >>> def largest_error(y_true, y_pred):
    ...     return np.abs(y_true - y_pred).max(axis=-1)
    >>> MeanMetricWrapper(largest_error)([[1.0, 2.0], [0.0, 0.0]], [[1.0, 4.0], [1.0, 0.5]])
    1.5
    """

    def __init__(
        self, fn: Callable[[Any, Any], Any], name: str | None = None, direction: Literal["min", "max"] | None = None
    ) -> None:
        require(callable(fn), self, "fn", fn, "a function of (y_true, y_pred)")
        require(direction in ("min", "max", None), self, "direction", direction, "'min', 'max' or None")
        self.fn = fn
        self.name = name
        self._direction = direction

    @property
    def direction(self) -> Literal["min", "max"]:  # type: ignore[override]
        """Which way is better: that of the constructor, and down for a loss; raises ValueError where nobody said."""
        if self._direction is not None:
            return self._direction
        if isinstance(self.fn, Loss):
            return "min"
        raise ValueError(
            f"whether more or less of {self.name!r} is better, its function does not say: pass mode='min' or 'max' "
            f"to the callback that watches it"
        )

    def _default_name(self) -> str:
        return str(getattr(self.fn, "name", None) or getattr(self.fn, "__name__", type(self.fn).__name__))

    def values(self, y_true: Array, y_pred: Array) -> Array:
        values = np.asarray(self.fn(y_true, y_pred))
        return values if values.ndim else np.full(len(y_pred), values)


class _OfNumbers(Metric):
    """The base of metrics of plain numbers: `update_state(values, sample_weight=None)`."""

    direction = "min"
    compares = False

    def __init__(self, name: str | None = None) -> None:
        self.name = name
        self._mean = MeanMetric()

    def reset_state(self) -> None:
        self._mean.reset_state()

    def update_state(self, values: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        self._mean.add(np.asarray(values, np.float64), sample_weight)

    def __call__(self, values: Any, sample_weight: Any = None) -> float:  # type: ignore[override]
        self.update_state(values, sample_weight)
        return float(self.result())


@registry.register
class Mean(_OfNumbers):
    """The weighted mean of plain numbers: `update_state(values, sample_weight=None)`.

    >>> mean = Mean()
    >>> mean([1.0, 3.0])
    2.0
    >>> mean(8.0)
    4.0
    """

    def __init__(self, name: str | None = "mean") -> None:
        super().__init__(name)

    def result(self) -> float:
        return self._mean.result()


@registry.register
class Sum(_OfNumbers):
    """The weighted sum of plain numbers: `update_state(values, sample_weight=None)`.

    >>> Sum()([1.0, 3.0, 5.0], sample_weight=[1.0, 1.0, 0.0])
    4.0
    """

    def __init__(self, name: str | None = "sum") -> None:
        super().__init__(name)

    def result(self) -> float:
        return self._mean.total


def get(spec: Any) -> Metric:
    """The metric that a spec describes; a plain function fn(y_true, y_pred) becomes a `MeanMetricWrapper`.

    Raises UnknownNameError for a name nobody registered, ArgumentError for arguments that do not fit, TypeError for
    anything that is not a spec.
    """
    if callable(spec) and not isinstance(spec, type | Metric):
        return MeanMetricWrapper(spec)
    return registry.create(spec)
