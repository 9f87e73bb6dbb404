"""Where weights may be: a constraint brings them back after each step of the optimizer.

A constraint is called with an array and returns the nearest allowed one as Keras defines it; `project` does the same
in place. Names, defaults and formulas are those of Keras.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from .arguments import is_number, is_whole, require
from .parameters import Array, floating
from .registry import Configurable, Registry, registered

EPSILON = 1e-7
"""Added to norms before dividing by them, as in Keras."""


class Constraint(Configurable):
    """The base of constraints: a class that defines `project(w)`, which changes an array in place.

    >>> class AtMostOne(Constraint):
    ...     def project(self, w):
    ...         np.minimum(w, 1, out=w)
    >>> AtMostOne()([0.5, 2.0])
    array([0.5, 1. ], dtype=float32)
    """

    def project(self, w: Array) -> None:
        """Changes w, in place, to what is allowed."""
        raise NotImplementedError(f"{type(self).__name__} must define project(w)")

    def __call__(self, w: Any) -> Array:
        """The allowed array for w, which is left alone."""
        projected = np.array(floating(w))
        self.project(projected)
        return projected


registry: Registry[Constraint] = Registry("constraint", Constraint)
register = registry.register
ConstraintSpec = Annotated[str | Mapping[str, Any] | Constraint, registry]


def get(spec: ConstraintSpec | None) -> Constraint | None:
    """The constraint that a spec describes; None for none.

    >>> get("non_neg")
    NonNeg()
    """
    return None if spec is None else registry.create(spec)


@register
class NonNeg(Constraint):
    """w where w > 0, otherwise 0.

    >>> NonNeg()([-1.0, 2.0])
    array([0., 2.], dtype=float32)
    """

    def project(self, w: Array) -> None:
        np.maximum(w, 0, out=w)


@register
class MinMaxNorm(Constraint):
    """w · target / (ε + ‖w‖) with target = rate · clip(‖w‖, min_value, max_value) + (1 - rate) · ‖w‖.

    rate: 1 puts the norms inside of the bounds at every step, less leads them there slowly.
    axis: over which the norm is taken, one or a list; 0 for each unit of a dense kernel, [0, 1, 2] for each filter
        of a Conv2D.

    min_value: the least norm, at least 0.
    max_value: the largest norm, at least `min_value`.

    Raises ArgumentError for bounds that are negative or in the wrong order, a rate outside of [0, 1], or an axis
    that is none.

    >>> MinMaxNorm(max_value=1.0)([[3.0, 0.3], [4.0, 0.4]]).round(3)
    array([[0.6, 0.3],
           [0.8, 0.4]], dtype=float32)
    """

    def __init__(
        self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: int | Sequence[int] = 0
    ) -> None:
        require(is_number(min_value, 0), self, "min_value", min_value, "a number of at least 0")
        require(is_number(max_value, min_value), self, "max_value", max_value, f"a number of at least {min_value}")
        require(is_number(rate, 0, 1), self, "rate", rate, "a number between 0 and 1")
        _check_axis(self, axis)
        self.min_value = min_value
        self.max_value = max_value
        self.rate = rate
        self.axis = axis

    def project(self, w: Array) -> None:
        norms = _norms(w, self.axis)
        target = np.clip(norms, self.min_value, self.max_value)
        target *= self.rate
        target += (1 - self.rate) * norms
        target /= EPSILON + norms
        w *= target


@register
class MaxNorm(Constraint):
    """w · min(‖w‖, max_value) / (ε + ‖w‖).

    axis: over which the norm is taken, as in MinMaxNorm. Raises ArgumentError for a max_value that is negative, or
    an axis that is none. Source: Srivastava et al. 2014, section 5.1.

    max_value: the largest norm, at least 0; smaller ones stay as they are.

    >>> MaxNorm(1.0)([[3.0, 0.3], [4.0, 0.4]]).round(3)
    array([[0.6, 0.3],
           [0.8, 0.4]], dtype=float32)
    """

    def __init__(self, max_value: float = 2, axis: int | Sequence[int] = 0) -> None:
        require(is_number(max_value, 0), self, "max_value", max_value, "a number of at least 0")
        _check_axis(self, axis)
        self.max_value = max_value
        self.axis = axis

    def project(self, w: Array) -> None:
        norms = _norms(w, self.axis)
        target = np.minimum(norms, self.max_value)
        target /= EPSILON + norms
        w *= target


@register
class UnitNorm(Constraint):
    """w / (ε + ‖w‖).

    axis: over which the norm is taken, as in MinMaxNorm. Raises ArgumentError for an axis that is none.

    >>> UnitNorm()([[3.0], [4.0]])
    array([[0.6],
           [0.8]], dtype=float32)
    """

    def __init__(self, axis: int | Sequence[int] = 0) -> None:
        _check_axis(self, axis)
        self.axis = axis

    def project(self, w: Array) -> None:
        w /= EPSILON + _norms(w, self.axis)


def _norms(w: Array, axis: int | Sequence[int]) -> Array:
    """The norms over the axes, which are kept with the size 1."""
    axes, every = normalize_axis_tuple(axis, w.ndim), range(w.ndim)
    squares = np.einsum(w, every, w, every, [a for a in every if a not in axes])  # no array of the size of w
    return np.asarray(np.sqrt(np.expand_dims(squares, axes)))


def _check_axis(constraint: Constraint, axis: Any) -> None:
    fits = is_whole(axis) or (isinstance(axis, Sequence) and len(axis) > 0 and all(is_whole(a) for a in axis))
    require(fits, constraint, "axis", axis, "an axis, or a list of axes")


def __getattr__(name: str) -> Any:
    """Keras's other names for the classes, such as `max_norm`."""
    return registered(registry, __name__, name)
