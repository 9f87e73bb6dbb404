"""Layers that arrange numbers anew, in Keras's order."""

import numpy as np
import pytest

from framework.layers import Flatten, Reshape
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
