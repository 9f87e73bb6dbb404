"""Pooling against loops over windows, and against Keras 3.15 (TensorFlow, float32), also where numbers are equal."""

import copy
import itertools
import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from framework import layers
from framework.buffers import is_batch_last
from framework.layers import AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D, pooling
from framework.registry import ArgumentError
from framework.threads import limited_to

BY_AXES = {("max", 1): MaxPooling1D, ("max", 2): MaxPooling2D}
BY_AXES |= {("average", 1): AveragePooling1D, ("average", 2): AveragePooling2D}


def batch_last(x):
    return np.ascontiguousarray(x.swapaxes(0, -1)).swapaxes(0, -1)


def by_loops(kind, x, dy, sizes, strides, padding):
    """y and dx, one window, example and channel at a time; without dy, one that counts the windows."""
    lengths = x.shape[1:-1]
    if padding == "same":
        counts = [math.ceil(n / s) for n, s in zip(lengths, strides, strict=True)]
        missing = [max((c - 1) * s + k - n, 0) for c, s, k, n in zip(counts, strides, sizes, lengths, strict=True)]
    else:
        counts = [(n - k) // s + 1 for n, k, s in zip(lengths, sizes, strides, strict=True)]
        missing = [0] * len(lengths)
    y, dx = np.zeros((len(x), *counts, x.shape[-1])), np.zeros(x.shape)
    dy = np.arange(y.size).reshape(y.shape) if dy is None else dy
    for n, *window, c in np.ndindex(*y.shape):
        starts = [w * s - m // 2 for w, s, m in zip(window, strides, missing, strict=True)]
        taps = itertools.product(*(range(b, b + k) for b, k in zip(starts, sizes, strict=True)))
        pixels = [(n, *p, c) for p in taps if all(0 <= i < length for i, length in zip(p, lengths, strict=True))]
        values = [x[p] for p in pixels]
        if kind == "max":
            y[n, *window, c] = max(values)
            dx[pixels[values.index(max(values))]] += dy[n, *window, c]
        else:
            y[n, *window, c] = sum(values) / len(values)
            for p in pixels:
                dx[p] += dy[n, *window, c] / len(values)
    return y, dx, dy


@st.composite
def geometries(draw):
    axes = draw(st.sampled_from([1, 2]))
    each = st.tuples(*[st.integers(1, 4)] * axes)
    lengths = draw(st.tuples(*[st.integers(1, 7)] * axes))
    sizes, strides, padding = draw(each), draw(each), draw(st.sampled_from(["valid", "same"]))
    assume(padding == "same" or all(k <= n for k, n in zip(sizes, lengths, strict=True)))
    return lengths, sizes, strides, padding


@given(geometries(), st.sampled_from(["max", "average"]), st.sampled_from([np.array, batch_last]), st.integers(0, 99))
def test_outputs_and_gradients_are_those_of_loops_over_the_windows(geometry, kind, laid_out, seed):
    lengths, sizes, strides, padding = geometry
    x = np.random.default_rng(seed).integers(0, 4, (2, *lengths, 2)).astype(np.float64)  # with many equals
    y, dx, dy = by_loops(kind, x, None, sizes, strides, padding)
    layer = BY_AXES[kind, len(lengths)](sizes, strides, padding)
    layer.set_dtype("float64")
    layer.declare(x.shape[1:])
    np.testing.assert_allclose(layer.forward(laid_out(x)), y, rtol=1e-12)
    assert layer.output_shape == y.shape[1:]
    np.testing.assert_allclose(layer.backward(laid_out(dy.astype(np.float64))), dx, rtol=1e-12)


PIXELS_OF_100 = np.arange(100, dtype=np.float32).reshape(1, 5, 5, 4)
PIXELS_OF_16 = np.arange(16, dtype=np.float32).reshape(1, 4, 4, 1)
STEPS_OF_24 = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


# Arguments and inputs of Keras's max_pooling_test.py; its reference is a loop, so the numbers are what the layer gave.
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((2, 1, "valid"), [[24, 28, 32, 36], [44, 48, 52, 56], [64, 68, 72, 76], [84, 88, 92, 96]]),
        (((2, 2), (2, 2), "same"), [[24, 32, 36], [64, 72, 76], [84, 92, 96]]),
        (((2, 3), (3, 3), "same"), [[28, 36], [88, 96]]),
    ],
)
def test_max_pooling_gives_the_numbers_of_kerass_test(arguments, expected):
    y = MaxPooling2D(*arguments)(PIXELS_OF_100)
    np.testing.assert_array_equal(y[0], np.asarray(expected)[..., None] + np.arange(4))


# From the docstring of Keras's MaxPooling2D.
@pytest.mark.parametrize(
    ("shape", "arguments", "expected"),
    [
        ((3, 3), ((2, 2), (1, 1), "valid"), [[5, 6], [8, 9]]),
        ((3, 4), ((2, 2), (2, 2), "valid"), [[6, 8]]),
        ((3, 3), ((2, 2), (1, 1), "same"), [[5, 6, 6], [8, 9, 9], [8, 9, 9]]),
    ],
)
def test_max_pooling_gives_the_numbers_of_kerass_examples(shape, arguments, expected):
    x = np.arange(1, 1 + math.prod(shape)).reshape(1, *shape, 1)
    np.testing.assert_array_equal(MaxPooling2D(*arguments)(x)[0, ..., 0], expected)


# Arguments and inputs of Keras's average_pooling_test.py.
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((2, 1, "valid"), [[2.5, 3.5, 4.5], [6.5, 7.5, 8.5], [10.5, 11.5, 12.5]]),
        (((2, 3), (2, 2), "valid"), [[3], [11]]),
        ((2, (2, 1), "same"), [[2.5, 3.5, 4.5, 5], [10.5, 11.5, 12.5, 13]]),
        (((2, 2), (2, 2), "same"), [[2.5, 4.5], [10.5, 12.5]]),
        (((3, 3), (2, 2), "same"), [[5, 6.5], [11, 12.5]]),
    ],
)
def test_average_pooling_gives_the_numbers_of_kerass_test(arguments, expected):
    np.testing.assert_array_equal(AveragePooling2D(*arguments)(PIXELS_OF_16)[0, ..., 0], expected)


# Arguments and inputs of max_pooling_test.py and average_pooling_test.py.
@pytest.mark.parametrize(
    ("arguments", "largest", "means"),
    [
        ((2, 1, "valid"), [[4, 8], [16, 20]], [[2, 6], [14, 18]]),
        ((2, 1, "same"), [[4, 8, 8], [16, 20, 20]], [[2, 6, 8], [14, 18, 20]]),
        (((2,), (2,), "valid"), [[4], [16]], [[2], [14]]),
        (((2,), (2,), "same"), [[4, 8], [16, 20]], [[2, 8], [14, 20]]),
    ],
)
def test_pooling_of_steps_gives_the_numbers_of_kerass_tests(arguments, largest, means):
    np.testing.assert_array_equal(MaxPooling1D(*arguments)(STEPS_OF_24)[..., 0], largest)
    np.testing.assert_array_equal(AveragePooling1D(*arguments)(STEPS_OF_24)[..., 0], means)


# The rows of Keras's tests with the channels last.
@pytest.mark.parametrize(
    ("arguments", "shape", "expected"),
    [
        ((2, 1, "valid"), (3, 5, 4), (3, 4, 4)),
        (((2,), (2,), "valid"), (3, 5, 4), (3, 2, 4)),
        ((2, 1, "valid"), (3, 5, 5, 4), (3, 4, 4, 4)),
        ((2, 1, "same"), (3, 5, 5, 4), (3, 5, 5, 4)),
        (((2, 3), (2, 2), "valid"), (3, 5, 5, 4), (3, 2, 2, 4)),
        (((2, 3), (2, 2), "same"), (3, 5, 5, 4), (3, 3, 3, 4)),
    ],
)
@pytest.mark.parametrize("kind", ["max", "average"])
def test_shapes_are_those_of_kerass_tests(kind, arguments, shape, expected):
    layer = BY_AXES[kind, len(shape) - 2](*arguments)
    assert layer.compute_output_shape((None, *shape[1:])) == (None, *expected[1:])
    assert layer(np.zeros(shape)).shape == expected


# Gradients below are those of TensorFlow on a CPU for 1, 2, 3, ... as the gradient of the output.
@pytest.mark.parametrize(
    ("arguments", "x", "expected"),
    [
        ((2,), np.zeros((4, 4)), [[1, 0, 2, 0], [0, 0, 0, 0], [3, 0, 4, 0], [0, 0, 0, 0]]),
        ((3, 1), np.zeros((4, 4)), [[1, 2, 0, 0], [3, 4, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]),
        ((3, 1, "same"), np.zeros((4, 4)), [[14, 10, 12, 0], [19, 11, 12, 0], [27, 15, 16, 0], [0, 0, 0, 0]]),
        (
            (2, 1, "same"),
            [[1, 2, 2, 0], [2, 0, 2, 1], [0, 2, 1, 2]],
            [[0, 3, 3, 0], [5, 0, 13, 4], [0, 19, 0, 31]],
        ),
    ],
)
@pytest.mark.parametrize("laid_out", [np.array, batch_last])
def test_of_equal_numbers_the_first_gets_the_gradient(arguments, x, expected, laid_out):
    layer = MaxPooling2D(*arguments)
    images = np.tile(np.asarray(x, np.float32)[None, ..., None], (3, 1, 1, 2))
    y = layer(images)
    layer.forward(laid_out(images))
    dy = np.arange(1, 1 + y[0, ..., 0].size, dtype=np.float32).reshape(1, *y.shape[1:3], 1)
    dx = layer.backward(laid_out(np.tile(dy, (3, 1, 1, 2))))
    np.testing.assert_array_equal(dx, np.tile(np.asarray(expected)[None, ..., None], (3, 1, 1, 2)))


def test_each_pixel_gets_its_part_from_every_window_that_it_is_in():
    layer = AveragePooling2D(3, 2, "same")
    layer(np.zeros((1, 4, 4, 1)))
    dx = layer.backward(np.array([9, 6, 6, 4], np.float32).reshape(1, 2, 2, 1))
    np.testing.assert_allclose(dx[0, ..., 0], [[1, 1, 2, 1], [1, 1, 2, 1], [2, 2, 4, 2], [1, 1, 2, 1]], rtol=1e-6)


@pytest.mark.parametrize("layer", [MaxPooling2D(2), AveragePooling2D(2), MaxPooling2D(1, 2)], ids=repr)
def test_pixels_outside_of_all_windows_get_no_gradient_in_any_step(layer):
    layer(np.zeros((2, 5, 5, 1)))
    for _ in range(2):
        dx = layer.backward(np.ones((2, *layer.output_shape), np.float32))
        outside = np.ones((5, 5), bool)
        outside[:4, :4] = False
        if layer.pool_size == 1:
            outside[...] = np.arange(25).reshape(5, 5) % 2
        assert not dx[:, outside].any()
        dx[...] = 7  # as whoever gets it may


@pytest.mark.parametrize("kind", ["max", "average"])
@pytest.mark.parametrize("axes", [1, 2])
def test_what_comes_batch_last_goes_on_batch_last(kind, axes):
    layer = BY_AXES[kind, axes](2)
    x = batch_last(np.random.default_rng(0).random((5, *(4, 6)[:axes], 3), np.float32))
    y = layer(x)
    assert is_batch_last(layer.forward(x))
    assert is_batch_last(layer.backward(np.ascontiguousarray(y)))  # Flatten may hand it back batch first
    assert not is_batch_last(layer.forward(np.ascontiguousarray(x)))


@pytest.mark.parametrize("laid_out", [np.array, batch_last])
@pytest.mark.parametrize("arguments", [(2,), (3, 2, "same")])
@pytest.mark.parametrize("make", [MaxPooling2D, AveragePooling2D])
def test_a_step_allocates_nothing_of_the_size_of_a_batch(make, arguments, laid_out):
    layer = make(*arguments)
    x = laid_out(np.random.default_rng(0).random((64, 32, 32, 8), np.float32))
    with limited_to(1):
        layer(x)
        dy = np.ones_like(layer.forward(x))
        layer.backward(dy)
        tracemalloc.start()
        try:
            layer.forward(x, training=True)
            layer.backward(dy)
            assert tracemalloc.get_traced_memory()[1] < dy.nbytes / 4  # NumPy's own buffers have a fixed size
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("laid_out", [np.array, batch_last])
@pytest.mark.parametrize("arguments", [(2,), (3, 2, "same"), (1, 2)])
@pytest.mark.parametrize("make", [MaxPooling2D, AveragePooling2D])
def test_threads_change_no_bit(monkeypatch, make, arguments, laid_out):
    monkeypatch.setattr(pooling, "WORTH_A_THREAD", (1, 1))
    rng = np.random.default_rng(1)
    layer, results = make(*arguments), []
    x = laid_out(rng.standard_normal((5, 7, 6, 4), np.float32))
    dy = rng.standard_normal(layer(x).shape, np.float32)
    for threads in (1, 2, 3, 9):
        with limited_to(threads):
            results.append((layer.forward(x).copy(), layer.backward(laid_out(dy)).copy()))
    for y, dx in results[1:]:
        np.testing.assert_array_equal(y, results[0][0])
        np.testing.assert_array_equal(dx, results[0][1])


@pytest.mark.parametrize("make", [MaxPooling2D, AveragePooling2D])
def test_other_arrays_are_noticed(make):
    """What is written down for some arrays is not done to others."""
    rng = np.random.default_rng(1)
    layer = make(2)
    layer(np.zeros((1, 4, 6, 2)))
    for n, laid_out in [(3, np.array), (2, np.array), (3, batch_last), (3, np.array), (1, batch_last)]:
        x, dy = rng.standard_normal((n, 4, 6, 2), np.float32), rng.standard_normal((n, 2, 3, 2), np.float32)
        fresh = copy.deepcopy(layer)
        np.testing.assert_array_equal(layer.forward(laid_out(x)), fresh.forward(x))
        np.testing.assert_array_equal(layer.backward(laid_out(dy)), fresh.backward(dy.copy()))
        layer.forward(x[:1])  # a prediction in between


@pytest.mark.parametrize("layer", [MaxPooling2D(2), AveragePooling2D(2)], ids=repr)
def test_nothing_is_computed_that_nobody_needs(layer):
    y = layer(np.ones((1, 4, 4, 1)))
    layer.plan_backward(False)
    assert layer.backward(y) is None


@pytest.mark.parametrize("layer", [MaxPooling2D(2), AveragePooling2D(2)], ids=repr)
def test_what_is_not_a_number_shows(layer):
    x = np.zeros((1, 2, 4, 1), np.float32)
    x[0, 0, 0] = np.nan
    y = layer(x)[0, 0, :, 0]
    assert np.isnan(y).tolist() == [True, False]


def test_kerass_short_names_are_known():
    for long in ("MaxPooling1D", "MaxPooling2D", "AveragePooling1D", "AveragePooling2D"):
        short = long.replace("AveragePooling", "AvgPool").replace("MaxPooling", "MaxPool")
        assert getattr(layers, short) is getattr(layers, long)
        assert type(layers.get({short: 2})) is getattr(layers, long)


@pytest.mark.parametrize("size", [0, -1, 2.0, "2", None, (2, 2, 2), (2, 0), True, ()])
def test_sizes_that_are_no_counts_are_refused(size):
    for argument in ("pool_size", "strides"):
        if (argument, size) == ("strides", None):
            continue
        with pytest.raises(ArgumentError, match=f"MaxPooling2D: {argument} must be a positive whole number or a list"):
            MaxPooling2D(**{argument: size})


def test_another_padding_or_order_of_axes_is_refused():
    with pytest.raises(ArgumentError, match="AveragePooling1D: padding must be 'valid' or 'same', got 'full'"):
        AveragePooling1D(2, padding="full")
    with pytest.raises(ArgumentError, match="MaxPooling2D: data_format must be None or 'channels_last'"):
        MaxPooling2D(data_format="channels_first")


def test_windows_that_do_not_fit_are_refused_when_built():
    with pytest.raises(ValueError, match=r"'max_pooling2d'.* pool_size=\(3, 2\).* only 2 x 8.*padding='same'"):
        MaxPooling2D((3, 2))(np.zeros((1, 2, 8, 1)))


@pytest.mark.parametrize("layer", [MaxPooling1D(2), AveragePooling2D(2)], ids=repr)
def test_examples_with_other_axes_are_refused_when_built(layer):
    with pytest.raises(ValueError, match="needs examples of shape"):
        layer(np.zeros((1, 4, 4, 4, 4)))
