"""mpneuralnetwork: the loop of its `Model.train`, which itself would leave out the last, smaller batch and holds
examples back; without weight decay, which it has by default.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from mpneuralnetwork import layers
from mpneuralnetwork.activations import ReLU
from mpneuralnetwork.losses import CategoricalCrossEntropy
from mpneuralnetwork.model import Model as TheirModel
from mpneuralnetwork.optimizers import SGD, Adam

from ..nets import channels_first
from .net import Array, Weights


class Model:
    def __init__(self, stack: list[Any], weights: Weights, optimizer: Any) -> None:
        self.model = TheirModel(stack, CategoricalCrossEntropy(), optimizer)
        given = iter(weights)
        for layer in self.model.layers:
            if params := getattr(layer, "params", None):
                layer.load_params({name: next(given) for name in params})

    def array(self, x: Array) -> Array:
        return np.ascontiguousarray(x.transpose(0, 3, 1, 2)) if x.ndim == 4 else x

    def feed(self, x: Array, y: Array, seed: int) -> None:
        self.x, self.rng = self.array(x), np.random.default_rng(seed)
        self.y = np.eye(10, dtype=np.float32)[y]

    def train(self, batch_size: int, epochs: int) -> None:
        model = self.model
        for _ in range(epochs):
            order = self.rng.permutation(len(self.x))
            for start in range(0, len(order), batch_size):
                rows = order[start : start + batch_size]
                x, y = self.x[rows], self.y[rows]
                for layer in model.layers:
                    x = layer.forward(x, training=True)
                model.loss.direct(x, y)
                gradient = model.loss.prime(x, y)
                for layer in reversed(model.layers):
                    gradient = layer.backward(gradient)
                model.optimizer.step(model.layers)

    def scores(self, x: Array) -> Array:
        return self.model.predict(self.array(x))

    def single(self, x: Array) -> dict[str, Callable[[], object]]:
        image = self.array(x)
        return {"": lambda: self.model.predict(image)}


def mlp(weights: Weights, learning_rate: float) -> Model:
    first, *others = weights[::2]
    stack: list[Any] = [layers.Dense(first.shape[1], len(first))]
    for kernel in others:
        stack += [ReLU(), layers.Dense(kernel.shape[1])]
    return Model(stack, weights, SGD(learning_rate, weight_decay=0.0, momentum=0.0))


def conv(weights: Weights, learning_rate: float) -> Model:
    k1, _, k2, _, w1, _, w2, _ = weights = channels_first(weights)
    stack = [
        layers.Convolutional(k1.shape[0], 5, (k1.shape[1], 28, 28)),
        ReLU(),
        layers.MaxPooling2D(2),
        layers.Convolutional(k2.shape[0], 5),
        ReLU(),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(w1.shape[1]),
        ReLU(),
        layers.Dense(w2.shape[1]),
    ]
    return Model(stack, weights, Adam(learning_rate, weight_decay=0.0))
