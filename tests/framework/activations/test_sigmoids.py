"""Sigmoids: symmetry, plateaus, digits in the tails."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import activations

NUMBERS = st.floats(-1e6, 1e6)


@given(NUMBERS)
def test_those_from_0_to_1_are_symmetric_around_one_half(x):
    for f in (activations.sigmoid, activations.hard_sigmoid, activations.sparse_sigmoid):
        assert f(np.float64(x)) + f(np.float64(-x)) == pytest.approx(1, rel=1e-12)
        assert 0 <= f(np.float64(x)) <= 1


@given(NUMBERS)
def test_those_from_minus_1_to_1_are_odd(x):
    for f in (activations.tanh, activations.hard_tanh, activations.softsign):
        assert f(np.float64(-x)) == -f(np.float64(x))
        assert -1 <= f(np.float64(x)) <= 1


@given(st.floats(-300, 300))
def test_the_logarithm_of_sigmoid_is_that(x):
    y = activations.log_sigmoid(np.float64(x))
    assert np.exp(y) == pytest.approx(activations.sigmoid(np.float64(x)), rel=1e-12)
    assert y <= 0


@given(st.floats(-15, 15))
def test_sigmoid_is_tanh_on_another_scale(x):
    assert 2 * activations.sigmoid(np.float64(2 * x)) - 1 == pytest.approx(np.tanh(x), rel=1e-9, abs=1e-15)


def test_tiny_values_keep_their_digits():
    x = np.array([-30.0, -60.0, -80.0], np.float32)
    small = np.exp(x.astype(np.float64))
    np.testing.assert_allclose(activations.sigmoid(x), small, rtol=1e-6)
    np.testing.assert_allclose(activations.log_sigmoid(-x), -small, rtol=1e-6)
    f = activations.LogSigmoid()
    np.testing.assert_allclose(f.backward(np.ones(3, np.float32), -x, f(-x)), small, rtol=1e-6)


def test_log_sigmoid_is_exact_where_sigmoid_is_zero():
    assert activations.log_sigmoid([-1e4, 1e4]).tolist() == [-1e4, 0]


@pytest.mark.parametrize(
    ("f", "reach", "slope"),
    [(activations.HardSigmoid(), 3, 0), (activations.SparseSigmoid(), 1, 0), (activations.HardTanh(), 1, 1)],
    ids=repr,
)
def test_derivatives_at_the_kinks_are_those_of_keras(f, reach, slope):
    x = np.array([-reach, reach], float)
    assert f.backward(np.ones(2), x, f(x)).tolist() == [slope, slope]


def test_softsign_has_a_derivative_however_large_its_input():
    f, x = activations.Softsign(), np.array([1e30], np.float32)
    assert f(x) == 1
    assert 0 <= f.backward(np.ones(1, np.float32), x, f(x)).item() < 1e-30
