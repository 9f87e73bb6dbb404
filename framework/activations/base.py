"""The contract of an activation, and what the built-in ones share."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Protocol

import numpy as np

from ..arguments import is_whole
from ..buffers import Buffered
from ..parameters import Array, Shape, floating
from ..registry import Registry


class Activation(Buffered):
    """A function of an array, and the product of its derivative with a gradient.

    >>> f = get("tanh")
    >>> x = np.array([0.0, 1.0], np.float32)
    >>> y = f(x)
    >>> f.backward(np.ones(2, np.float32), x, y).round(4)
    array([1.  , 0.42], dtype=float32)
    """

    def __call__(self, x: Array, out: Array | None = None) -> Array:
        """y = f(x); into `out` when it is given, which may be x itself where y has the shape of x."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(x, out=None)")

    def backward(self, dy: Array, x: Array, y: Array) -> Array:
        """dx = dy · f'(x), given y = f(x); may overwrite dy. What it returns is valid until its next call."""
        raise NotImplementedError(f"{type(self).__name__} must define backward(dy, x, y) to be trained")

    def output_shape(self, shape: Shape) -> Shape:
        """Per-example shape in, per-example shape out: the same, unless a class says otherwise.

        Raises ValueError for examples that the function cannot take.
        """
        return shape


registry: Registry[Activation] = Registry("activation", Activation)
register = registry.register
ActivationSpec = Annotated[str | Mapping[str, Any] | Activation, registry]


def get(spec: Any) -> Activation:
    """The activation that a spec describes; the plain functions of this package, such as `relu`, stand for theirs.

    Raises TypeError for a function of somebody else, whose derivative nobody knows.

    >>> from framework import activations
    >>> get(activations.gelu)
    Gelu()
    """
    if hasattr(spec, "forward") and not isinstance(spec, type):
        raise TypeError(f"{spec!r} is a layer, and no activation: put it behind this one, as a layer of its own")
    if callable(spec) and not isinstance(spec, type | Activation):
        if not hasattr(spec, "registered_name"):
            raise TypeError(
                f"the derivative of the function {getattr(spec, '__name__', spec)!r} is not known: write a class that "
                f"derives from framework.activations.Activation, with __call__(x, out=None) and backward(dy, x, y)"
            )
        spec = spec.registered_name
    return registry.create(spec)


class Function(Protocol):
    """An activation as a plain function of an array and of the arguments that its class takes."""

    def __call__(self, x: Any, *arguments: Any, **named: Any) -> Array: ...


def function(cls: type[Activation]) -> Function:
    """The activation as a plain function, which has its arguments after the array."""

    def apply(x: Any, *arguments: Any, **named: Any) -> Array:
        return np.asarray(cls(*arguments, **named)(floating(x)))

    apply.__doc__ = cls.__doc__
    apply.__name__ = apply.__qualname__ = cls.registered_name
    apply.__module__ = cls.__module__
    apply.registered_name = cls.registered_name  # type: ignore[attr-defined]
    x = inspect.Parameter("x", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    apply.__signature__ = inspect.Signature([x, *cls.signature().values()])  # type: ignore[attr-defined]
    return apply


def result(x: Array, out: Array | None) -> Array:
    """Where y goes: `out`, or a new array of the shape of x."""
    return np.empty_like(x) if out is None else out


AXES = "a whole number, or a list of different ones"


def are_axes(value: Any) -> bool:
    """Whether it names one axis or several.

    >>> [are_axes(v) for v in (-1, [1, 2], [1, 1], [], 1.0)]
    [True, True, False, False, False]
    """
    if isinstance(value, Sequence) and not isinstance(value, str):
        return len(value) > 0 and all(is_whole(axis) for axis in value) and len(set(value)) == len(value)
    return is_whole(value)


def check_axes(owner: Activation, axis: int | Sequence[int], shape: Shape) -> None:
    """Raises ValueError where a batch of examples of this shape has no such axis; the batch axis counts first."""
    axes = 1 + len(shape)
    if not all(-axes <= a < axes for a in ([axis] if isinstance(axis, int | np.integer) else axis)):
        raise ValueError(
            f"{type(owner).__name__} has axis={axis}, a batch of examples of shape {shape} has the axes 0 to {axes - 1}"
        )
