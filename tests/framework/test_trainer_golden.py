"""The numbers of Keras's own test of single batches, `test_on_batch_methods` in its trainer_test.py."""

import numpy as np
import pytest

from framework import Input, Sequential

X, Y = np.ones((100, 4)), np.zeros((100, 3))
WEIGHTS = np.arange(100) / 50

IN_KERAS_TEST = [16.0, 15.158, 14.360, 3.789511, 14.217, 13.476, 3.689468, 2.722]
"""As they stand there."""
EXACT = [16.0, 15.158044, 14.360394, 3.789511, 14.216791, 13.476053, 3.689468, 2.722435]
"""With six decimals. By hand: each output p is the sum of four weights, the loss p², and a step takes 4 · 0.01 · 2p/3
off p, times the mean weight of the samples, which is 0.99 with WEIGHTS; class 0 weighs 0.2."""


def chain():
    """Two steps, an evaluation, a prediction; the same with weights, after one step; a step with weights of classes."""
    model = Sequential([Input((4,)), {"dense": {"units": 3, "use_bias": False, "kernel_initializer": "ones"}}])
    model.compile("sgd", "mean_squared_error", metrics=["mean_squared_error"])
    yield model.train_on_batch(X, Y)[0]
    yield model.train_on_batch(X, Y, return_dict=True)["loss"]
    yield model.test_on_batch(X, Y)[0]
    yield model.predict_on_batch(X)[0]
    yield model.train_on_batch(X, Y, WEIGHTS)[0]
    yield model.test_on_batch(X, Y, WEIGHTS)[0]
    yield model.predict_on_batch(X)[0]
    yield model.train_on_batch(X, Y, class_weight={1: 0.3, 0: 0.2})[0]


def test_single_batches_give_the_numbers_of_keras():
    for number, keras, exact in zip(chain(), IN_KERAS_TEST, EXACT, strict=True):
        assert number == pytest.approx(exact, abs=1e-5)
        assert number == pytest.approx(keras, abs=6e-4 if keras > 10 or keras < 3 else 1e-6)
