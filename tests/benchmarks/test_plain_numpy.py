"""The hand-written loop is the oracle: the framework's loss, gradients and steps are the same."""

from __future__ import annotations

import numpy as np
import pytest

import framework
from benchmarks import plain_numpy


@pytest.fixture
def batch() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    return rng.random((32, 784), np.float32), rng.integers(0, 10, 32)


@pytest.fixture
def model() -> framework.Sequential:
    model = framework.Sequential(
        [framework.Input((784,)), {"dense": 128}, "relu", {"dense": 64}, "relu", {"dense": 10}, "softmax"]
    )
    model.set_weights(plain_numpy.initial())
    model.compile({"sgd": 0.1}, "sparse_categorical_crossentropy")
    return model


def test_loss_and_gradients_equal_the_hand_written_ones(batch, model) -> None:
    loss, grads = plain_numpy.gradients(plain_numpy.initial(), *batch)
    assert model.train_on_batch(*batch) == pytest.approx(loss, rel=1e-6)
    for parameter, grad in zip(model.parameters, grads, strict=True):
        np.testing.assert_allclose(parameter.grad, grad, rtol=1e-5, atol=1e-7)


def test_an_epoch_ends_at_the_same_weights(batch, model) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.random((256, 784), np.float32), rng.integers(0, 10, 256)
    parameters = plain_numpy.initial()
    order = np.random.default_rng(7)
    plain_numpy.train_epoch(parameters, x, y, 32, 0.1, order)
    rows = np.random.default_rng(7).permutation(256)
    model.fit(x[rows], y[rows], batch_size=32, shuffle=False, verbose=0)
    for ours, theirs in zip(model.get_weights(), parameters, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_the_quick_loop_takes_the_steps_of_the_textbook() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.random((100, 784), np.float32), rng.integers(0, 10, 100)
    quick, slow = plain_numpy.initial(), plain_numpy.initial()
    mean = plain_numpy.train_epoch(quick, x, y, 32, 0.1, np.random.default_rng(7))
    order, losses = np.random.default_rng(7).permutation(100), []
    for start in range(0, 100, 32):  # the last batch has four images
        rows = order[start : start + 32]
        loss, grads = plain_numpy.gradients(slow, x[rows], y[rows])
        losses += [loss] * len(rows)
        for parameter, grad in zip(slow, grads, strict=True):
            parameter -= 0.1 * grad
    assert mean == pytest.approx(np.mean(losses), rel=1e-5)
    for ours, theirs in zip(quick, slow, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_predictions_are_the_models(batch, model) -> None:
    np.testing.assert_allclose(plain_numpy.predict(plain_numpy.initial(), batch[0]), model(batch[0]), atol=1e-6)
