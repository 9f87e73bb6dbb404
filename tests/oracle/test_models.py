"""Random models, side by side: outputs, losses, gradients, and all weights after several steps of training.

What fails prints the experiment, whose seed makes it again: `experiment(17)`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs Keras: pip install -e '.[oracle]'")

import tensorflow as tf

from framework import Input, Sequential, optimizers

from .agreement import agree, agree_in_single
from .generator import Experiment, experiment
from .twins import compiled_twin, floatx, in_single, round_numbers, weights_of

SEEDS = range(312)
IN_SINGLE = SEEDS[::6]
FITTED = SEEDS[::11]

ONE_PASS = 1e-12
"""For what a pass through a whole model, and back, makes of the last digits of double precision."""
TOLERANCE = 1e-10
"""The same for several steps of training."""
NADAM = 1e-7
"""Keras's Nadam keeps its 0.96 in float32."""
SATURATED = 1e-5
STEPS = (6, 5, 4)
"""The sizes of the batches."""


def models(drawn: Experiment, dtype: str) -> tuple[Sequential, Any]:
    """Ours and Keras's, compiled, with the same weights, none of them all zeros."""
    ours = Sequential([Input(drawn.input_shape), *drawn.layers], seed=drawn.seed, dtype=dtype)
    optimizer = in_single(optimizers.get(drawn.optimizer))
    ours._compile(optimizer, drawn.loss, drawn.metrics, drawn.weighted_metrics)
    round_numbers(ours)
    rng = np.random.default_rng(drawn.seed)
    ours.set_weights([np.float32(w + 0.125 * rng.random(w.shape)) for w in ours.get_weights()])
    return ours, compiled_twin(ours)


def batch(drawn: Experiment, size: int, number: int, dtype: str) -> tuple[Any, ...]:
    x, y, samples, classes = drawn.data(size, number)
    y = y if y.dtype.kind == "i" else y.astype(dtype)
    return x.astype(dtype), y, None if samples is None else samples.astype(dtype), classes


def first_gradients(ours: Sequential, theirs: Any, data: tuple[Any, ...]) -> tuple[list[Any], list[Any]]:
    """Outputs, loss and gradients of one batch, in training; the weights are left as they were."""
    x, y, samples, _ = data
    before = ours.get_weights()
    y_ours = ours.forward(x, True)
    ours.trainer.prepare()
    loss = ours.trainer._differentiate(y, y_ours, samples)
    found = [y_ours.copy(), loss, *(p.grad.copy() for p in ours.trainable_weights)]
    with tf.GradientTape() as tape:
        y_theirs = theirs(x, training=True)
        value = theirs.compute_loss(x, tf.constant(y), y_theirs, samples, training=True)
    gradients = tape.gradient(value, theirs.trainable_weights, unconnected_gradients="zero")
    expected = [y_theirs.numpy(), value.numpy(), *(tf.convert_to_tensor(g).numpy() for g in gradients)]
    if x.dtype == np.float64:
        agree("models: moving averages", ours.get_weights(), weights_of(theirs), ONE_PASS)
    ours.set_weights(before)
    theirs.set_weights(before)
    return found, expected


@pytest.mark.parametrize("seed", SEEDS)
def test_models_learn_alike(seed: int) -> None:
    drawn = experiment(seed)
    print(drawn)
    ours, theirs = models(drawn, "float64")
    found, expected = first_gradients(ours, theirs, batch(drawn, 6, 0, "float64"))
    for part, a, b in zip(["outputs", "losses", *["gradients"] * len(found)], found, expected, strict=False):
        agree(f"models: {part}", [a], [b], ONE_PASS)
    for number, size in enumerate(STEPS):
        x, y, samples, classes = batch(drawn, size, number, "float64")
        if ours.predict_on_batch(x).min() < SATURATED and "softmax" in repr(drawn.layers[-1]):
            break  # Keras clips probabilities when it runs eagerly; we, and its compiled graphs, go by the logits
        logs = [model.train_on_batch(x, y, samples, classes, return_dict=True) for model in (ours, theirs)]
        assert set(logs[0]) == set(logs[1])
        agree("models: logs", *([log[name] for name in logs[0]] for log in logs), METRICS)
        check_weights(ours, theirs)


def check_weights(ours: Sequential, theirs: Any) -> None:
    is_nadam = isinstance(ours.optimizer, optimizers.Nadam)
    subject = "models: weights (Nadam)" if is_nadam else "models: weights"
    agree(subject, ours.get_weights(), weights_of(theirs), NADAM if is_nadam else TOLERANCE)


def check_evaluation(ours: Sequential, theirs: Any, drawn: Experiment) -> None:
    x, y, samples, _ = batch(drawn, 11, 99, "float64")
    logs = [m.evaluate(x, y, 4, 0, sample_weight=samples, return_dict=True) for m in (ours, theirs)]
    agree("models: evaluate", *([log[name] for name in logs[0]] for log in logs), METRICS)
    agree("models: predict", *([m.predict(x, batch_size=4, verbose=0)] for m in (ours, theirs)), METRICS)


METRICS = 3e-7
"""Keras's F1Score, and what it ranks, is of that precision only."""


@pytest.mark.parametrize("seed", FITTED)
def test_models_are_fitted_alike(seed: int) -> None:
    drawn = experiment(seed)
    print(drawn)
    ours, theirs = models(drawn, "float64")
    x, y, samples, classes = batch(drawn, 13, 0, "float64")
    validation = batch(drawn, 7, 1, "float64")[:2]
    histories = [
        model.fit(
            x,
            y,
            batch_size=4,
            epochs=2,
            verbose=0,
            shuffle=False,
            sample_weight=samples,
            class_weight=classes,
            validation_data=validation,
            validation_freq=2,
        ).history
        for model in (ours, theirs)
    ]
    ours_by_name, theirs_by_name = histories
    assert set(ours_by_name) == set(theirs_by_name)
    for name in ours_by_name:
        agree("models: histories", *([np.hstack(history[name])] for history in histories), METRICS)
    check_weights(ours, theirs)
    check_evaluation(ours, theirs, drawn)


@pytest.mark.parametrize("seed", IN_SINGLE)
def test_float32_loses_no_more_than_in_keras(seed: int) -> None:
    drawn = experiment(seed)
    print(drawn)
    exact, _ = first_gradients(*models(drawn, "float64"), batch(drawn, 6, 0, "float64"))
    with floatx("float32"):
        found, expected = first_gradients(*models(drawn, "float32"), batch(drawn, 6, 0, "float32"))
    agree_in_single("models: outputs, losses and gradients", exact, found, expected)
