"""When training stops, and which weights it leaves; expectations computed with Keras 3.15."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.callbacks import Callback, EarlyStopping
from framework.registry import ArgumentError

X, Y = np.linspace(-1, 1, 40, dtype=np.float32).reshape(10, 4), np.arange(10) % 3
DOWN = [0.9, 0.7, 0.8, 0.71, 0.75, 0.6, 0.65]
UP = [0.1, 0.5, 0.4, 0.5, 0.6, 0.55, 0.3]
FLAT = [1.0, 1.0, 1.0, 1.0]


class Figures(Callback):
    """Logs a figure from a list, and notes the weights of each epoch."""

    log_names = ("figure",)

    def __init__(self, figures: list[float]) -> None:
        self.figures = figures
        self.weights: list[Any] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs["figure"] = self.figures[epoch]
        self.weights.append(self.model.parameters.value.copy())


def fit(figures: list[float], stopping: EarlyStopping, *others: Callback) -> tuple[Sequential, Figures]:
    net = Sequential([Input((4,)), layers.Dense(3, "softmax")], seed=1)
    net.compile("sgd", "sparse_categorical_crossentropy", ["accuracy"])
    logs = Figures(figures)
    net.fit(X, Y, epochs=len(figures), verbose=0, callbacks=[logs, stopping, *others])
    return net, logs


@pytest.mark.parametrize(
    ("figures", "arguments", "epochs", "best"),
    [
        (DOWN, {}, 3, 1),
        (DOWN, {"patience": 1}, 3, 1),
        (DOWN, {"patience": 2}, 4, 1),
        (DOWN, {"patience": 3}, 5, 1),
        (DOWN, {"patience": 4}, 7, 5),
        (DOWN, {"patience": 2, "min_delta": 0.15}, 4, 1),
        (DOWN, {"patience": 2, "min_delta": -0.15}, 4, 1),
        (DOWN, {"patience": 2, "baseline": 0.5}, 3, 1),
        (DOWN, {"patience": 3, "baseline": 0.65}, 3, 1),
        (DOWN, {"patience": 1, "start_from_epoch": 3}, 5, 3),
        (UP, {"mode": "max", "patience": 1}, 3, 1),
        (UP, {"mode": "max", "patience": 2}, 4, 1),
        (UP, {"mode": "max", "patience": 2, "min_delta": 0.05}, 4, 1),
        (FLAT, {"patience": 0}, 2, 0),
        (FLAT, {"patience": 2}, 3, 0),
        (FLAT, {"patience": 5}, 4, 0),
    ],
)
def test_it_stops_when_keras_stops_and_restores_what_keras_restores(
    figures: list[float], arguments: dict[str, Any], epochs: int, best: int
) -> None:
    net, logs = fit(figures, EarlyStopping("figure", restore_best_weights=True, **arguments))
    assert len(logs.weights) == epochs
    assert np.array_equal(net.parameters.value, logs.weights[best])


def test_without_restoring_the_last_weights_stay() -> None:
    net, logs = fit(DOWN, EarlyStopping("figure"))
    assert np.array_equal(net.parameters.value, logs.weights[-1])


def test_nan_is_never_the_best() -> None:
    figures = [math.nan, 0.5, math.nan, 0.4, 0.6]
    net, logs = fit(figures, EarlyStopping("figure", patience=2, restore_best_weights=True))
    assert len(logs.weights) == 5
    assert np.array_equal(net.parameters.value, logs.weights[3])


class Interrupts(Callback):
    def __init__(self, how: str) -> None:
        self.how = how

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 3:
            if self.how == "stop":
                self.model.stop_training = True
            else:
                raise KeyboardInterrupt


@pytest.mark.parametrize("how", ["stop", "exception"])
def test_the_best_weights_come_back_whatever_ends_the_training(how: str) -> None:
    stopping, held = EarlyStopping("figure", patience=10, restore_best_weights=True), []

    class Holds(Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            held.append(self.model)

    try:
        fit(DOWN, stopping, Interrupts(how), Holds())
    except KeyboardInterrupt:
        assert how == "exception"
    assert stopping.best_epoch == 1
    best = stopping.best_weights
    assert best is not None
    assert all(np.array_equal(a, b) for a, b in zip(held[0].get_weights(), best, strict=True))


def test_a_second_fit_begins_anew() -> None:
    stopping = EarlyStopping("figure", patience=1)
    fit([0.1, 0.2, 0.3], stopping)
    _, logs = fit([0.9, 0.8, 0.7], stopping)
    assert len(logs.weights) == 3


def test_the_direction_comes_from_the_metric() -> None:
    stopping = EarlyStopping("accuracy", patience=9, restore_best_weights=True)
    net = Sequential([Input((4,)), layers.Dense(3, "softmax")], seed=1)
    net.compile("sgd", "sparse_categorical_crossentropy", ["accuracy"])
    history = net.fit(X, Y, epochs=6, verbose=0, callbacks=[stopping])
    assert stopping.best == max(history.history["accuracy"])


def test_epochs_without_validation_are_not_counted() -> None:
    net = Sequential([Input((4,)), layers.Dense(3, "softmax")], seed=1)
    net.compile("sgd", "sparse_categorical_crossentropy")
    net.optimizer.learning_rate = 0.0
    stopping = EarlyStopping(patience=1)
    history = net.fit(X, Y, epochs=9, validation_split=0.2, validation_freq=3, verbose=0, callbacks=[stopping])
    assert history.epoch[-1] == 5


def test_verbose_says_when_and_which(capsys: pytest.CaptureFixture[str]) -> None:
    fit(DOWN, EarlyStopping("figure", patience=2, verbose=1))
    assert capsys.readouterr().out.splitlines()[1:] == ["Epoch 4: early stopping, best was epoch 2"]


@pytest.mark.parametrize("monitor", ["val_loss", "acuracy", "learning_rate"])
def test_a_monitor_that_will_not_be_there_stops_fit_before_training(monitor: str) -> None:
    figures = Figures(DOWN)
    net = Sequential([Input((4,)), layers.Dense(3, "softmax")], seed=1)
    net.compile("sgd", "sparse_categorical_crossentropy", ["accuracy"])
    before = net.parameters.value.copy()
    with pytest.raises(ValueError, match=rf"'{monitor}' will not be there.*\(available: loss, accuracy, figure\)"):
        net.fit(X, Y, verbose=0, callbacks=[figures, EarlyStopping(monitor)])
    assert np.array_equal(net.parameters.value, before)


def test_its_state_is_that_of_the_watching() -> None:
    stopping, other = (EarlyStopping("figure", patience=2, restore_best_weights=True) for _ in range(2))
    fit(DOWN[:3], stopping)
    fit(FLAT[:1], other)
    state = stopping.get_state()
    weights = state.pop("best_weights")
    assert state == {"wait": 1, "best": 0.7, "best_epoch": 1, "stopped_epoch": 0}
    other.set_state(stopping.get_state())
    assert other.wait == 1
    assert other.best_weights is not None
    assert all(np.array_equal(a, b) for a, b in zip(other.best_weights, weights, strict=True))


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        ({"patience": -1}, "patience"),
        ({"patience": 1.5}, "patience"),
        ({"min_delta": "1"}, "min_delta"),
        ({"mode": "up"}, "mode"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments: dict[str, Any], culprit: str) -> None:
    with pytest.raises(ArgumentError, match=f"EarlyStopping: {culprit} must be") as caught:
        EarlyStopping(**arguments)
    assert caught.value.argument == culprit
