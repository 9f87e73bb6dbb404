"""Callbacks from plain functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from framework import Input, Sequential, layers
from framework.callbacks import CallbackList, LambdaCallback

X, Y = np.linspace(-1, 1, 40, dtype=np.float32).reshape(10, 4), np.arange(10) % 3


def model() -> Sequential:
    net = Sequential([Input((4,)), layers.Dense(3, "softmax")], seed=1)
    net.compile("sgd", "sparse_categorical_crossentropy")
    return net


def test_every_function_is_called_at_its_event() -> None:
    seen: list[Any] = []
    callback = LambdaCallback(
        on_epoch_begin=lambda epoch, logs: seen.append(("epoch", epoch)),
        on_epoch_end=lambda epoch, logs: seen.append(("end", epoch, sorted(logs))),
        on_train_begin=lambda logs: seen.append("begin"),
        on_train_end=lambda logs: seen.append("over"),
        on_train_batch_begin=lambda batch, logs: seen.append(("batch", batch)),
        on_train_batch_end=lambda batch, logs: seen.append(("done", batch, sorted(logs))),
    )
    model().fit(X, Y, batch_size=10, verbose=0, callbacks=[callback])
    assert seen == [
        *("begin", ("epoch", 0), ("batch", 0), ("done", 0, ["loss"])),
        *(("end", 0, ["loss"]), "over"),
    ]


def test_events_without_a_function_cost_nothing() -> None:
    listeners = CallbackList([LambdaCallback(on_epoch_end=print)], model(), {})
    assert listeners.listens("on_epoch_end")
    assert not listeners.listens("on_train_batch_end")


def test_it_shows_which_events_it_listens_to() -> None:
    assert repr(LambdaCallback(on_train_end=print)) == "LambdaCallback(on_train_end)"
