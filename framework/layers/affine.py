"""What layers of the form y = activation(W ∘ x + b) have in common: dense ones and convolutions."""

from __future__ import annotations

from typing import ClassVar

from .. import regularizers
from ..activations import ActivationSpec
from ..constraints import ConstraintSpec
from ..initializers import InitializerSpec
from ..parameters import Array, Parameter, Shape
from ..regularizers import Regularizer, RegularizerSpec
from .activations import activation_layer
from .base import Layer, check_weight_specs


class AffineLayer(Layer):
    """The base of layers with a kernel, a bias and an activation.

    A layer of this kind defines `build`, which ends with `return self.built_output(shape)`, and two methods:

    - `affine(x)`: W ∘ x + b;
    - `affine_backward(dy)`: writes the gradients of W and b, returns dx, or None where nobody needs it.

    activity_regularizer: a penalty on the outputs, divided by the number of examples, as in Keras.

    activation: applied to W ∘ x + b; None for none.
    use_bias: whether there is a bias b.
    kernel_initializer: makes the first values of the kernel W.
    bias_initializer: makes the first values of the bias.
    kernel_regularizer: a penalty on the kernel, added to the loss; None for none.
    bias_regularizer: a penalty on the bias, added to the loss; None for none.
    kernel_constraint: what the kernel is brought back to after every step; None for no constraint.
    bias_constraint: what the bias is brought back to after every step; None for no constraint.
    """

    kept_for_backward: ClassVar[tuple[str, ...]] = ("y",)
    bias: Parameter | None

    def __init__(
        self,
        activation: ActivationSpec | None,
        use_bias: bool,
        bias_initializer: InitializerSpec,
        bias_regularizer: RegularizerSpec | None,
        activity_regularizer: RegularizerSpec | None,
        bias_constraint: ConstraintSpec | None,
        name: str | None,
        trainable: bool,
    ) -> None:
        super().__init__(name, trainable)
        check_weight_specs(bias_initializer, bias_regularizer, bias_constraint)
        self.activation = activation
        self.use_bias = use_bias
        self.bias_initializer = bias_initializer
        self.bias_regularizer = bias_regularizer
        self.activity_regularizer = activity_regularizer
        self.bias_constraint = bias_constraint
        self._activation = None if activation is None else activation_layer(activation)
        self._penalty: Regularizer | None = regularizers.get(activity_regularizer)

    def affine(self, x: Array) -> Array:
        """W ∘ x + b."""
        raise NotImplementedError(f"{type(self).__name__} must define affine(x)")

    def affine_backward(self, dy: Array) -> Array | None:
        """The gradients of the parameters, written, and dx, returned."""
        raise NotImplementedError(f"{type(self).__name__} must define affine_backward(dy)")

    def add_bias(self, size: int) -> None:
        """Declares the bias, unless the layer has none."""
        self.bias = None
        if self.use_bias:
            self.bias = self.add_parameter(
                "bias",
                (size,),
                self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def built_output(self, shape: Shape) -> Shape:
        """The shape of the layer's outputs, given that of W ∘ x + b: the activation has the last word."""
        return shape if self._activation is None else self._activation.build(shape)

    def forward(self, x: Array, training: bool = False) -> Array:
        y = self.affine(x)
        if self._activation is not None:
            y = self._activation.forward(y, training)
        if self._penalty is not None:
            self.y = y
            self.added_loss = self._penalty(y) / max(1, len(y))
        return y

    def backward(self, dy: Array) -> Array | None:
        if self._penalty is not None:
            self._penalty.add_gradient(self.y, dy, 1 / max(1, len(dy)))
        if self._activation is not None:
            dy = self._activation.backward(dy)
        return self.affine_backward(dy)

    def output_layer(self) -> Layer:
        # A subclass with a forward or backward of its own wants them called, so nothing may skip its activation;
        # nor may anything skip a penalty on the output.
        is_plain = type(self).forward is AffineLayer.forward and type(self).backward is AffineLayer.backward
        return self._activation if self._activation is not None and is_plain and self._penalty is None else self

    def backward_past_output(self, dy: Array) -> Array | None:
        return self.affine_backward(dy)
