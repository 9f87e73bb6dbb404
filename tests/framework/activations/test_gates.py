"""Gated functions: x times something between 0 and 1."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import activations

GATED = [
    activations.Silu(),
    activations.HardSilu(),
    activations.Mish(),
    activations.Gelu(),
    activations.Gelu(approximate=True),
]
SYMMETRIC = [f for f in GATED if not isinstance(f, activations.Mish)]


@pytest.mark.parametrize("f", GATED, ids=repr)
@given(x=st.floats(-1e6, 1e6))
def test_they_lie_between_0_and_x(f, x):
    y = f(np.array([x])).item()
    assert min(x, 0) <= y <= max(x, 0)


@pytest.mark.parametrize("f", SYMMETRIC, ids=repr)
@given(x=st.floats(-100, 100))
def test_gates_that_are_symmetric_give_x_minus_the_mirror_image(f, x):
    there, back = f(np.array([x, -x]))
    assert there - back == pytest.approx(x, rel=1e-12, abs=1e-12)  # x g(x) + x g(-x) = x


@given(st.floats(-30, 30))
def test_gelu_is_that_of_the_error_function(x):
    expected = x * math.erfc(-x / math.sqrt(2)) / 2
    assert activations.gelu(np.float64(x)).item() == pytest.approx(expected, rel=1e-12, abs=1e-15)


@given(st.floats(-10, 10))
def test_approximate_gelu_is_the_formula_with_tanh_and_near_the_exact_one(x):
    # from Keras's activations_test.py
    expected = 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    y = activations.gelu(np.float64(x), approximate=True).item()
    assert y == pytest.approx(expected, rel=1e-9, abs=1e-15)
    assert y == pytest.approx(activations.gelu(np.float64(x)).item(), abs=5e-4)


@given(st.floats(-300, 300))
def test_mish_is_x_times_tanh_of_softplus(x):
    expected = x * math.tanh(math.log1p(math.exp(-abs(x))) + max(x, 0))
    assert activations.mish(np.float64(x)).item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("f", GATED, ids=repr)
def test_their_derivatives_keep_their_digits_in_float32(f):
    x = np.linspace(-12, 12, 97)
    exact = f.backward(np.ones_like(x), x, f(x))
    single = x.astype(np.float32)
    slope = f.backward(np.ones_like(single), single, f(single))
    np.testing.assert_allclose(slope, exact, rtol=1e-6, atol=3e-7)


def test_hard_silu_has_the_derivatives_of_keras_at_its_kinks():
    f, x = activations.HardSilu(), np.array([-3.0, 3.0])
    assert f.backward(np.ones(2), x, f(x)).tolist() == [0, 1]


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_glu_gates_the_first_half_of_an_axis_with_the_second(axis):
    # from Keras's activations_test.py
    x = np.random.default_rng(0).standard_normal((2, 4, 6))
    a, b = np.split(x, 2, axis)
    np.testing.assert_allclose(activations.glu(x, axis), a / (1 + np.exp(-b)), rtol=1e-12)


@pytest.mark.parametrize("axis", [1, 2, -1, -2])
def test_glu_says_what_shape_it_makes(axis):
    f = activations.Glu(axis)
    assert f(np.zeros((3, 4, 6))).shape == (3, *f.output_shape((4, 6)))


def test_glu_refuses_what_it_cannot_halve():
    with pytest.raises(ValueError, match="Glu halves the axis -1, whose size must be even, got 3"):
        activations.glu(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="Glu halves the axis 1, whose size must be even, got 3"):
        activations.Glu(1).output_shape((3, 4))
    with pytest.raises(ValueError, match="Glu has axis=0, which is that of the examples"):
        activations.Glu(0).output_shape((3, 4))
