"""Copies and pickles of a model hold the model, not the last batch that it has seen."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential
from framework.layers import Conv2D, Dense, Layer

from .cases import ACTIVATIONS, LAYERS, LOSSES

CASES = [*LAYERS, *((Sequential([{"activation": function}]), (2, 4)) for function in ACTIVATIONS)]
NOISE = 64  # bytes by which sizes of batches, and states of random streams, may differ in a pickle

copied = pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))], ids=["deepcopy", "pickle"]
)


def model_of(layer: Layer, shape: tuple[int, ...]) -> Sequential:
    twin = type(layer).from_config(layer.get_config())
    model = Sequential([twin] if isinstance(twin, Input) else [Input(shape), twin], seed=3)
    model.plan_backward(True)
    return model


def batch_of(n: int, shape: tuple[int, ...], make: Callable[..., Any] | None = None) -> np.ndarray:
    make = make or np.random.default_rng(1).standard_normal
    return np.asarray(make((n, *shape)), np.float32)


def step(model: Sequential, x: np.ndarray) -> list[np.ndarray]:
    """The outputs in training, and the gradients."""
    y = model.forward(x, training=True)
    outputs = y.copy()
    dx = model.backward(np.ones_like(y))
    return [outputs, *([] if dx is None else [dx.copy()]), model.parameters.grad.copy(), model.state.value.copy()]


def same(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return all(np.array_equal(p, q) for p, q in zip(a, b, strict=True))


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case[0]))
def test_what_layers_keep_for_backward_is_in_no_pickle(case: tuple[Any, ...]) -> None:
    layer, shape, *make = case
    sizes = []
    for n in (2, 200):
        model = model_of(layer, shape)
        step(model, batch_of(n, shape, *make))
        sizes.append(len(pickle.dumps(model)))
    assert abs(sizes[1] - sizes[0]) < NOISE


@copied
@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case[0]))
def test_a_copy_goes_on_as_the_original(case: tuple[Any, ...], copied: Callable[[Sequential], Sequential]) -> None:
    layer, shape, *make = case
    model = model_of(layer, shape)
    first, second = batch_of(6, shape, *make), batch_of(4, shape, *make)
    step(model, first)
    twin = copied(model)
    assert same(step(twin, second), step(model, second))


@pytest.mark.parametrize("case", LOSSES, ids=lambda case: repr(case[0]))
def test_losses_keep_no_batch(case: tuple[Any, ...]) -> None:
    loss, y_true, y_pred, _ = case
    sizes = []
    for n in (1, 100):
        twin = type(loss).from_config(loss.get_config())
        twin(np.repeat(y_true, n, axis=0), np.repeat(y_pred, n, axis=0))
        if twin.reduction not in ("none", None):
            twin.value_and_gradient(np.repeat(y_true, n, axis=0), np.repeat(y_pred, n, axis=0))
        sizes.append(len(pickle.dumps(twin)))
    assert abs(sizes[1] - sizes[0]) < NOISE


def test_a_compiled_model_that_has_been_used_is_no_larger() -> None:
    def used(n: int) -> int:
        model = Sequential([Input((8, 8, 1)), Conv2D(2, 3), "relu", "flatten", Dense(3, "softmax")], seed=0)
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        x, y = np.zeros((n, 8, 8, 1), np.float32), np.zeros(n, np.int64)
        model.fit(x, y, batch_size=n, verbose=0)
        model.evaluate(x, y, batch_size=n, verbose=0)
        model.predict(x, batch_size=n, verbose=0)
        return len(pickle.dumps(model))

    assert abs(used(200) - used(2)) < NOISE


class Grid(Layer):
    """A layer of a user's: constants made in `build`, in attributes that other layers use for batches."""

    def build(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        self.x = self.y = np.linspace(0, 1, shape[0], dtype=np.float32)
        return shape

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        return x + self.x

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dy


class Squares(Layer):
    """A layer of a user's that says what it keeps."""

    kept_for_backward = ("x",)

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        self.x = x
        return x * x

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return 2 * self.x * dy


@copied
def test_constants_of_users_layers_are_copied(copied: Callable[[Sequential], Sequential]) -> None:
    model = Sequential([Input((3,)), Grid(), Squares()])
    model.plan_backward(True)
    x = batch_of(5, (3,))
    step(model, x)
    twin = copied(model)
    assert not hasattr(twin.layers[1], "x")
    assert same(step(twin, x), step(model, x))
