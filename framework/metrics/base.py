"""The contract of a metric: it sees batches and gives one number, or an array, for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import numpy as np

from ..buffers import Buffered
from ..parameters import Array, floating
from ..registry import Configurable, Registry, snake_case


class Metric(Buffered):
    """A figure that is gathered batch by batch.

    A metric of your own defines `reset_state`, `update_state` and `result`; or it derives from
    `MeanMetric` and defines `values` alone. Calling a metric updates it and returns the result.

    name: what it is reported as, in logs and in the history.
    """

    direction: Literal["min", "max"] = "max"
    """Which way is better, for callbacks that watch it."""
    compares = True
    """Whether it compares predictions with targets, as what `compile` takes must."""
    _name: str | None = None

    @property
    def name(self) -> str:
        """What it is reported as; the name of its class where it was given none."""
        return self._default_name() if self._name is None else self._name

    @name.setter
    def name(self, name: str | None) -> None:
        self._name = name

    def _default_name(self) -> str:
        return vars(type(self)).get("registered_name") or snake_case(type(self).__name__)

    def reset_state(self) -> None:
        """Forgets all batches."""
        raise NotImplementedError(f"{type(self).__name__} must define reset_state()")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Takes in a batch."""
        raise NotImplementedError(f"{type(self).__name__} must define update_state(y_true, y_pred, sample_weight)")

    def result(self) -> Any:
        """The figure for all batches since the last reset."""
        raise NotImplementedError(f"{type(self).__name__} must define result()")

    def get_state(self) -> dict[str, Any]:
        """What has been gathered since the last reset, by attribute: plain numbers, arrays, and states of metrics.

        That is what the attributes hold beside the arguments of the constructor. A metric that keeps something else,
        such as a set, defines this method and `set_state`.
        """
        arguments = self.signature()
        own = {name: value for name, value in vars(self).items() if name.removeprefix("_") not in arguments}
        state: dict[str, Any] = {}
        for name, value in own.items():
            if isinstance(value, Metric):
                state[name] = value.get_state()
            elif name != "_buffers" and not isinstance(value, Configurable):
                state[name] = value.copy() if isinstance(value, np.ndarray) else value
        return state

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Goes on from what `get_state` of a metric with the same arguments gave; raises ValueError for another."""
        self.reset_state()
        expected = self.get_state().keys()
        own = (name for name in state if name not in expected and hasattr(type(self), name))
        if not expected <= state.keys() or next(own, None) is not None:  # what it has by its class is not overwritten
            raise ValueError(f"the metric {self.name} gathers {', '.join(expected)}, the state has {', '.join(state)}")
        for name, value in state.items():
            inner = vars(self).get(name)
            if isinstance(inner, Metric):
                inner.set_state(value)
            else:
                setattr(self, name, value)

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        self.update_state(y_true, y_pred, sample_weight)
        return self.result()


registry: Registry[Metric] = Registry("metric", Metric)
MetricSpec = Annotated[str | Mapping[str, Any] | Metric | Callable[[Any, Any], Any], registry]


def aligned(metric: Metric, y_true: Any, y_pred: Any) -> tuple[Array, Array]:
    """Both as arrays of one shape, the predictions floating; (n,) and (n, 1) are taken for each other.

    Raises ValueError for other differences: nothing is ever broadcast silently.
    """
    y_true, y_pred = same_rank(np.asarray(y_true), floating(y_pred))
    check_shapes(metric, y_true, y_pred, y_true.shape == y_pred.shape)
    return y_true, y_pred


def same_rank(y_true: Array, y_pred: Array) -> tuple[Array, Array]:
    """Of (n,) and (n, 1), both as (n, 1)."""
    if y_true.ndim == y_pred.ndim - 1 and y_pred.shape[-1] == 1:
        y_true = y_true[..., None]
    elif y_true.ndim == y_pred.ndim + 1 and y_true.shape[:-1] == y_pred.shape and y_true.shape[-1] == 1:
        y_pred = y_pred[..., None]
    return y_true, y_pred


def aligned_classes(metric: Metric, y_true: Any, y_pred: Any) -> tuple[Array, Array]:
    """`aligned`, where the targets may as well be class numbers: these become one-hot rows.

    Raises ValueError for shapes that do not match, and for class numbers out of range.
    """
    y_true, y_pred = np.asarray(y_true), floating(y_pred)
    if y_pred.ndim and y_pred.shape[-1] > 1:
        classes = y_pred.shape[-1]
        if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
            y_true = y_true[..., 0]
        if y_true.shape == y_pred.shape[:-1]:
            numbers, y_true = y_true, y_true[..., None] == np.arange(classes)
            if np.count_nonzero(y_true) != numbers.size:
                wrong = numbers[~y_true.any(axis=-1)][0]
                raise ValueError(f"{type(metric).__name__}: the classes are 0 to {classes - 1}, got class {wrong}")
    return aligned(metric, y_true, y_pred)


def check_shapes(metric: Metric, y_true: Array, y_pred: Array, fits: bool) -> None:
    """Raises ValueError, naming both shapes, unless they fit."""
    if not fits:
        raise ValueError(
            f"{type(metric).__name__}: targets of shape {y_true.shape} do not match predictions of shape {y_pred.shape}"
        )


def ratio(part: Any, whole: Any) -> Array:
    """part / whole, and 0 where the whole is 0.

    >>> ratio([1.0, 0.0], [4.0, 0.0])
    array([0.25, 0.  ])
    """
    part, whole = np.broadcast_arrays(np.asarray(part, np.float64), np.asarray(whole, np.float64))
    return np.asarray(np.divide(part, whole, out=np.zeros(part.shape), where=whole != 0))


def number_or_array(result: Array) -> float | Array:
    """A Python float where there is one figure, the array where there are several."""
    return float(result.reshape(())) if result.size == 1 else result
