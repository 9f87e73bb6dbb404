"""Rectifiers: numbers from Keras's own tests, and kinks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import activations

X = [-10, -5, 0.0, 5, 10]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"negative_slope": 0.5}, [-5.0, -2.5, 0.0, 5.0, 10.0]),
        ({"max_value": 5.0}, [0.0, 0.0, 0.0, 5.0, 5.0]),
        ({"threshold": 5.0}, [0.0, 0.0, 0.0, 0.0, 10.0]),
        ({"threshold": 5.0, "max_value": 5.0}, [0.0, 0.0, 0.0, 0.0, 5.0]),
        ({"negative_slope": 0.5, "max_value": 5.0, "threshold": 5.0}, [-7.5, -5.0, -2.5, 0.0, 5.0]),
        ({"max_value": 6.0}, [0.0, 0.0, 0.0, 5.0, 6.0]),
    ],
)
def test_relu_gives_the_numbers_in_keras_activations_test(arguments, expected):
    assert activations.relu(X, **arguments).tolist() == expected


def test_relu_gives_no_nan_for_infinity():
    x = np.array([-np.inf, np.inf], np.float32)
    assert activations.relu(x, max_value=6.0).tolist() == [0, 6]
    assert activations.relu6(x).tolist() == [0, 6]


def test_relu_takes_its_arguments_in_the_order_of_keras():
    assert activations.relu([-1.0, 9.0], 0.5, 6.0, 1.0).tolist() == [-1.0, 6.0]
    assert activations.relu(-1.0, 0.5) == -0.5


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        # as TensorFlow: at its lower kink the leaky one falls like its left side, all others are flat
        (activations.LeakyRelu(0.2), [0.2, 1]),
        (activations.Relu(0.2), [0.2, 1]),
        (activations.Relu(0.2, max_value=3.0), [0, 1]),
        (activations.Relu(), [0, 1]),
        (activations.Relu(max_value=3.0), [0, 1]),
        (activations.Relu(max_value=6.0), [0, 0]),
        (activations.Relu6(), [0, 0]),
    ],
    ids=repr,
)
def test_derivatives_at_the_kinks_are_those_of_keras(f, slope):
    upper = 6.0 if isinstance(f, activations.Relu6) else getattr(f, "max_value", None) or 3.0
    x = np.array([0, upper])
    assert f.backward(np.ones(2), x, f(x)).tolist() == slope


def test_a_maximum_below_the_threshold_does_not_flatten_what_lies_between_them():
    f, x = activations.Relu(0.5, max_value=0.5, threshold=2.0), np.array([1.0, 3.0])
    assert f(x).tolist() == [-0.5, 0.5]
    assert f.backward(np.ones(2), x, f(x)).tolist() == [0.5, 0]


@given(st.floats(-1e6, 1e6), st.floats(0, 4))
def test_leaky_relu_is_a_straight_line_on_both_sides(x, slope):
    y = activations.leaky_relu(np.array([x]), slope).item()
    assert y == (x if x > 0 else slope * x)
    f = activations.LeakyRelu(slope)
    assert f.backward(np.ones(1), np.array([x]), np.array([y])).item() == (1 if x > 0 else slope)


@given(st.floats(-1e6, 1e6))
def test_relu6_is_relu_with_a_maximum_of_6(x):
    assert activations.relu6(x) == activations.relu(x, max_value=6.0)


def test_linear_hands_gradients_through():
    dy = np.array([1.0, -2.0])
    assert activations.Linear().backward(dy, dy, dy) is dy
