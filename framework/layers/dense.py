"""The fully connected layer."""

from __future__ import annotations

import numpy as np

from ..activations import ActivationSpec
from ..arguments import is_whole, require
from ..constraints import ConstraintSpec
from ..initializers import InitializerSpec
from ..parameters import Array, Shape
from ..regularizers import RegularizerSpec
from .affine import AffineLayer
from .base import check_weight_specs, registry


@registry.register
class Dense(AffineLayer):
    """y = activation(x W + b), on the last axis.

    units: the number of outputs, a positive whole number. kernel_initializer and bias_initializer make
    W (in, units) and b (units,); their regularizers are penalties on them, their constraints hold after every
    step. activity_regularizer: a penalty on y, divided by the batch size.

    Shapes: (batch, ..., in) -> (batch, ..., units). Raises ArgumentError for units that are no count,
    UnknownNameError for an activation, an initializer, a regularizer or a constraint that is not registered.

    >>> Dense(3, kernel_initializer="ones")(np.ones((1, 2)))
    array([[2., 2., 2.]], dtype=float32)
    """

    kept_for_backward = ("x",)

    def __init__(
        self,
        units: int,
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
            activation,
            use_bias,
            bias_initializer,
            bias_regularizer,
            activity_regularizer,
            bias_constraint,
            name,
            trainable,
        )
        require(is_whole(units, 1), self, "units", units, "a positive whole number")
        check_weight_specs(kernel_initializer, kernel_regularizer, kernel_constraint)
        self.units = units
        self.kernel_initializer = kernel_initializer
        self.kernel_regularizer = kernel_regularizer
        self.kernel_constraint = kernel_constraint

    def build(self, shape: Shape) -> Shape:
        if not shape:
            raise ValueError(f"layer {self.label!r} (Dense) needs examples with at least one axis, got scalars")
        self.kernel = self.add_parameter(
            "kernel",
            (shape[-1], self.units),
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.add_bias(self.units)
        return self.built_output((*shape[:-1], self.units))

    def affine(self, x: Array) -> Array:
        self.x = x
        y = self.buffer("y", (*x.shape[:-1], self.units), self.dtype)
        np.matmul(x, self.kernel.value, out=y)
        if self.bias is not None:
            y += self.bias.value
        return y

    def affine_backward(self, dy: Array) -> Array | None:
        x_rows = self.x.reshape(-1, self.x.shape[-1])
        dy_rows = dy.reshape(-1, self.units)
        np.matmul(x_rows.T, dy_rows, out=self.kernel.grad)
        if self.bias is not None:
            np.add.reduce(dy_rows, axis=0, out=self.bias.grad)
        if not self.needs_dx:
            return None
        return np.matmul(dy, self.kernel.value.T, out=self.buffer("dx", self.x.shape, self.dtype))
