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
from .buffers import Buffered, is_batch_last
from .parameters import Array, Shape, floating
from .registry import Registry, registered


class Regularizer(Buffered):
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

    def add_gradient(self, x: Array, out: Array, factor: float = 1.0) -> None:
        """out += factor · gradient(x), in place: what training calls. The built-in ones allocate nothing of x's size.

        >>> gradient = np.array([1.0, 1.0])
        >>> L2(0.5).add_gradient(np.array([1.0, 2.0]), gradient)
        >>> gradient
        array([2., 3.])
        """
        np.add(out, self.gradient(x) * factor, out=out)


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
        if is_batch_last(x):
            x = x.swapaxes(0, -1)  # as it lies in memory, for sums without a copy
        penalty = 0.0
        if self.l1:
            penalty += self.l1 * float(np.add.reduce(np.abs(x, out=self._scratch(x)), axis=None))
        if self.l2:
            penalty += self.l2 * float(np.vdot(x, x))
        return penalty

    def gradient(self, x: Array) -> Array:
        x = floating(x)
        gradient = np.zeros_like(x)
        self.add_gradient(x, gradient)
        return gradient

    def add_gradient(self, x: Array, out: Array, factor: float = 1.0) -> None:
        if is_batch_last(x):
            x, out = x.swapaxes(0, -1), out.swapaxes(0, -1)
        scratch = self._scratch(x)
        if self.l2:
            out += np.multiply(x, 2 * self.l2 * factor, out=scratch)
        if self.l1:
            np.sign(x, out=scratch)
            scratch *= self.l1 * factor
            out += scratch

    def _scratch(self, x: Array) -> Array:
        """Memory like x for intermediate results, the same for all parameters, whose shapes may differ."""
        return self.buffer("scratch", (x.size,), x.dtype).reshape(x.shape)


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
        np.abs(cosines, out=cosines)
        return self.factor * float(np.add.reduce(cosines, axis=None)) / self._pairs(len(cosines)) / 2

    def gradient(self, x: Array) -> Array:
        return np.array(self._slope(x))

    def add_gradient(self, x: Array, out: Array, factor: float = 1.0) -> None:
        slope = self._slope(x)
        slope *= factor
        out += slope

    def _slope(self, x: Array) -> Array:
        unit, norms, cosines = self._cosines(x)
        signs = np.sign(cosines, out=self._buffer("signs", cosines.shape, x))
        slope = np.matmul(signs, unit, out=self._buffer("slope", unit.shape, x))
        slope *= self.factor / self._pairs(len(unit))
        along = np.einsum("ij,ij->i", slope, unit)[:, None]  # along itself, a vector changes no angle
        slope -= np.multiply(unit, along, out=self._buffer("product", unit.shape, x))
        slope /= norms
        return slope if self.mode == "rows" else slope.T

    def _cosines(self, x: Array) -> tuple[Array, Array, Array]:
        """The vectors at length one, their lengths, and the cosines between them, 0 with themselves; in buffers."""
        if x.ndim != 2 or x.shape[self.mode == "columns"] < 2:
            raise ValueError(f"OrthogonalRegularizer takes a matrix of at least two {self.mode}, got shape {x.shape}")
        vectors = x if self.mode == "rows" else x.T
        norms = np.maximum(np.sqrt(np.einsum("ij,ij->i", vectors, vectors)), 1e-12)[:, None]
        unit = np.divide(vectors, norms, out=self._buffer("unit", vectors.shape, x))
        cosines = np.matmul(unit, unit.T, out=self._buffer("cosines", (len(unit), len(unit)), x))
        np.fill_diagonal(cosines, 0)
        return unit, norms, cosines

    def _buffer(self, name: str, shape: Shape, x: Array) -> Array:
        """Memory for intermediate results, the same for all parameters, whose shapes may differ."""
        return self.buffer(name, (math.prod(shape),), x.dtype).reshape(shape)

    @staticmethod
    def _pairs(n: int) -> float:
        return n * (n - 1) / 2


def _check_factor(regularizer: Regularizer, argument: str, value: float) -> None:
    require(is_number(value, 0) and value < math.inf, regularizer, argument, value, "a number of at least 0")


def __getattr__(name: str) -> Any:
    """Keras's other names for the classes, such as `l2`."""
    return registered(registry, __name__, name)
