"""Identity changes nothing, in either direction."""

import numpy as np
import pytest

from framework import Input, Sequential
from framework.layers import Identity


@pytest.mark.parametrize("shape", [(3,), (2, 3), ()])
def test_what_goes_in_comes_out(shape):
    x = np.random.default_rng(0).random((4, *shape), np.float32)
    layer = Identity()
    np.testing.assert_array_equal(layer(x), x)
    assert layer.output_shape == shape
    assert layer.weights == []
    assert layer.forward(x) is x
    assert layer.backward(x) is x


def test_a_model_with_it_is_the_model_without_it():
    specs = [{"dense": 3}, "tanh"]
    x = np.random.default_rng(0).random((4, 2), np.float32)
    plain, longer = Sequential([Input((2,)), *specs], seed=1), Sequential([Input((2,)), "identity", *specs], seed=1)
    np.testing.assert_array_equal(plain(x), longer(x))
