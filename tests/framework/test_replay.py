"""A watched pass finds a layer, and leaves everything as it was."""

from __future__ import annotations

from typing import Any

import numpy as np

from framework import Sequential, layers
from framework.replay import first_layer

X = np.random.default_rng(0).random((6, 4)).astype(np.float32)


class Twice(layers.Layer):
    def forward(self, x: Any, training: bool = False) -> Any:
        return x * 2

    def backward(self, dy: Any) -> Any:
        return dy * 2


def model() -> Sequential:
    inner = Sequential([layers.Dense(4), "batch_normalization", {"dropout": 0.5}], name="block")
    return Sequential([layers.Dense(4), layers.Residual([Twice()]), inner, layers.Dense(2)], seed=1)


def visited(net: Sequential, **arguments: Any) -> list[str]:
    seen: list[str] = []

    def note(layer: layers.Layer, x: Any, y: Any) -> bool:
        seen.append(layer.label)
        return False

    first_layer(net, X, note, **arguments)
    return seen


def test_every_layer_is_seen_and_those_inside_before_what_holds_them() -> None:
    seen = visited(model(), training=True)
    assert seen == ["input", "dense", "input", "twice", "residual", "input", "dense", "batch_normalization",
                    "dropout", "block", "dense_1"]  # fmt: skip


def test_it_ends_with_the_layer_that_is_wanted_and_says_what_went_in_and_out() -> None:
    net = model()
    found, output = first_layer(net, X, lambda layer, x, y: isinstance(layer, Twice), training=False)
    assert output is None
    assert found is not None
    path, layer, x, y = found
    assert (path, type(layer)) == ("residual/twice", Twice)
    assert np.array_equal(y, x * 2)


def test_without_one_it_gives_the_output() -> None:
    net = model()
    expected = net(X)
    found, output = first_layer(net, X, lambda layer, x, y: False, training=False)
    assert found is None
    assert np.array_equal(output, expected)


def test_nothing_is_another_afterwards() -> None:
    net, twin = model(), model()
    for each in (net, twin):
        each.compile("sgd", "mse")
        each.train_on_batch(X, X[:, :2])
    visited(net, training=True)
    first_layer(net, X, lambda layer, x, y: layer.label == "dense_1", training=True)
    assert all("forward" not in vars(layer) for layer in [*net.layers, *net.layers[2].sublayers])
    for each in (net, twin):
        each.train_on_batch(X, X[:, :2])
    assert np.array_equal(net.parameters.value, twin.parameters.value)
    assert np.array_equal(net.state.value, twin.state.value)
