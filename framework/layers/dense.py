"""The fully connected layer."""

from __future__ import annotations

import numpy as np

from .. import initializers
from ..activations import ActivationSpec
from ..arguments import is_whole, require
from ..initializers import InitializerSpec
from ..parameters import Array, Shape
from .activations import activation_layer
from .base import Layer, registry


@registry.register
class Dense(Layer):
    """y = activation(x W + b), on the last axis.

    units: the number of outputs, a positive whole number. kernel_initializer and bias_initializer make
    W (in, units) and b (units,). activation: None for none.

    Shapes: (batch, ..., in) -> (batch, ..., units). Raises ArgumentError for units that are no count,
    UnknownNameError for an activation or an initializer that is not registered.

    >>> Dense(3, kernel_initializer="ones")(np.ones((1, 2)))
    array([[2., 2., 2.]], dtype=float32)
    """

    def __init__(
        self,
        units: int,
        activation: ActivationSpec | None = None,
        use_bias: bool = True,
        kernel_initializer: InitializerSpec = "glorot_uniform",
        bias_initializer: InitializerSpec = "zeros",
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(name, trainable)
        require(is_whole(units, 1), self, "units", units, "a positive whole number")
        for initializer in (kernel_initializer, bias_initializer):
            initializers.get(initializer)  # a wrong one is refused here, not when the layer is built
        self.units = units
        self.activation = activation
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self._activation = None if activation is None else activation_layer(activation)

    def build(self, shape: Shape) -> Shape:
        if not shape:
            raise ValueError(f"layer {self.label!r} (Dense) needs examples with at least one axis, got scalars")
        self.kernel = self.add_parameter("kernel", (shape[-1], self.units), self.kernel_initializer)
        self.bias = self.add_parameter("bias", (self.units,), self.bias_initializer) if self.use_bias else None
        output = (*shape[:-1], self.units)
        if self._activation is not None:
            self._activation.declare(output)
        return output

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x
        y = self.buffer("y", (*x.shape[:-1], self.units), self.dtype)
        np.matmul(x, self.kernel.value, out=y)
        if self.bias is not None:
            y += self.bias.value
        return y if self._activation is None else self._activation.forward(y, training)

    def backward(self, dy: Array) -> Array | None:
        if self._activation is not None:
            dy = self._activation.backward(dy)
        return self._backward_affine(dy)

    def _backward_affine(self, dy: Array) -> Array | None:
        x_rows = self.x.reshape(-1, self.x.shape[-1])
        dy_rows = dy.reshape(-1, self.units)
        np.matmul(x_rows.T, dy_rows, out=self.kernel.grad)
        if self.bias is not None:
            np.add.reduce(dy_rows, axis=0, out=self.bias.grad)
        if not self.needs_dx:
            return None
        return np.matmul(dy, self.kernel.value.T, out=self.buffer("dx", self.x.shape, self.dtype))

    def output_layer(self) -> Layer:
        # A subclass with a forward or backward of its own wants them called, so nothing may skip its activation.
        is_plain = type(self).forward is Dense.forward and type(self).backward is Dense.backward
        return self._activation if self._activation is not None and is_plain else self

    def backward_past_output(self, dy: Array) -> Array | None:
        return self._backward_affine(dy)
