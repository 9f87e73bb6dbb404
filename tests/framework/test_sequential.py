"""Keras's verbs on a model, and what happens to training when the model changes under it."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.callbacks import Callback, LambdaCallback
from framework.layers import Dense
from framework.optimizers import SGD

X = np.linspace(-1, 1, 40, dtype=np.float32).reshape(10, 4) ** 3
Y = np.arange(10) % 3
FIT: dict[str, Any] = {"batch_size": 5, "verbose": 0}


def build(*, seed: int = 1, **arguments: Any) -> Sequential:
    net = Sequential([Input((4,)), Dense(6, "tanh"), layers.Dropout(0.25), Dense(3, "softmax")], seed=seed)
    net.compile(**{"optimizer": SGD(0.1, momentum=0.9), "loss": "sparse_categorical_crossentropy"} | arguments)
    return net


# Results.


def test_evaluate_gives_a_number_a_list_or_a_dict() -> None:
    plain, rich = build(), build(metrics=["accuracy"])
    assert type(plain.evaluate(X, Y)) is float
    loss, accuracy = rich.evaluate(X, Y)
    assert rich.evaluate(X, Y, return_dict=True) == {"loss": loss, "accuracy": accuracy}
    assert rich.metrics_names == ["loss", "accuracy"]


def test_the_on_batch_methods_report_their_batch_alone() -> None:
    net = build(metrics=["accuracy"])
    whole, part = net.test_on_batch(X, Y), net.test_on_batch(X[:2], Y[:2])
    assert net.test_on_batch(X, Y) == whole != part
    assert net.train_on_batch(X, Y, return_dict=True).keys() == {"loss", "accuracy"}
    assert net.optimizer.iterations == 1


def test_train_on_batch_weighs_by_class_as_by_sample() -> None:
    by_class, by_sample = build(), build()
    by_class.train_on_batch(X, Y, class_weight={0: 2.0})
    by_sample.train_on_batch(X, Y, sample_weight=np.where(Y == 0, 2.0, 1.0))
    assert np.array_equal(by_class.parameters.value, by_sample.parameters.value)
    with pytest.raises(ValueError, match="either class_weight or sample_weight, not both"):
        by_class.train_on_batch(X, Y, sample_weight=np.ones(10), class_weight={0: 2.0})


@pytest.mark.parametrize(
    "x", [X, X.astype(np.float64), X.tolist(), np.asfortranarray(X), X[::-1][::-1], [(X[:4],), (X[4:],)]]
)
def test_predict_takes_numbers_in_any_form(x: Any) -> None:
    net = build()
    output = net.predict(x)
    np.testing.assert_allclose(output, net(X), rtol=1e-6)
    assert output.dtype == np.float32


def test_predict_takes_bytes_and_a_memory_map(tmp_path: Path) -> None:
    net, pixels = build(), np.arange(40, dtype=np.uint8).reshape(10, 4)
    np.save(tmp_path / "x.npy", pixels)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert np.array_equal(net.predict(pixels), net.predict(mapped))
    assert np.array_equal(net.predict(pixels), net(pixels))


@pytest.mark.parametrize("n", [1, 3])
def test_any_number_of_examples_is_predicted_as_one_by_one(n: int) -> None:
    net = build()
    one_by_one = np.concatenate([net.predict_on_batch(x[None]) for x in X[:n]])
    np.testing.assert_allclose(net.predict(X[:n], batch_size=2), one_by_one, rtol=1e-6)


@pytest.mark.parametrize("verb", ["predict", "evaluate"])
def test_no_examples_is_an_error(verb: str) -> None:
    with pytest.raises(ValueError, match="x holds no examples"):
        getattr(build(), verb)(*(X[:0], Y[:0])[: 1 + (verb == "evaluate")])


def test_predict_builds_a_model_that_is_not_built() -> None:
    assert Sequential([Dense(3)]).predict(X).shape == (10, 3)


# Weights.


def test_weights_that_do_not_fit_change_nothing() -> None:
    net = build()
    before = net.get_weights()
    with pytest.raises(ValueError, match="has 4 weights, 3 were given"):
        net.set_weights(before[:3])
    with pytest.raises(ValueError, match=r"'dense_1/bias' has shape \(3,\), got \(4,\)"):
        net.set_weights([*(0 * w for w in before[:3]), np.zeros(4)])
    assert all(np.array_equal(a, b) for a, b in zip(before, net.get_weights(), strict=True))


# Training while the model changes.


class At(Callback):
    """Does something after a batch."""

    def __init__(self, batch: int, act: Any) -> None:
        self.batch, self.act = batch, act

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if batch == self.batch:
            self.act(self.model)


def test_freezing_in_the_middle_of_fit_takes_effect_with_the_next_batch() -> None:
    net, frozen = build(), []

    def freeze(model: Any) -> None:
        model.layers[0].trainable = False
        frozen.append(model.get_weights())

    net.fit(X, Y, callbacks=[At(0, freeze)], epochs=3, **FIT)
    kernel, bias, last_kernel, _ = net.get_weights()
    assert np.array_equal(kernel, frozen[0][0])
    assert np.array_equal(bias, frozen[0][1])
    assert not np.array_equal(last_kernel, frozen[0][2])


def test_freezing_a_layer_keeps_the_slots_of_the_others() -> None:
    net = build()
    net.fit(X, Y, **FIT)
    momentum = net.optimizer.slots["momentum"].copy()
    last = sum(w.size for w in net.layers[-1].weights)
    net.layers[0].trainable = False
    assert np.array_equal(net.optimizer.slots["momentum"], momentum[-last:])
    assert momentum.any()


def test_a_frozen_model_learns_nothing() -> None:
    net = build()
    before = net.get_weights()
    net.trainable = False
    net.fit(X, Y, **FIT)
    assert all(np.array_equal(a, b) for a, b in zip(before, net.get_weights(), strict=True))


def test_a_layer_added_to_a_compiled_model_is_trained_and_the_others_keep_their_weights_and_slots() -> None:
    net = Sequential([Input((4,)), Dense(6, "tanh")], seed=1)
    net.compile(SGD(0.1, momentum=0.9), "mse")
    net.fit(X, np.zeros((10, 6)), **FIT)
    before, slots = net.get_weights(), net.optimizer.slots["momentum"].copy()
    net.add(Dense(3))
    assert np.array_equal(net.optimizer.slots["momentum"], np.r_[slots, np.zeros(21)])
    assert all(np.array_equal(a, b) for a, b in zip(before, net.get_weights()[:2], strict=True))
    added = net.get_weights()[2]
    net.fit(X, np.zeros((10, 3)), **FIT)
    assert not np.array_equal(net.get_weights()[2], added)
    net.pop()
    assert net.optimizer.slots["momentum"].size == net.parameters.size == 30


def test_compiling_before_building_trains_what_the_data_builds() -> None:
    early, late = Sequential([Dense(6, "tanh"), Dense(3, "softmax")], seed=1), build()
    early.compile(SGD(0.1), "sparse_categorical_crossentropy")
    early.fit(X, Y, **FIT)
    assert (early.input_shape, early.optimizer.iterations, late.built) == ((4,), 2, True)


def test_a_nested_model_trains_as_the_flat_one() -> None:
    flat = Sequential([Input((4,)), Dense(6, "tanh"), Dense(5, "tanh"), Dense(3, "softmax")], seed=1)
    nested = Sequential([Input((4,)), Dense(6, "tanh"), Sequential([Dense(5, "tanh"), Dense(3, "softmax")])], seed=1)
    for net in (flat, nested):
        net.compile("adam", "sparse_categorical_crossentropy")
        net.fit(X, Y, epochs=3, **FIT)
    assert np.array_equal(flat.parameters.value, nested.parameters.value)


def test_a_model_that_became_part_of_another_is_not_trained_by_itself() -> None:
    inner = build()
    Sequential([Input((4,)), inner], name="outer")
    for verb in (inner.fit, inner.train_on_batch, inner.evaluate):
        with pytest.raises(ValueError, match="is part of 'outer': by itself it cannot be trained or evaluated"):
            verb(X, Y)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_a_copy_goes_on_training_to_the_same_bits(copied: Any) -> None:
    net = build(optimizer="adam", metrics=["accuracy"])
    net.fit(X, Y, epochs=2, **FIT)
    twin = copied(net)
    for model in (net, twin):
        model.fit(X, Y, epochs=2, **FIT)
    assert np.array_equal(net.parameters.value, twin.parameters.value)
    assert net.history is not None
    assert net.history.history == twin.history.history
    assert not np.shares_memory(net.parameters.value, twin.parameters.value)


@pytest.mark.parametrize("error", [KeyboardInterrupt, GeneratorExit, ValueError])
def test_an_exception_in_the_middle_of_fit_leaves_a_usable_model(error: type[BaseException]) -> None:
    def fail(*_: Any) -> None:
        raise error

    net = build()
    with pytest.raises(error):
        net.fit(X, Y, callbacks=[LambdaCallback(on_train_batch_end=fail)], **FIT)
    assert net.optimizer.iterations == 1
    assert net.fit(X, Y, epochs=2, **FIT).epoch == [0, 1]
    assert np.isfinite(net.predict(X)).all()


def test_predicting_in_the_middle_of_fit_does_not_disturb_it() -> None:
    alone, watched = build(), build()
    alone.fit(X, Y, epochs=2, **FIT)
    watched.fit(X, Y, epochs=2, callbacks=[At(0, lambda model: model.predict(X[:3]))], **FIT)
    assert np.array_equal(alone.parameters.value, watched.parameters.value)


def test_compiling_anew_begins_with_a_fresh_optimizer_and_keeps_the_weights() -> None:
    net = build()
    net.fit(X, Y, **FIT)
    before = net.get_weights()
    net.compile("sgd", "sparse_categorical_crossentropy")
    assert net.optimizer.iterations == 0
    assert all(np.array_equal(a, b) for a, b in zip(before, net.get_weights(), strict=True))


# Describing.


def test_the_configuration_makes_the_same_model() -> None:
    net = build()
    again = Sequential.from_config(net.get_config())
    assert again.get_config() == net.get_config() == json.loads(net.to_json())
    assert np.array_equal(again(X), build()(X))


def test_an_uncompiled_model_has_no_figures_and_says_what_to_do() -> None:
    net = Sequential([Input((4,)), Dense(3)])
    assert (net.compiled, net.metrics) == (False, [])
    with pytest.raises(ValueError, match=r"model 'sequential' is not compiled: call compile\(optimizer, loss\) first"):
        _ = net.optimizer


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[" * 100_000, "nested deeper than 100 levels"),
        ('{"layers": [' + "0," * 20_000 + "0]}", "at most 1,000 layers in a row"),
        ('{"layers": [], "layers": []}', "twice"),
        ('{"seed": NaN}', "it is not JSON"),
        ("[]", "is a mapping of its arguments"),
    ],
)
def test_json_beyond_the_limits_of_a_model_file_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Sequential.from_json(text)
