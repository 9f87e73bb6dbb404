"""Penalties on the size of weights or outputs, added to the loss while a model trains.

A regularizer is called with an array and returns a number; `gradient` is its derivative. Names, defaults
and formulas are those of Keras: the squares of L2 have no factor of one half.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np

from .arguments import is_number, require
from .parameters import Array, floating
from .registry import Configurable, Registry, registered


class Regularizer(Configurable):
    """The base of regularizers: a class whose call turns an array into a penalty, and that knows its derivative.

    >>> class Quartic(Regularizer):
    ...     def __call__(self, x):
    ...         return float((x**4).sum())
    ...     def gradient(self, x):
    ...         return 4 * x**3
    >>> Quartic()(np.array([1.0, 2.0]))
    17.0
    """

    def __call__(self, x: Array) -> float:
        """The penalty for these numbers."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(x)")

    def gradient(self, x: Array) -> Array:
        """The derivative of the penalty, of the shape and type of x; a new array."""
        raise NotImplementedError(f"{type(self).__name__} must define gradient(x)")


registry: Registry[Regularizer] = Registry("regularizer", Regularizer)
register = registry.register
RegularizerSpec = Annotated[str | Mapping[str, Any] | Regularizer, registry]


def get(spec: RegularizerSpec | None) -> Regularizer | None:
    """The regularizer that a spec describes; None for none.

    >>> get("l2")
    L2()
    """
    return None if spec is None else registry.create(spec)


@register(name="l1_l2")
class L1L2(Regularizer):
    """l1 · Σ|x| + l2 · Σx².

    l1: the factor of the sum of sizes, at least 0.
    l2: the factor of the sum of squares, at least 0.

    Raises ArgumentError for factors that are negative or not finite.

    >>> L1L2(l1=0.25, l2=0.5)([1.0, -2.0])
    3.25
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        _check_factor(self, "l1", l1)
        _check_factor(self, "l2", l2)
        self.l1 = l1
        self.l2 = l2

    def __call__(self, x: Any) -> float:
        x = floating(x)
        penalty = 0.0
        if self.l1:
            penalty += self.l1 * float(np.abs(x).sum())
        if self.l2:
            penalty += self.l2 * float(np.vdot(x, x))
        return penalty

    def gradient(self, x: Array) -> Array:
        gradient = np.multiply(x, 2 * self.l2)
        if self.l1:
            gradient += self.l1 * np.sign(x)
        return gradient


@register
class L1(L1L2):
    """l1 · Σ|x|, which makes weights exactly zero that help little.

    l1: the factor, at least 0.

    Raises ArgumentError for a factor that is negative or not finite.

    >>> L1(0.5)([1.0, -2.0])
    1.5
    """

    def __init__(self, l1: float = 0.01) -> None:
        super().__init__(l1, 0.0)


@register
class L2(L1L2):
    """l2 · Σx², without the factor of one half that some books have.

    l2: the factor, at least 0.

    Raises ArgumentError for a factor that is negative or not finite.

    >>> L2(0.1)([1.0, -2.0])
    0.5
    """

    def __init__(self, l2: float = 0.01) -> None:
        super().__init__(0.0, l2)


@register
class OrthogonalRegularizer(Regularizer):
    """factor · the mean |cosine| of the angles between all pairs of rows (or columns) of a matrix.

    mode: whose angles count, "rows" or "columns". Raises ArgumentError for another mode or a factor that is negative or
    not finite; calling it raises ValueError for what is no matrix of at least two such vectors.

    factor: the penalty when all vectors are parallel, at least 0.

    >>> OrthogonalRegularizer(0.1)([[1.0, 0.0], [3.0, 0.0]])
    0.1
    """

    def __init__(self, factor: float = 0.01, mode: Literal["rows", "columns"] = "rows") -> None:
        _check_factor(self, "factor", factor)
        require(mode in ("rows", "columns"), self, "mode", mode, "'rows' or 'columns'")
        self.factor = factor
        self.mode = mode

    def __call__(self, x: Any) -> float:
        _, _, cosines = self._cosines(floating(x))
        return self.factor * float(np.abs(cosines).sum()) / self._pairs(len(cosines)) / 2

    def gradient(self, x: Array) -> Array:
        unit, norms, cosines = self._cosines(x)
        slope = np.sign(cosines) @ unit * (self.factor / self._pairs(len(unit)))
        slope -= unit * (slope * unit).sum(axis=1, keepdims=True)  # along itself, a vector changes no angle
        slope /= norms
        return np.asarray(slope if self.mode == "rows" else slope.T, x.dtype)

    def _cosines(self, x: Array) -> tuple[Array, Array, Array]:
        """The vectors at length one, their lengths, and the cosines between them, 0 with themselves."""
        if x.ndim != 2 or x.shape[self.mode == "columns"] < 2:
            raise ValueError(f"OrthogonalRegularizer takes a matrix of at least two {self.mode}, got shape {x.shape}")
        vectors = x if self.mode == "rows" else x.T
        norms = np.maximum(np.sqrt((vectors * vectors).sum(axis=1, keepdims=True)), 1e-12)
        unit = vectors / norms
        cosines = unit @ unit.T
        np.fill_diagonal(cosines, 0)
        return unit, norms, cosines

    @staticmethod
    def _pairs(n: int) -> float:
        return n * (n - 1) / 2


def _check_factor(regularizer: Regularizer, argument: str, value: float) -> None:
    require(is_number(value, 0) and value < math.inf, regularizer, argument, value, "a number of at least 0")


def __getattr__(name: str) -> Any:
    """Keras's other names for the classes, such as `l2`."""
    return registered(registry, __name__, name)
