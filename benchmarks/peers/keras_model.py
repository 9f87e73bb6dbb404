"""The two nets in Keras, trained by `fit`; the module that imports this one has chosen the backend.

`steps_per_execution` is what Keras's documentation advises for small models: so many batches a compiled call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers

from .net import Array, Weights

STEPS_PER_EXECUTION = 32


class Model:
    def __init__(self, stack: list[Any], weights: Weights, optimizer: Any) -> None:
        self.model = keras.Sequential(stack)
        self.model.set_weights(weights)
        self.model.compile(
            optimizer, "sparse_categorical_crossentropy", steps_per_execution=STEPS_PER_EXECUTION, jit_compile="auto"
        )

    def feed(self, x: Array, y: Array, seed: int) -> None:
        keras.utils.set_random_seed(seed)
        self.x, self.y = x, y

    def train(self, batch_size: int, epochs: int) -> None:
        self.model.fit(self.x, self.y, batch_size=batch_size, epochs=epochs, verbose=0)

    def scores(self, x: Array) -> Array:
        return np.asarray(self.model.predict_on_batch(x))

    def single(self, x: Array) -> dict[str, Callable[[], object]]:
        return {
            "predict_on_batch": lambda: self.model.predict_on_batch(x),
            "model(x)": lambda: np.asarray(self.model(x, training=False)),
        }


def mlp(weights: Weights, learning_rate: float) -> Model:
    *hidden, last = weights[::2]
    stack = [keras.Input((len(weights[0]),)), *(layers.Dense(w.shape[1], activation="relu") for w in hidden)]
    return Model(
        [*stack, layers.Dense(last.shape[1], activation="softmax")], weights, keras.optimizers.SGD(learning_rate)
    )


def conv(weights: Weights, learning_rate: float) -> Model:
    k1, _, k2, _, w1, _, w2, _ = weights
    stack = [
        keras.Input((28, 28, k1.shape[2])),
        layers.Conv2D(k1.shape[3], 5, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(k2.shape[3], 5, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(w1.shape[1], activation="relu"),
        layers.Dense(w2.shape[1], activation="softmax"),
    ]
    return Model(stack, weights, keras.optimizers.Adam(learning_rate))
