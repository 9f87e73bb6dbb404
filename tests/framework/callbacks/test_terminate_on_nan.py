"""A loss that is no number ends the training."""

from __future__ import annotations

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.callbacks import TerminateOnNaN
from framework.divergence import DivergenceError

X = np.ones((12, 2), np.float32)


def model() -> Sequential:
    net = Sequential([Input((2,)), layers.Dense(1)], seed=0)
    net.compile({"sgd": {"learning_rate": 1e30}}, "mse")
    return net


class TestDivergence:
    def test_ends_training_in_good_order(self, capsys: pytest.CaptureFixture[str]) -> None:
        net = model()
        history = net.fit(X, X[:, :1], batch_size=2, epochs=5, verbose=0, callbacks=[TerminateOnNaN()])
        assert history.epoch == [0]
        assert net.optimizer.iterations < 6
        assert "Training ends: the loss is" in capsys.readouterr().out

    def test_is_an_error_on_request(self) -> None:
        with pytest.raises(RuntimeError, match=r"the loss is (inf|nan) in batch \d of epoch 1; a smaller learning"):
            model().fit(X, X[:, :1], batch_size=2, verbose=0, callbacks=[TerminateOnNaN(raise_error=True)])


def test_without_it_such_a_loss_is_an_error_before_the_weights_are_touched() -> None:
    net = model()
    with pytest.raises(DivergenceError, match=r"the loss is inf in batch 2 of epoch 1 \(step 2\)"):
        net.fit(X, X[:, :1], batch_size=2, epochs=5, verbose=0)
    assert net.optimizer.iterations == 1


def test_numbers_go_on() -> None:
    net = Sequential([Input((2,)), layers.Dense(1)], seed=0)
    net.compile("sgd", "mse")
    assert net.fit(X, X[:, :1], epochs=2, verbose=0, callbacks=[TerminateOnNaN()]).epoch == [0, 1]
