"""What the methods of a model give back, and what their arguments choose."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs Keras: pip install -e '.[oracle]'")

import keras

from framework import Input, Sequential

from .agreement import RECORD, agree
from .twins import compiled_twin, weights_of

RNG = np.random.default_rng(10)
X, Y, W = RNG.standard_normal((12, 3)), RNG.integers(0, 2, 12), RNG.uniform(0, 2, 12)
TOLERANCE = 1e-13


def models(metrics: Any = ("accuracy",), weighted: Any = ()) -> tuple[Sequential, Any]:
    ours = Sequential([Input((3,)), {"dense": {"units": 4, "activation": "tanh", "kernel_regularizer": "l2"}},
                       {"dense": {"units": 2, "activation": "softmax"}}], seed=2, dtype="float64")  # fmt: skip
    ours._compile({"sgd": {"learning_rate": 0.125}}, "sparse_categorical_crossentropy", list(metrics), list(weighted))
    for parameter in ours.weights:
        if parameter.regularizer is not None:  # Keras keeps the factor in float32
            parameter.regularizer.l2 = float(np.float32(0.01))
    return ours, compiled_twin(ours)


def kinds(result: Any) -> Any:
    if isinstance(result, dict):
        return sorted(result)
    return len(result) if isinstance(result, list) else "a number"


@pytest.mark.parametrize("metrics", [(), ("accuracy",), ("accuracy", "sparse_categorical_crossentropy")], ids=repr)
@pytest.mark.parametrize("as_dict", [False, True])
def test_results_have_the_same_form(metrics: Any, as_dict: bool) -> None:
    calls = [
        lambda m: m.evaluate(X, Y, verbose=0, return_dict=as_dict),
        lambda m: m.evaluate(X, Y, 5, 0, W, return_dict=as_dict),
        lambda m: m.evaluate(X, Y, 5, 0, steps=1, return_dict=as_dict),
        lambda m: m.test_on_batch(X, Y, W, return_dict=as_dict),
        lambda m: m.train_on_batch(X, Y, return_dict=as_dict),
        lambda m: m.train_on_batch(X, Y, W, return_dict=as_dict),
        lambda m: m.train_on_batch(X, Y, class_weight={0: 3.0}, return_dict=as_dict),
        lambda m: m.test_on_batch(X, Y, return_dict=as_dict),
    ]
    ours, theirs = models(metrics, metrics[1:])
    for call in calls:
        a, b = call(ours), call(theirs)
        assert kinds(a) == kinds(b)
        if as_dict:
            a, b = [a[name] for name in sorted(a)], [b[name] for name in sorted(b)]
        agree("results of methods", [np.asarray(a)], [np.asarray(b)], TOLERANCE)
    agree("results of methods", ours.get_weights(), weights_of(theirs), TOLERANCE)


@pytest.mark.parametrize(
    "options",
    [
        {"validation_split": 0.25},
        {"validation_split": 0.3, "batch_size": 5, "sample_weight": W},
        {"class_weight": {0: 0.5, 1: 2.0}, "batch_size": 4},
        {"class_weight": {1: 3.0}, "batch_size": 5, "epochs": 2},
        {"sample_weight": W, "batch_size": 7},
        {"steps_per_epoch": 2, "batch_size": 4, "epochs": 2},
        {"initial_epoch": 2, "epochs": 4, "batch_size": 5},
        {"validation_data": (X[:5], Y[:5], W[:5]), "validation_batch_size": 2, "validation_steps": 2},
        {"validation_data": (X[:5], Y[:5]), "validation_freq": 3, "epochs": 6},
    ],
    ids=lambda options: ", ".join(options),
)
@pytest.mark.filterwarnings("ignore")
def test_fit_trains_on_the_same_examples(options: dict[str, Any]) -> None:
    ours, theirs = models(("accuracy",), ("sparse_categorical_crossentropy",))
    a, b = (model.fit(X, Y, shuffle=False, verbose=0, **options) for model in (ours, theirs))
    assert sorted(a.history) == sorted(b.history)
    assert a.epoch == list(b.epoch)
    for name in a.history:
        agree("histories", [a.history[name]], [b.history[name]], TOLERANCE)
    agree("weights after fit", ours.get_weights(), weights_of(theirs), TOLERANCE)


def test_generators_are_taken_alike() -> None:
    def batches() -> Any:
        while True:
            for start in (0, 5, 9):
                yield X[start : start + 5], Y[start : start + 5], W[start : start + 5]

    ours, theirs = models()
    a, b = (model.fit(batches(), steps_per_epoch=2, epochs=3, verbose=0).history for model in (ours, theirs))
    for name in a:
        agree("histories", [a[name]], [b[name]], TOLERANCE)
    agree("weights after fit", ours.get_weights(), weights_of(theirs), TOLERANCE)


STACKS: list[Any] = [
    [{"dense": {"units": 5, "name": "first"}}, {"relu": {"name": "second"}}, {"dense": {"units": 3, "name": "third"}}],
    [
        {"conv2d": {"filters": 3, "kernel_size": 2, "name": "c"}},
        {"batch_normalization": {"name": "n"}},
        {"max_pooling2d": {"name": "p"}},
        {"flatten": {"name": "f"}},
        {"dropout": {"rate": 0.5, "name": "d"}},
        {"dense": {"units": 2000, "name": "wide"}},
    ],
    [{"dense": {"units": 700, "trainable": False, "name": "still"}}, {"dense": {"units": 10, "name": "out"}}],
]


def summaries(model: Any, **options: Any) -> str:
    texts: list[str] = []
    model.summary(print_fn=texts.append, **options)
    return "\n".join(texts)


@pytest.mark.parametrize("options", [{}, {"show_trainable": True, "line_length": 130}, {"line_length": 100}], ids=repr)
@pytest.mark.parametrize("stack", STACKS, ids=lambda stack: str(len(stack)))
def test_summaries_have_the_same_text(stack: Any, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")  # Keras's are as narrow as the terminal, and cut what does not fit
    shape = (6, 6, 1) if "conv2d" in stack[0] else (4,)
    ours = Sequential([Input(shape), *stack], name="model")
    theirs = keras.Sequential([keras.Input(shape)], name="model")
    for layer in ours.layers:
        config = {name: value for name, value in layer.get_config().items() if "initializer" not in name}
        theirs.add(getattr(keras.layers, type(layer).__name__)(**config))
    mine, expected = summaries(ours, **options), summaries(theirs, **options)
    # In double precision, as Keras makes models here, weights take twice the room.
    sizes = r" \([\d.]+ [KM]?B\)"
    assert re.sub(sizes, "", mine).splitlines() == re.sub(sizes, "", expected).strip("\n").splitlines()
    RECORD.note("summaries", 1, 0.0)
