"""Shrinkage: what is small becomes zero."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import activations

NUMBERS = st.floats(-1e6, 1e6)


@given(NUMBERS, st.floats(0, 10))
def test_hard_and_soft_shrink_have_the_same_zeros(x, threshold):
    hard = activations.hard_shrink(np.float64(x), threshold)
    soft = activations.soft_shrink(np.float64(x), threshold)
    assert hard == (x if abs(x) > threshold else 0)
    assert soft == pytest.approx(np.sign(x) * max(abs(x) - threshold, 0), rel=1e-12, abs=1e-12)
    assert (soft == 0) == (hard == 0)


@given(NUMBERS)
def test_all_but_threshold_are_odd(x):
    for f in (activations.hard_shrink, activations.soft_shrink, activations.tanh_shrink):
        assert f(np.float64(-x)) == -f(np.float64(x))


@given(NUMBERS)
def test_tanh_shrink_and_tanh_add_up(x):
    assert activations.tanh_shrink(np.float64(x)) + np.tanh(x) == pytest.approx(x, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("f", [activations.HardShrink(1.0), activations.SoftShrink(1.0)], ids=repr)
def test_derivatives_at_the_kinks_are_those_of_keras(f):
    x = np.array([-1.0, 1.0])
    assert f.backward(np.ones(2), x, f(x)).tolist() == [0, 0]


def test_threshold_is_relu_when_both_its_arguments_are_0():
    # from Keras's activations_test.py
    x = np.random.default_rng(0).standard_normal(20)
    np.testing.assert_array_equal(activations.threshold(x, 0, 0), activations.relu(x))


def test_threshold_has_no_defaults_as_in_keras():
    with pytest.raises(ValueError, match="Threshold: the argument 'threshold' is missing"):
        activations.get("threshold")
