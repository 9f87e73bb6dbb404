import tracemalloc

import numpy as np
import pytest

from framework import Input, Sequential, constraints
from framework.constraints import MaxNorm, MinMaxNorm, NonNeg, UnitNorm
from framework.layers import Dense
from framework.registry import ArgumentError

W = np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32)


def norms(w, axis=0):
    return np.sqrt((w**2).sum(axis=axis))


def test_what_is_allowed():
    assert (NonNeg()(W) == np.maximum(W, 0)).all()
    np.testing.assert_allclose(norms(UnitNorm()(W)), 1, rtol=1e-6)
    np.testing.assert_allclose(norms(MaxNorm(1.5)(W)), np.minimum(norms(W), 1.5), rtol=1e-6)
    np.testing.assert_allclose(norms(MinMaxNorm(1.0, 2.0)(W)), np.clip(norms(W), 1.0, 2.0), rtol=1e-6)


def test_a_rate_below_one_goes_there_slowly():
    half = MinMaxNorm(1.0, 2.0, rate=0.5)(W)
    np.testing.assert_allclose(norms(half), (norms(W) + np.clip(norms(W), 1.0, 2.0)) / 2, rtol=1e-6)


def test_the_norm_may_be_taken_over_several_axes():
    kernel = W.reshape(2, 3, 4, 1)
    np.testing.assert_allclose(norms(UnitNorm([0, 1, 2])(kernel), (0, 1, 2)), 1, rtol=1e-6)


@pytest.mark.parametrize("constraint", [NonNeg(), UnitNorm(), MaxNorm(0.5), MinMaxNorm(0.1, 0.5)], ids=repr)
class TestEveryConstraint:
    def test_calling_it_leaves_the_array_alone(self, constraint):
        before = W.copy()
        allowed = constraint(W)
        np.testing.assert_array_equal(W, before)
        assert allowed.dtype == np.float32

    def test_projecting_works_in_place(self, constraint):
        w = W.copy()
        constraint.project(w)
        np.testing.assert_array_equal(w, constraint(W))

    def test_what_is_allowed_stays(self, constraint):
        once = constraint(W)
        np.testing.assert_allclose(constraint(once), once, rtol=1e-5)


def test_zeros_stay_zeros():
    for constraint in (UnitNorm(), MaxNorm(), MinMaxNorm(0.5, 1.0)):
        np.testing.assert_array_equal(constraint(np.zeros((3, 2))), np.zeros((3, 2)))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MaxNorm(-1), "MaxNorm: max_value must be a number of at least 0, got -1"),
        (lambda: MinMaxNorm(2.0, 1.0), "MinMaxNorm: max_value must be a number of at least 2.0, got 1.0"),
        (lambda: MinMaxNorm(rate=2), "MinMaxNorm: rate must be a number between 0 and 1, got 2"),
        (lambda: UnitNorm([]), "UnitNorm: axis must be an axis, or a list of axes"),
    ],
)
def test_nonsense_is_refused(make, message):
    with pytest.raises(ArgumentError, match=message):
        make()


def test_none_is_no_constraint():
    assert constraints.get(None) is None


def test_weights_are_brought_back_after_every_step():
    model = Sequential([Input((3,)), Dense(2, kernel_constraint="non_neg", bias_constraint={"max_norm": 0.01})], seed=0)
    model.compile({"sgd": {"learning_rate": 1.0}}, "mse")
    for _ in range(3):
        model.train_on_batch(np.ones((4, 3)), np.full((4, 2), -3.0))
        kernel, bias = model.get_weights()
        assert kernel.min() == 0
        assert norms(bias) <= 0.01 + 1e-6


@pytest.mark.parametrize("constraint", [NonNeg(), UnitNorm(), MaxNorm(0.5), MinMaxNorm(0.1, 0.5, 0.9, -1)], ids=repr)
def test_projecting_allocates_nothing_of_the_size_of_the_weights(constraint):
    w = np.random.default_rng(0).standard_normal((400, 500), np.float32)
    constraint.project(w)
    tracemalloc.start()
    try:
        constraint.project(w)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 80_000  # the weights have 800,000 bytes; NumPy itself works in pieces of 32,768 where axes differ


def test_an_axis_that_is_not_there_is_refused_by_its_number():
    with pytest.raises(IndexError, match="axis 1 is out of bounds for array of dimension 1"):
        UnitNorm(1)(np.ones(3))


@pytest.mark.parametrize("axis", [0, -1, [0, 1], [0, 1, 2], [3, -2]])
def test_norms_are_taken_over_the_axes_that_are_named(axis):
    kernel = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    axes = axis if isinstance(axis, int) else tuple(axis)
    expected = kernel / np.sqrt((kernel**2).sum(axis=axes, keepdims=True))
    np.testing.assert_allclose(UnitNorm(axis)(kernel), expected, rtol=1e-5)
