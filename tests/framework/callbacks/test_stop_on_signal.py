"""Real signals, sent to this very process in the middle of a batch."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.callbacks import Callback, StopOnSignal

X, Y = np.linspace(-1, 1, 40, dtype=np.float32).reshape(10, 4), np.arange(10) % 3
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Sends(Callback):
    """Sends signals after the first batch."""

    def __init__(self, *numbers: int) -> None:
        self.numbers = numbers
        self.batches = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.batches += 1
        if batch == 0:
            for number in self.numbers:
                os.kill(os.getpid(), number)


def fit(*callbacks: Callback) -> Sequential:
    net = Sequential([Input((4,)), layers.Dense(3, "softmax")], seed=1)
    net.compile("sgd", "sparse_categorical_crossentropy")
    net.fit(X, Y, batch_size=2, epochs=3, verbose=0, callbacks=list(callbacks))
    return net


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_training_after_the_batch_and_the_handlers_come_back(number: int) -> None:
    before = [signal.getsignal(n) for n in SIGNALS]
    stop, sends = StopOnSignal(), Sends(number)
    net = fit(stop, sends)
    assert stop.received == number
    assert sends.batches == 1
    assert net.history is not None
    assert net.history.epoch == []  # it is not over
    assert [signal.getsignal(n) for n in SIGNALS] == before


def test_a_second_signal_interrupts_at_once_and_the_handlers_come_back() -> None:
    before = [signal.getsignal(n) for n in SIGNALS]
    with pytest.raises(KeyboardInterrupt):
        fit(StopOnSignal(), Sends(signal.SIGTERM, signal.SIGINT))
    assert [signal.getsignal(n) for n in SIGNALS] == before


def test_the_handlers_come_back_when_training_could_not_begin() -> None:
    class Fails(Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            raise OSError

    before = [signal.getsignal(n) for n in SIGNALS]
    with pytest.raises(OSError):
        fit(StopOnSignal(), Fails())
    assert [signal.getsignal(n) for n in SIGNALS] == before


def test_without_a_signal_nothing_happens_and_a_second_fit_forgets_the_first() -> None:
    stop, sends = StopOnSignal(), Sends()
    stop.received = signal.SIGINT
    fit(stop, sends)
    assert (stop.received, sends.batches) == (None, 15)


def test_outside_of_the_main_thread_it_does_nothing() -> None:
    sends, failures = Sends(), []

    def run() -> None:
        try:
            fit(StopOnSignal(), sends)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert (failures, sends.batches) == ([], 15)
