"""A step of training takes no memory of the size of a batch or of the parameters: it has all it needs."""

import tracemalloc

import numpy as np
import pytest

import framework
from framework.callbacks import Callback

BATCH = 16_384
LIMIT = 48_000
"""Bytes: what NumPy takes to convert numbers piece by piece fits in, one float32 an example does not."""

MLP = [{"dense": {"units": 128, "activation": "relu"}}, {"dense": 128}, "relu", {"dense": 10}, "softmax"]
CNN = [
    {"reshape": [6, 6, 1]},
    {"conv2d": {"filters": 4, "kernel_size": 3, "activation": "relu"}},
    "max_pooling2d",
    {"conv2d": {"filters": 4, "kernel_size": 3, "padding": "same"}},
    {"average_pooling2d": 2},
    "flatten",
    {"dense": 10},
    "softmax",
]


class Growth(Callback):
    """The most memory that was taken, at a time, by steps of the second epoch, beyond what was there before them."""

    def on_train_begin(self, logs=None):
        self.growth = []

    def on_epoch_begin(self, epoch, logs=None):
        self.watching = epoch == 1

    def on_train_batch_begin(self, batch, logs=None):
        if self.watching and batch:
            tracemalloc.reset_peak()
            self.before = tracemalloc.get_traced_memory()[0]

    def on_train_batch_end(self, batch, logs=None):
        if self.watching and batch:
            self.growth.append(tracemalloc.get_traced_memory()[1] - self.before)


def growth(layers, optimizer="sgd", loss="sparse_categorical_crossentropy", classes=10, **settings):
    rng = np.random.default_rng(0)
    x = rng.random((4 * BATCH, 36), np.float32)
    y = rng.integers(0, classes, len(x))
    if loss == "categorical_crossentropy":
        y = np.eye(classes, dtype=np.float32)[y]
    if classes == 2:
        y = y[:, None].astype(np.float32)
    model = framework.Sequential([framework.Input((36,)), *layers], seed=0)
    model.compile(optimizer, loss, **settings)
    watch = Growth()
    tracemalloc.start()
    try:
        model.fit(x, y, batch_size=BATCH, epochs=2, verbose=0, callbacks=[watch])
    finally:
        tracemalloc.stop()
    assert len(watch.growth) == 3
    return max(watch.growth)


@pytest.mark.parametrize(
    "optimizer",
    [
        "sgd",
        {"sgd": {"momentum": 0.9, "nesterov": True}},
        {"sgd": {"weight_decay": 1e-4}},
        {"sgd": {"global_clipnorm": 1.0}},
        {"sgd": {"clipvalue": 0.5}},
        {"sgd": {"use_ema": True}},
        {"sgd": {"gradient_accumulation_steps": 2}},
        "adam",
        "adamw",
        "nadam",
        "adamax",
        "rmsprop",
        "adagrad",
        "adadelta",
        "lion",
        "ftrl",
    ],
    ids=str,
)
def test_optimizers_need_no_memory_for_a_step(optimizer):
    assert growth(MLP, optimizer) < LIMIT


@pytest.mark.parametrize(
    "layer",
    [
        {"dropout": 0.3},
        "batch_normalization",
        {"gaussian_noise": 0.1},
        "tanh",
        "sigmoid",
        "leaky_relu",
        "elu",
        {"activation": "silu"},
    ],
    ids=str,
)
def test_layers_between_need_no_memory_for_a_step(layer):
    assert growth([{"dense": 64}, layer, {"dense": 10}, "softmax"]) < LIMIT


def test_convolutions_and_pooling_need_no_memory_for_a_step():
    assert growth(CNN, "adam") < LIMIT


def test_the_accuracy_needs_no_memory_for_a_step():
    assert growth(MLP, metrics=["accuracy"]) < LIMIT


@pytest.mark.parametrize(
    ("layers", "loss", "classes"),
    [
        (MLP, "categorical_crossentropy", 10),
        ([{"dense": 1}, "sigmoid"], "binary_crossentropy", 2),
        ([{"dense": 1}], "mse", 2),
        ([{"dense": 1}], "mae", 2),
        ([{"dense": 1}], "huber", 2),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_losses_need_no_memory_for_a_step(layers, loss, classes):
    assert growth(layers, loss=loss, classes=classes) < LIMIT


def test_regularizers_need_no_memory_for_a_step():
    layers = [{"dense": {"units": 64, "kernel_regularizer": {"l2": 1e-4}}}, "relu", {"dense": 10}, "softmax"]
    assert growth(layers) < LIMIT
