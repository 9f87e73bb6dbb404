"""Layers of a user's own that hold other layers."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import framework
from framework import Input, ParameterVector, Sequential, layers
from framework.layers import Dense, Layer

X = np.random.default_rng(0).standard_normal((8, 4)).astype(np.float32)


class Two(Layer):
    """Two layers, one after the other; what they are called is nobody's concern.

    Shapes: (batch, 4) -> (batch, 4).
    """

    def __init__(self, first: Any = None) -> None:
        self.first = first
        self.parts = [Dense(4) if first is None else first, Dense(4)]

    @property
    def sublayers(self) -> Any:
        return self.parts

    def build(self, shape: Any) -> Any:
        for part in self.parts:
            shape = part.declare(shape)
        return shape

    def plan_backward(self, needs_dx: bool) -> None:
        self.needs_dx = needs_dx
        self.parts[0].plan_backward(needs_dx)
        self.parts[1].plan_backward(True)

    def forward(self, x: Any, training: bool = False) -> Any:
        for part in self.parts:
            x = part.forward(x, training)
        return x

    def backward(self, dy: Any) -> Any:
        for part in reversed(self.parts):
            dy = part.backward(dy)
        return dy


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_classes", "_names"):
        monkeypatch.setattr(layers.registry, name, dict(getattr(layers.registry, name)))
    monkeypatch.setattr(Two, "registered_name", "")
    layers.register(Two)


def model(block: Layer) -> Sequential:
    net = Sequential([Input((4,)), block, Dense(1)], seed=0)
    net.compile("sgd", "mse")
    return net


def learns(net: Sequential) -> list[bool]:
    before = net.get_weights()
    net.train_on_batch(X, np.ones((8, 1)))
    return [not np.array_equal(a, b) for a, b in zip(before, net.get_weights(), strict=True)]


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize("suffix", [".json", ".safetensors"])
def test_weights_inside_have_names_of_their_own_in_files(tmp_path: Any, suffix: str) -> None:
    net = model(Two())
    net.save(tmp_path / f"model{suffix}")
    np.testing.assert_array_equal(framework.load_model(tmp_path / f"model{suffix}")(X), net(X))
    other = model(Two())
    other.load_weights(tmp_path / f"model{suffix}")
    np.testing.assert_array_equal(other(X), net(X))


def test_names_that_a_file_could_not_tell_apart_are_refused(tmp_path: Any) -> None:
    block = Two()
    for part in block.parts:
        part.name = "same"
    with pytest.raises(ValueError, match=r"two weights of 'sequential' are called 'two/same/kernel'"):
        model(block).save_weights(tmp_path / "w.json")


def test_what_is_inside_can_be_frozen() -> None:
    net = model(Two())
    block = net.layers[0]
    assert learns(net) == [True] * 6
    block.sublayers[0].trainable = False
    assert learns(net) == [False, False, True, True, True, True]
    block.sublayers[0].trainable = True
    assert learns(net) == [True] * 6


def test_a_model_inside_can_be_frozen_in_part() -> None:
    net = model(Two(Sequential([Dense(3), Dense(4)])))
    inner = net.layers[0].sublayers[0]
    inner.layers[0].trainable = False
    assert learns(net) == [False, False, True, True, True, True, True, True]


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_copies_hold_together_as_well(duplicate: Any) -> None:
    net = duplicate(model(Two()))
    net.layers[0].sublayers[0].trainable = False
    assert learns(net) == [False, False, True, True, True, True]


class TestShallowCopies:
    def test_are_refused_since_weights_lie_in_one_place(self) -> None:
        net = model(Dense(4))
        for thing in (net, net.layers[0], net.parameters):
            with pytest.raises(TypeError, match=r"copy\.deepcopy"):
                copy.copy(thing)
        assert isinstance(copy.deepcopy(net.parameters), ParameterVector)


class Fails(framework.initializers.Initializer):
    def __call__(self, shape: Any, rng: Any = None, dtype: Any = np.float32) -> Any:
        raise RuntimeError("no first value")


class TestFailures:
    @pytest.mark.parametrize(
        ("layer", "error"), [(Dense(10**13), MemoryError), (Dense(3, kernel_initializer=Fails()), RuntimeError)]
    )
    def test_a_layer_that_cannot_be_added_leaves_the_model_as_it_was(self, layer: Layer, error: Any) -> None:
        net = model(Dense(4))
        before, answer = net.get_weights(), net(X)
        with pytest.raises(error):
            net.add(layer)
        assert len(net.layers) == 2
        np.testing.assert_array_equal(net(X), answer)
        assert all(learns(net))
        assert net.parameters.size == sum(w.size for w in before)

    def test_a_layer_alone_that_gets_no_first_values_is_not_built(self) -> None:
        layer = Dense(3, kernel_initializer=Fails())
        for _ in range(2):
            with pytest.raises(RuntimeError, match="no first value"):
                layer(X)
        assert not layer.built

    def test_an_optimizer_at_work_elsewhere_is_refused_and_the_model_stays_uncompiled(self) -> None:
        busy = model(Dense(4))
        for other in (Sequential([Input((4,)), Dense(1)]), Sequential([Dense(1)])):
            with pytest.raises(ValueError, match="at work on other parameters already"):
                other.compile(busy.optimizer, "mse")
            assert not other.compiled
