"""DepthwiseConv2D against Keras 3.15 (TensorFlow), and against a Conv2D for each channel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework.layers import Conv2D, DepthwiseConv2D
from framework.registry import ArgumentError, UnknownNameError


def whole(shape, modulus, offset):
    """Small whole numbers, whose products float32 adds up without rounding."""
    return (np.arange(np.prod(shape)) * 7 % modulus - offset).reshape(shape).astype(np.float32)


@pytest.mark.parametrize(
    ("layer", "shape", "y", "dx", "dkernel", "dbias"),
    [
        (
            DepthwiseConv2D(2, 2, "same", 2),
            (1, 3, 3, 2),
            [-6, 12, 9, 1, -3, -1, 6, 2, -1, -10, -2, 3, 4, 0, 10, -5],
            [2, 3, -1, -2, 0, -2, 1, -2, -2, 3, 1, 2, -2, -1, 3, 2, 2, 3],
            [10, -1, 9, -8, 7, -5, 5, -4, -4, -1, 5, 0, 4, 0, 3, -3],
            [-1, 0, 1, -1],
        ),
        (
            DepthwiseConv2D(2, 2, dilation_rate=2),
            (1, 5, 4, 1),
            [1, 0],
            [2, 0, 0, 0, 0, 0, 0, 0, -2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            [5, 2, 4, 1],
            [-1],
        ),
    ],
    ids=["same, strided", "strides and dilation"],
)
def test_outputs_and_gradients_are_those_of_keras(layer, shape, y, dx, dkernel, dbias):
    x = whole(shape, 11, 5)
    layer(x)
    layer.set_weights([whole(w.shape, 5, 2) for w in layer.weights])
    found = layer(x)
    assert found.ravel().tolist() == y
    assert layer.backward(whole(found.shape, 3, 1)).ravel().tolist() == dx
    assert layer.kernel.grad.ravel().tolist() == dkernel
    assert layer.bias.grad.tolist() == dbias


@pytest.mark.parametrize(
    ("layer", "input_shape", "output_shape"),
    [
        (DepthwiseConv2D(2, depth_multiplier=5), (3, 5, 5, 4), (3, 4, 4, 20)),
        (DepthwiseConv2D(2, 1, "same", 6, dilation_rate=(2, 2)), (3, 4, 4, 4), (3, 4, 4, 24)),
        (DepthwiseConv2D((2, 2), (2, 2), depth_multiplier=6), (3, 5, 5, 4), (3, 2, 2, 24)),
    ],
)
def test_shapes_are_those_in_keras_depthwise_conv_test(layer, input_shape, output_shape):
    assert layer.compute_output_shape(input_shape) == output_shape
    assert layer(np.zeros(input_shape)).shape == output_shape


@settings(max_examples=50)
@given(
    st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3),
    st.sampled_from(["valid", "same"]), st.booleans(),
)  # fmt: skip
def test_each_channel_is_convolved_by_itself(batch, channels, multiplier, size, step, padding, dilated):
    rng = np.random.default_rng(1)
    arguments = {"kernel_size": size, "padding": padding, "dilation_rate" if dilated else "strides": step}
    layer = DepthwiseConv2D(depth_multiplier=multiplier, bias_initializer="ones", **arguments)
    layer.set_dtype("float64")
    x = rng.standard_normal((batch, 8, 7, channels))
    y = layer(x)
    dy = rng.standard_normal(y.shape)
    dx = layer.backward(dy.copy())
    for c in range(channels):
        own = slice(c * multiplier, (c + 1) * multiplier)
        one = Conv2D(multiplier, bias_initializer="ones", **arguments)
        one.set_dtype("float64")
        one(x[..., c : c + 1])
        one.set_weights([layer.kernel.value[:, :, c : c + 1], layer.bias.value[own]])
        np.testing.assert_allclose(y[..., own], one(x[..., c : c + 1]), atol=1e-12)
        np.testing.assert_allclose(dx[..., c : c + 1], one.backward(dy[..., own].copy()), atol=1e-12)
        np.testing.assert_allclose(layer.kernel.grad[:, :, c : c + 1], one.kernel.grad, atol=1e-12)
        np.testing.assert_allclose(layer.bias.grad[own], one.bias.grad, atol=1e-12)


def test_weights_have_keras_names_and_shapes():
    layer = DepthwiseConv2D((3, 2), depth_multiplier=5, depthwise_initializer="ones")
    layer(np.zeros((1, 5, 5, 4)))
    assert [(p.name, p.shape) for p in layer.weights] == [("kernel", (3, 2, 4, 5)), ("bias", (20,))]
    assert (layer.kernel.value == 1).all()


def test_the_kernel_has_penalty_and_constraint_under_keras_names():
    layer = DepthwiseConv2D(2, depthwise_initializer="ones", depthwise_regularizer={"l2": 0.5},
                            depthwise_constraint="non_neg")  # fmt: skip
    layer(np.zeros((1, 3, 3, 1)))
    assert layer.losses == [2.0]
    assert layer.kernel.constraint is not None


def test_wrong_arguments_are_refused_when_the_layer_is_made():
    with pytest.raises(ArgumentError, match="DepthwiseConv2D: depth_multiplier must be a positive whole number, got 0"):
        DepthwiseConv2D(3, depth_multiplier=0)
    with pytest.raises(ArgumentError, match="DepthwiseConv2D: kernel_size must be a positive whole number or"):
        DepthwiseConv2D([3, 0])
    with pytest.raises(ArgumentError, match="padding must be 'valid' or 'same', got 'causal'"):
        DepthwiseConv2D(3, padding="causal")
    with pytest.raises(UnknownNameError, match="unknown initializer 'onse'"):
        DepthwiseConv2D(3, depthwise_initializer="onse")


def test_a_window_has_to_fit_into_the_image():
    with pytest.raises(ValueError, match=r"'depthwise_conv2d' \(DepthwiseConv2D\): kernel_size=\(3, 3\) spans 3 x 3"):
        DepthwiseConv2D(3)(np.zeros((1, 2, 5, 1)))
