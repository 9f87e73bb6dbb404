"""Freezing parts of a stack, stacks within stacks, and copies of them."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential
from framework.layers import Dense, Dropout, Layer

X = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)


def stack(*, seed: int = 1) -> Sequential:
    return Sequential([Input((4,)), Dense(5, "tanh"), Dense(3)], seed=seed)


def same(a: Any, b: Any) -> bool:
    return all(np.array_equal(p, q) for p, q in zip(a, b, strict=True))


# Freezing, and what backward costs.


class Counts(Layer):
    """Passes everything on and counts the calls of backward."""

    def forward(self, x: Any, training: bool = False) -> Any:
        return x

    def backward(self, dy: Any) -> Any:
        self.calls = getattr(self, "calls", 0) + 1
        return dy


def test_freezing_moves_parameters_out_of_the_vector_at_once_and_keeps_their_values() -> None:
    model = stack()
    before = model.get_weights()
    model.layers[0].trainable = False
    assert (model.parameters.size, len(model.non_trainable_weights)) == (18, 2)
    model.trainable = False
    assert (model.parameters.size, len(model.trainable_weights)) == (0, 0)
    model.trainable = model.layers[0].trainable = True
    assert model.parameters.size == 43
    assert same(model.get_weights(), before)


def test_a_frozen_beginning_costs_no_backward() -> None:
    first, second, third = Counts(), Counts(), Counts()
    model = Sequential([Input((4,)), first, Dense(5), second, Dense(5), third, Dense(3)])
    model.get_layer("dense").trainable = False
    model(X)
    assert model.backward(np.ones((3, 3), np.float32)) is None
    assert [getattr(layer, "calls", 0) for layer in (first, second, third)] == [0, 0, 1]
    assert [model.get_layer(name).needs_dx for name in ("dense_1", "dense_2")] == [False, True]


def test_a_backward_that_returns_nothing_too_early_is_named() -> None:
    class Forgets(Counts):
        def backward(self, dy: Any) -> Any:
            return None

    model = Sequential([Input((4,)), Dense(5), Forgets(), Dense(3)])
    model(X)
    with pytest.raises(TypeError, match="layer 'dense' has something to learn, but the one after it returned no dx"):
        model.backward(np.ones((3, 3), np.float32))


# Nesting.


def test_a_nested_model_computes_and_differentiates_as_the_flat_one() -> None:
    flat = Sequential([Input((4,)), Dense(5, "tanh"), Dense(6, "tanh"), Dense(3)], seed=1, dtype="float64")
    nested = Sequential(
        [Input((4,)), Dense(5, "tanh"), Sequential([Dense(6, "tanh")]), Sequential([Sequential([Dense(3)])])],
        dtype="float64",
    )
    nested.set_weights(flat.get_weights())
    dy = np.linspace(-1, 1, 9).reshape(3, 3)
    assert np.array_equal(flat(X), nested(X))
    for model in (flat, nested):
        model.backward(dy.copy())
    assert np.array_equal(flat.parameters.grad, nested.parameters.grad)


@pytest.mark.parametrize("frozen", [True, False])
def test_a_nested_model_gives_dx_where_something_before_it_learns(frozen: bool) -> None:
    inner = Sequential([Dense(6), Dense(3)])
    Sequential([Input((4,)), Dense(5, trainable=not frozen), inner])
    assert [inner.needs_dx, *(layer.needs_dx for layer in inner.layers)] == [not frozen, not frozen, True]


def test_freezing_inside_a_nested_model_takes_effect_at_once() -> None:
    inner = Sequential([Dense(6), Dense(3)])
    model = Sequential([Input((4,)), inner])
    inner.layers[0].trainable = False
    assert model.parameters.size == 21
    inner.trainable = False
    assert model.parameters.size == 0


def test_a_model_inside_of_another_says_who_holds_its_vectors_and_is_not_changed_alone() -> None:
    inner = Sequential([Dense(6)], name="inner")
    Sequential([Input((4,)), inner, Dense(2)], name="outer")
    with pytest.raises(AttributeError, match="model 'inner' is part of 'outer', which holds the vectors"):
        _ = inner.parameters
    for change in (inner.pop, lambda: inner.add(Dense(2)), lambda: inner.compile("sgd", "mse")):
        with pytest.raises(ValueError, match="model 'inner' is part of 'outer': by itself it cannot"):
            change()


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_computes_the_same_and_shares_nothing(copied: Any) -> None:
    model = Sequential([Input((4,)), Sequential([Dense(5)], name="inner"), Dropout(0.5), Dense(3)], seed=1)
    twin = copied(model)
    assert np.array_equal(model(X, training=True), twin(X, training=True))
    twin.parameters.value[...] = 0
    assert model.parameters.value.any()
    twin.layers[0].trainable = False
    assert (twin.parameters.size, model.parameters.size) == (18, 43)


def test_a_copy_of_a_part_stands_alone() -> None:
    model = Sequential([Input((4,)), Sequential([Dense(5)], name="inner")])
    part = copy.deepcopy(model.layers[0])
    assert isinstance(part, Sequential)
    assert np.array_equal(part(X), model(X))
    part.parameters.value[...] = 0
    assert not part(X).any()
    assert model(X).any()
