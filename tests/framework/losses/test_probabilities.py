"""The numerics behind the losses of probabilities: exact where plain formulas fail."""

import math

import numpy as np
import pytest

from framework.losses.probabilities import (
    EPSILON,
    clipped_shares,
    log_probabilities,
    log_softmax,
    logistic_loss,
    through_shares,
)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_log_softmax_is_finite_and_exact_at_any_size(dtype):
    x = np.array([[0, 0], [1e30, -1e30], [-5000, -5001]], dtype)
    y = log_softmax(x)
    assert y.dtype == dtype
    np.testing.assert_allclose(y[0], [-math.log(2)] * 2, rtol=1e-6)
    np.testing.assert_allclose(y[1], [0, dtype(-2e30)], rtol=1e-6)
    np.testing.assert_allclose(y[2], [-math.log1p(math.exp(-1)), -1 - math.log1p(math.exp(-1))], rtol=1e-6)


def test_log_softmax_runs_along_any_axis():
    x = np.random.default_rng(0).standard_normal((2, 3, 4))
    np.testing.assert_allclose(np.exp(log_softmax(x, 1)).sum(axis=1), 1)


@pytest.mark.parametrize(
    ("y", "x", "value"), [(1, 0, math.log(2)), (0, -1e4, 0), (1, -1e4, 1e4), (0.5, 1e4, 5e3), (1, 40, math.exp(-40))]
)
def test_the_logistic_loss_is_exact_at_any_size(y, x, value):
    assert logistic_loss(np.array([float(y)]), np.array([float(x)])) == pytest.approx(value, rel=1e-12)


def test_shares_add_up_to_1_and_keep_away_from_the_edges():
    share, total = clipped_shares(np.array([[2.0, 6.0], [0.0, 5.0], [0.0, 0.0]]), -1)
    np.testing.assert_allclose(share, [[0.25, 0.75], [EPSILON, 1 - EPSILON], [EPSILON, EPSILON]])
    np.testing.assert_array_equal(total, [[8], [5], [1]])


def test_the_derivative_through_shares_is_that_of_differences():
    p, step = np.array([[0.2, 0.5, 0.7]]), 1e-6
    slope = np.array([[1.0, -2.0, 3.0]])

    def value(p):
        return (slope * clipped_shares(p, -1)[0]).sum()

    numeric = [(value(p + d) - value(p - d)) / 2 / step for d in step * np.eye(3)]
    share, total = clipped_shares(p, -1)
    np.testing.assert_allclose(through_shares(slope, p, share, total, -1), [numeric], rtol=1e-6)


def test_what_is_clipped_has_no_slope():
    p = np.array([[0.0, 1.0]])
    share, total = clipped_shares(p, -1)
    assert not through_shares(np.ones((1, 2)), p, share, total, -1).any()


def test_logarithms_of_logits_and_of_the_probabilities_they_make_are_the_same():
    x = np.random.default_rng(0).standard_normal((4, 3))
    p = np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(log_probabilities(x, -1, True), log_probabilities(p, -1, False))
