"""Exponential units: what their constants are for, and how they join at zero."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import activations

NUMBERS = st.floats(-50, 50)


def test_selu_has_the_constants_of_its_paper():
    # from Keras's activations_test.py
    alpha, scale = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946
    np.testing.assert_allclose(activations.selu([1.0, 2.0]), [scale, 2 * scale], rtol=1e-6)
    x = np.array([-1.0, -2.0])
    np.testing.assert_allclose(activations.selu(x), scale * alpha * np.expm1(x), rtol=1e-12)


def test_selu_keeps_mean_and_variance_of_normal_numbers():
    y = activations.selu(np.random.default_rng(0).standard_normal(200_000))
    assert y.mean() == pytest.approx(0, abs=0.01)
    assert y.var() == pytest.approx(1, abs=0.01)


@given(NUMBERS, NUMBERS, st.floats(0.1, 5))
def test_they_rise_everywhere(a, b, alpha):
    low, high = sorted([a, b])
    for f in (activations.Elu(alpha), activations.Celu(alpha), activations.Selu(), activations.Exponential()):
        y = f(np.array([low, high]))
        assert y[0] <= y[1]
        assert (f.backward(np.ones(2), np.array([low, high]), y) >= 0).all()


@given(NUMBERS)
def test_elu_and_celu_are_one_with_an_alpha_of_one(x):
    assert activations.elu(x) == activations.celu(x)
    assert activations.elu(np.float64(x)) == (x if x > 0 else pytest.approx(math.expm1(x), rel=1e-15))


@given(NUMBERS, st.floats(0.1, 5))
def test_celu_scales_with_its_alpha(x, alpha):
    scaled = alpha * activations.celu(np.float64(x / alpha))
    assert activations.celu(np.float64(x), alpha) == pytest.approx(scaled, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize(
    ("f", "slope"),
    [(activations.Elu(), 1), (activations.Elu(0.5), 0.5), (activations.Selu(), 1.0507009873554805)],
    ids=repr,
)
def test_derivatives_at_zero_are_those_of_keras(f, slope):
    assert f.backward(np.ones(1), np.zeros(1), np.zeros(1)).item() == slope


def test_celu_is_smooth_at_zero():
    # Keras adds up both halves there, and gets 2.
    assert activations.Celu(0.5).backward(np.ones(1), np.zeros(1), np.zeros(1)).item() == 1


def test_exponential_overflows_quietly():
    assert activations.exponential([1000.0, -1000.0]).tolist() == [math.inf, 0]
