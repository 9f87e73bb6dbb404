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
from .products import column_pieces, row_pieces


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

    kept_for_backward = (
        *("x", "_known_x", "_y", "_y_rows", "_pieces"),
        *("_known_dy", "_x_transposed", "_dy_rows", "_gradient", "_gradient_pieces", "_ones", "_dx", "_dx_rows"),
    )
    _known_x: Array | None = None
    _known_dy: Array | None = None
    _gradient: Array | None = None

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

    # Arrays come and go in the same buffers step after step. What can be told from an array alone, such as the view
    # of it that a product takes, is therefore found out once, when an array is not the one of last time.

    def affine(self, x: Array) -> Array:
        if x is not self._known_x:
            self._meet_x(x)
        kernel = self.kernel.value
        for x_rows, y_rows in self._pieces:
            x_rows.dot(kernel, out=y_rows)  # the quickest of NumPy's products to call
        if self.bias is not None:
            self._y_rows += self.bias.value
        return self._y

    def affine_backward(self, dy: Array) -> Array | None:
        if dy is not self._known_dy or self._known_x is None or self.kernel.grad is not self._gradient:
            self._meet_dy(dy)
        for dy_columns, gradient in self._gradient_pieces:
            np.matmul(self._x_transposed, dy_columns, out=gradient)
        if self.bias is not None:
            self._ones.dot(self._dy_rows, out=self.bias.grad)  # the sum of the rows, quicker than np.add.reduce
        if not self.needs_dx:
            return None
        self._dy_rows.dot(self.kernel.value.T, out=self._dx_rows)
        return self._dx

    def plan_backward(self, needs_dx: bool) -> None:
        super().plan_backward(needs_dx)
        self._known_dy = None

    def _meet_x(self, x: Array) -> None:
        self.x = x
        x_rows, is_view = self._rows(x)
        single = len(x_rows) == 1  # a product with a vector is quicker than one with a matrix of one row
        if self._known_x is None or x.shape != self._known_x.shape:
            self._y = self.buffer("y", (*x.shape[:-1], self.units), self.dtype)
            self._y_rows = self._rows(self._y)[0][0] if single else self._rows(self._y)[0]
        self._known_x = x if is_view else None
        self._known_dy = None
        if single:
            self._pieces = [(x_rows[0], self._y_rows)]
        else:
            self._pieces = row_pieces(x_rows, self._y_rows)

    def _meet_dy(self, dy: Array) -> None:
        x_rows = self._rows(self.x)[0]
        self._dy_rows, is_view = self._rows(dy)
        self._known_dy = dy if is_view else None
        self._x_transposed, self._gradient = x_rows.T, self.kernel.grad
        self._gradient_pieces = column_pieces(x_rows, self._dy_rows, self._gradient)
        self._ones = self.buffer("ones", (len(self._dy_rows),), self.dtype, fill=1)
        if self.needs_dx:
            self._dx = self.buffer("dx", self.x.shape, self.dtype)
            self._dx_rows = self._rows(self._dx)[0]

    def _rows(self, x: Array) -> tuple[Array, bool]:
        """The vectors along the last axis as rows, (batch, ..., in) -> (rows, in), and whether these are a view."""
        if x.dtype != self.dtype:
            x = x.astype(self.dtype)  # somebody's layer does not keep the type, and the products insist on it
            return x.reshape(-1, x.shape[-1]), False
        if x.ndim == 2:
            return x, True
        rows = x.reshape(-1, x.shape[-1])
        return rows, np.may_share_memory(rows, x)
