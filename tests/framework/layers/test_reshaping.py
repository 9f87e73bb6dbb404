"""Layers that arrange numbers anew, in Keras's order."""

import tracemalloc

import numpy as np
import pytest

from framework.buffers import is_batch_last
from framework.layers import Flatten, Permute, RepeatVector, Reshape
from framework.registry import ArgumentError

X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


@pytest.mark.parametrize("shape", [(2, 3, 4), (2, 12), (2, 2, 3, 2, 1)])
def test_flatten_keeps_the_order_of_numbers(shape):
    np.testing.assert_array_equal(Flatten()(X.reshape(shape)), X.reshape(2, 12))


def test_flatten_makes_rows_of_single_numbers():
    assert Flatten()(np.zeros(5)).shape == (5, 1)


@pytest.mark.parametrize(
    ("target", "shape"),
    [((4, 3), (4, 3)), ((12,), (12,)), ([-1, 6], (2, 6)), ((2, -1, 2), (2, 3, 2)), ((-1,), (12,)), ((12, 1), (12, 1))],
)
def test_reshape_gives_the_target_shape(target, shape):
    layer = Reshape(target)
    y = layer(X)
    assert y.shape == (2, *shape)
    assert layer.output_shape == shape
    np.testing.assert_array_equal(y.ravel(), X.ravel())


@pytest.mark.parametrize("layer", [Flatten(), Reshape((6, 2))], ids=repr)
def test_the_gradient_takes_the_input_shape_for_any_batch_size(layer):
    for n in (2, 1):
        y = layer(X[:n])
        np.testing.assert_array_equal(layer.backward(y), X[:n])


@pytest.mark.parametrize("layer", [Flatten(), Reshape((4, 3))], ids=repr)
def test_strided_inputs_and_empty_batches_are_fine(layer):
    turned = np.asfortranarray(X)
    np.testing.assert_array_equal(layer(turned).ravel(), X.ravel())
    assert layer(X[:0]).shape == (0, *layer.output_shape)


@pytest.mark.parametrize("target", [5, "34", None, (2.5, 2), (0, 3), (-2, 6), (-1, -1), (True, 12), ("3", 4)])
def test_targets_that_are_no_shape_are_refused(target):
    message = "Reshape: target_shape must be a list of positive whole numbers, with at most one -1, got "
    with pytest.raises(ArgumentError, match=message) as caught:
        Reshape(target)
    assert caught.value.argument == "target_shape"


@pytest.mark.parametrize("target", [(5, 2), (-1, 5), (24,), ()])
def test_targets_that_do_not_fit_are_refused_when_built(target):
    with pytest.raises(ValueError, match=r"'reshape' cannot arrange \(3, 4\) \(12 numbers\) as "):
        Reshape(target)(X)


@pytest.mark.parametrize("layer", [Flatten(), Reshape((6, 8))], ids=repr)
def test_what_comes_batch_last_gets_its_gradient_batch_last_and_memory_once(layer):
    x = np.random.default_rng(0).random((64, 4, 4, 3), np.float32)
    y = layer(x)
    turned = np.ascontiguousarray(x.swapaxes(0, -1)).swapaxes(0, -1)
    np.testing.assert_array_equal(layer.forward(turned), y)
    dx = layer.backward(y.copy())
    np.testing.assert_array_equal(dx, x)
    assert is_batch_last(dx)
    tracemalloc.start()
    try:
        layer.forward(turned)
        layer.backward(y)
        assert tracemalloc.get_traced_memory()[1] < x.nbytes / 4
    finally:
        tracemalloc.stop()
    assert layer.forward(x).base is x  # what lies in the usual order is not copied


def test_flatten_takes_kerass_data_format_and_refuses_the_other_order():
    assert Flatten("channels_last")(X).shape == (2, 12)
    with pytest.raises(ArgumentError, match="Flatten: data_format must be None or 'channels_last'"):
        Flatten(data_format="channels_first")


@pytest.mark.parametrize("dims", [(3, 1, 2), (1, 2, 3), [2, 3, 1], (3, 2, 1)])
def test_permute_orders_the_axes_and_its_gradient_orders_them_back(dims):
    # (3, 1, 2) and its shape are from Keras's permute_test.py.
    x = np.random.default_rng(0).random((10, 3, 5, 4), np.float32)
    layer = Permute(dims)
    y = layer(x)
    np.testing.assert_array_equal(y, np.transpose(x, (0, *dims)))
    assert layer.output_shape == y.shape[1:]
    np.testing.assert_array_equal(layer.backward(y), x)


def test_permute_swaps_rows_and_columns():
    assert Permute((2, 1)).compute_output_shape((None, 3, 5)) == (None, 5, 3)


# The first two are from Keras's permute_test.py.
@pytest.mark.parametrize("dims", [(0, 1, 2), (1, 4, 2), (1, 1), (2,), 5, "21", None, (1.0, 2.0), (True, 2)])
def test_dims_that_do_not_name_each_axis_once_are_refused(dims):
    with pytest.raises(ArgumentError, match="Permute: dims must be a list that names each axis, from 1 on, once"):
        Permute(dims)


def test_examples_with_other_axes_are_refused_by_permute():
    with pytest.raises(ValueError, match=r"'permute' .*dims=\(2, 1\) does not fit examples of shape \(2, 3, 4\)"):
        Permute((2, 1)).declare((2, 3, 4))


def test_repeat_vector_repeats_rows_and_sums_their_gradients():
    # Shapes from Keras's repeat_vector_test.py.
    x = np.random.default_rng(0).random((2, 5), np.float32)
    layer = RepeatVector(3)
    y = layer(x)
    np.testing.assert_array_equal(y, np.repeat(x.reshape(2, 1, 5), 3, axis=1))
    dy = np.arange(30, dtype=np.float32).reshape(2, 3, 5)
    np.testing.assert_array_equal(layer.backward(dy), dy.sum(axis=1))
    assert layer.compute_output_shape((None, 5)) == (None, 3, 5)
    layer.plan_backward(False)
    assert layer.backward(dy) is None


@pytest.mark.parametrize("n", ["3", 3.5, [3], 0, -3, None, True])
def test_repeat_vector_refuses_what_is_no_count(n):
    # From Keras's repeat_vector_test.py, and two more.
    with pytest.raises(ArgumentError, match="RepeatVector: n must be a positive whole number, got "):
        RepeatVector(n)


def test_repeat_vector_takes_rows_only():
    with pytest.raises(ValueError, match=r"takes examples of shape \(features,\), got \(3, 4\); put a Flatten before"):
        RepeatVector(2)(X)
