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

    kept_for_backward = ("x", "_known", "_x", "_y", "_y_rows")
    _known: Array | None = None  # the input that all these were made for

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
        if x is not self._known:
            self._follow(x)
        y_rows = self._x.dot(self.kernel.value, out=self._y_rows)  # the quickest of NumPy's products to call
        if self.bias is not None:
            y_rows += self.bias.value
        return self._y

    def _follow(self, x: Array) -> None:
        """Prepares all but the arithmetic, for as long as inputs come in the same array, as they do in training."""
        self.x = x
        self._x, is_view = self._rows(x)
        self._known = x if is_view else None
        self._y = self.buffer("y", (*x.shape[:-1], self.units), self.dtype)
        self._y_rows = self._rows(self._y)[0]
        if len(self._x) == 1:  # a product with a vector is quicker than one with a matrix of one row
            self._x, self._y_rows = self._x[0], self._y_rows[0]

    def affine_backward(self, dy: Array) -> Array | None:
        x_rows, dy_rows = self._rows(self.x)[0], self._rows(dy)[0]
        x_rows.T.dot(dy_rows, out=self.kernel.grad)
        if self.bias is not None:
            ones = self.buffer("ones", (len(dy_rows),), self.dtype, fill=1)
            ones.dot(dy_rows, out=self.bias.grad)  # the sum of the rows, quicker than np.add.reduce
        if not self.needs_dx:
            return None
        dx = self.buffer("dx", self.x.shape, self.dtype)
        dy_rows.dot(self.kernel.value.T, out=self._rows(dx)[0])
        return dx

    def _rows(self, x: Array) -> tuple[Array, bool]:
        """The vectors along the last axis as the rows of one matrix, (batch, ..., in) -> (rows, in); if it is a view."""
        if x.dtype != self.dtype:
            x = x.astype(self.dtype)  # somebody's layer does not keep the type, and the products insist on it
            return x.reshape(-1, x.shape[-1]), False
        if x.ndim == 2:
            return x, True
        rows = x.reshape(-1, x.shape[-1])
        return rows, np.may_share_memory(rows, x)
