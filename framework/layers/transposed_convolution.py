"""The convolution run backwards, which makes images larger."""

from __future__ import annotations

from collections.abc import Sequence

from ..activations import ActivationSpec
from ..arguments import is_whole, require
from ..constraints import ConstraintSpec
from ..initializers import InitializerSpec
from ..parameters import Array, Shape
from ..regularizers import RegularizerSpec
from ..threads import get_threads
from .base import check_weight_specs, registry
from .calls import Stage
from .convolution import SlidingKernel
from .windows import DataFormat, Padding, Windows, check_axes, extent, per_axis


@registry.register
class Conv2DTranspose(SlidingKernel):
    """y = activation(Wᵀ x + b) over images: each pixel times each filter is added up in y, `strides` apart.

    It is what maps gradients of a Conv2D's outputs to those of its inputs. Where windows of Conv2D shrink an image by
    `strides`, this enlarges one. padding: `same` gives size · strides pixels, `valid` as many as the filters reach.
    output_padding: None for what `padding` says, or by how many pixels more than the least ((size - 1) · strides +
    kernel_size for `valid`, (size - 1) · strides + kernel_size % 2 for `same`); less than strides. W is (rows, columns,
    filters, channels). Everything else is as for Conv2D, and as in Keras.

    filters: the number of outputs of a pixel.
    strides: how many times larger the image becomes, a number for both axes or [rows, columns].

    Shapes: (batch, height, width, channels) -> (batch, new height, new width, filters). Raises ArgumentError for
    arguments that are no counts, an unknown padding, an output_padding that is not below strides, or strides together
    with dilation; building raises ValueError when no output would be left.

    >>> import numpy as np
    >>> Conv2DTranspose(1, 2, strides=2, kernel_initializer="ones")(np.array([[[[3.0], [4.0]]]]))[0, :, :, 0]
    array([[3., 3., 4., 4.],
           [3., 3., 4., 4.]], dtype=float32)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: Padding = "valid",
        output_padding: int | Sequence[int] | None = None,
        data_format: DataFormat | None = None,
        dilation_rate: int | Sequence[int] = 1,
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
        self._extra: tuple[int | None, ...] = (None,) * self.axes
        if output_padding is not None:
            self._extra = per_axis(self, "output_padding", output_padding, self.axes, low=0)
            fits = all(extra < stride for extra, stride in zip(self._extra, self._strides, strict=True))
            require(fits, self, "output_padding", output_padding, f"less than strides={strides!r} along each axis")
        self.filters = filters
        self.output_padding = output_padding
        self.kernel_initializer = kernel_initializer
        self.kernel_regularizer = kernel_regularizer
        self.kernel_constraint = kernel_constraint

    def build(self, shape: Shape) -> Shape:
        check_axes(self, shape, self.axes)
        axes = zip(shape[:-1], self._kernel_size, self._strides, self._dilation, self._extra, strict=True)
        windows = [outputs_of(*axis, self.padding) for axis in axes]
        lengths = [w.length for w in windows]
        if min(lengths) < 1:
            raise ValueError(
                f"layer {self.label!r} (Conv2DTranspose) would make images of {' x '.join(map(str, lengths))} of its "
                f"input {shape}; give a larger output_padding, or None"
            )
        self.correlation = self.correlate(windows)
        kernel_shape = (*self._kernel_size, self.filters, shape[-1])
        self.add_kernel(kernel_shape, self.kernel_initializer, self.kernel_regularizer, self.kernel_constraint)
        self.add_bias(self.filters)
        self.affine_shape = (*lengths, self.filters)
        return self.built_output(self.affine_shape)

    def plan_outputs(self, x: Array, y: Array) -> list[Stage]:
        parts = self.correlation.image_gradient(self.matrix(self.kernel.value), x, y, get_threads())
        return [[[*calls, *self.finish(y[:, rows])] for rows, calls in parts]]

    def plan_gradients(self, dy: Array, dx: Array | None) -> list[Stage]:
        # dy are the images here, and x what would be their outputs.
        before = [*self.begin(dy, slice(0, dy.shape[1])), *self.end()]
        outputs = self.correlation.outputs(self.matrix(self.kernel.value), dy, dx)
        sums, total = self.correlation.kernel_gradient(self.memory(self.x), self.matrix(self.kernel.grad))
        parts = [[*calls, *more] for (_, calls), (_, more) in zip(outputs, sums, strict=True)]
        return [[before], parts, [[total]]]


def outputs_of(count: int, size: int, stride: int, dilation: int, extra: int | None, padding: str) -> Windows:
    """The windows on the outputs, one for each of `count` inputs along an axis, as Keras lays them.

    >>> outputs_of(3, size=3, stride=2, dilation=1, extra=None, padding="same")
    Windows(length=6, size=3, stride=2, dilation=1, before=0, count=3)
    """
    span = extent(size, dilation)
    if padding == "valid":
        extra = max(stride - span, 0) if extra is None else extra
        return Windows((count - 1) * stride + span + extra, size, stride, dilation, 0, count)
    if extra is None:
        extra = stride - span % 2
    length = (count - 1) * stride + span % 2 + extra
    # What the filters reach beyond the output is cut off, half of it at the front, rounded down.
    return Windows(length, size, stride, dilation, max(0, span - span % 2 - extra) // 2, count)
