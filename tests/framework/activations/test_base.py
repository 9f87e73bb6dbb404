"""What holds for every activation: Keras's numbers, the contract, and the plain functions."""

import copy
import inspect

import numpy as np
import pytest

from framework import activations
from framework.activations import Activation
from framework.activations.base import are_axes
from framework.registry import ArgumentError, UnknownNameError

from .keras_values import KERAS, KERAS_ALONG_AXES, LOGITS, X

NEED_ARGUMENTS = {"threshold": {"threshold": 0.5, "default_value": -2.0}}
NAMES = list(activations.registry)
KEEP_SHAPE = [name for name in NAMES if name != "glu"]
ALONG_AXES = ["softmax", "log_softmax", "sparsemax", "glu"]
ELEMENTWISE = [name for name in NAMES if name not in ALONG_AXES]
Z = np.array(LOGITS, np.float32)


def make(name):
    return activations.get({name: NEED_ARGUMENTS[name]} if name in NEED_ARGUMENTS else name)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("spec", "value", "slope"), KERAS, ids=[str(case[0]) for case in KERAS])
def test_values_and_derivatives_are_those_of_keras(spec, value, slope, dtype):
    f, x = activations.get(spec), np.array(X, dtype)
    y = f(x)
    np.testing.assert_allclose(y, value, rtol=1e-6, atol=2e-7)
    np.testing.assert_allclose(f.backward(np.ones_like(x), x, y), slope, rtol=1e-6, atol=2e-7)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("spec", "dy", "value", "gradient"), KERAS_ALONG_AXES, ids=[str(case[0]) for case in KERAS_ALONG_AXES]
)
def test_values_and_gradients_along_axes_are_those_of_keras(spec, dy, value, gradient, dtype):
    f, x = activations.get(spec), np.array(LOGITS, dtype)
    y = f(x)
    np.testing.assert_allclose(y, value, rtol=1e-6, atol=2e-7)
    np.testing.assert_allclose(f.backward(np.array(dy, dtype), x, y), gradient, rtol=1e-6, atol=5e-7)


def test_keras_has_numbers_for_all_of_them():
    specs = [case[0] for case in (*KERAS, *KERAS_ALONG_AXES)]
    seen = {spec if isinstance(spec, str) else next(iter(spec)) for spec in specs}
    assert seen == {*NAMES} - {"sparsemax"}  # which Keras 3.15 computes wrongly


@pytest.mark.parametrize("name", NAMES)
class TestEveryActivation:
    def test_keeps_the_type_and_leaves_its_input_alone(self, name):
        f = make(name)
        for dtype in (np.float32, np.float64):
            x = Z.astype(dtype)
            y = f(x)
            assert (y.dtype, y.shape) == (dtype, (3, *f.output_shape((4,))))
            dx = f.backward(np.ones_like(y), x, y)
            assert (dx.dtype, dx.shape) == (dtype, x.shape)
            np.testing.assert_array_equal(x, Z.astype(dtype))

    def test_writes_into_out(self, name):
        f = make(name)
        expected = f(Z)
        out = np.empty_like(expected)
        assert f(Z, out) is out
        np.testing.assert_array_equal(out, expected)
        assert f(Z) is not f(Z)

    def test_is_a_plain_function_of_the_same_name(self, name):
        function, arguments = getattr(activations, name), NEED_ARGUMENTS.get(name, {})
        assert function.__name__ == name
        np.testing.assert_array_equal(function(LOGITS, **arguments), make(name)(Z))
        assert function(Z.astype(np.float64), **arguments).dtype == np.float64
        assert list(inspect.signature(function).parameters) == ["x", *type(make(name)).signature()]

    def test_survives_configuration_and_copy(self, name):
        f = make(name)
        for twin in (type(f).from_config(f.get_config()), copy.deepcopy(f)):
            np.testing.assert_array_equal(twin(Z), f(Z))

    def test_does_not_care_how_its_input_lies_in_memory(self, name):
        x = np.random.default_rng(0).standard_normal((5, 2, 3, 4))
        batch_last = x.transpose(3, 1, 2, 0).copy().transpose(3, 1, 2, 0)
        f, g = make(name), make(name)
        for other in (batch_last, x[:, ::-1][:, ::-1]):
            y, z = f(x), g(other)
            np.testing.assert_array_equal(z, y)
            dy = np.random.default_rng(1).standard_normal(y.shape)
            np.testing.assert_array_equal(g.backward(dy.copy(), other, z), f.backward(dy, x, y))

    def test_takes_a_batch_of_no_examples(self, name):
        f = make(name)
        assert f(np.empty((0, 4), np.float32)).shape == (0, *f.output_shape((4,)))


@pytest.mark.parametrize("name", KEEP_SHAPE)
def test_out_may_be_the_input(name):
    f, x = make(name), Z.copy()
    expected = f(Z)
    assert f(x, x) is x
    np.testing.assert_array_equal(x, expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", [name for name in NAMES if name != "exponential"])
def test_large_inputs_and_their_derivatives_are_finite(name, dtype):
    f = make(name)
    x = np.array([[-1e30, -1e4, -1000, -100, 100, 1000, 1e4, 1e30]], dtype)
    y = f(x)
    assert np.isfinite(y).all()
    assert np.isfinite(f.backward(np.ones_like(y), x, y)).all()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_number_is_passed_on(name):
    f = make(name)
    assert np.isnan(f(np.array([[np.nan, 0]], np.float32))[0, 0])


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_derivative_is_the_limit_of_differences(name):
    f, step = make(name), 1e-6
    x = np.linspace(-7.03, 7.04, 300)  # with no kink within a step
    y = f(x)
    differences = (f(x + step) - f(x - step)) / (2 * step)
    np.testing.assert_allclose(f.backward(np.ones_like(x), x, y), differences, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_single_numbers_are_taken_too(name):
    y = getattr(activations, name)(1.5, **NEED_ARGUMENTS.get(name, {}))
    assert y.shape == ()
    np.testing.assert_array_equal(y, make(name)(np.array([1.5], np.float32))[0])


@pytest.mark.parametrize(
    ("alias", "name"), [("swish", "silu"), ("hard_swish", "hard_silu"), ("HardSwish", "hard_silu")]
)
def test_keras_has_two_names_for_some(alias, name):
    assert type(activations.get(alias)) is type(activations.get(name))


@pytest.mark.parametrize(
    ("spec", "argument"),
    [
        ({"relu": {"max_value": "a"}}, "max_value"),
        ({"relu": {"max_value": -1}}, "max_value"),
        ({"relu": {"threshold": None}}, "threshold"),
        ({"relu": "a"}, "negative_slope"),
        ({"leaky_relu": "a"}, "negative_slope"),
        ({"leaky_relu": -0.1}, "negative_slope"),
        ({"elu": "a"}, "alpha"),
        ({"celu": 0}, "alpha"),
        ({"squareplus": 0}, "b"),
        ({"gelu": 1}, "approximate"),
        ({"hard_shrink": -1}, "threshold"),
        ({"soft_shrink": "a"}, "threshold"),
        ({"threshold": {"threshold": "a", "default_value": 0}}, "threshold"),
        ({"threshold": {"threshold": 0, "default_value": None}}, "default_value"),
        ({"softmax": 1.5}, "axis"),
        ({"log_softmax": []}, "axis"),
        ({"sparsemax": [1]}, "axis"),
        ({"glu": "last"}, "axis"),
    ],
)
def test_wrong_arguments_are_named(spec, argument):
    with pytest.raises(ArgumentError, match=f": {argument} must be ") as caught:
        activations.get(spec)
    assert caught.value.argument == argument


def test_a_wrong_name_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="unknown activation 'sigmiod'; did you mean 'sigmoid'"):
        activations.get("sigmiod")


def test_an_activation_of_ones_own_is_told_what_it_lacks():
    class Square(Activation):
        pass

    x = np.ones(3)
    with pytest.raises(NotImplementedError, match="Square must define __call__"):
        Square()(x)
    with pytest.raises(NotImplementedError, match="Square must define backward"):
        Square().backward(x, x, x)
    assert Square().output_shape((3, 2)) == (3, 2)


@pytest.mark.parametrize("name", ALONG_AXES)
@pytest.mark.parametrize("axis", [3, -4])
def test_an_axis_that_the_examples_do_not_have_is_refused(name, axis):
    f = activations.get({name: axis})
    with pytest.raises(
        ValueError, match=rf"has axis={axis}, a batch of examples of shape \(4, 2\) has the axes 0 to 2"
    ):
        f.output_shape((4, 2))


def test_scratch_arrays_are_used_again():
    f = activations.get("silu")
    first = f.buffer_like("gate", Z)
    f(Z)
    assert f.buffer_like("gate", Z) is first
    assert f.buffer_like("mask", Z, np.bool_).dtype == np.bool_


def test_texts_are_no_axes():
    assert not are_axes("12")
