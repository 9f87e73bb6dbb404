"""The convolution that keeps channels apart."""

from __future__ import annotations

from collections.abc import Sequence

from ..activations import ActivationSpec
from ..arguments import is_whole, require
from ..constraints import ConstraintSpec
from ..initializers import InitializerSpec
from ..parameters import Array, Shape
from ..regularizers import RegularizerSpec
from .base import check_weight_specs, registry
from .convolution import SlidingKernel
from .windows import DataFormat, Padding


@registry.register
class DepthwiseConv2D(SlidingKernel):
    """y = activation(W ∗ x + b) over images, each channel with `depth_multiplier` filters of its own.

    Output c · depth_multiplier + m is filter m of channel c. Sizes are a number for both axes, or
    [rows, columns]. padding: `valid` or `same`, as for Conv2D. W is (rows, columns, channels,
    depth_multiplier); its initializer, regularizer and constraint are the `depthwise_` ones. Everything else is as
    for Conv2D, but that strides and dilation go together, as in Keras.

    depth_multiplier: the number of filters of each channel, at least 1.
    depthwise_initializer: makes the first values of W.
    depthwise_regularizer: a penalty on W, added to the loss; None for none.
    depthwise_constraint: what W is brought back to after every step; None for no constraint.

    Shapes: (batch, height, width, channels) -> (batch, new height, new width, channels · depth_multiplier). Raises
    ArgumentError for arguments that are no counts or an unknown padding; building raises ValueError when a window
    is larger than the image.

    >>> import numpy as np
    >>> layer = DepthwiseConv2D(2, depthwise_initializer="ones")
    >>> layer(np.arange(8.0).reshape(1, 2, 2, 2)).ravel()
    array([12., 16.], dtype=float32)
    """

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: Padding = "valid",
        depth_multiplier: int = 1,
        data_format: DataFormat | None = None,
        dilation_rate: int | Sequence[int] = 1,
        activation: ActivationSpec | None = None,
        use_bias: bool = True,
        depthwise_initializer: InitializerSpec = "glorot_uniform",
        bias_initializer: InitializerSpec = "zeros",
        depthwise_regularizer: RegularizerSpec | None = None,
        bias_regularizer: RegularizerSpec | None = None,
        activity_regularizer: RegularizerSpec | None = None,
        depthwise_constraint: ConstraintSpec | None = None,
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
        check_weight_specs(depthwise_initializer, depthwise_regularizer, depthwise_constraint)
        require(is_whole(depth_multiplier, 1), self, "depth_multiplier", depth_multiplier, "a positive whole number")
        self.depth_multiplier = depth_multiplier
        self.depthwise_initializer = depthwise_initializer
        self.depthwise_regularizer = depthwise_regularizer
        self.depthwise_constraint = depthwise_constraint

    def build(self, shape: Shape) -> Shape:
        windows = self.windows(shape)
        channels, filters = shape[-1], shape[-1] * self.depth_multiplier
        self.correlation = self.correlate(windows, groups=channels)
        kernel_shape = (*self._kernel_size, channels, self.depth_multiplier)
        self.add_kernel(kernel_shape, self.depthwise_initializer, self.depthwise_regularizer, self.depthwise_constraint)
        self.add_bias(filters)
        self.affine_shape = (*(w.count for w in windows), filters)
        return self.built_output(self.affine_shape)

    def matrix(self, kernel: Array) -> Array:
        # A group for each channel: a row for each tap, and the filters of all channels side by side.
        return kernel.reshape(-1, kernel.shape[-2] * kernel.shape[-1])
