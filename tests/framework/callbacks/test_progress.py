"""What people see: the right counts and figures, and nothing when they want nothing."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.callbacks import Callback, ProgressBar, progress
from framework.registry import ArgumentError

X, Y = np.linspace(-1, 1, 40, dtype=np.float32).reshape(10, 4), np.arange(10) % 3


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Sequential:
    monkeypatch.setattr(progress, "REFRESH", 0)  # every batch, whatever the speed of the machine
    net = Sequential([Input((4,)), layers.Dense(3, "softmax")], seed=1)
    net.compile("sgd", "sparse_categorical_crossentropy", ["accuracy"])
    return net


class Stop(Callback):
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.model.stop_training = batch == 1


def test_silence_is_silent(model: Sequential, capfd: pytest.CaptureFixture[str]) -> None:
    model.fit(X, Y, epochs=2, verbose=0, validation_split=0.2)
    model.evaluate(X, Y)
    model.predict(X)
    assert capfd.readouterr() == ("", "")


def test_verbose_2_is_one_line_an_epoch(model: Sequential, capfd: pytest.CaptureFixture[str]) -> None:
    model.fit(X, Y, batch_size=2, epochs=10, initial_epoch=8, verbose=2, validation_split=0.2)
    out, err = capfd.readouterr()
    line = r"Epoch {}/10  4/4 batches  \d+\.\d s  loss \d\.\d+  accuracy \d\S*  val_loss \d\.\d+  val_accuracy \d\S*\n"
    assert re.fullmatch(line.format(" 9") + line.format("10"), out)
    assert err == ""


@pytest.mark.parametrize("verbose", [1, "auto"])
def test_the_bar_counts_every_batch_with_live_figures(
    model: Sequential, capfd: pytest.CaptureFixture[str], verbose: Any
) -> None:
    model.fit(X, Y, batch_size=3, verbose=verbose)
    out, err = capfd.readouterr()
    shown = re.findall(r"Epoch 1/1 .*? (\d)/4 \S+, loss \d\.\d+  accuracy \d", err)
    assert sorted(set(shown)) == ["1", "2", "3", "4"]
    assert out.startswith("Epoch 1/1  4/4 batches")


def test_the_bar_shows_the_running_loss(model: Sequential, capfd: pytest.CaptureFixture[str]) -> None:
    model.optimizer.learning_rate = 0.0
    model.fit(X, Y, batch_size=5, verbose=1, shuffle=False)
    first, whole = model.evaluate(X[:5], Y[:5])[0], model.evaluate(X, Y)[0]
    err = capfd.readouterr().err
    for done, loss in ((1, first), (2, whole)):
        assert re.search(rf" {done}/2 \S+, loss {loss:.4g} ", err)


def test_an_epoch_cut_short_shows_what_was_done(model: Sequential, capfd: pytest.CaptureFixture[str]) -> None:
    model.fit(X, Y, batch_size=2, verbose=1, callbacks=[Stop()])
    assert capfd.readouterr().out.startswith("Epoch 1/1  2/5 batches")


def test_a_generator_of_unknown_length_is_counted(model: Sequential, capfd: pytest.CaptureFixture[str]) -> None:
    def pairs() -> Iterator[Any]:
        for _ in range(7):
            yield X, Y

    model.fit(pairs(), verbose=1)
    out, err = capfd.readouterr()
    assert out.startswith("Epoch 1/1  7 batches")
    assert " 7/? " in err


def test_what_others_print_when_an_epoch_begins_stands_before_the_bar(
    model: Sequential, capfd: pytest.CaptureFixture[str]
) -> None:
    class Says(Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            assert capfd.readouterr().err == ""

    model.fit(X, Y, verbose=1, callbacks=[Says()])


def test_the_bar_is_cleared_when_training_fails(model: Sequential) -> None:
    class Fails(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            raise KeyboardInterrupt

    bar = ProgressBar()
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, verbose=0, callbacks=[bar, Fails()])
    assert pickle.loads(pickle.dumps(bar)).verbose == 1
    assert bar._bar is None


@pytest.mark.parametrize("verbose", [3, -1, "loud", None])
def test_an_unknown_verbose_is_refused(model: Sequential, verbose: Any) -> None:
    with pytest.raises(ValueError, match="verbose must be 'auto', 0, 1 or 2, got"):
        model.fit(X, Y, verbose=verbose)
    with pytest.raises(ArgumentError, match="ProgressBar: verbose must be 1 or 2"):
        ProgressBar(verbose)
