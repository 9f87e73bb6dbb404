"""Dense against Keras 3.15 (TensorFlow, float32): outputs and all gradients for the same weights."""

import numpy as np
import pytest

from framework.layers import Dense
from framework.registry import ArgumentError, UnknownNameError

X = np.array([[1, 2], [-1, 0.5], [0.3, -0.7]], np.float32)
KERNEL = [[0.1, -0.2, 0.3], [0.4, 0.5, -0.6]]
BIAS = [0.01, 0.02, -0.03]
DY = np.array([[1, -1, 0.5], [0.2, 0, -0.4], [2, 1, 1]], np.float32)

KERAS = {
    # activation: (y, dx, dkernel, dbias)
    None: (
        [[0.91, 0.82, -0.93], [0.11, 0.47, -0.63], [-0.24, -0.39, 0.48]],
        [[0.45, -0.4], [-0.1, 0.32], [0.3, 0.7]],
        [[1.4, -0.7, 1.2], [0.7, -2.7, 0.1]],
        [3.2, 0, 1.1],
    ),
    "relu": (
        [[0.91, 0.82, 0], [0.11, 0.47, 0], [0, 0, 0.48]],
        [[0.3, -0.1], [0.02, 0.08], [0.3, -0.6]],
        [[0.8, -1, 0.3], [2.1, -2, -0.7]],
        [1.2, -1, 1],
    ),
    "tanh": (
        [[0.7211323, 0.6750699, -0.730594], [0.1095585, 0.4381993, -0.5580522], [-0.2354957, -0.3713602, 0.4462436]],
        [[0.2267878, -0.2200228], [-0.06286938, 0.2442984], [0.25675, 0.7061592]],
        [[0.8490939, -0.2856531, 0.7488073], [-0.2636222, -1.69202542, -0.2320897]],
        [2.56665111, 0.317811, 0.7585517],
    ),
    "softmax": (
        [[0.4824512, 0.4409271, 0.07662165], [0.34359026, 0.492478, 0.1639317], [0.2554186, 0.21984084, 0.5247405]],
        [[0.1492773, -0.07980658], [-0.01275296, 0.06593341], [-0.009960254, 0.1284134]],
        [[0.4333514, -0.4914249, 0.05807352], [0.7885622, -0.9137255, 0.1251633]],
        [0.7017521, -0.533829, -0.167923],
    ),
    "sigmoid": (
        [[0.7130002, 0.6942363, 0.2829247], [0.5274723, 0.6153838, 0.3475106], [0.4402863, 0.4037173, 0.6177478]],
        [[0.09334929, -0.08514725], [-0.02222474, 0.0743589], [0.07198155, 0.17583096]],
        [[0.3026424, -0.1400533, 0.2629786], [0.0891784, -0.5930552, -0.007765882]],
        [0.7473485, 0.0284574, 0.2468758],
    ),
    "leaky_relu": (
        [[0.91, 0.82, -0.186], [0.11, 0.47, -0.126], [-0.048, -0.078, 0.48]],
        [[0.33, -0.16], [-0.004, 0.128], [0.3, -0.34]],
        [[0.92, -0.94, 0.48], [1.82, -2.14, -0.54]],
        [1.6, -0.8, 1.02],
    ),
}  # fmt: skip


def with_weights(layer, *weights, shape=(2,)):
    layer(np.zeros((1, *shape)))
    layer.set_weights(weights)
    return layer


@pytest.mark.parametrize("activation", KERAS)
def test_outputs_and_gradients_are_those_of_keras(activation):
    layer = with_weights(Dense(3, activation), KERNEL, BIAS)
    y, dx, dkernel, dbias = KERAS[activation]
    np.testing.assert_allclose(layer(X), y, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(layer.backward(DY.copy()), dx, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(layer.kernel.grad, dkernel, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(layer.bias.grad, dbias, rtol=1e-5, atol=1e-6)


def test_it_works_on_the_last_of_several_axes_as_keras_does():
    layer = with_weights(Dense(2, use_bias=False), [[1, 2], [-1, 0.5]], shape=(2, 2))
    x = np.arange(8, dtype=np.float32).reshape(2, 2, 2) / 4
    y = layer(x)
    np.testing.assert_allclose(y, [[[-0.25, 0.125], [-0.25, 1.375]], [[-0.25, 2.625], [-0.25, 3.875]]], atol=1e-6)
    dx = layer.backward(2 * y)
    np.testing.assert_allclose(dx, [[[0, 0.625], [5, 1.875]], [[10, 3.125], [15, 4.375]]], atol=1e-5)
    np.testing.assert_allclose(layer.kernel.grad, [[-1.5, 18.25], [-2, 22.25]], atol=1e-5)


def test_weights_have_keras_names_shapes_and_first_values():
    layer = Dense(3)
    layer(X)
    assert [(p.name, p.shape) for p in layer.weights] == [("kernel", (2, 3)), ("bias", (3,))]
    assert np.abs(layer.kernel.value).max() <= (6 / 5) ** 0.5
    assert layer.kernel.value.any()
    assert not layer.bias.value.any()


def test_without_bias_there_is_only_the_kernel():
    layer = Dense(3, use_bias=False)
    layer(X)
    assert [p.name for p in layer.weights] == ["kernel"]


def test_no_input_gradient_is_computed_that_nobody_needs():
    layer = with_weights(Dense(3, "tanh"), KERNEL, BIAS)
    layer.plan_backward(False)
    layer(X)
    assert layer.backward(DY.copy()) is None
    np.testing.assert_allclose(layer.bias.grad, KERAS["tanh"][3], rtol=1e-5)


def test_past_the_output_only_the_affine_part_is_differentiated():
    layer = with_weights(Dense(3, "softmax"), KERNEL, BIAS)
    layer(X)
    np.testing.assert_allclose(layer.backward_past_output(DY.copy()), KERAS[None][1], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(layer.kernel.grad, KERAS[None][2], rtol=1e-5, atol=1e-6)


def test_training_allocates_nothing_that_grows_with_the_batch():
    layer = with_weights(Dense(3, "relu"), KERNEL, BIAS)
    y = layer.forward(X)
    dx = layer.backward(DY.copy())
    assert layer.forward(X) is y
    assert layer.backward(DY.copy()) is dx


@pytest.mark.parametrize("units", ["64", 2.5, 0, -1, None, True, [3]])
def test_units_must_be_a_positive_whole_number(units):
    with pytest.raises(ArgumentError, match="Dense: units must be a positive whole number, got ") as caught:
        Dense(units)
    assert caught.value.argument == "units"


@pytest.mark.parametrize("argument", ["activation", "kernel_initializer", "bias_initializer"])
def test_wrong_names_are_refused_when_the_layer_is_made(argument):
    with pytest.raises(UnknownNameError, match=r"unknown .* 'rellu'"):
        Dense(3, **{argument: "rellu"})
    with pytest.raises(TypeError, match=r"expected an .*, got 5"):
        Dense(3, **{argument: 5})


def test_examples_need_an_axis():
    with pytest.raises(ValueError, match=r"'dense' \(Dense\) needs examples with at least one axis, got scalars"):
        Dense(3)(np.ones(4))
