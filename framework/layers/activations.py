"""Activation functions as layers."""

from __future__ import annotations

from .. import activations
from ..activations import ActivationSpec
from ..parameters import Array, Shape
from .base import Layer, registry


class ActivationLayer(Layer):
    """The base of layers that apply one function of the activations registry to every example.

    Shapes: (batch, ...) -> the same.
    """

    function: activations.Activation

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x
        self.y = self.function(x, self.buffer("y", x.shape, x.dtype))
        return self.y

    def backward(self, dy: Array) -> Array:
        return self.function.backward(dy, self.x, self.y)


@registry.register
class Activation(Layer):
    """Any activation, by name: y = f(x).

    Shapes: (batch, ...) -> the same. Raises UnknownNameError for a name that is not registered.

    >>> Activation("relu")([[-1.0, 2.0]])
    array([[0., 2.]], dtype=float32)
    """

    def __init__(self, activation: ActivationSpec, name: str | None = None, trainable: bool = True) -> None:
        super().__init__(name, trainable)
        self.activation = activation
        self._layer = activation_layer(activation)

    def build(self, shape: Shape) -> Shape:
        return self._layer.build(shape)

    def forward(self, x: Array, training: bool = False) -> Array:
        return self._layer.forward(x, training)

    def backward(self, dy: Array) -> Array | None:
        return self._layer.backward(dy)

    def output_layer(self) -> Layer:
        # A loss that absorbs a Softmax absorbs an Activation("softmax") as well.
        return self._layer


@registry.register
class ReLU(ActivationLayer):
    """y = x where x > threshold, otherwise negative_slope · (x - threshold); at most max_value.

    Shapes: (batch, ...) -> the same. Raises ArgumentError for arguments that are negative or no numbers.

    >>> ReLU()([[-1.0, 2.0]])
    array([[0., 2.]], dtype=float32)
    """

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(name, trainable)
        self.max_value = max_value
        self.negative_slope = negative_slope
        self.threshold = threshold
        self.function = activations.Relu(negative_slope, max_value, threshold)


@registry.register
class LeakyReLU(ActivationLayer):
    """y = x where x > 0, otherwise negative_slope · x; the layer's slope is 0.3, the function's 0.2, as in Keras.

    Shapes: (batch, ...) -> the same. Raises ArgumentError for a slope that is negative or no number.

    >>> LeakyReLU()([[-1.0, 2.0]])
    array([[-0.3,  2. ]], dtype=float32)
    """

    def __init__(self, negative_slope: float = 0.3, name: str | None = None, trainable: bool = True) -> None:
        super().__init__(name, trainable)
        self.negative_slope = negative_slope
        self.function = activations.LeakyRelu(negative_slope)


@registry.register
class Sigmoid(ActivationLayer):
    """y = 1 / (1 + exp(-x)).

    Shapes: (batch, ...) -> the same.

    >>> Sigmoid()([[0.0]])
    array([[0.5]], dtype=float32)
    """

    def __init__(self, name: str | None = None, trainable: bool = True) -> None:
        super().__init__(name, trainable)
        self.function = activations.Sigmoid()


@registry.register
class Tanh(ActivationLayer):
    """y = tanh(x).

    Shapes: (batch, ...) -> the same.

    >>> Tanh()([[0.0]])
    array([[0.]], dtype=float32)
    """

    def __init__(self, name: str | None = None, trainable: bool = True) -> None:
        super().__init__(name, trainable)
        self.function = activations.Tanh()


@registry.register
class Softmax(ActivationLayer):
    """y_i = exp(x_i) / Σ_j exp(x_j) along `axis` (of the batch, so -1 is the last axis of an example).

    Shapes: (batch, ..., classes) -> the same. Raises ArgumentError for an axis that is no whole number;
    building raises ValueError when the examples have no such axis.

    >>> Softmax()([[0.0, 0.0]])
    array([[0.5, 0.5]], dtype=float32)
    """

    def __init__(self, axis: int = -1, name: str | None = None, trainable: bool = True) -> None:
        super().__init__(name, trainable)
        self.axis = axis
        self.function = activations.Softmax(axis)

    def build(self, shape: Shape) -> Shape:
        axes = 1 + len(shape)
        if not -axes <= self.axis < axes:
            raise ValueError(
                f"layer {self.label!r} (Softmax) has axis={self.axis}, a batch of examples of shape {shape} "
                f"has the axes 0 to {axes - 1}"
            )
        return shape


_LAYERS: dict[type[activations.Activation], type[ActivationLayer]] = {
    activations.Softmax: Softmax,
    activations.Sigmoid: Sigmoid,
}


def activation_layer(activation: ActivationSpec) -> ActivationLayer:
    """The layer for an activation: those that losses can absorb as their own class, any other as a plain one."""
    function = activations.get(activation)
    cls = _LAYERS.get(type(function))
    if cls is not None:
        return cls.from_config(function.get_config())
    layer = ActivationLayer()
    layer.function = function
    return layer
