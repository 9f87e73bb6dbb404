"""Global pooling against Keras 3.15 (TensorFlow, float32), also where several numbers are the largest."""

import tracemalloc

import numpy as np
import pytest

from framework import layers
from framework.buffers import is_batch_last
from framework.layers import (
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
)
from framework.registry import ArgumentError

ALL = [GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalMaxPooling1D, GlobalMaxPooling2D]


def batch_last(x):
    return np.ascontiguousarray(x.swapaxes(0, -1)).swapaxes(0, -1)


# Inputs of Keras's global_max_pooling_test.py and global_average_pooling_test.py.
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("laid_out", [np.array, batch_last])
@pytest.mark.parametrize(
    ("make", "shape", "expected"),
    [
        (GlobalMaxPooling1D, (2, 3, 4), [[8, 9, 10, 11], [20, 21, 22, 23]]),
        (GlobalAveragePooling1D, (2, 3, 4), [[4, 5, 6, 7], [16, 17, 18, 19]]),
        (GlobalMaxPooling2D, (2, 3, 4, 4), [[44, 45, 46, 47], [92, 93, 94, 95]]),
        (GlobalAveragePooling2D, (2, 3, 4, 4), [[22, 23, 24, 25], [70, 71, 72, 73]]),
    ],
)
def test_the_numbers_are_those_of_kerass_tests(make, shape, expected, laid_out, keepdims):
    layer = make(keepdims=keepdims)
    x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    layer(x)
    y = layer.forward(laid_out(x))
    np.testing.assert_array_equal(y, np.reshape(expected, (2, *[1] * (len(shape) - 2), 4) if keepdims else (2, 4)))


@pytest.mark.parametrize(
    ("make", "keepdims", "shape", "expected"),
    [
        (GlobalMaxPooling1D, False, (3, 5, 4), (3, 4)),
        (GlobalMaxPooling1D, True, (3, 5, 4), (3, 1, 4)),
        (GlobalAveragePooling1D, True, (3, 5, 4), (3, 1, 4)),
        (GlobalMaxPooling2D, False, (3, 5, 6, 4), (3, 4)),
        (GlobalAveragePooling2D, True, (3, 5, 6, 4), (3, 1, 1, 4)),
    ],
)
def test_shapes_are_those_of_kerass_tests(make, keepdims, shape, expected):
    layer = make(keepdims=keepdims)
    assert layer.compute_output_shape((None, *shape[1:])) == (None, *expected[1:])
    assert layer(np.zeros(shape)).shape == expected


@pytest.mark.parametrize("laid_out", [np.array, batch_last])
def test_all_that_are_largest_share_the_gradient(laid_out):
    # As TensorFlow's reduce_max does, and unlike its max_pool.
    layer = GlobalMaxPooling1D()
    x = np.array([[[3, 1], [3, 2], [1, 2], [3, 0]]] * 2, np.float32)
    layer(x)
    layer.forward(laid_out(x))
    dx = layer.backward(np.array([[6, 4]] * 2, np.float32))
    np.testing.assert_array_equal(dx, [[[2, 0], [2, 2], [0, 2], [2, 0]]] * 2)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("laid_out", [np.array, batch_last])
def test_the_gradient_of_a_mean_is_spread_evenly(keepdims, laid_out):
    layer = GlobalAveragePooling2D(keepdims=keepdims)
    x = np.zeros((2, 2, 3, 2), np.float32)
    y = layer(x)
    layer.forward(laid_out(x))
    dx = layer.backward(np.array([[3, 6], [9, 12]], np.float32).reshape(y.shape))
    expected = np.broadcast_to(np.reshape([[0.5, 1], [1.5, 2]], (2, 1, 1, 2)), x.shape)
    np.testing.assert_array_equal(dx, expected)


@pytest.mark.parametrize("make", ALL)
def test_what_comes_batch_last_gets_its_gradient_batch_last(make):
    layer = make()
    x = batch_last(np.random.default_rng(0).random((5, *(4, 6)[: layer.axes], 3), np.float32))
    layer(x)
    y = layer.forward(x)
    assert is_batch_last(y)
    assert is_batch_last(layer.backward(np.ascontiguousarray(y)))


@pytest.mark.parametrize("laid_out", [np.array, batch_last])
@pytest.mark.parametrize("make", [GlobalMaxPooling2D, GlobalAveragePooling2D])
def test_a_step_allocates_nothing_of_the_size_of_a_batch(make, laid_out):
    layer = make()
    x = laid_out(np.random.default_rng(0).random((32, 16, 16, 16), np.float32))
    layer(x)
    dy = np.ones_like(layer.forward(x))
    layer.backward(dy)
    tracemalloc.start()
    try:
        layer.forward(x, training=True)
        layer.backward(dy)
        assert tracemalloc.get_traced_memory()[1] < x.nbytes / 8
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("make", ALL)
def test_nothing_is_computed_that_nobody_needs(make):
    layer = make()
    y = layer(np.ones((1, *(4, 4)[: layer.axes], 1)))
    layer.plan_backward(False)
    assert layer.backward(y) is None


def test_what_is_not_a_number_shows_and_warns_of_nothing():
    layer = GlobalMaxPooling1D()
    y = layer([[[1.0], [np.nan]]])
    assert np.isnan(y).all()
    assert np.isnan(layer.backward(y)).all()


def test_kerass_short_names_are_known():
    for cls in ALL:
        short = cls.__name__.replace("AveragePooling", "AvgPool").replace("MaxPooling", "MaxPool")
        assert getattr(layers, short) is cls
        assert type(layers.get(short)) is cls


@pytest.mark.parametrize("make", ALL)
def test_arguments_that_do_not_fit_are_refused(make):
    with pytest.raises(ArgumentError, match=f"{make.__name__}: data_format must be None or 'channels_last'"):
        make("channels_first")
    with pytest.raises(ArgumentError, match=f"{make.__name__}: keepdims must be True or False, got 1"):
        make(keepdims=1)
    with pytest.raises(ValueError, match="needs examples of shape"):
        make()(np.zeros((2, 3)))
