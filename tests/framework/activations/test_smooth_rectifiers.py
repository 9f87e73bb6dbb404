"""Smooth rectifiers: all of them are x plus their own mirror image, which is what makes them rectifiers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import activations

FUNCTIONS = [activations.Softplus(), activations.Squareplus(), activations.Squareplus(0.01), activations.SparsePlus()]


@pytest.mark.parametrize("f", FUNCTIONS, ids=repr)
@given(x=st.floats(-1e3, 1e3))
def test_the_difference_to_their_mirror_image_is_x(f, x):
    there, back = f(np.array([x, -x]))
    assert there - back == pytest.approx(x, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("f", FUNCTIONS, ids=repr)
@given(x=st.floats(-1e6, 1e6))
def test_they_lie_above_the_rectifier_and_rise(f, x):
    y = f(np.array([x]))
    assert y >= max(x, 0)
    assert 0 <= f.backward(np.ones(1), np.array([x]), y).item() <= 1 + 1e-15


@given(st.floats(0.01, 100), st.floats(-50, 50))
def test_squareplus_solves_its_equation(b, x):
    y = activations.squareplus(np.float64(x), b)
    assert y * (y - x) == pytest.approx(b / 4, rel=1e-9)


def test_squareplus_does_not_cancel_below_zero():
    # Keras has 0 here, from 1e4 - 1e4.
    np.testing.assert_allclose(activations.squareplus([-1e4]), [1e-4], rtol=1e-6)


def test_softplus_keeps_its_digits_at_both_ends():
    x = np.array([-80, -20, 20, 80], np.float32)
    y = activations.softplus(x)
    np.testing.assert_allclose(y[:2], np.exp(x[:2].astype(float)), rtol=1e-6)
    np.testing.assert_allclose(y[2:], x[2:], rtol=1e-7)
    slope = activations.Softplus().backward(np.ones(4, np.float32), x, y)
    np.testing.assert_allclose(slope, activations.sigmoid(x), rtol=1e-6)


def test_sparse_plus_is_exactly_zero_and_exactly_x_outside_of_its_curve():
    x = np.array([-7.3, -1.0, 1.0, 1.3, 7.3], np.float32)
    np.testing.assert_array_equal(activations.sparse_plus(x), np.maximum(x, 0))
    f = activations.SparsePlus()
    assert f.backward(np.ones(5, np.float32), x, f(x)).tolist() == [0, 0, 1, 1, 1]
