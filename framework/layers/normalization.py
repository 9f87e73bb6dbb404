"""Layers that give each example, or groups of its channels, mean 0 and variance 1, and the base of all such layers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..arguments import is_number, is_whole, require
from ..constraints import ConstraintSpec
from ..initializers import InitializerSpec
from ..parameters import Array, Parameter, Shape
from ..regularizers import RegularizerSpec
from .base import Layer, check_weight_specs, registry


class NormalizationLayer(Layer):
    """The base of layers y = x̂ · gamma + beta, where x̂ is x with mean 0 and variance 1 in some sense.

    center: whether there is a beta.
    scale: whether there is a gamma.
    epsilon: added to variances, which keeps x̂ small where x hardly varies.

    beta_initializer: makes the first values of beta.
    gamma_initializer: makes the first values of gamma.
    beta_regularizer: a penalty on beta, added to the loss; None for none.
    gamma_regularizer: a penalty on gamma, added to the loss; None for none.
    beta_constraint: what beta is brought back to after every step; None for no constraint.
    gamma_constraint: what gamma is brought back to after every step; None for no constraint.
    """

    axis: int | Sequence[int]
    gamma: Parameter | None
    beta: Parameter | None

    def __init__(
        self,
        axis: int | Sequence[int],
        epsilon: float,
        center: bool,
        scale: bool,
        beta_initializer: InitializerSpec,
        gamma_initializer: InitializerSpec,
        beta_regularizer: RegularizerSpec | None,
        gamma_regularizer: RegularizerSpec | None,
        beta_constraint: ConstraintSpec | None,
        gamma_constraint: ConstraintSpec | None,
        name: str | None,
        trainable: bool,
    ) -> None:
        super().__init__(name, trainable)
        check_epsilon(self, epsilon)
        for argument, flag in (("center", center), ("scale", scale)):
            require(isinstance(flag, bool), self, argument, flag, "True or False")
        check_weight_specs(beta_initializer, beta_regularizer, beta_constraint)
        check_weight_specs(gamma_initializer, gamma_regularizer, gamma_constraint)
        self.axis = axis
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = beta_initializer
        self.gamma_initializer = gamma_initializer
        self.beta_regularizer = beta_regularizer
        self.gamma_regularizer = gamma_regularizer
        self.beta_constraint = beta_constraint
        self.gamma_constraint = gamma_constraint

    def add_gamma_and_beta(self, shape: Shape) -> None:
        """Declares the scale and the offset, as far as the layer has them, in Keras's order."""
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self.add_parameter(
                "gamma",
                shape,
                self.gamma_initializer,
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
            )
        if self.center:
            self.beta = self.add_parameter(
                "beta",
                shape,
                self.beta_initializer,
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
            )

    def lying_like(self, work: Array, dy: Array) -> Array:
        """dy, copied if it lies in memory in another order than `work`: mixing the two is many times slower."""
        if dy.strides == work.strides:
            return dy
        copy = self.buffer_like("dy", work)
        np.copyto(copy, dy)
        return copy


class StandardizingLayer(NormalizationLayer):
    """The base of layers that take mean and variance inside of every example, so that training changes nothing.

    A layer of this kind defines `build`, which ends with `return self.built_groups(...)`.
    """

    kept_for_backward = ("_unit", "_inverse")

    def built_groups(self, shape: Shape, view: Shape, reduced: Sequence[int], weights: Sequence[int]) -> Shape:
        """How to work on examples of this shape.

        view: the shape in which to see an example; of a batch of these, the axes `reduced` are those over
        which mean and variance are taken, the axes `weights` those of gamma and beta.
        """
        sizes = (1, *view)
        self._view = view
        self._reduced = tuple(reduced)
        self._count = max(1, math.prod(sizes[a] for a in reduced))
        self._weights_view = tuple(n if a in weights else 1 for a, n in enumerate(sizes))
        self._shared = tuple(a for a in range(len(sizes)) if a not in weights)
        return shape

    def forward(self, x: Array, training: bool = False) -> Array:
        normalized, y = self.buffer_like("normalized", x), self.buffer_like("y", x)
        view, unit, out = self._seen(x), self._seen(normalized), self._seen(y)
        np.subtract(view, self._mean(view), out=unit)
        np.multiply(unit, unit, out=out)
        inverse = self._mean(out)
        inverse += self.epsilon
        np.sqrt(inverse, out=inverse)
        np.divide(1, inverse, out=inverse)
        unit *= inverse
        self._unit, self._inverse = normalized, inverse
        result = unit
        if self.gamma is not None:
            result = np.multiply(unit, self.gamma.value.reshape(self._weights_view), out=out)
        if self.beta is not None:
            result = np.add(result, self.beta.value.reshape(self._weights_view), out=out)
        return normalized if result is unit else y

    def backward(self, dy: Array) -> Array | None:
        scratch = self.buffer_like("work", self._unit)
        dy = self.lying_like(scratch, dy)
        unit, work, dx = self._seen(self._unit), self._seen(scratch), self._seen(dy)
        np.multiply(dx, unit, out=work)
        if self.beta is not None:
            self.beta.grad[...] = sum_over(self, dx, self._shared).reshape(self.beta.shape)
        if self.gamma is not None:
            self.gamma.grad[...] = sum_over(self, work, self._shared).reshape(self.gamma.shape)
            gamma = self.gamma.value.reshape(self._weights_view)
            dx *= gamma
            work *= gamma
        if not self.needs_dx:
            return None
        # What the mean and the variance take back: the part of the gradient along 1 and along x̂.
        np.multiply(unit, self._mean(work), out=work)
        dx -= self._mean(dx)
        dx -= work
        dx *= self._inverse
        return dy

    def _seen(self, x: Array) -> Array:
        return x.reshape(len(x), *self._view)  # splits an axis at most, so it is always a view

    def _mean(self, x: Array) -> Array:
        mean = sum_over(self, x, self._reduced, keepdims=True)
        mean /= self._count
        return mean


@registry.register
class LayerNormalization(StandardizingLayer):
    """y = (x - mean) / √(variance + epsilon) · gamma + beta, with mean and variance of each example along `axis`.

    axis: one or several, counted in a batch, whose own axis 0 stays out of it; gamma and beta have the sizes of
    these axes, in their order. Weights: gamma, beta.

    Shapes: (batch, ...) -> the same. Raises ArgumentError for arguments that make no sense, UnknownNameError for
    initializers, regularizers and constraints that are not registered; building raises ValueError when the
    examples have no such axis. Source: Ba et al. 2016.

    >>> LayerNormalization()([[0.0, 10.0], [5.0, 5.0]]).round(3)
    array([[-1.,  1.],
           [ 0.,  0.]], dtype=float32)
    """

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: InitializerSpec = "zeros",
        gamma_initializer: InitializerSpec = "ones",
        beta_regularizer: RegularizerSpec | None = None,
        gamma_regularizer: RegularizerSpec | None = None,
        beta_constraint: ConstraintSpec | None = None,
        gamma_constraint: ConstraintSpec | None = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(
            axis,
            epsilon,
            center,
            scale,
            beta_initializer,
            gamma_initializer,
            beta_regularizer,
            gamma_regularizer,
            beta_constraint,
            gamma_constraint,
            name,
            trainable,
        )
        check_axis(self, axis)

    def build(self, shape: Shape) -> Shape:
        axes = axes_of(self, self.axis, shape)
        self.add_gamma_and_beta(tuple(shape[a - 1] for a in axes))
        return self.built_groups(shape, view=shape, reduced=axes, weights=axes)


@registry.register
class GroupNormalization(StandardizingLayer):
    """y = (x - mean) / √(variance + epsilon) · gamma + beta, with mean and variance of groups of channels.

    Each example is standardized group by group, over the channels of a group and all other axes; gamma and beta
    have one number a channel. groups: how many, which must divide the channels; -1 for one a channel (instance
    normalization). axis: that of the channels, counted in a batch. Weights: gamma, beta.

    Shapes: (batch, ..., channels) -> the same. Raises ArgumentError for arguments that make no sense,
    UnknownNameError for initializers, regularizers and constraints that are not registered; building raises
    ValueError when the examples have no such axis, or channels that the groups do not divide.
    Source: Wu & He 2018; epsilon as in Keras.

    >>> GroupNormalization(groups=2)([[0.0, 10.0, 7.0, 7.0]]).round(3)
    array([[-1.,  1.,  0.,  0.]], dtype=float32)
    """

    axis: int

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: InitializerSpec = "zeros",
        gamma_initializer: InitializerSpec = "ones",
        beta_regularizer: RegularizerSpec | None = None,
        gamma_regularizer: RegularizerSpec | None = None,
        beta_constraint: ConstraintSpec | None = None,
        gamma_constraint: ConstraintSpec | None = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(
            axis,
            epsilon,
            center,
            scale,
            beta_initializer,
            gamma_initializer,
            beta_regularizer,
            gamma_regularizer,
            beta_constraint,
            gamma_constraint,
            name,
            trainable,
        )
        fits = is_whole(groups, 1) or (is_whole(groups) and groups == -1)
        require(fits, self, "groups", groups, "a positive whole number, or -1 for one a channel")
        check_axis(self, axis, several=False)
        self.groups = groups

    def build(self, shape: Shape) -> Shape:
        (axis,) = axes_of(self, self.axis, shape)
        channels = shape[axis - 1]
        groups = channels if self.groups == -1 else self.groups
        if channels % groups != 0:
            raise ValueError(
                f"layer {self.label!r} (GroupNormalization) cannot divide {channels} channels into groups={groups}; "
                f"take a number that divides them, or -1 for one group a channel"
            )
        self.add_gamma_and_beta((channels,))
        view = (*shape[: axis - 1], groups, channels // groups, *shape[axis:])
        reduced = [a for a in range(1, 1 + len(view)) if a != axis]
        return self.built_groups(shape, view, reduced, weights=(axis, axis + 1))


def check_epsilon(layer: Layer, epsilon: object) -> None:
    """Raises ArgumentError unless it is a number that can be added to a variance."""
    require(is_number(epsilon, 0) and epsilon != math.inf, layer, "epsilon", epsilon, "a number of at least 0")


def check_axis(layer: Layer, axis: Any, several: bool = True) -> None:
    """Raises ArgumentError for what names no axis, and for axis 0, which is that of the batch."""
    listed = several and isinstance(axis, Sequence) and not isinstance(axis, str) and len(axis) > 0
    fits = all(is_whole(a) and a != 0 for a in (axis if listed else [axis]))
    rule = "an axis of a batch (1 or more, or counted from the end: -1 or less)"
    require(fits, layer, "axis", axis, f"{rule}, or a list of such axes" if several else rule)


def axes_of(layer: Layer, axis: int | Sequence[int], shape: Shape) -> tuple[int, ...]:
    """These axes of a batch of examples of this shape, counted from its front, in order.

    Raises ValueError when there is no such axis, when it is that of the batch, or when it is named twice.
    """
    count = 1 + len(shape)
    axes = sorted(a + count if a < 0 else a for a in ([axis] if isinstance(axis, int | np.integer) else axis))
    if axes[0] < 1 or axes[-1] >= count or len(set(axes)) < len(axes):
        has = "one" if count == 2 else f"{count - 1}, 1 to {count - 1}" if count > 2 else "none"
        raise ValueError(
            f"layer {layer.label!r} ({type(layer).__name__}) has axis={axis}: each must be another axis of the "
            f"examples, of which those of shape {shape} have {has}"
        )
    return tuple(int(a) for a in axes)


def sum_over(layer: Layer, x: Array, axes: tuple[int, ...], keepdims: bool = False) -> Array:
    """The sums of x over these axes, which ascend, in the way that is quickest for how x lies in memory."""
    if not x.flags.c_contiguous:
        return np.asarray(x.sum(axis=axes, keepdims=keepdims))
    count = math.prod(x.shape[a] for a in axes)
    ones = layer.buffer("ones", (count,), x.dtype)
    ones.fill(1)
    kept = tuple(n for a, n in enumerate(x.shape) if a not in axes)
    # A product with ones is several times quicker than adding up, and more exact.
    if axes == tuple(range(len(axes))):
        sums = ones @ x.reshape(count, math.prod(kept))
    elif axes == tuple(range(x.ndim - len(axes), x.ndim)):
        sums = x.reshape(math.prod(kept), count) @ ones
    else:
        sums = x
        for axis in axes:
            sums = np.add.reduce(sums, axis=axis, keepdims=True)
    return sums.reshape([1 if a in axes else n for a, n in enumerate(x.shape)] if keepdims else kept)
