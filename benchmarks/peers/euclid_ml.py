"""euclid-ml: a net, a loss and an optimizer on its tape of gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from euclid import Tensor, layers, losses, networks, optimizers

from ..nets import channels_first
from .net import Array, Weights


class Model:
    def __init__(self, stack: list[Any], weights: Weights, optimizer: Any) -> None:
        self.net, self.loss, self.optimizer = networks.Sequential(stack), losses.CrossEntropy(), optimizer
        for parameter, weight in zip(self.net.parameters(), weights, strict=True):
            parameter.data[...] = weight
        self.optimizer.set_parameters(self.net.parameters())

    def array(self, x: Array) -> Array:
        return np.ascontiguousarray(x.transpose(0, 3, 1, 2)) if x.ndim == 4 else x

    def feed(self, x: Array, y: Array, seed: int) -> None:
        self.x, self.rng = self.array(x), np.random.default_rng(seed)
        self.y = np.eye(10, dtype=np.float32)[y]

    def train(self, batch_size: int, epochs: int) -> None:
        for _ in range(epochs):
            order = self.rng.permutation(len(self.x))
            for start in range(0, len(order), batch_size):
                rows = order[start : start + batch_size]
                loss = self.loss(self.net(Tensor(self.x[rows])), Tensor(self.y[rows]))
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()

    def scores(self, x: Array) -> Array:
        return self.net(Tensor(self.array(x))).data

    def single(self, x: Array) -> dict[str, Callable[[], object]]:
        image, softmax = Tensor(self.array(x)), layers.Softmax()
        return {"": lambda: softmax.forward(self.net(image)).data}


def mlp(weights: Weights, learning_rate: float) -> Model:
    stack: list[Any] = []
    for kernel in weights[::2]:
        stack += [layers.Dense(*kernel.shape), layers.ReLU()]
    return Model(stack[:-1], weights, optimizers.SGD(learning_rate))


def conv(weights: Weights, learning_rate: float) -> Model:
    k1, _, k2, _, w1, _, w2, _ = weights = channels_first(weights)
    stack = [
        layers.Conv2D(k1.shape[1], k1.shape[0], 5),
        layers.ReLU(),
        layers.MaxPool2D(2),
        layers.Conv2D(k2.shape[1], k2.shape[0], 5),
        layers.ReLU(),
        layers.MaxPool2D(2),
        layers.Flatten(),
        layers.Dense(*w1.shape),
        layers.ReLU(),
        layers.Dense(*w2.shape),
    ]
    return Model(stack, weights, optimizers.Adam(learning_rate))
