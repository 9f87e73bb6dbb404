"""When the learning rate goes down; expectations computed with Keras 3.15."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.callbacks import Callback, ReduceLROnPlateau
from framework.registry import ArgumentError

X, Y = np.zeros((4, 2), np.float32), np.zeros((4, 1))
FIGURES = [1.0, 0.9, 0.95, 0.92, 0.91, 0.9, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6]


class Figures(Callback):
    log_names = ("figure",)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs["figure"] = FIGURES[epoch]


def rates(**arguments: Any) -> list[float]:
    net = Sequential([Input((2,)), layers.Dense(1)], seed=0)
    net.compile({"sgd": {"learning_rate": 1.0}}, "mse")
    plateau = ReduceLROnPlateau("figure", **arguments)
    history = net.fit(X, Y, epochs=len(FIGURES), verbose=0, callbacks=[Figures(), plateau])
    return [round(rate, 6) for rate in history.history["learning_rate"]]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, [1.0] * 12),
        ({"factor": 0.5, "patience": 2}, [1, 1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125, 0.0625]),
        (
            {"factor": 0.5, "patience": 1, "cooldown": 2},
            [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125, 0.0625, 0.0625],
        ),
        ({"patience": 2, "min_lr": 0.05}, [1, 1, 1, 1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05]),
        (
            {"factor": 0.5, "patience": 0},
            [1, 1, 1, 0.5, 0.25, 0.125, 0.0625, 0.0625, 0.03125, 0.015625, 0.007812, 0.003906],
        ),
        (
            {"factor": 0.5, "patience": 2, "min_delta": 0.2},
            [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.125, 0.125, 0.0625],
        ),
        (
            {"factor": 0.5, "patience": 1, "mode": "max"},
            [1, 1, 0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.007812, 0.003906, 0.001953, 0.000977],
        ),
    ],
)
def test_rates_are_those_of_keras(arguments: dict[str, Any], expected: list[float]) -> None:
    assert rates(**arguments) == expected


def test_verbose_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    rates(patience=2, factor=0.5, verbose=1)
    assert "Epoch 4: learning rate reduced to 0.5" in capsys.readouterr().out


def test_a_schedule_is_refused() -> None:
    net = Sequential([Input((2,)), layers.Dense(1)])
    decay = {"exponential_decay": {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5}}
    net.compile({"sgd": {"learning_rate": decay}}, "mse")
    with pytest.raises(TypeError, match="ReduceLROnPlateau cannot change the learning rate of SGD: it follows"):
        net.fit(X, Y, verbose=0, callbacks=[ReduceLROnPlateau("loss")])


def test_a_figure_that_will_not_be_there_is_an_error() -> None:
    net = Sequential([Input((2,)), layers.Dense(1)])
    net.compile("sgd", "mse")
    with pytest.raises(ValueError, match="ReduceLROnPlateau: the monitored figure 'val_loss' will not be there"):
        net.fit(X, Y, verbose=0, callbacks=[ReduceLROnPlateau()])


@pytest.mark.parametrize("arguments", [{"factor": 1.0}, {"patience": -1}, {"min_lr": -1}, {"cooldown": 0.5}])
def test_nonsense_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"ReduceLROnPlateau: {next(iter(arguments))} must be"):
        ReduceLROnPlateau(**arguments)


def test_its_state_is_that_of_the_watching() -> None:
    plateau = ReduceLROnPlateau("figure", cooldown=3)
    state = {"best": 0.5, "wait": 2, "cooldown_counter": 1}
    plateau.set_state(state)
    assert plateau.get_state() == state
