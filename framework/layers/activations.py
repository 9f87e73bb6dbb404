"""Activation functions as layers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .. import activations
from ..activations import ActivationSpec
from ..arguments import is_whole, require
from ..constraints import ConstraintSpec
from ..initializers import InitializerSpec
from ..parameters import Array, Shape
from ..regularizers import RegularizerSpec
from .base import Layer, check_weight_specs, registry


class ActivationLayer(Layer):
    """The base of layers that apply one function of the activations registry to every example.

    Shapes: (batch, ...) -> the same, or what the function makes of it.
    """

    kept_for_backward = ("x", "y")
    function: activations.Activation
    x: Array | None = None  # the last input, which losses look at, and by which it knows whether y still fits
    y: Array
    _output: Shape | None = None  # the shape of an example's output, where it is not that of its input

    def build(self, shape: Shape) -> Shape:
        try:
            output = self.function.output_shape(shape)
        except ValueError as error:
            raise ValueError(f"layer {self.label!r}: {error}") from None
        self._output = None if output == shape else output
        return output

    def forward(self, x: Array, training: bool = False) -> Array:
        if x is not self.x:  # while it is the same array, so is y
            self.x, shape = x, self._output
            self.y = self.buffer_like("y", x) if shape is None else self.buffer("y", (len(x), *shape), x.dtype)
        return self.function(x, self.y)

    def backward(self, dy: Array) -> Array:
        assert self.x is not None
        return self.function.backward(dy, self.x, self.y)


@registry.register
class Activation(Layer):
    """Any activation, by name: y = f(x).

    activation: its name, or a spec with its arguments, such as {leaky_relu: 0.1}.

    Shapes: (batch, ...) -> the same, except that glu halves an axis. Raises UnknownNameError for a name that is
    not registered; building raises ValueError for examples that the function cannot take.

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

    max_value: the largest output, at least 0; None for no limit.
    negative_slope: of the line where x <= threshold, at least 0.
    threshold: up to which x is cut off, at least 0.

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

    negative_slope: of the line where x <= 0, at least 0.

    Shapes: (batch, ...) -> the same. Raises ArgumentError for a slope that is negative or no number.

    >>> LeakyReLU()([[-1.0, 2.0]])
    array([[-0.3,  2. ]], dtype=float32)
    """

    def __init__(self, negative_slope: float = 0.3, name: str | None = None, trainable: bool = True) -> None:
        super().__init__(name, trainable)
        self.negative_slope = negative_slope
        self.function = activations.LeakyRelu(negative_slope)


@registry.register
class ELU(ActivationLayer):
    """y = x where x > 0, otherwise alpha · (exp(x) - 1) (Clevert et al. 2016).

    alpha: how far below 0 the outputs may go: y is above -alpha.

    Shapes: (batch, ...) -> the same. Raises ArgumentError for an alpha that is no number.

    >>> ELU()([[-1.0, 2.0]]).round(4)
    array([[-0.6321,  2.    ]], dtype=float32)
    """

    def __init__(self, alpha: float = 1.0, name: str | None = None, trainable: bool = True) -> None:
        super().__init__(name, trainable)
        self.alpha = alpha
        self.function = activations.Elu(alpha)


@registry.register(name="prelu")
class PReLU(Layer):
    """y = x where x > 0, otherwise alpha · x, with an alpha that is learnt (He et al. 2015).

    alpha: (...), one number for each of an example's, made by alpha_initializer. shared_axes: the axes, 1 being
    the first of an example, along which all share one; [1, 2] leaves one per channel of an image.

    alpha_initializer: makes the first values of alpha.
    alpha_regularizer: a penalty on alpha, added to the loss; None for none.
    alpha_constraint: what alpha is brought back to after every step; None for no constraint.

    Shapes: (batch, ...) -> the same. Raises ArgumentError for axes that are not 1 or more, UnknownNameError for
    an initializer, a regularizer or a constraint that is not registered; building raises ValueError when the
    examples have no such axis.

    >>> PReLU({"constant": 0.25})([[-1.0, 2.0]])
    array([[-0.25,  2.  ]], dtype=float32)
    """

    kept_for_backward = ("x",)

    def __init__(
        self,
        alpha_initializer: InitializerSpec = "Zeros",
        alpha_regularizer: RegularizerSpec | None = None,
        alpha_constraint: ConstraintSpec | None = None,
        shared_axes: int | Sequence[int] | None = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(name, trainable)
        check_weight_specs(alpha_initializer, alpha_regularizer, alpha_constraint)
        axes = [] if shared_axes is None else shared_axes if isinstance(shared_axes, Sequence) else [shared_axes]
        fit = all(is_whole(axis, 1) for axis in axes) and len(set(axes)) == len(axes)
        require(
            fit, self, "shared_axes", shared_axes, "a whole number of at least 1, a list of different ones, or None"
        )
        self.alpha_initializer = alpha_initializer
        self.alpha_regularizer = alpha_regularizer
        self.alpha_constraint = alpha_constraint
        self.shared_axes = shared_axes
        self._axes = tuple(axes)

    def build(self, shape: Shape) -> Shape:
        if any(axis > len(shape) for axis in self._axes):
            raise ValueError(
                f"layer {self.label!r} (PReLU) has shared_axes={self.shared_axes}, a batch of examples of shape "
                f"{shape} has the axes 1 to {len(shape)} beside its first"
            )
        sizes = [1 if axis in self._axes else size for axis, size in enumerate(shape, 1)]
        self.alpha = self.add_parameter(
            "alpha",
            sizes,
            self.alpha_initializer,
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
        )
        return shape

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x
        y = np.minimum(x, 0, out=self.buffer_like("y", x))
        y *= self.alpha.value
        y += np.maximum(x, 0, out=self.buffer_like("part", x))
        return y

    def backward(self, dy: Array) -> Array | None:
        x, part = self.x, self.buffer_like("part", self.x)
        low = np.minimum(x, 0, out=part)
        low *= dy
        np.add.reduce(low, axis=(0, *self._axes), keepdims=True, out=self.alpha.grad[None])
        if not self.needs_dx:
            return None
        slope = self.buffer_like("slope", x)  # alpha, 1, and 0 where x is 0, as in Keras
        np.less(x, 0, out=slope)
        slope *= self.alpha.value
        slope += np.greater(x, 0, out=part)
        dy *= slope
        return dy


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

    axis: one, or several for one distribution over all of them.

    Shapes: (batch, ..., classes) -> the same. Raises ArgumentError for an axis that is no whole number, nor a
    list of them; building raises ValueError when the examples have no such axis.

    >>> Softmax()([[0.0, 0.0]])
    array([[0.5, 0.5]], dtype=float32)
    """

    def __init__(self, axis: int | Sequence[int] = -1, name: str | None = None, trainable: bool = True) -> None:
        super().__init__(name, trainable)
        self.axis = axis
        self.function = activations.Softmax(axis)


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
