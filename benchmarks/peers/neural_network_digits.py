"""neural-network-digits: its `train_step` in the loop of its `Trainer.run_epoch`, without augmentation and charts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from nn_digits.neural_net.network import NeuralNetwork

from .net import Array, Weights


class Network:
    def __init__(self, weights: Weights, learning_rate: float) -> None:
        kernels, biases = weights[::2], weights[1::2]
        self.net = NeuralNetwork((len(kernels[0]), *(b.size for b in biases)))
        self.net.weights, self.net.biases = list(kernels), list(biases)
        self.learning_rate = learning_rate

    def feed(self, x: Array, y: Array, seed: int) -> None:
        self.x, self.rng = x, np.random.default_rng(seed)
        self.y = np.eye(self.net.layers[-1], dtype=np.float32)[y]

    def train(self, batch_size: int, epochs: int) -> None:
        for _ in range(epochs):
            order = self.rng.permutation(len(self.x))
            for start in range(0, len(order), batch_size):
                rows = order[start : start + batch_size]
                self.net.train_step(self.x[rows], self.y[rows], self.learning_rate, momentum=0.0, l2=0.0)

    def scores(self, x: Array) -> Array:
        return self.net.predict(x)

    def single(self, x: Array) -> dict[str, Callable[[], object]]:
        return {"": lambda: self.net.predict(x)}


mlp = Network
