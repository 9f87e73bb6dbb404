"""Conv2DTranspose against Keras 3.15 (TensorFlow), against Conv2D backwards, and against loops."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework.layers import Conv2D, Conv2DTranspose
from framework.layers.transposed_convolution import outputs_of
from framework.registry import ArgumentError


def whole(shape, modulus, offset):
    """Small whole numbers, whose products float32 adds up without rounding."""
    return (np.arange(np.prod(shape)) * 7 % modulus - offset).reshape(shape).astype(np.float32)


@pytest.mark.parametrize(
    ("layer", "shape", "y", "dx", "dkernel", "dbias"),
    [
        (
            Conv2DTranspose(1, 3, 2, "same"),
            (1, 2, 2, 2),
            [8, -14, -7, -11, 2, 5, 18, 5, -16, -6, -8, -6, -8, -6, -4, -6],
            [5, 0, -3, -3, -6, -1, 3, 0],
            [4, 0, 5, -2, -5, 2, 5, -2, -9, 2, 6, -5, -5, 2, 3, 3, 0, 0],
            [-1],
        ),
        (
            Conv2DTranspose(1, [2, 3], (3, 1)),
            (1, 2, 2, 1),
            [8, -6, -12, 2, 3, -9, 10, -6, -2, -2, -2, -2, 2, -12, -6, 8, 0, -9, 7, -12, -2, -2, -2, -2],
            [7, -4, 7, -4],
            [7, 7, -14, 7, -14, 7],
            [0],
        ),
        (
            Conv2DTranspose(2, 3, 2, "same", 0),
            (1, 2, 2, 1),
            [3, -5, 8, 4, -4, 2, -11, 12, -10, -8, 10, -9, 0, -2, 2, 10, -7, 5],
            [-4, 0, 0, -4],
            [5, -5, 2, 5, -2, 2, 7, -7, 7, 7, -7, 7, 2, -2, 5, 2, -5, 5],
            [0, 0],
        ),
    ],
    ids=["same", "strides beyond the kernel", "output_padding"],
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
        (Conv2DTranspose(5, 2, 2), (2, 8, 8, 4), (2, 16, 16, 5)),
        (Conv2DTranspose(6, 2, 3, "same", 2), (2, 8, 8, 4), (2, 23, 23, 6)),
        (Conv2DTranspose(6, (2, 3), (2, 1)), (2, 8, 8, 4), (2, 16, 10, 6)),
        (Conv2DTranspose(2, (7, 7), (16, 16)), (1, 14, 14, 2), (1, 224, 224, 2)),
    ],
)
def test_shapes_are_those_in_keras_conv_transpose_test(layer, input_shape, output_shape):
    assert layer.compute_output_shape(input_shape) == output_shape
    assert layer(np.zeros(input_shape)).shape == output_shape


@st.composite
def geometries(draw):
    """kernel_size, strides, padding, output_padding, dilation_rate."""
    pair = st.tuples(st.integers(1, 4), st.integers(1, 4))
    size, steps = draw(pair), draw(pair)
    strides, dilation = ((1, 1), steps) if draw(st.booleans()) else (steps, (1, 1))
    given_extra = draw(st.booleans())
    extra = tuple(draw(st.integers(0, stride - 1)) for stride in strides) if given_extra else None
    return size, strides, draw(st.sampled_from(["valid", "same"])), extra, dilation


@settings(max_examples=50)
@given(geometries(), st.tuples(st.integers(1, 3), st.integers(2, 5), st.integers(2, 5), st.integers(1, 2)))
def test_every_pixel_is_spread_as_by_loops(geometry, shape):
    size, strides, padding, extra, dilation = geometry
    layer = Conv2DTranspose(2, *geometry[:4], dilation_rate=dilation, bias_initializer="ones")
    layer.set_dtype("float64")
    rng = np.random.default_rng(1)
    x = rng.standard_normal(shape)
    y = layer(x)
    dy = rng.standard_normal(y.shape)
    dx = layer.backward(dy.copy())

    # All that the filters reach; of it, `valid` keeps everything and `same` what its rule says, cut off in the middle.
    spans = [(k - 1) * d + 1 for k, d in zip(size, dilation, strict=True)]
    least = [(n - 1) * s + span for n, s, span in zip(shape[1:], strides, spans, strict=False)]
    kept = [(n - 1) * s + span % 2 for n, s, span in zip(shape[1:], strides, spans, strict=False)]
    if extra is not None:
        lengths = np.add(least if padding == "valid" else kept, extra)
    elif padding == "valid":
        lengths = [(n - 1) * s + max(s, span) for n, s, span in zip(shape[1:], strides, spans, strict=False)]
    else:
        lengths = [n * s for n, s in zip(shape[1:], strides, strict=False)]
    assert y.shape == (shape[0], *lengths, 2)
    cut = [0, 0] if padding == "valid" else [max(0, n - m) // 2 for n, m in zip(least, lengths, strict=True)]

    kernel = layer.kernel.value
    expected, expected_dx, expected_dkernel = np.ones_like(y), np.zeros_like(x), np.zeros_like(kernel)
    for h, w, i, j in itertools.product(*map(range, (*shape[1:3], *size))):
        row, column = h * strides[0] + i * dilation[0] - cut[0], w * strides[1] + j * dilation[1] - cut[1]
        if 0 <= row < lengths[0] and 0 <= column < lengths[1]:
            expected[:, row, column] += x[:, h, w] @ kernel[i, j].T
            expected_dx[:, h, w] += dy[:, row, column] @ kernel[i, j]
            expected_dkernel[i, j] += dy[:, row, column].T @ x[:, h, w]
    np.testing.assert_allclose(y, expected, atol=1e-12)
    np.testing.assert_allclose(dx, expected_dx, atol=1e-12)
    np.testing.assert_allclose(layer.kernel.grad, expected_dkernel, atol=1e-12)
    np.testing.assert_allclose(layer.bias.grad, dy.sum((0, 1, 2)), atol=1e-12)


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_it_maps_as_a_convolution_maps_its_gradients_back(padding):
    conv = Conv2D(3, 3, 2, padding, use_bias=False)
    image = np.zeros((2, 8, 8, 2) if padding == "same" else (2, 9, 9, 2), np.float32)
    dy = np.random.default_rng(1).standard_normal(conv(image).shape).astype(np.float32)
    transposed = Conv2DTranspose(2, 3, 2, padding, use_bias=False)
    transposed(dy)
    transposed.set_weights([conv.kernel.value])
    np.testing.assert_allclose(transposed(dy), conv.backward(dy.copy()), atol=1e-5)


def test_weights_have_keras_names_and_shapes():
    layer = Conv2DTranspose(5, (3, 2))
    layer(np.zeros((1, 4, 4, 3)))
    assert [(p.name, p.shape) for p in layer.weights] == [("kernel", (3, 2, 5, 3)), ("bias", (5,))]


def test_no_input_gradient_is_computed_that_nobody_needs():
    layer = Conv2DTranspose(2, 2)
    layer.plan_backward(False)
    y = layer(np.ones((1, 2, 2, 1)))
    assert layer.backward(np.ones_like(y)) is None
    assert layer.bias.grad.tolist() == [9, 9]


@pytest.mark.parametrize(("extra", "length"), [(None, 8), (0, 7), (1, 8)])
def test_output_padding_lengthens_the_output_at_its_end(extra, length):
    assert outputs_of(4, size=3, stride=2, dilation=1, extra=extra, padding="same").length == length


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"filters": 0}, "filters must be a positive whole number, got 0"),
        ({"kernel_size": [3, 0]}, "kernel_size must be a positive whole number or a list of 2 such, got"),
        ({"strides": 2, "output_padding": 2}, "output_padding must be less than strides=2 along each axis, got 2"),
        (
            {"strides": (2, 1), "output_padding": 1},
            r"output_padding must be less than strides=\(2, 1\) along each axis",
        ),
        ({"output_padding": -1}, "output_padding must be a whole number of at least 0 or a list of 2 such, got -1"),
        ({"strides": 2, "dilation_rate": 2}, "dilation_rate must be 1 with strides=2, as in Keras, got 2"),
        ({"padding": "causal"}, "padding must be 'valid' or 'same', got 'causal'"),
        ({"data_format": "channels_first"}, "data_format must be None or 'channels_last'"),
    ],
)
def test_wrong_arguments_are_refused_when_the_layer_is_made(arguments, message):
    with pytest.raises(ArgumentError, match=f"Conv2DTranspose: {message}"):
        Conv2DTranspose(**({"filters": 1, "kernel_size": 3} | arguments))


def test_some_output_has_to_be_left():
    with pytest.raises(ValueError, match=r"would make images of 0 x 4 of its input \(1, 3, 1\); give a larger"):
        Conv2DTranspose(1, 2, 2, "same", 0)(np.zeros((1, 1, 3, 1)))
