"""Input says what one example looks like."""

import numpy as np
import pytest

from framework import Input, Sequential
from framework.registry import ArgumentError


@pytest.mark.parametrize("shape", [(3,), [28, 28], (2, 3, 4), (), (np.int64(3),)])
def test_a_model_is_built_at_once(shape):
    model = Sequential([Input(shape), "flatten"])
    assert model.input_shape == tuple(shape)
    assert model(np.zeros((2, *shape))).shape == (2, int(np.prod(shape)))


def test_it_changes_nothing():
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    layer = Input((3,))
    np.testing.assert_array_equal(layer(x), x)
    np.testing.assert_array_equal(layer.backward(x), x)


@pytest.mark.parametrize("shape", ["ab", 5, None, 2.5, (0,), (-1, 3), (2.5,), ("3",), (None, 3), (True,)])
def test_sizes_that_are_no_counts_are_refused(shape):
    with pytest.raises(
        ArgumentError, match="Input: shape must be a list of positive whole numbers, one an axis"
    ) as caught:
        Input(shape)
    assert caught.value.argument == "shape"


def test_a_bare_size_is_answered_with_the_list_it_should_be():
    with pytest.raises(ArgumentError, match=r"such as \[784\], got 784"):
        Input(784)


def test_examples_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"the model's input has shape \(3,\), got examples of shape \(4,\)"):
        Input((3,))(np.zeros((2, 4)))


@pytest.mark.parametrize("batch_size", [None, 4, np.int64(1)])
def test_a_batch_size_is_kept_and_binds_nobody(batch_size):
    layer = Input((3,), batch_size)
    assert layer.batch_size == batch_size
    model = Sequential([layer, "flatten"])
    for n in (1, 4, 7):
        assert model(np.zeros((n, 3))).shape == (n, 3)


@pytest.mark.parametrize("batch_size", [0, -1, 2.5, "4", True])
def test_batch_sizes_that_are_no_counts_are_refused(batch_size):
    with pytest.raises(ArgumentError, match="Input: batch_size must be a positive whole number, or None for any, got"):
        Input((3,), batch_size)
