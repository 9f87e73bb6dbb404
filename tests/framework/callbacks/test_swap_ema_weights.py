"""Averaged weights are judged, the others learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.callbacks import Callback, EarlyStopping, SwapEMAWeights

X, Y = np.random.default_rng(0).random((24, 3), np.float32), np.random.default_rng(1).random((24, 1), np.float32)


class Weights(Callback):
    """Notes the weights in the model, the averages, and when."""

    def __init__(self) -> None:
        self.seen: dict[str, list[Any]] = {}

    def note(self, event: str) -> None:
        pair = (self.model.parameters.value.copy(), self.model.optimizer.slots["ema"].copy())
        self.seen.setdefault(event, []).append(pair)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.note("batch")

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        self.note("test")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.note("epoch")


def build(use_ema: bool = True) -> Sequential:
    model = Sequential([Input((3,)), layers.Dense(1)], seed=2)
    model.compile({"sgd": {"learning_rate": 0.5, "use_ema": use_ema, "ema_momentum": 0.5}}, "mse")
    return model


def fit(swap_on_epoch: bool) -> tuple[Sequential, Weights]:
    model, weights = build(), Weights()
    callbacks = [SwapEMAWeights(swap_on_epoch), weights]
    model.fit(X, Y, epochs=3, batch_size=8, verbose=0, validation_split=0.25, callbacks=callbacks)
    return model, weights


@pytest.mark.parametrize("swap_on_epoch", [False, True])
def test_evaluation_sees_the_averages_and_learning_the_weights(swap_on_epoch: bool) -> None:
    _, weights = fit(swap_on_epoch)
    _, plain = build(), Weights()
    reference = build()
    reference.fit(X, Y, epochs=3, batch_size=8, verbose=0, validation_split=0.25, callbacks=[plain])
    for (value, ema), (same_value, same_ema) in zip(weights.seen["batch"], plain.seen["batch"], strict=True):
        np.testing.assert_array_equal(value, same_value)
        np.testing.assert_array_equal(ema, same_ema)
    for (value, ema), (other_value, other_ema) in zip(weights.seen["test"], plain.seen["test"], strict=True):
        np.testing.assert_array_equal(value, other_ema)
        np.testing.assert_array_equal(ema, other_value)


def test_the_end_of_an_epoch_sees_the_averages_on_request() -> None:
    for swap_on_epoch in (False, True):
        _, weights = fit(swap_on_epoch)
        for (value, ema), (last_value, last_ema) in zip(
            weights.seen["epoch"], weights.seen["batch"][2::3], strict=False
        ):
            np.testing.assert_array_equal(value, last_ema if swap_on_epoch else last_value)
            np.testing.assert_array_equal(ema, last_value if swap_on_epoch else last_ema)


@pytest.mark.parametrize("swap_on_epoch", [False, True])
def test_training_ends_with_the_averages(swap_on_epoch: bool) -> None:
    model, weights = fit(swap_on_epoch)
    _, last = weights.seen["batch"][-1]
    np.testing.assert_array_equal(model.parameters.value, last)
    np.testing.assert_array_equal(model.optimizer.slots["ema"], last)


@pytest.mark.parametrize("swap_on_epoch", [False, True])
def test_also_when_it_is_stopped_early(swap_on_epoch: bool) -> None:
    class Stop(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.stop_training = epoch == 1

    model, weights = build(), Weights()
    model.fit(X, Y, epochs=9, batch_size=8, verbose=0, callbacks=[SwapEMAWeights(swap_on_epoch), weights, Stop()])
    np.testing.assert_array_equal(model.parameters.value, weights.seen["batch"][-1][1])


def test_an_optimizer_without_averages_is_refused() -> None:
    with pytest.raises(ValueError, match=r"SwapEMAWeights needs averaged weights, .* make it with use_ema=True"):
        build(use_ema=False).fit(X, Y, verbose=0, callbacks=[SwapEMAWeights()])


class Fails(Callback):
    """Raises at one event of the second epoch, and notes the weights and the averages before it."""

    def __init__(self, event: str) -> None:
        self.event = event
        self.epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.weights = self.model.parameters.value.copy()
        self.averages = self.model.optimizer.slots["ema"].copy()

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        self._fail("validation")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._fail("end of the epoch")

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        self._fail("prediction")

    def _fail(self, event: str) -> None:
        if event == self.event and self.epoch == 1:
            assert self.model.optimizer.swapped
            raise KeyboardInterrupt


@pytest.mark.parametrize("event", ["validation", "end of the epoch"])
def test_an_error_leaves_the_weights_in_their_place(event: str) -> None:
    model, fails = build(), Fails(event)
    with pytest.raises(KeyboardInterrupt):
        model.fit(
            X, Y, epochs=3, batch_size=8, verbose=0, validation_split=0.25, callbacks=[SwapEMAWeights(True), fails]
        )
    assert not model.optimizer.swapped
    np.testing.assert_array_equal(model.parameters.value, fails.weights)
    np.testing.assert_array_equal(model.optimizer.slots["ema"], fails.averages)


def test_the_best_weights_come_back_as_weights_after_an_error() -> None:
    model, stopping = build(), EarlyStopping("loss", patience=9, restore_best_weights=True)
    fails = Fails("end of the epoch")
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, epochs=3, batch_size=8, verbose=0, callbacks=[stopping, SwapEMAWeights(True), fails])
    assert stopping.best_weights is not None
    for weight, best in zip(model.get_weights(), stopping.best_weights, strict=True):
        np.testing.assert_array_equal(weight, best)
    np.testing.assert_array_equal(model.optimizer.slots["ema"], fails.averages)


@pytest.mark.parametrize("event", ["validation", "prediction"])
def test_so_does_an_error_in_evaluation_and_prediction_alone(event: str) -> None:
    model, fails = build(), Fails(event)
    model.fit(X, Y, batch_size=8, verbose=0)
    model.train_on_batch(X, Y)
    before, fails.epoch = model.parameters.value.copy(), 1
    run = model.predict if event == "prediction" else lambda x, callbacks: model.evaluate(x, Y, callbacks=callbacks)
    with pytest.raises(KeyboardInterrupt):
        run(X, callbacks=[SwapEMAWeights(), fails])
    assert not model.optimizer.swapped
    np.testing.assert_array_equal(model.parameters.value, before)
