"""The stack: building, adding, freezing, nesting, copying, and where the parameters lie."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.layers import Dense, Dropout
from framework.layers.base import every_layer
from framework.registry import ArgumentError

X = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)


def stack(*, seed: int = 1) -> Sequential:
    return Sequential([Input((4,)), Dense(5, "tanh"), Dense(3)], seed=seed)


def same(a: Any, b: Any) -> bool:
    return all(np.array_equal(p, q) for p, q in zip(a, b, strict=True))


# Parameters.


def test_all_parameters_are_views_of_one_vector() -> None:
    model = stack()
    assert model.parameters.size == model.count_params() == 43
    model.parameters.value[...] = 0
    assert not any(weights.any() for weights in model.get_weights())


@pytest.mark.parametrize("make", [stack, lambda seed: Sequential([Dense(5), Dropout(0.5), Dense(3)], seed=seed)])
def test_the_same_seed_gives_the_same_bits_and_another_seed_others(make: Any) -> None:
    models = [make(seed=seed) for seed in (1, 1, 2)]
    outputs = [model(X, training=True) for model in models]
    assert np.array_equal(outputs[0], outputs[1])
    assert not np.array_equal(outputs[0], outputs[2])


@pytest.mark.parametrize("at_once", [True, False])
def test_the_outer_seed_governs_nested_models(at_once: bool) -> None:
    def nested() -> Sequential:
        return Sequential([Input((4,))] * at_once + [Sequential([Dense(5), Dropout(0.5)]), Dense(3)], seed=1)

    first, second = nested(), nested()
    assert np.array_equal(first(X, training=True), second(X, training=True))


def test_building_never_touches_the_global_generator() -> None:
    before = np.random.get_state()[1].tolist()  # type: ignore[index,union-attr] # noqa: NPY002
    stack()(X, training=True)
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index,union-attr] # noqa: NPY002


def test_a_layer_that_was_used_alone_keeps_its_weights() -> None:
    dense = Dense(3)
    alone = dense(X)
    model = Sequential([Input((4,)), dense])
    assert np.array_equal(model(X), alone)
    assert np.shares_memory(dense.kernel.value, model.parameters.value)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_type_holds_for_parameters_and_outputs(dtype: str) -> None:
    model = Sequential([Input((4,)), Dense(5, "tanh"), Dense(3)], dtype=dtype)
    assert (model.parameters.dtype, model(X.astype(np.float64)).dtype) == (np.dtype(dtype), np.dtype(dtype))


def test_another_type_is_refused() -> None:
    with pytest.raises(ArgumentError, match="dtype must be 'float32' or 'float64', got 'float16'"):
        Sequential(dtype="float16")


# Building.


def test_data_or_build_builds_what_has_no_input() -> None:
    by_data, by_hand, as_in_keras = Sequential([Dense(3)]), Sequential([Dense(3)]), Sequential([Dense(3)])
    assert (by_data.built, by_data.weights) == (False, [])
    by_data(X)
    by_hand.build((None, 4))
    as_in_keras.build(input_shape=(None, 4))
    for model in (by_data, by_hand, as_in_keras):
        assert (model.input_shape, model.output_shape, model.count_params()) == ((4,), (3,), 15)
        assert [layer.name for layer in model.layers] == ["dense"]


@pytest.mark.parametrize(
    ("model", "shape", "message"),
    [
        (Sequential(name="m"), (4,), "model 'm' has no layers yet: add some before building"),
        (stack(), (None, 5), r"takes examples of shape \(4,\), it cannot be built for \(5,\)"),
        (Sequential([Dense(3)]), (None, None), "only the batch size may be None"),
        (Sequential([Dense(3)]), (0,), "only the batch size may be None"),
    ],
)
def test_shapes_that_cannot_be_built_are_refused(model: Sequential, shape: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        model.build(shape)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (X[0], r"takes batches of shape \(batch, 4\), got \(4,\); add a batch axis with x\[None\]"),
        (X[:, :3], r"takes batches of shape \(batch, 4\), got \(3, 3\)$"),
        (3.0, r"takes batches of shape \(batch, 4\), got \(\)$"),
    ],
)
def test_examples_of_another_shape_are_answered_with_what_to_do(x: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        stack()(x)


def test_a_number_builds_nothing() -> None:
    with pytest.raises(ValueError, match=r"takes a batch of examples, not the single number 3\.0"):
        Sequential([Dense(3)])(3.0)


def test_an_output_is_the_callers_own() -> None:
    model = stack()
    first = model(X)
    kept = first.copy()
    model(-X)
    assert np.array_equal(first, kept)


class FitsSix(layers.Layer):
    def build(self, shape: Any) -> Any:
        if shape != (6,):
            raise ValueError("takes six numbers")
        return shape

    def forward(self, x: Any, training: bool = False) -> Any:
        return x


NESTED = [
    lambda: Sequential([Dense(5, "tanh"), Dense(2), layers.Reshape((3,))]),
    lambda: Sequential([Dropout(0.5), Sequential([Dense(2, "tanh")], name="inner"), layers.Reshape((3,))]),
    lambda: Sequential([layers.Residual([Dense(4, "relu")]), layers.Residual([Dense(2), Dense(3)])]),
    lambda: layers.Residual([Dense(2, "softmax"), layers.Reshape((3, 2))]),
    lambda: layers.Residual([Dense(5)]),
]


@pytest.mark.parametrize("make", NESTED)
@pytest.mark.parametrize(
    "attempt", [lambda model, shape: model.build(shape), lambda model, shape: model(np.ones(shape))]
)
def test_after_a_shape_that_does_not_fit_one_that_does_can_be_built(make: Any, attempt: Any) -> None:
    model = make()
    before = [layer.name for layer in model.layers]
    with pytest.raises(ValueError):
        attempt(model, (1, 4))
    assert not any(layer.built or layer.weights for layer in every_layer(model))
    assert [layer.name for layer in model.layers] == before


@pytest.mark.parametrize(
    "make",
    [
        lambda: Sequential([Dense(2, "tanh"), layers.Flatten(), FitsSix()]),
        lambda: Sequential([Sequential([Dense(2, "tanh")]), layers.Activation("relu"), layers.Flatten(), FitsSix()]),
        lambda: Sequential([layers.Residual([Dense(2, "relu")]), layers.Flatten(), FitsSix()]),
    ],
)
def test_a_failed_build_leaves_nothing_of_itself_behind(make: Any) -> None:
    model, fresh = make(), make()
    with pytest.raises(ValueError, match="takes six numbers"):
        model(np.ones((1, 4, 2)))
    x = np.ones((5, 3, 2))
    assert model(x).shape == fresh(x).shape == (5, 6)
    assert [w.name for w in model.weights] == [w.name for w in fresh.weights]
    assert [layer.input_shape for layer in model.layers] == [layer.input_shape for layer in fresh.layers]


def test_a_failed_build_leaves_alone_what_was_built_before() -> None:
    trained = Dense(3)
    trained(X)
    weights = trained.get_weights()
    model = Sequential([trained, FitsSix()])
    with pytest.raises(ValueError, match="takes six numbers"):
        model(X)
    assert same(trained.get_weights(), weights)


def test_a_layer_that_cannot_be_added_leaves_the_model_as_it_was() -> None:
    model, layer = Sequential(), FitsSix(input_shape=(3,))
    with pytest.raises(ValueError, match="takes six numbers"):
        model.add(layer)
    assert (model.built, model.sublayers, layer.name) == (False, [], None)
    model.add(FitsSix(input_shape=(6,)))
    assert model.output_shape == (6,)


# Adding and taking off.


def test_adding_and_popping_keep_the_weights_of_the_others() -> None:
    model = stack()
    before, output = model.get_weights(), model(X)
    model.add({"dense": 2})
    assert model(X).shape == (3, 2)
    last = model.pop()
    assert same(model.get_weights(), before)
    assert np.array_equal(model(X), output)
    assert last(output).shape == (3, 2)  # it stands alone now


def test_popping_everything_leaves_the_input() -> None:
    model = stack()
    model.pop()
    model.pop()
    assert (model.layers, model.output_shape, model.count_params()) == ([], (4,), 0)
    with pytest.raises(ValueError, match="has no layers to take off"):
        model.pop()


def test_names_are_made_unique_and_given_names_must_be() -> None:
    model = Sequential([Dense(1), Dense(2), Dense(3, name="top")])
    assert [layer.name for layer in model.layers] == ["dense", "dense_1", "top"]
    with pytest.raises(ValueError, match="has a layer 'top' already: names must be unique"):
        model.add(Dense(1, name="top"))


def test_what_cannot_be_added_leaves_the_model_and_the_layer_as_they_were() -> None:
    model, misfit = stack(), layers.Reshape((7,))
    before = model.get_weights()
    with pytest.raises(ValueError, match="cannot arrange"):
        model.add(misfit)
    assert len(model.layers) == 2
    assert same(model.get_weights(), before)
    assert Sequential([Input((7, 1)), misfit]).output_shape == (7,)


@pytest.mark.parametrize(
    ("layer", "error", "message"),
    [
        (3, TypeError, "expected a layer, got 3"),
        (Input((4,)), ValueError, "has begun already: an Input can only come first"),
        (stack().layers[0], ValueError, "layer 'dense' belongs to model 'sequential' already; copy.deepcopy"),
    ],
)
def test_what_is_no_layer_or_belongs_elsewhere_is_refused(layer: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        stack().add(layer)


def test_a_model_cannot_hold_itself_or_a_layer_twice() -> None:
    model = stack()
    for layer in (model, model.layers[0]):
        with pytest.raises(ValueError, match="belongs to model 'sequential' already"):
            model.add(layer)


def test_layers_are_found_by_name_and_index() -> None:
    model = stack()
    assert model.get_layer("dense_1") is model.get_layer(index=1) is model.get_layer(index=-1)
    with pytest.raises(ValueError, match=r"has no layer 'dens' \(layers: dense, dense_1\)"):
        model.get_layer("dens")
    with pytest.raises(ValueError, match="has 2 layers, there is no index 2"):
        model.get_layer(index=2)
    with pytest.raises(ValueError, match="either a name or an index"):
        model.get_layer()
    with pytest.raises(AttributeError, match=r"use add\(layer\) and pop\(\)"):
        model.layers = []


def test_a_layer_tried_alone_takes_its_random_stream_from_the_model() -> None:
    def outputs() -> Any:
        dropout = Dropout(0.5)
        dropout(X, training=True)
        return Sequential([Input((4,)), dropout], seed=1)(X, training=True)

    assert np.array_equal(outputs(), outputs())


def test_names_that_a_user_gave_are_never_changed() -> None:
    with pytest.raises(ValueError, match="has a layer 'dense' already"):
        Sequential([Dense(3, name="dense"), Dense(3, name="dense")])
    assert [layer.name for layer in Sequential([Dense(3), Dense(3)]).layers] == ["dense", "dense_1"]
