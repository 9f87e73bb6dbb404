"""The contract of a loss: a number to minimize, and its derivative."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np

from ..buffers import Buffered
from ..examination import first_outside
from ..layers import Layer
from ..parameters import Array, Shape, floating
from ..registry import ArgumentError, Registry

FEW = 64
"""Up to so many numbers a sample, a product adds up faster than a sum does, and no less exactly."""

REDUCTIONS = ("sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none", None)


ROUNDING = 1e-3
"""How far resized images and shares that were computed may lie beyond 0 and 1."""


class Loss(Buffered):
    """The loss of predictions against the truth, reduced over the batch.

    A loss of your own defines two methods, and the base does the rest:

    - `values(y_true, y_pred)`: (batch, ..., d) -> the loss of each sample, (batch, ...);
    - `gradient(y_true, y_pred)`: the derivative of each sample's loss, of the shape of y_pred.

    What these two return may lie in a buffer that the next call of the same method overwrites, but not one of the
    other: values outlive a call of `gradient`, and a gradient one of `values`. Training finds the methods of classes,
    mixins included, not functions that an instance has been given in their place.

    reduction: "sum_over_batch_size" (or "mean": divide by the number of samples, whatever their
    weights), "sum", "mean_with_sample_weight" (divide by the sum of the weights), "none".

    name: what it is called, for people; it changes no number.

    Raises ArgumentError for another reduction, ValueError for shapes that do not match.

    >>> from framework.losses import MeanSquaredError
    >>> MeanSquaredError()([[0.0, 1.0]], [[1.0, 1.0]])
    0.5
    """

    absorbs: ClassVar[type[Layer] | None] = None
    """The output layer whose derivative `fused_value_and_gradient` takes together with the loss's own."""

    expects: ClassVar[str] = "the shape of the predictions"
    """What the targets must be like, for messages."""

    reduction: str | None = "sum_over_batch_size"  # here as well, so that a user's constructor may leave it out
    name: str | None = None
    axis: Any = -1
    """The axis, or the axes, of y_pred that `values` reduces."""

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        # A shortcut does not outlive what it is a shortcut of: where that comes from a class (a mixin, say) before the
        # one with the shortcut, the base's way, which goes through the methods, takes the shortcut's place.
        for shortcut, whole in (
            ("fused_value", ("fused_value_and_gradient",)),
            ("reduced_value_and_gradient", ("values", "gradient")),
        ):
            if min(_place(cls, method) for method in whole) < _place(cls, shortcut):
                setattr(cls, shortcut, getattr(Loss, shortcut))
        if min(_place(cls, "values"), _place(cls, "gradient")) < _place(cls, "fused_value_and_gradient"):
            cls.absorbs = None  # taken through the output layer at once, it would be the loss of the base class

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str | None = None) -> None:
        if reduction not in REDUCTIONS:
            accepted = ", ".join(repr(r) for r in REDUCTIONS)
            raise ArgumentError(
                f"{type(self).__name__}: reduction must be one of {accepted}, got {reduction!r}", "reduction"
            )
        self.reduction = reduction
        self.name = name

    # What a loss defines.

    def values(self, y_true: Array, y_pred: Array) -> Array:
        """The loss of each sample: (batch, ..., d) -> (batch, ...)."""
        raise NotImplementedError(f"{type(self).__name__} must define values(y_true, y_pred)")

    def gradient(self, y_true: Array, y_pred: Array) -> Array:
        """The derivative of each sample's loss with respect to its prediction, of the shape of y_pred."""
        raise NotImplementedError(f"{type(self).__name__} must define gradient(y_true, y_pred) to be trained with")

    def fused_value_and_gradient(
        self, y_true: Array, output: Layer, y_pred: Array, sample_weight: Array | None = None
    ) -> tuple[float, Array]:
        """The loss, and its gradient with respect to the *input* of the output layer that it absorbs.

        output: a layer for which `can_absorb` is true, just after the forward pass that made y_pred;
        its input is `output.x`. The gradient may lie in a buffer that the next call overwrites.
        """
        raise NotImplementedError(f"{type(self).__name__} absorbs no layer")

    def fused_value(self, y_true: Array, output: Layer, y_pred: Array, sample_weight: Array | None = None) -> float:
        """The loss that `fused_value_and_gradient` gives, to the bit, where nobody needs the gradient."""
        return self.fused_value_and_gradient(y_true, output, y_pred, sample_weight)[0]

    def can_absorb(self, output: Layer) -> bool:
        """Whether it differentiates through this output layer itself, in a more stable form.

        A subclass with a `forward` or `backward` of its own is another function, and is not absorbed.
        """
        cls, absorbs = type(output), self.absorbs
        return (
            absorbs is not None
            and isinstance(output, absorbs)
            and cls.forward is absorbs.forward
            and cls.backward is absorbs.backward
        )

    def check_targets(self, y_true: Array, output_shape: Shape) -> None:
        """Raises ValueError for targets that no prediction of this shape, without the batch, could match.

        The base asks `aligned` about the first sample; a loss of your own may check more.
        """
        own = type(self)
        if own.value_and_gradient is not Loss.value_and_gradient or own.__call__ is not Loss.__call__:
            return  # what such a loss takes, only it knows
        first = y_true[:1]
        try:
            self.aligned(first, np.zeros((len(first), *output_shape)))
        except ValueError:
            # The shapes of all samples decide, and are those to name: the first one repeated, without a copy.
            every_target = np.broadcast_to(np.asarray(first, np.float64), y_true.shape)
            self.aligned(every_target, np.broadcast_to(0.0, (len(y_true), *output_shape)))

    def check_range(self, y_true: Array, low: float, high: float, words: str) -> None:
        """Raises ValueError, with the first offender, for a target beyond these two by more than rounding explains."""
        where = first_outside(y_true, low - ROUNDING, high + ROUNDING)
        if where is not None:
            sample, *others = where
            place = f" at {tuple(others)}" if others else ""
            raise ValueError(f"the target of sample {sample} is {y_true[where]}{place}: {type(self).__name__} {words}")

    # What users call.

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> float | Array:
        """The reduced loss, a Python float; the array of each sample's loss where reduction is "none"."""
        y_true, y_pred = self.aligned(y_true, y_pred)
        values = self.values(y_true, y_pred)
        if self.reduction in ("none", None):
            weight = spread(sample_weight, values)
            return values.copy() if weight is None else values * weight
        return self.reduce(values, sample_weight, self.counted(y_true))[0]

    def value_and_gradient(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> tuple[float, Array]:
        """The reduced loss and its gradient with respect to y_pred, a new array of y_pred's shape.

        Raises ValueError where reduction is "none": an array of losses has no single gradient.
        """
        value, gradient = self._differentiated(y_true, y_pred, sample_weight)
        return value, gradient.copy(order="K")

    def buffered_value_and_gradient(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> tuple[float, Array]:
        """`value_and_gradient` for training, where the gradient lies in a buffer that the next call overwrites."""
        if type(self).value_and_gradient is not Loss.value_and_gradient:  # a loss of its own kind has the last word
            return self.value_and_gradient(y_true, y_pred, sample_weight)
        return self._differentiated(y_true, y_pred, sample_weight)

    def _differentiated(self, y_true: Any, y_pred: Any, sample_weight: Any) -> tuple[float, Array]:
        if self.reduction in ("none", None):
            raise ValueError(
                f"{type(self).__name__} with reduction 'none' gives a loss for every sample; "
                f"to train, use reduction='sum_over_batch_size' or 'sum'"
            )
        shape = np.shape(y_pred)
        y_true, y_pred = self.aligned(y_true, y_pred)
        value, gradient = self.reduced_value_and_gradient(y_true, y_pred, sample_weight)
        return value, gradient.reshape(shape)

    def reduced_value_and_gradient(self, y_true: Array, y_pred: Array, sample_weight: Any) -> tuple[float, Array]:
        """Both for arrays that are aligned, made of `values` and `gradient`; the latter lies in a buffer."""
        value, scale = self.reduce(self.values(y_true, y_pred), sample_weight, self.counted(y_true))
        gradient = self.gradient(y_true, y_pred).reshape(y_pred.shape)
        return value, scaled(gradient, scale, self.axis, out=self.buffer_like("gradient", y_pred))

    def aligned(self, y_true: Any, y_pred: Any) -> tuple[Array, Array]:
        """Both as arrays of one floating type and one shape; (n,) and (n, 1) are taken for each other.

        Raises ValueError for other differences: nothing is ever broadcast silently.
        """
        y_pred = floating(y_pred)
        if y_pred.ndim == 0:
            raise ValueError(f"{type(self).__name__} takes a batch of predictions, not the single number {y_pred}")
        y_true = self.as_floating("targets", y_true, y_pred.dtype)
        if y_true.ndim == y_pred.ndim - 1 and y_pred.shape[-1] == 1:
            y_true = y_true[..., None]
        elif y_true.ndim == y_pred.ndim + 1 and y_true.shape[-1] == 1:
            y_true = y_true[..., 0]
        if y_true.shape != y_pred.shape:
            raise ValueError(
                f"{type(self).__name__}: targets of shape {y_true.shape} do not match predictions of shape "
                f"{y_pred.shape}; it expects {self.expects}"
            )
        if y_pred.ndim == 1:
            y_true, y_pred = y_true[:, None], y_pred[:, None]
        return y_true, y_pred

    def as_floating(self, name: str, array: Any, dtype: np.dtype[Any]) -> Array:
        """As an array of this type: itself where it is one, a copy in the buffer of that name where it has another."""
        if not isinstance(array, np.ndarray) or array.dtype == dtype:
            return np.asarray(array, dtype)
        copy = self.buffer_like(name, array, dtype)
        copy[...] = array
        return copy

    def sums(self, x: Array, name: str = "sums") -> Array:
        """The sums over `axis`, one for each sample, in the buffer of that name, which the next call overwrites."""
        if self.axis != -1:
            return np.asarray(np.add.reduce(x, axis=self.axis))
        sums, d = self.buffer(name, x.shape[:-1], x.dtype), x.shape[-1]
        if d == 1:
            sums[...] = x[..., 0]
            return sums
        if d > FEW or not x.flags.c_contiguous:
            return np.add.reduce(x, axis=-1, out=sums)
        ones = self.buffer("ones", (d,), x.dtype)
        ones.fill(1)
        np.dot(x.reshape(sums.size, d), ones, out=sums.reshape(-1))
        return sums

    def means(self, x: Array) -> Array:
        """The means over `axis`, one for each sample, in an array that the next call overwrites."""
        means, n = self.sums(x), x.shape[self.axis]
        if n != 1:
            means /= n
        return means

    def counted(self, y_true: Array) -> Array | None:
        """Which samples count at all, as an array of bool; None for all of them."""
        return None

    def reduce(
        self, values: Array, sample_weight: Any = None, counted: Array | None = None
    ) -> tuple[float, float | Array]:
        """The reduced loss, and what each sample's gradient is multiplied by: one number, or one a sample."""
        if values.dtype.kind != "f":
            values = floating(values)
        if sample_weight is None and counted is None:
            factor = 1.0 if self.reduction == "sum" else 1 / values.size if values.size else 0.0
            return float(np.add.reduce(values, axis=None)) * factor, factor
        weight = spread(sample_weight, values)
        if counted is not None:
            own = self.buffer("counted weights", values.shape, values.dtype)
            weight = np.multiply(1.0 if weight is None else weight, counted, out=own)
        if self.reduction == "sum":
            factor = 1.0
        else:
            number: float = values.size if counted is None else float(counted.sum())
            if self.reduction == "mean_with_sample_weight" and weight is not None:
                number = float(weight.sum())
            factor = 1 / number if number else 0.0
        if weight is None:
            return float(np.add.reduce(values, axis=None)) * factor, factor
        scale = np.multiply(weight, factor, out=self.buffer("scale", values.shape, values.dtype))
        return float(np.vdot(values, weight)) * factor, scale


def _place(cls: type[Loss], method: str) -> int:
    """Where in the order of its bases the class stands that a method comes from."""
    return next(place for place, base in enumerate(cls.__mro__) if method in vars(base))


def scaled(
    gradient: Array, scale: float | Array, axis: int | tuple[int, ...] | None = -1, out: Array | None = None
) -> Array:
    """The gradient of each sample times its scale (see `Loss.reduce`), which has no such axis."""
    if isinstance(scale, np.ndarray):
        axes = axis if isinstance(axis, tuple) else () if axis is None else (axis,)
        missing = gradient.ndim - scale.ndim
        if missing != len(axes):  # a loss that reduces more than it says
            axes = tuple(range(-missing, 0))
        scale = np.expand_dims(scale, axes)
    return np.multiply(gradient, scale, out=out)


def spread(sample_weight: Any, values: Array) -> Array | None:
    """Sample weights in the shape and type of the samples' losses; None where there are none (see `fitted`)."""
    return None if sample_weight is None else fitted(np.asarray(sample_weight, values.dtype), values)


def fitted(weight: Array, values: Array) -> Array:
    """Sample weights in the shape of the samples' losses: (batch,) or (batch, 1) weighs all values of a sample alike.

    A single loss for the whole batch has as many weights as there are. Raises ValueError when the weights do
    not match the batch.
    """
    if values.ndim == 0 or weight.shape == values.shape:
        return weight
    if weight.ndim == values.ndim + 1 and weight.shape[-1] == 1:
        weight = weight[..., 0]
    pairs = zip(weight.shape, values.shape, strict=False)
    if weight.ndim > values.ndim or any(w != n and (w != 1 or axis == 0) for axis, (w, n) in enumerate(pairs)):
        raise ValueError(
            f"sample weights of shape {weight.shape} do not match {math.prod(values.shape)} samples of shape "
            f"{values.shape}"
        )
    weight = weight.reshape(weight.shape + (1,) * (values.ndim - weight.ndim))
    return np.broadcast_to(weight, values.shape)


registry: Registry[Loss] = Registry("loss", Loss)


def get(spec: Any) -> Loss:
    """The loss that a spec describes; raises TypeError for a plain function, whose gradient nobody knows.

    >>> get("mse")
    MeanSquaredError()
    """
    if callable(spec) and not isinstance(spec, type | Loss):
        raise TypeError(
            f"the gradient of the function {getattr(spec, '__name__', spec)!r} is not known: write a class that "
            f"derives from framework.losses.Loss, with values(y_true, y_pred) and gradient(y_true, y_pred)"
        )
    return registry.create(spec)


LossSpec = Annotated[str | Mapping[str, Any] | Loss, registry]
