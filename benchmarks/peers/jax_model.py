"""The two nets in JAX, and one step of training; how steps make an epoch is for `jax_scan` and `jax_step` to say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .net import Array, Weights

State = Any


def dense_net(parameters: list[Any], x: Any) -> Any:
    """The logits of x: Dense and ReLU in turn."""
    *hidden, (w, b) = parameters
    for kernel, bias in hidden:
        x = jax.nn.relu(x @ kernel + bias)
    return x @ w + b


def lenet(parameters: list[Any], x: Any) -> Any:
    """The logits of images (n, height, width, channels)."""
    for kernel, bias in parameters[:2]:
        x = jax.lax.conv_general_dilated(x, kernel, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        x = jax.nn.relu(x + bias)
        x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    return dense_net(parameters[2:], x.reshape(len(x), -1))


class Model:
    """A net, its optimizer and its state: (parameters, what the optimizer keeps). Subclasses define `train`."""

    def __init__(self, net: Callable[..., Any], weights: Weights, optimizer: Any) -> None:
        arrays = [jnp.array(w) for w in weights]  # copies, since they are given away
        parameters = list(zip(arrays[::2], arrays[1::2], strict=True))
        first, self.update = optimizer
        self.net, self.state = net, (parameters, first(parameters))
        self.logits = jax.jit(net)
        self.probabilities = jax.jit(lambda parameters, x: jax.nn.softmax(net(parameters, x)))

    def step(self, state: State, x: Any, y: Any) -> tuple[State, Any]:
        """The state after one batch, and the loss before it."""
        parameters, kept = state

        def loss(parameters: list[Any]) -> Any:
            log_probabilities = jax.nn.log_softmax(self.net(parameters, x))
            return -jnp.mean(jnp.take_along_axis(log_probabilities, y[:, None], axis=1))

        value, gradients = jax.value_and_grad(loss)(parameters)
        return self.update(parameters, gradients, kept), value

    def feed(self, x: Array, y: Array, seed: int) -> None:
        self.x, self.y, self.rng = jnp.asarray(x), jnp.asarray(y), np.random.default_rng(seed)

    def scores(self, x: Array) -> Array:
        return np.asarray(self.logits(self.state[0], x))

    def single(self, x: Array) -> dict[str, Callable[[], object]]:
        image, parameters = jnp.asarray(x), self.state[0]
        return {"": lambda: self.probabilities(parameters, image).block_until_ready()}


def sgd(learning_rate: float) -> Any:
    """Plain gradient descent: the first of what it keeps, and (parameters, gradients, kept) -> (parameters, kept)."""

    def update(parameters: Any, gradients: Any, kept: None) -> Any:
        return jax.tree.map(lambda p, g: p - learning_rate * g, parameters, gradients), kept

    return lambda parameters: None, update


def adam(learning_rate: float) -> Any:
    """Adam with the usual constants, in the same form."""

    def first(parameters: Any) -> Any:
        # Two sets of arrays, because both are given away when a step begins.
        return jnp.zeros(()), jax.tree.map(jnp.zeros_like, parameters), jax.tree.map(jnp.zeros_like, parameters)

    def update(parameters: Any, gradients: Any, kept: Any) -> Any:
        t, m, v = kept
        t = t + 1
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, gradients)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradients)
        rate = learning_rate * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        parameters = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-7), parameters, m, v)
        return parameters, (t, m, v)

    return first, update


def nets(model: type[Model]) -> tuple[Callable[[Weights, float], Model], Callable[[Weights, float], Model]]:
    """The functions `mlp` and `conv` of a peer."""
    return (
        lambda weights, learning_rate: model(dense_net, weights, sgd(learning_rate)),
        lambda weights, learning_rate: model(lenet, weights, adam(learning_rate)),
    )
