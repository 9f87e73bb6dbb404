"""Activation functions against Keras 3.15 (TensorFlow, float32): values and derivatives."""

import copy

import numpy as np
import pytest

from framework import activations
from framework.registry import ArgumentError, UnknownNameError

X = np.array([-20, -3, -1, -0.5, 0, 0.5, 1, 3, 8], np.float32)

KERAS = [
    # spec, f(X), f'(X)
    ("linear", X, np.ones(9)),
    ("relu", [0, 0, 0, 0, 0, 0.5, 1, 3, 8], [0, 0, 0, 0, 0, 1, 1, 1, 1]),
    (
        {"relu": {"negative_slope": 0.1, "max_value": 6.0, "threshold": 0.75}},
        [-2.075, -0.375, -0.175, -0.125, -0.075, -0.025, 1, 3, 6],
        [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 1, 1, 0],
    ),
    ({"relu": {"max_value": 2.0}}, [0, 0, 0, 0, 0, 0.5, 1, 2, 2], [0, 0, 0, 0, 0, 1, 1, 0, 0]),
    ({"relu": {"threshold": 0.75}}, [0, 0, 0, 0, 0, 0, 1, 3, 8], [0, 0, 0, 0, 0, 0, 1, 1, 1]),
    ("leaky_relu", [-4, -0.6, -0.2, -0.1, 0, 0.5, 1, 3, 8], [0.2, 0.2, 0.2, 0.2, 0.2, 1, 1, 1, 1]),
    (
        "sigmoid",
        [2.06115414e-09, 0.047425866, 0.2689414, 0.37754068, 0.5, 0.62245935, 0.73105854, 0.95257413, 0.99966466],
        [2.06115414e-09, 0.045176655, 0.19661193, 0.23500371, 0.25, 0.23500371, 0.19661196, 0.045176655, 0.000335223],
    ),
    (
        "tanh",
        [-1, -0.995054722, -0.761594176, -0.462117136, 0, 0.462117136, 0.761594176, 0.995054722, 1],
        # at 8 Keras rounds to 0
        [0, 0.00986611843, 0.419974327, 0.786447763, 1, 0.786447763, 0.419974327, 0.00986611843, 4.5e-7],
    ),
]  # fmt: skip

LOGITS = np.array([[2, -1, 0.5], [-0.3, 0, 1.7], [0.2, 0.1, -4]], np.float32)
DY = np.array([[1, 2, 3], [0, -1, 0.5], [2, 2, 0]], np.float32)
KERAS_SOFTMAX = [
    # axis, softmax(LOGITS), its gradient for DY
    (
        -1,
        [
            [0.785597086, 0.0391125754, 0.175290391],
            [0.102680832, 0.138604626, 0.758714437],
            [0.520878673, 0.471310496, 0.00781087764],
        ],
        [
            [-0.306141973, 0.0238706637, 0.282271266],
            [-0.0247206762, -0.171974048, 0.196694762],
            [0.00813699048, 0.0073626535, -0.0154997362],
        ],
    ),
    (
        0,
        [
            [0.790165424, 0.148755342, 0.230881497],
            [0.0792210698, 0.404358894, 0.76655364],
            [0.130613476, 0.446885705, 0.00256486237],
        ],
        [
            [-0.0406084321, 0.180451661, 0.444234163],
            [-0.0832924247, -0.72255826, -0.441474557],
            [0.12390095, 0.542106688, -0.00275959005],
        ],
    ),
]


@pytest.mark.parametrize(("spec", "value", "slope"), KERAS, ids=[str(case[0]) for case in KERAS])
def test_values_and_derivatives_are_those_of_keras(spec, value, slope):
    f = activations.get(spec)
    y = f(X, np.empty_like(X))
    np.testing.assert_allclose(y, value, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(f.backward(np.ones_like(X), X, y), slope, rtol=2e-6, atol=1e-7)


@pytest.mark.parametrize(("axis", "value", "gradient"), KERAS_SOFTMAX)
def test_softmax_and_its_whole_jacobian_are_those_of_keras(axis, value, gradient):
    f = activations.Softmax(axis)
    y = f(LOGITS)
    np.testing.assert_allclose(y, value, rtol=1e-6)
    np.testing.assert_allclose(f.backward(DY.copy(), LOGITS, y), gradient, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", list(activations.registry))
class TestEveryActivation:
    def test_keeps_its_input_shape_and_type(self, name):
        f = activations.get(name)
        for dtype in (np.float32, np.float64):
            x = LOGITS.astype(dtype)
            y = f(x)
            assert (y.dtype, y.shape) == (dtype, x.shape)
            dx = f.backward(DY.astype(dtype), x, y)
            assert (dx.dtype, dx.shape) == (dtype, x.shape)
            np.testing.assert_array_equal(x, LOGITS.astype(dtype))

    def test_writes_into_out_also_when_that_is_x(self, name):
        f, x = activations.get(name), LOGITS.copy()
        expected = f(LOGITS)
        assert f(x, x) is x
        np.testing.assert_array_equal(x, expected)

    def test_stays_finite_and_passes_nan_on(self, name):
        f = activations.get(name)
        assert np.isfinite(f(np.array([[-1000, 0, 1000]], np.float32))).all()
        assert np.isnan(f(np.array([[np.nan, 0]], np.float32))[0, 0])

    def test_is_a_plain_function_of_the_same_name(self, name):
        function = getattr(activations, name)
        assert function.__name__ == name
        np.testing.assert_array_equal(function(LOGITS.tolist()), activations.get(name)(LOGITS))
        assert function(LOGITS.astype(np.float64)).dtype == np.float64

    def test_survives_configuration_and_copy(self, name):
        f = activations.get(name)
        for twin in (type(f).from_config(f.get_config()), copy.deepcopy(f)):
            np.testing.assert_array_equal(twin(LOGITS), f(LOGITS))


@pytest.mark.parametrize("shift", [1e4, -1e4])
def test_softmax_does_not_see_a_shift(shift):
    x = np.array([[1.0, 2.0, 4.0]])
    np.testing.assert_allclose(activations.softmax(x + shift), activations.softmax(x), rtol=1e-9)


def test_tiny_probabilities_keep_their_digits():
    x = np.array([-30.0, -60.0, -80.0], np.float32)
    np.testing.assert_allclose(activations.sigmoid(x), np.exp(x.astype(np.float64)), rtol=1e-6)


def test_relu_gives_no_nan_for_infinity():
    x = np.array([-np.inf, np.inf], np.float32)
    assert activations.relu(x, max_value=6.0).tolist() == [0, 6]


def test_single_numbers_are_taken_too():
    assert activations.sigmoid(0.0) == 0.5
    assert activations.relu(-1.0, 0.5) == -0.5


@pytest.mark.parametrize(
    ("spec", "argument"),
    [
        ({"relu": {"max_value": "a"}}, "max_value"),
        ({"relu": {"max_value": -1}}, "max_value"),
        ({"relu": {"threshold": None}}, "threshold"),
        ({"relu": "a"}, "negative_slope"),
        ({"leaky_relu": "a"}, "negative_slope"),
        ({"leaky_relu": -0.1}, "negative_slope"),
        ({"softmax": 1.5}, "axis"),
    ],
)
def test_wrong_arguments_are_named(spec, argument):
    with pytest.raises(ArgumentError, match=f": {argument} must be ") as caught:
        activations.get(spec)
    assert caught.value.argument == argument


def test_a_wrong_name_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="unknown activation 'sigmiod'; did you mean 'sigmoid'"):
        activations.get("sigmiod")
