"""The record of a run."""

from __future__ import annotations

import json

import numpy as np

from framework import Input, Sequential, layers
from framework.callbacks import Callback, History

X, Y = np.linspace(-1, 1, 40, dtype=np.float32).reshape(10, 4), np.arange(10) % 3


def model() -> Sequential:
    net = Sequential([Input((4,)), layers.Dense(3, "softmax")], seed=1)
    net.compile("sgd", "sparse_categorical_crossentropy", ["accuracy", "confusion_matrix"])
    return net


def test_it_holds_a_number_for_each_epoch_and_the_epochs_counted_from_0() -> None:
    net = model()
    history = net.fit(X, Y, epochs=3, initial_epoch=1, verbose=0)
    assert history is net.history
    assert history.epoch == [1, 2]
    assert [len(values) for values in history.history.values()] == [2, 2, 2]


def test_the_numbers_are_plain_python_floats_ready_for_json() -> None:
    history = model().fit(X, Y, validation_split=0.3, verbose=0)
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert type(history.history[name][0]) is float
    assert json.loads(json.dumps(history.history)) == history.history


def test_its_params_are_those_of_keras() -> None:
    params = model().fit(X, Y, batch_size=4, epochs=2, verbose=0).params
    assert {key: params[key] for key in ("verbose", "epochs", "steps")} == {"verbose": 0, "epochs": 2, "steps": 3}


def test_figures_that_come_only_on_some_epochs_have_fewer_entries() -> None:
    history = model().fit(X, Y, epochs=4, validation_data=(X, Y), validation_freq=2, verbose=0)
    assert (len(history.history["loss"]), len(history.history["val_loss"])) == (4, 2)


def test_a_second_run_begins_anew() -> None:
    mine = History()
    for _ in range(2):
        model().fit(X, Y, epochs=2, verbose=0, callbacks=[mine])
    assert mine.epoch == [0, 1]
    assert len(mine.history["loss"]) == 2


def test_an_interrupted_run_keeps_the_epochs_that_were_finished() -> None:
    class Interrupt(Callback):
        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            if epoch == 2:
                raise KeyboardInterrupt

    net = model()
    try:
        net.fit(X, Y, epochs=5, verbose=0, callbacks=[Interrupt()])
    except KeyboardInterrupt:
        assert net.history is not None
        assert net.history.epoch == [0, 1]
    else:
        raise AssertionError("the interrupt was swallowed")


def test_its_state_goes_on_in_another_one() -> None:
    history, other = History(), History()
    history.on_epoch_end(0, {"loss": 0.5})
    other.on_epoch_end(7, {"accuracy": 0.25})
    other.set_state(history.get_state())
    other.on_epoch_end(1, {"loss": 0.25})
    assert (other.epoch, other.history) == ([0, 1], {"loss": [0.5, 0.25]})
    other.set_state(other.get_state())
    assert (other.epoch, other.history) == ([0, 1], {"loss": [0.5, 0.25]})
