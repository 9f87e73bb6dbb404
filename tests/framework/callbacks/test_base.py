"""Events: their order is that of Keras 3.15, recorded there with the same arguments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.callbacks import Callback, CallbackList, EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from framework.callbacks.base import EVENTS, defines

X, Y = np.linspace(-1, 1, 40, dtype=np.float32).reshape(10, 4), np.arange(10) % 3


class Recorder(Callback):
    """Notes every event, with the names in its logs; stops training at one of them."""

    def __init__(self, stop_at: str = "") -> None:
        self.stop_at = stop_at
        self.events: list[str] = []

    def _note(self, event: str, *arguments: Any) -> None:
        *index, logs = arguments
        note = " ".join([event.removeprefix("on_"), *map(str, index)])
        assert isinstance(logs, dict)
        self.events.append(f"{note}: {' '.join(sorted(logs))}" if logs else note)
        if note == self.stop_at:
            self.model.stop_training = True


for _event in EVENTS:
    setattr(Recorder, _event, lambda self, *arguments, event=_event: self._note(event, *arguments))


def model() -> Sequential:
    net = Sequential([Input((4,)), layers.Dense(3, "softmax")], seed=1)
    net.compile("sgd", "sparse_categorical_crossentropy", ["accuracy"])
    return net


def batches(count: int) -> list[str]:
    return [note for i in range(count) for note in (f"train_batch_begin {i}", f"train_batch_end {i}: accuracy loss")]


TEST = ["test_begin", "test_batch_begin 0", "test_batch_end 0: accuracy loss", "test_end: accuracy loss"]
ALL = "accuracy loss val_accuracy val_loss"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            {"epochs": 2},
            [
                "train_begin",
                *("epoch_begin 0", *batches(2), "epoch_end 0: accuracy loss"),
                *("epoch_begin 1", *batches(2), "epoch_end 1: accuracy loss"),
                "train_end: accuracy loss",
            ],
        ),
        (
            {"epochs": 3, "initial_epoch": 2, "validation_data": (X[:4], Y[:4])},
            ["train_begin", "epoch_begin 2", *batches(2), *TEST, f"epoch_end 2: {ALL}", f"train_end: {ALL}"],
        ),
        (
            {"epochs": 3, "validation_freq": 2, "validation_data": (X[:4], Y[:4])},
            [
                "train_begin",
                *("epoch_begin 0", *batches(2), "epoch_end 0: accuracy loss"),
                *("epoch_begin 1", *batches(2), *TEST, f"epoch_end 1: {ALL}"),
                *("epoch_begin 2", *batches(2), "epoch_end 2: accuracy loss"),
                "train_end: accuracy loss",
            ],
        ),
        ({"epochs": 2, "initial_epoch": 2}, ["train_begin", "train_end"]),
    ],
    ids=["plain", "initial epoch and validation", "validation every other epoch", "nothing left to do"],
)
def test_the_order_of_events_in_fit_is_that_of_keras(arguments: dict[str, Any], expected: list[str]) -> None:
    recorder = Recorder()
    model().fit(X, Y, batch_size=5, verbose=0, callbacks=[recorder], **arguments)
    assert recorder.events == expected


def test_stopping_in_mid_epoch_ends_the_epoch_after_its_validation() -> None:
    recorder = Recorder(stop_at="train_batch_end 0")
    model().fit(X, Y, 5, epochs=3, verbose=0, callbacks=[recorder], validation_data=(X[:4], Y[:4]))
    assert recorder.events == [
        *("train_begin", "epoch_begin 0", *batches(1), *TEST, f"epoch_end 0: {ALL}", f"train_end: {ALL}")
    ]


def test_a_stop_before_the_first_batch_lets_one_batch_pass_as_in_keras() -> None:
    recorder = Recorder(stop_at="epoch_begin 0")
    model().fit(X, Y, batch_size=5, epochs=3, verbose=0, callbacks=[recorder])
    assert [note for note in recorder.events if note.startswith("train_batch_end")] == batches(1)[1:]


def test_the_next_fit_forgets_that_the_last_one_was_stopped() -> None:
    net = model()
    net.fit(X, Y, verbose=0, epochs=3, callbacks=[Recorder(stop_at="epoch_end 0")])
    assert net.fit(X, Y, verbose=0, epochs=3).epoch == [0, 1, 2]


def test_the_order_of_events_in_predict_and_evaluate() -> None:
    recorder = Recorder()
    model().predict(X, batch_size=5, callbacks=[recorder])
    model().evaluate(X[:4], Y[:4], callbacks=[recorder])
    assert recorder.events == [
        "predict_begin",
        *("predict_batch_begin 0", "predict_batch_end 0: outputs"),
        *("predict_batch_begin 1", "predict_batch_end 1: outputs"),
        *("predict_end", *TEST),
    ]


class Failing(Callback):
    def __init__(self, event: str) -> None:
        setattr(self, event, self._fail)

    def _fail(self, *_: Any) -> None:
        raise KeyboardInterrupt


@pytest.mark.parametrize("event", ["on_epoch_begin", "on_train_batch_end", "on_epoch_end", "on_train_end"])
def test_train_end_is_told_to_everybody_even_after_an_exception(event: str) -> None:
    before, after = Recorder(), Recorder()
    with pytest.raises(KeyboardInterrupt):
        model().fit(X, Y, verbose=0, callbacks=[before, Failing(event), after])
    assert all(recorder.events[-1].startswith("train_end") for recorder in (before, after))


def test_train_end_is_told_to_those_that_had_begun_when_beginning_fails() -> None:
    before, after = Recorder(), Recorder()
    with pytest.raises(KeyboardInterrupt):
        model().fit(X, Y, verbose=0, callbacks=[before, Failing("on_train_begin"), after])
    assert (before.events, after.events) == (["train_begin", "train_end"], [])


def test_what_one_callback_adds_to_the_logs_the_next_ones_and_the_history_see() -> None:
    class Adds(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs["twice"] = 2 * logs["loss"]

    recorder = Recorder()
    history = model().fit(X, Y, verbose=0, callbacks=[Adds(), recorder])
    assert "epoch_end 0: accuracy loss twice" in recorder.events
    assert history.history["twice"] == [2 * history.history["loss"][0]]


def test_callbacks_know_the_model_and_the_parameters_of_the_run() -> None:
    recorder, net = Recorder(), model()
    net.fit(X, Y, batch_size=4, epochs=2, verbose=0, callbacks=[recorder])
    assert recorder.model is net
    assert {key: recorder.params[key] for key in ("verbose", "epochs", "steps")} == {
        "verbose": 0,
        "epochs": 2,
        "steps": 3,
    }


def test_an_event_reaches_only_those_that_define_it() -> None:
    listeners = CallbackList([Callback(), Recorder()], model(), {})
    assert all(listeners.listens(event) for event in EVENTS)
    assert not any(CallbackList([Callback()], model(), {}).listens(event) for event in EVENTS)


class Logs(Callback):
    log_names = ("figure",)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs["figure"] = 1.0


@pytest.mark.parametrize(
    "needs", [EarlyStopping("figure"), ModelCheckpoint("{figure}.json"), ReduceLROnPlateau("figure")], ids=repr
)
def test_a_figure_that_a_later_callback_logs_is_an_error_when_training_begins(needs: Callback) -> None:
    net = model()
    before = net.get_weights()
    name = type(needs).__name__
    with pytest.raises(ValueError, match=rf"{name} needs what Logs logs \(figure\), .*: list Logs before {name}"):
        net.fit(X, Y, verbose=0, callbacks=[needs, Logs()])
    assert all(np.array_equal(a, b) for a, b in zip(before, net.get_weights(), strict=True))


def test_the_rate_is_watched_behind_the_callback_that_logs_it() -> None:
    plateau = ReduceLROnPlateau("loss")
    with pytest.raises(ValueError, match="list ReduceLROnPlateau before EarlyStopping"):
        model().fit(X, Y, verbose=0, callbacks=[EarlyStopping("learning_rate"), plateau])
    history = model().fit(X, Y, epochs=5, verbose=0, callbacks=[plateau, EarlyStopping("learning_rate", patience=2)])
    assert history.epoch == [0, 1, 2]


def test_a_callback_keeps_nothing_unless_it_says_so() -> None:
    callback = Callback()
    assert callback.get_state() == {}
    callback.set_state({})
    assert not defines(callback, "get_state")
    assert defines(EarlyStopping(), "get_state")


def test_callbacks_are_told_of_their_companions_in_order() -> None:
    class Knows(Callback):
        def set_companions(self, callbacks: Any) -> None:
            self.companions = callbacks

    knows, last, other = Knows(), Recorder(), Recorder()
    last.comes_last = True
    CallbackList([last, knows, other], model(), {})
    assert knows.companions == [knows, other, last]


def test_what_is_no_callback_is_refused() -> None:
    with pytest.raises(TypeError, match="expected a callback, got 3"):
        model().fit(X, Y, verbose=0, callbacks=[3])  # type: ignore[list-item]
