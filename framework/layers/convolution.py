"""Convolutions of sequences and images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal

import numpy as np

from .. import activations
from ..activations import ActivationSpec, Relu
from ..arguments import is_whole, require
from ..buffers import NO_ARRAY
from ..constraints import ConstraintSpec
from ..initializers import InitializerSpec
from ..parameters import Array, Parameter, Shape
from ..regularizers import RegularizerSpec
from ..threads import get_threads, hold_blas
from .affine import AffineLayer
from .base import check_weight_specs, registry
from .calls import Call, Stage, same, work_through
from .spread_correlation import SpreadCorrelation
from .windows import DataFormat, Padding, Windows, check_axes, check_data_format, check_padding, per_axis, windows_of

ONE_ROW = Windows.along(1, size=1)


class SlidingKernel(AffineLayer):
    """The base of layers whose kernel slides over images or sequences.

    A layer of this kind says with `axes` how many axes the kernel slides along; its `build` sets `correlation`
    and `affine_shape`, the shape of W ∘ x + b, and declares kernel and bias. What it computes lies in memory with
    the batch running fastest (see `Buffered.batch_last`): elementwise layers keep that layout, so a stack of
    convolutions rearranges nothing but its first input.

    kernel_size: the size of a window, at least 1: a number for all axes, or one for each, as [rows, columns].
    strides: how far from window to window, at least 1: a number for all axes, or one for each.
    dilation_rate: how far from tap to tap in a window, at least 1: a number for all axes, or one for each.
    data_format: only "channels_last", which None stands for.
    """

    axes: ClassVar[int] = 2
    paddings: ClassVar[tuple[str, ...]] = ("valid", "same")
    kept_for_backward = ("x", "_y", "_dy", "_dx", "_known", "_known_dy", "_forward", "_backward")
    correlation: SpreadCorrelation
    affine_shape: Shape
    kernel: Parameter
    x: Array = NO_ARRAY
    _dy: Array = NO_ARRAY
    _known: tuple[Any, ...] = ()
    _known_dy: tuple[Any, ...] = ()

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int],
        padding: str,
        data_format: str | None,
        dilation_rate: int | Sequence[int],
        activation: ActivationSpec | None,
        use_bias: bool,
        bias_initializer: InitializerSpec,
        bias_regularizer: RegularizerSpec | None,
        activity_regularizer: RegularizerSpec | None,
        bias_constraint: ConstraintSpec | None,
        name: str | None,
        trainable: bool,
    ) -> None:
        super().__init__(
            activation,
            use_bias,
            bias_initializer,
            bias_regularizer,
            activity_regularizer,
            bias_constraint,
            name,
            trainable,
        )
        # The plain rectifier, which most convolutions have, is applied in the parts that threads share.
        self._rectifies = activation is not None and _is_plain_relu(activations.get(activation))
        if self._rectifies:
            self._activation = None
        self._kernel_size = per_axis(self, "kernel_size", kernel_size, self.axes)
        self._strides = per_axis(self, "strides", strides, self.axes)
        self._dilation = per_axis(self, "dilation_rate", dilation_rate, self.axes)
        check_padding(self, padding, self.paddings)
        check_data_format(self, data_format)
        self.kernel_size = kernel_size
        self.strides = strides
        self.padding = padding
        self.data_format = data_format
        self.dilation_rate = dilation_rate

    def refuse_strides_with_dilation(self) -> None:
        """Raises ArgumentError where both are more than 1, as Keras does for all but the depthwise convolution."""
        fits = max(self._strides) == 1 or max(self._dilation) == 1
        require(fits, self, "dilation_rate", self.dilation_rate, f"1 with strides={self.strides!r}, as in Keras")

    def correlate(self, windows: Sequence[Windows], groups: int = 1) -> SpreadCorrelation:
        """The products of a kernel with these windows, one for each of its axes; a sequence is an image of one row."""
        rows, columns = windows if self.axes == 2 else (ONE_ROW, *windows)
        return SpreadCorrelation(rows, columns, groups)

    def memory(self, x: Array) -> Array:
        """The view (channels, height, width, batch) of an array that is batch-last in memory."""
        return x.swapaxes(0, -1) if self.axes == 2 else x.swapaxes(0, -1)[:, None]

    def matrix(self, kernel: Array) -> Array:
        """The view (taps · channels, filters) of the kernel or its gradient."""
        return kernel.reshape(-1, kernel.shape[-1])

    def windows(self, shape: Shape) -> list[Windows]:
        """The windows along each axis of examples of this shape; ValueError where there are none."""
        check_axes(self, shape, self.axes)
        strides, dilation = self._strides, self._dilation
        return windows_of(self, "kernel_size", shape, self._kernel_size, strides, dilation, self.padding)

    def add_kernel(
        self,
        shape: Shape,
        initializer: InitializerSpec,
        regularizer: RegularizerSpec | None,
        constraint: ConstraintSpec | None,
    ) -> None:
        """Declares the kernel."""
        self.kernel = self.add_parameter("kernel", shape, initializer, regularizer=regularizer, constraint=constraint)

    # What there is to compute is written down where arrays are not those of last time, and then only done.

    def affine(self, x: Array) -> Array:
        self.x = x = self.settled("x", self.to_batch_last("x", x), self.x)
        known = (x, self.kernel.value, get_threads())
        if not same(known, self._known):
            hold_blas()
            self._known = self._known_dy = ()
            self._y = self.batch_last("y", (len(x), *self.affine_shape), self.dtype)
            self._forward = self.plan_outputs(self.memory(x), self.memory(self._y))
            self._known = known
        work_through(self._forward)
        return self._y

    def affine_backward(self, dy: Array) -> Array | None:
        self._dy = dy = self.settled("dy", self.to_batch_last("dy", dy), self._dy)
        known = (dy, self.needs_dx)
        if not same(known, self._known_dy):
            self._known_dy = ()
            self._dx = self.batch_last("dx", self.x.shape, self.dtype) if self.needs_dx else None
            self._backward = self.plan_gradients(self.memory(dy), None if self._dx is None else self.memory(self._dx))
            self._known_dy = known
        work_through(self._backward)
        return self._dx

    def plan_outputs(self, x: Array, y: Array) -> list[Stage]:
        """What is to be done to compute y from x, as `memory` shows them."""
        parts = self.correlation.outputs(self.matrix(self.kernel.value), x, y)
        return [[[*calls, *self.finish(y[:, rows])] for rows, calls in parts]]

    def plan_gradients(self, dy: Array, dx: Array | None) -> list[Stage]:
        """What is to be done to compute the gradients of kernel and bias, and dx if it is wanted, from dy."""
        gradient = self.matrix(self.kernel.grad)
        if dx is None:
            parts, total = self.correlation.kernel_gradient(dy, gradient)
            return [[[*self.begin(dy, rows), *calls] for rows, calls in parts], [[total, *self.end()]]]
        before = [list(self.begin(dy, rows)) for rows in self.correlation.cuts]
        both, total = self.correlation.gradients(self.matrix(self.kernel.value), dy, gradient, dx)
        return [before, both, [[total, *self.end()]]]

    def finish(self, y: Array) -> Iterator[Call[Array]]:
        """Adds the bias to some rows of W ∘ x, and rectifies them."""
        if self.bias is not None:
            yield Call(np.add, y, self.bias.value[:, None, None, None], out=y)
        if self._rectifies:
            yield Call(np.clip, y, 0, np.inf, out=y)  # a third of the time of np.maximum(y, 0)

    def begin(self, dy: Array, rows: slice) -> Iterator[Call[Array]]:
        """Takes some rows of dy back through the rectifier, and adds up each of them for the bias."""
        y, own = self.memory(self._y)[:, rows], dy[:, rows]
        if self._rectifies:
            mask = self.memory(self.batch_last("mask", self._y.shape, np.bool_))[:, rows]
            yield Call(np.greater, y, 0, out=mask)
            yield Call(np.multiply, own, mask, out=own)
        if self.bias is not None:
            lines = own.reshape(*own.shape[:2], -1)
            ones = self.buffer("ones", lines.shape[-1:], self.dtype)
            ones[...] = 1
            yield Call(np.vecdot, lines, ones, out=self._row_sums(dy.shape[1])[:, rows])

    def end(self) -> Iterator[Call[Array]]:
        """Writes the gradient of the bias."""
        if self.bias is not None:
            yield Call(np.add.reduce, self._row_sums(self.memory(self._y).shape[1]), axis=1, out=self.bias.grad)

    def _row_sums(self, rows: int) -> Array:
        return self.buffer("row sums", (self.affine_shape[-1], rows), self.dtype)


def _is_plain_relu(function: activations.Activation) -> bool:
    return type(function) is Relu and function.get_config() == Relu().get_config()


class Convolution(SlidingKernel):
    """The base of Conv1D and Conv2D, which differ in the number of axes alone."""

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: Literal["valid", "same", "causal"] = "valid",
        data_format: DataFormat | None = None,
        dilation_rate: int | Sequence[int] = 1,
        groups: int = 1,
        activation: ActivationSpec | None = None,
        use_bias: bool = True,
        kernel_initializer: InitializerSpec = "glorot_uniform",
        bias_initializer: InitializerSpec = "zeros",
        kernel_regularizer: RegularizerSpec | None = None,
        bias_regularizer: RegularizerSpec | None = None,
        activity_regularizer: RegularizerSpec | None = None,
        kernel_constraint: ConstraintSpec | None = None,
        bias_constraint: ConstraintSpec | None = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            activation,
            use_bias,
            bias_initializer,
            bias_regularizer,
            activity_regularizer,
            bias_constraint,
            name,
            trainable,
        )
        self.refuse_strides_with_dilation()
        check_weight_specs(kernel_initializer, kernel_regularizer, kernel_constraint)
        require(is_whole(filters, 1), self, "filters", filters, "a positive whole number")
        require(is_whole(groups, 1), self, "groups", groups, "a positive whole number")
        require(filters % groups == 0, self, "groups", groups, f"a divisor of filters={filters}")
        self.filters = filters
        self.groups = groups
        self.kernel_initializer = kernel_initializer
        self.kernel_regularizer = kernel_regularizer
        self.kernel_constraint = kernel_constraint

    def build(self, shape: Shape) -> Shape:
        windows = self.windows(shape)
        if shape[-1] % self.groups:
            raise ValueError(
                f"layer {self.label!r} ({type(self).__name__}) splits channels into groups={self.groups}, "
                f"which does not divide the {shape[-1]} channels of its input {shape}"
            )
        self.correlation = self.correlate(windows, self.groups)
        kernel_shape = (*self._kernel_size, shape[-1] // self.groups, self.filters)
        self.add_kernel(kernel_shape, self.kernel_initializer, self.kernel_regularizer, self.kernel_constraint)
        self.add_bias(self.filters)
        self.affine_shape = (*(w.count for w in windows), self.filters)
        return self.built_output(self.affine_shape)


@registry.register
class Conv1D(Convolution):
    """y = activation(W ∗ x + b) along sequences: what each window of `kernel_size` steps holds, times each filter.

    filters: the number of outputs of a step. kernel_size: the steps of a window. strides: how far from window
    to window. padding: `valid` (none), `same` (zeros around: as many steps as before, divided by the stride) or
    `causal` (all zeros before: no output knows later steps). dilation_rate: how far from tap to tap in a window;
    not together with strides. groups: channels and filters are split into so many independent convolutions.
    W is (kernel_size, channels / groups, filters), b (filters,). Initializers, regularizers, constraints and
    activation are those of Dense. Axes and padding are as in Keras; the channels come last.

    Shapes: (batch, steps, channels) -> (batch, new steps, filters). Raises ArgumentError for arguments that are
    no counts, an unknown padding or groups that do not divide the filters; building raises ValueError when a
    window is longer than the sequence, or the groups do not divide the channels.

    >>> Conv1D(1, 2, kernel_initializer="ones")([[[1.0], [2.0], [4.0]]])[0, :, 0]
    array([3., 6.], dtype=float32)
    """

    axes = 1
    paddings = ("valid", "same", "causal")


@registry.register
class Conv2D(Convolution):
    """y = activation(W ∗ x + b) over images: what each window of `kernel_size` holds, times each filter.

    filters: the number of outputs of a pixel. kernel_size: the size of a window, a number for both axes or [rows,
    columns]. strides: how far from window to window, a number or [down, right]. dilation_rate: how far from tap to tap
    in a window, a number or [down, right]; not together with strides. padding: `valid` (none) or `same` (zeros around:
    as many pixels as before, divided by the stride). groups: channels and filters are split into so many independent
    convolutions. W is (rows, columns, channels / groups, filters), b (filters,). Initializers, regularizers,
    constraints and activation are those of Dense. Axes and padding are as in Keras; the channels come last.

    Shapes: (batch, height, width, channels) -> (batch, new height, new width, filters). Raises ArgumentError for
    arguments that are no counts, an unknown padding or groups that do not divide the filters; building raises
    ValueError when a window is larger than the image, or the groups do not divide the channels.

    >>> Conv2D(1, 2, kernel_initializer="ones")(np.arange(6.0).reshape(1, 2, 3, 1)).ravel()
    array([ 8., 12.], dtype=float32)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: Padding = "valid",
        data_format: DataFormat | None = None,
        dilation_rate: int | Sequence[int] = 1,
        groups: int = 1,
        activation: ActivationSpec | None = None,
        use_bias: bool = True,
        kernel_initializer: InitializerSpec = "glorot_uniform",
        bias_initializer: InitializerSpec = "zeros",
        kernel_regularizer: RegularizerSpec | None = None,
        bias_regularizer: RegularizerSpec | None = None,
        activity_regularizer: RegularizerSpec | None = None,
        kernel_constraint: ConstraintSpec | None = None,
        bias_constraint: ConstraintSpec | None = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(
            filters,
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            groups,
            activation,
            use_bias,
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            activity_regularizer,
            kernel_constraint,
            bias_constraint,
            name,
            trainable,
        )
