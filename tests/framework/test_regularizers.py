import copy
import math
import tracemalloc

import numpy as np
import pytest

from framework import Input, Sequential, regularizers
from framework.layers import ActivityRegularization, Dense
from framework.registry import ArgumentError
from framework.regularizers import L1, L1L2, L2, OrthogonalRegularizer, Regularizer

W = np.random.default_rng(0).standard_normal((4, 3))
ALL = [L1(0.3), L2(0.2), L1L2(0.1, 0.4), L1L2(), OrthogonalRegularizer(0.5), OrthogonalRegularizer(0.5, "columns")]


@pytest.mark.parametrize("regularizer", ALL, ids=repr)
def test_gradients_agree_with_differences(regularizer):
    direction = np.random.default_rng(1).standard_normal(W.shape)
    numeric = (regularizer(W + 1e-6 * direction) - regularizer(W - 1e-6 * direction)) / 2e-6
    assert np.vdot(regularizer.gradient(W), direction) == pytest.approx(numeric, abs=1e-7)


@pytest.mark.parametrize("regularizer", ALL, ids=repr)
def test_arrays_are_left_alone_and_keep_their_type(regularizer):
    w = W.astype(np.float32)
    before = w.copy()
    assert isinstance(regularizer(w), float)
    gradient = regularizer.gradient(w)
    assert gradient.dtype == np.float32
    assert gradient.shape == w.shape
    assert not np.shares_memory(gradient, w)
    np.testing.assert_array_equal(w, before)


def test_sums_are_those_of_the_formulas():
    assert L1(0.3)(W) == pytest.approx(0.3 * np.abs(W).sum())
    assert L2(0.2)(W) == pytest.approx(0.2 * (W**2).sum())
    assert L1L2(0.1, 0.4)(W) == pytest.approx(L1(0.1)(W) + L2(0.4)(W))


def test_orthogonal_vectors_cost_nothing():
    assert OrthogonalRegularizer(1.0)(np.eye(3, 5)) == 0
    assert OrthogonalRegularizer(1.0)(np.ones((2, 5))) == pytest.approx(1.0)


def test_a_matrix_is_asked_for():
    with pytest.raises(ValueError, match=r"takes a matrix of at least two rows, got shape \(3,\)"):
        OrthogonalRegularizer()(np.ones(3))


@pytest.mark.parametrize("factor", [-0.1, math.nan, math.inf, "0.1", None])
def test_factors_that_are_none_are_refused(factor):
    with pytest.raises(ArgumentError, match="l2 must be a number of at least 0"):
        L2(factor)


def test_none_is_no_regularizer():
    assert regularizers.get(None) is None
    assert regularizers.get("l1_l2").get_config() == {"l1": 0.0, "l2": 0.0}
    assert regularizers.get({"class_name": "L2", "config": {"l2": 0.5}}).l2 == 0.5


class TestInTraining:
    """The penalty is part of the loss that is reported and minimized, as in Keras."""

    def model(self, **arguments):
        model = Sequential([Input((2,)), Dense(1, kernel_initializer="ones", **arguments)])
        model.compile({"sgd": {"learning_rate": 0.5}}, "mse")
        return model

    x, y = np.array([[1.0, 2.0]]), np.array([[3.0]])  # the model is right: only penalties move it

    def test_weights_are_pulled_by_their_own_penalty(self):
        model = self.model(kernel_regularizer={"l2": 0.1}, bias_regularizer="l1")
        assert model.losses == [pytest.approx(0.2), 0.0]
        assert model.train_on_batch(self.x, self.y) == pytest.approx(0.2)
        np.testing.assert_allclose(model.get_weights()[0], [[0.9], [0.9]])

    def test_evaluation_reports_them_too(self):
        assert self.model(kernel_regularizer={"l2": 0.1}).evaluate(self.x, self.y, verbose=0) == pytest.approx(0.2)

    def test_outputs_are_penalized_by_the_example(self):
        model = self.model(activity_regularizer={"l2": 0.1})
        x, y = np.repeat(self.x, 4, axis=0), np.repeat(self.y, 4, axis=0)
        assert model.train_on_batch(x, y) == pytest.approx(0.9)  # 4 · 0.1 · 3² / 4
        np.testing.assert_allclose(model.get_weights()[0].ravel(), [1 - 0.5 * 0.6, 1 - 0.5 * 1.2], rtol=1e-6)

    def test_a_layer_of_its_own_does_the_same(self):
        model = Sequential([Input((2,)), Dense(1, kernel_initializer="ones"), ActivityRegularization(l2=0.1)])
        model.compile({"sgd": {"learning_rate": 0.5}}, "mse")
        assert model.train_on_batch(self.x, self.y) == pytest.approx(0.9)
        np.testing.assert_allclose(model.get_weights()[0].ravel(), [0.7, 0.4], rtol=1e-6)

    def test_frozen_weights_cost_nothing(self):
        model = self.model(kernel_regularizer={"l2": 0.1})
        model.layers[0].trainable = False
        assert model.losses == []
        assert model.evaluate(self.x, self.y, verbose=0) == 0


class Quartic(Regularizer):
    def __call__(self, x):
        return float((x**4).sum())

    def gradient(self, x):
        return 4 * x**3


@pytest.mark.parametrize("regularizer", [*ALL, Quartic()], ids=repr)
@pytest.mark.parametrize("factor", [1.0, 0.25])
def test_gradients_are_added_in_place(regularizer, factor):
    out = np.ones_like(W)
    assert regularizer.add_gradient(W, out, factor) is None
    np.testing.assert_allclose(out, 1 + factor * regularizer.gradient(W), rtol=1e-12)


def test_one_regularizer_serves_parameters_of_any_shape():
    shared = L1L2(0.1, 0.4)
    for x in (W, W[:2], W.T, np.ones(3), np.ones((2, 3, 2)).swapaxes(0, -1)):
        out = np.zeros_like(x)
        shared.add_gradient(x, out)
        np.testing.assert_allclose(out, 0.1 * np.sign(x) + 0.8 * x)
        assert shared(x) == pytest.approx(0.1 * np.abs(x).sum() + 0.4 * (x**2).sum())


@pytest.mark.parametrize("regularizer", [L1(), L2(), L1L2(0.1, 0.1), OrthogonalRegularizer()], ids=repr)
def test_penalties_and_their_gradients_allocate_nothing_of_the_size_of_the_weights(regularizer):
    w = np.random.default_rng(0).standard_normal((400, 500), np.float32)
    out = np.zeros_like(w)

    def train():
        regularizer(w)
        regularizer.add_gradient(w, out)

    train()
    tracemalloc.start()
    try:
        train()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # The weights have 800,000 bytes; NumPy itself works in pieces of 32,768 where axes differ.
    assert peak < (80_000 if isinstance(regularizer, OrthogonalRegularizer) else 10_000)


def test_copies_are_without_the_scratch():
    regularizer = L1(0.5)
    regularizer(W)
    assert copy.deepcopy(regularizer)._buffers == {}
    assert copy.deepcopy(regularizer)(W) == regularizer(W)
