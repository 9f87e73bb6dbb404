"""The loop that is written by hand for exactly the one net, see `plain_numpy.py`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .. import plain_numpy
from .net import Array, Weights


class Loop:
    def __init__(self, weights: Weights, learning_rate: float) -> None:
        self.weights, self.learning_rate = weights, learning_rate

    def feed(self, x: Array, y: Array, seed: int) -> None:
        self.x, self.y, self.rng = x, y, np.random.default_rng(seed)

    def train(self, batch_size: int, epochs: int) -> None:
        for _ in range(epochs):
            plain_numpy.train_epoch(self.weights, self.x, self.y, batch_size, self.learning_rate, self.rng)

    def scores(self, x: Array) -> Array:
        return plain_numpy.predict(self.weights, x)

    def single(self, x: Array) -> dict[str, Callable[[], object]]:
        return {"": lambda: plain_numpy.predict(self.weights, x)}


mlp = Loop
