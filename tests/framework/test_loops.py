"""The meaning of `fit`'s arguments: where the data comes from, and how far it goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.callbacks import History
from framework.data import Batches
from framework.optimizers import SGD

X = (np.arange(40).reshape(10, 4) * 7 % 11 / 11 - 0.3).astype(np.float32)
Y = np.array([0, 1, 2, 1, 0, 2, 2, 1, 0, 1])
WEIGHTS = np.array([1, 2, 0.5, 0, 3, 1, 1, 0.25, 2, 1.0])
START = [
    (np.arange(20).reshape(4, 5) % 7 - 3) / 6,
    np.arange(5) / 20,
    (np.arange(15).reshape(5, 3) % 4 - 1.5) / 4,
    [0.1, -0.1, 0],
]
FIT: dict[str, Any] = {"batch_size": 4, "shuffle": False, "verbose": 0}


def build(activation: Any = "softmax", loss: Any = "sparse_categorical_crossentropy", **arguments: Any) -> Sequential:
    net = Sequential([Input((4,)), layers.Dense(5, "tanh"), layers.Dense(3, activation)], seed=1)
    net.set_weights(START)
    net.compile(**{"optimizer": SGD(0.5), "loss": loss, "metrics": ["accuracy"]} | arguments)
    return net


def close(actual: Any, expected: Any) -> None:
    np.testing.assert_allclose(actual, expected, rtol=2e-5, atol=1e-6)


def pairs(count: int) -> Iterator[Any]:
    for i in range(count):
        start = 4 * i % 12
        yield X[start : start + 4], Y[start : start + 4]


@pytest.mark.parametrize(
    ("x", "arguments"),
    [
        (X.tolist(), {"y": Y.tolist(), "batch_size": 4, "shuffle": False}),
        (X.astype(np.float64), {"y": Y.astype(np.uint8)[:, None], "batch_size": 4, "shuffle": False}),
        (np.asfortranarray(X), {"y": Y.astype(np.float32), "batch_size": 4, "shuffle": False}),
        (Batches(X, Y, batch_size=4), {}),
        (list(pairs(3)), {}),
        (pairs(100), {"steps_per_epoch": 3}),
    ],
    ids=["lists", "float64 and a column of bytes", "fortran and floats", "Batches", "tuples", "generator"],
)
def test_whatever_brings_the_data_the_training_is_the_same(x: Any, arguments: Any) -> None:
    expected, net = build(), build()
    expected.fit(X, Y, epochs=2, **FIT)
    net.fit(x, **arguments, epochs=2, verbose=0)
    assert np.array_equal(net.parameters.value, expected.parameters.value)


@pytest.mark.parametrize("data", [(X, Y), [X, Y], (X, Y, np.ones(10)), Batches(X, Y, batch_size=3), list(pairs(3))])
def test_validation_data_may_be_arrays_or_batches(data: Any) -> None:
    net = build()
    net.optimizer.learning_rate = 0.0
    history = net.fit(X, Y, validation_data=data, epochs=2, **FIT).history
    close(history["val_loss"], history["loss"])


def test_steps_per_epoch_continue_the_arrays_as_in_keras() -> None:
    net = build(optimizer=SGD(0.0))
    history = net.fit(X, Y, batch_size=2, steps_per_epoch=2, epochs=4, shuffle=False, verbose=0)
    close(history.history["loss"], [1.0743228, 1.0394129, 1.1482335, 1.0743228])
    assert history.params["steps"] == 2


def test_validation_steps_begin_anew_each_time() -> None:
    net = build(optimizer=SGD(0.0))
    arguments = {"validation_data": (X, Y), "validation_batch_size": 2, "validation_steps": 2}
    history = net.fit(X, Y, epochs=2, **FIT, **arguments).history
    close(history["val_loss"], [1.0743228] * 2)


@pytest.mark.parametrize(("arguments", "steps"), [({}, 2), ({"steps_per_epoch": 5}, 5), ({"batch_size": 7}, 5)])
def test_the_batch_size_is_32_unless_it_or_the_steps_say_otherwise(arguments: Any, steps: int) -> None:
    assert (
        build().fit(np.repeat(X, 4, axis=0)[:33], np.repeat(Y, 4)[:33], verbose=0, **arguments).params["steps"] == steps
    )


def test_epochs_is_the_index_of_the_last() -> None:
    assert build().fit(X, Y, epochs=5, initial_epoch=3, **FIT).epoch == [3, 4]


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_the_same_seed_trains_to_the_same_bits_and_leaves_the_global_generator_alone(dropout: float) -> None:
    before = np.random.get_state()[1].tolist()  # type: ignore[index,union-attr] # noqa: NPY002

    def run(seed: int) -> Any:
        net = Sequential(
            [Input((4,)), layers.Dense(5, "tanh"), layers.Dropout(dropout), layers.Dense(3, "softmax")], seed=seed
        )
        net.compile("adam", "sparse_categorical_crossentropy")
        net.fit(X, Y, batch_size=3, epochs=3, verbose=0)
        return net.parameters.value

    assert np.array_equal(run(1), run(1))
    assert not np.array_equal(run(1), run(2))
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index,union-attr] # noqa: NPY002


def test_validation_sees_the_loss_that_training_sees() -> None:
    """Where the loss absorbs the softmax, no probability is clipped on either side."""
    net = Sequential([Input((1,)), layers.Dense(2, "softmax", kernel_initializer="zeros")], seed=1)
    net.compile("sgd", "sparse_categorical_crossentropy")
    net.set_weights([[[50.0, 0.0]], [0.0, 0.0]])
    assert net.test_on_batch([[1.0]], [1]) == pytest.approx(50, rel=1e-6)
    assert net.evaluate([[1.0]], [1]) == net.train_on_batch([[1.0]], [1])


@pytest.mark.parametrize("callbacks", [History(), "history", {"history": {}}])
def test_callbacks_that_are_no_list_are_refused(callbacks: Any) -> None:
    net = Sequential([Input((1,)), layers.Dense(2, "softmax")])
    net.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(TypeError, match="callbacks must be a list, got "):
        net.fit([[1.0]], [1], callbacks=callbacks, verbose=0)
