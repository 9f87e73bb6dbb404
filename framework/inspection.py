"""Looking inside a model: what each layer makes of an example, and which way it would have to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .arguments import is_whole
from .layers import Softmax
from .parameters import Array

if TYPE_CHECKING:
    from .layers import Layer
    from .sequential import Sequential


def activations(model: Sequential, x: Any) -> list[Array]:
    """What each of `model.layers` makes of a batch, as `model(x)` computes it: nothing is dropped out.

    Shapes: (batch, *input) -> (batch, *layer.output_shape) for each layer in order, all new arrays. Raises
    ValueError when the model has no layers, or the examples do not have its input shape.

    >>> from framework import Input, Sequential
    >>> model = Sequential([Input((2,)), {"dense": {"units": 3, "kernel_initializer": "ones"}}, "relu"])
    >>> [y.tolist() for y in activations(model, [[1.0, -3.0]])]
    [[[-2.0, -2.0, -2.0]], [[0.0, 0.0, 0.0]]]
    """
    _check_has_layers(model)
    with model.lock:
        batch = model.checked(x)  # builds the model first, if it is not built
        return _outputs(model.layers, batch)


def gradients(model: Sequential, x: Any, dy: Any, layer: int | None = None) -> list[Array]:
    """The gradient of s = Σ dy · (output of `model.layers[layer]`): for the input, and for each output on the way.

    Index 0 is ds/dx, index i + 1 is ds/d(output of layers[i]), and the last is dy itself. ds/dx · x is the
    saliency of the input; ten copies of an image and dy = np.eye(10) give that for every class at once.

    layer: an index into `model.layers`, also a negative one; None for what the model decides by: its output,
        or its logits where it ends in a softmax (`model.output_layer()` is a Softmax), whose own gradient
        vanishes where it is sure. There dy, and with it the last array, is the gradient with respect to the
        logits, not to the probabilities; layer=-1 asks for the probabilities.

    The model computes as in `model(x)`, and overwrites the gradients of its parameters (`p.grad`) as any
    `backward` does; weights, optimizer and random streams stay as they are.

    Shapes: x (batch, *input), dy (batch, *output of that layer) -> [(batch, *input), (batch, *output of
    layers[0]), ..., dy's], all new arrays. Raises ValueError for other shapes or no such layer, when the model has
    no layers or is part of another, and when a layer gives no gradient for its input; NotImplementedError
    when one defines no `backward`.

    >>> from framework import Input, Sequential
    >>> model = Sequential([Input((2,)), {"dense": {"units": 3, "kernel_initializer": "ones"}}, "softmax"])
    >>> x = np.array([[2.0, -3.0]])
    >>> dx, *_ = gradients(model, x, [[1.0, 0.0, 0.0]])
    >>> dx * x  # what each input adds to the first logit
    array([[ 2., -3.]])
    """
    model._check_standing_alone("be differentiated")
    with model.lock:
        layers = _up_to(model, layer)
        batch = model.checked(x)
        gradient = _checked_gradient(model, dy, (len(batch), *layers[-1].output_shape), layers[-1])
        past_output = layer is None and isinstance(model.output_layer(), Softmax)
        plan = model.needs_dx
        model.plan_backward(True)  # usually nobody wants dx, and the first layers with something to learn compute none
        try:
            _outputs(layers, batch)  # after the plan: a layer may keep what it needs for dx only where it is wanted
            return _backward(layers, gradient, past_output)
        finally:
            model.plan_backward(plan)


def _outputs(layers: list[Layer], x: Array) -> list[Array]:
    found = []
    for layer in layers:
        x = layer.forward(x, False)
        found.append(np.array(x))  # the layer will use its own again
    return found


def _backward(layers: list[Layer], dy: Array, past_output: bool) -> list[Array]:
    found = [dy]
    for layer in reversed(layers):
        backward = layer.backward_past_output if past_output and layer is layers[-1] else layer.backward
        dx = backward(found[-1].copy())  # the layer may overwrite what it gets, and use again what it returns
        if dx is None:
            raise ValueError(
                f"layer {layer.label!r} ({type(layer).__name__}) returned None from backward(dy) although needs_dx is "
                f"True: it must return the gradient with respect to its input to be looked through"
            )
        found.append(np.array(dx))
    return found[::-1]


def _up_to(model: Sequential, index: int | None) -> list[Layer]:
    """The layers up to and including that one."""
    _check_has_layers(model)
    layers = model.layers
    n = len(layers)
    if index is None:
        return layers
    if not is_whole(index) or not -n <= index < n:
        raise ValueError(f"model {model.name!r} has {n} layers: layer must be None or {-n} to {n - 1}, got {index!r}")
    return layers[: index % n + 1]


def _checked_gradient(model: Sequential, dy: Any, shape: tuple[int, ...], layer: Layer) -> Array:
    gradient: Array = np.array(dy, model.dtype)
    if gradient.shape != shape:
        raise ValueError(
            f"model {model.name!r}: dy must have the shape of the output of layer {layer.label!r} for this batch, "
            f"{shape}, got {gradient.shape}"
        )
    return gradient


def _check_has_layers(model: Sequential) -> None:
    if not model.layers:
        raise ValueError(f"model {model.name!r} has no layers to look into: add some first")
