"""Changing the learning rate by epoch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers, schedules
from framework.callbacks import EarlyStopping, LearningRateScheduler
from framework.optimizers import SGD
from framework.registry import ArgumentError

X, Y = np.linspace(-1, 1, 40, dtype=np.float32).reshape(10, 4), np.arange(10) % 3


def model(rate: Any = 0.5) -> Sequential:
    net = Sequential([Input((4,)), layers.Dense(3, "softmax")], seed=1)
    net.compile(SGD(rate), "sparse_categorical_crossentropy")
    return net


def test_it_sets_the_rate_before_each_epoch_and_logs_it() -> None:
    asked: list[Any] = []

    def halve(epoch: int, rate: float) -> float:
        asked.append((epoch, rate))
        return rate / 2

    history = model().fit(X, Y, epochs=3, verbose=0, callbacks=[LearningRateScheduler(halve)])
    assert asked == [(0, 0.5), (1, 0.25), (2, 0.125)]
    assert history.history["learning_rate"] == [0.25, 0.125, 0.0625]


def test_numpy_numbers_are_numbers() -> None:
    net = model()
    net.fit(X, Y, verbose=0, callbacks=[LearningRateScheduler(lambda epoch, rate: np.float32(0.25))])  # type: ignore[arg-type,return-value]
    assert net.optimizer.learning_rate == 0.25


def test_verbose_says_the_rate(capsys: pytest.CaptureFixture[str]) -> None:
    model().fit(X, Y, verbose=0, callbacks=[LearningRateScheduler(lambda epoch, rate: 0.125, verbose=1)])
    assert capsys.readouterr().out.splitlines()[1:] == ["Epoch 1: learning rate 0.125"]


@pytest.mark.parametrize("answer", [None, "0.1", True, -0.1, float("nan")])
def test_an_answer_that_is_no_rate_is_refused(answer: Any) -> None:
    with pytest.raises(ValueError, match=r"LearningRateScheduler: the schedule must .* for epoch 0"):
        model().fit(X, Y, verbose=0, callbacks=[LearningRateScheduler(lambda epoch, rate: answer)])


def test_an_optimizer_with_a_schedule_of_its_own_cannot_be_steered() -> None:
    net = model(schedules.ExponentialDecay(0.1, 10, 0.5))
    with pytest.raises(TypeError, match="follows ExponentialDecay"):
        net.fit(X, Y, verbose=0, callbacks=[LearningRateScheduler(lambda epoch, rate: 0.1)])


def test_the_rate_can_be_watched_only_where_it_is_logged() -> None:
    watch = EarlyStopping(monitor="learning_rate")
    history = model().fit(X, Y, verbose=0, callbacks=[LearningRateScheduler(lambda epoch, rate: rate), watch])
    assert history.epoch == [0]
    with pytest.raises(ValueError, match="'learning_rate' will not be there"):
        model().fit(X, Y, verbose=0, callbacks=[watch])


@pytest.mark.parametrize("schedule", [lambda epoch: 0.25, lambda epoch, rate: 0.25])
def test_the_function_may_leave_the_rate_out(schedule: Any) -> None:
    net = model()
    net.fit(X, Y, verbose=0, callbacks=[LearningRateScheduler(schedule)])
    assert net.optimizer.learning_rate == 0.25


def test_a_number_is_no_function_of_the_epoch() -> None:
    with pytest.raises(
        ArgumentError, match=r"schedule must be a function of \(epoch\) or \(epoch, current rate\), got 0.1"
    ):
        LearningRateScheduler(0.1)  # type: ignore[arg-type]
