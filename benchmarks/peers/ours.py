"""This framework, through `fit`."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import Any

import framework

from .net import Array, Weights


def set_threads(n: int) -> None:
    if hasattr(framework, "set_threads"):
        framework.set_threads(n)


class Model:
    def __init__(self, layers: list[Any], weights: Weights, optimizer: Any) -> None:
        self.model = framework.Sequential(layers, seed=0)
        self.model.set_weights(weights)
        self.model.compile(optimizer, "sparse_categorical_crossentropy")

    def feed(self, x: Array, y: Array, seed: int) -> None:
        self.x, self.y = x, y

    def train(self, batch_size: int, epochs: int) -> None:
        self.model.fit(self.x, self.y, batch_size=batch_size, epochs=epochs, verbose=0)

    def scores(self, x: Array) -> Array:
        return self.model.predict_on_batch(x)

    def single(self, x: Array) -> dict[str, Callable[[], object]]:
        images = cycle([x, x.copy()])  # never the array of last time, from which layers could tell what to prepare
        predict = self.model.predict_on_batch
        return {"predict_on_batch": lambda: predict(next(images)), "model(x)": lambda: self.model(next(images))}


def mlp(weights: Weights, learning_rate: float) -> Model:
    kernels = weights[::2]
    layers: list[Any] = [framework.Input((len(kernels[0]),))]
    for kernel in kernels:
        layers += [{"dense": kernel.shape[1]}, "relu"]
    return Model([*layers[:-1], "softmax"], weights, {"sgd": learning_rate})


def conv(weights: Weights, learning_rate: float) -> Model:
    k1, _, k2, _, w1, _, w2, _ = weights
    layers = [
        framework.Input((28, 28, k1.shape[2])),
        {"conv2d": {"filters": k1.shape[3], "kernel_size": 5, "activation": "relu"}},
        "max_pooling2d",
        {"conv2d": {"filters": k2.shape[3], "kernel_size": 5, "activation": "relu"}},
        "max_pooling2d",
        "flatten",
        {"dense": {"units": w1.shape[1], "activation": "relu"}},
        {"dense": w2.shape[1]},
        "softmax",
    ]
    return Model(layers, weights, {"adam": learning_rate})
