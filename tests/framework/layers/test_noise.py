"""Gaussian noise and Gaussian dropout: how the draws are distributed, and where they come from."""

import numpy as np
import pytest

from framework import Input, Sequential
from framework.layers import GaussianDropout, GaussianNoise
from framework.registry import ArgumentError

ONES = np.ones((500, 40), np.float32)
BOTH = pytest.mark.parametrize("cls", [GaussianNoise, GaussianDropout])


def trained(layer, x=ONES):
    return layer(x, training=True)


def batch_last(x):
    return np.ascontiguousarray(x.swapaxes(0, -1)).swapaxes(0, -1)


@pytest.mark.parametrize(
    ("layer", "deviation"),
    [
        (GaussianNoise(0.3, seed=1), 0.3),  # as in Keras's gaussian_noise_test.py
        (GaussianNoise(1, seed=1), 1),
        (GaussianDropout(0.3, seed=1), (0.3 / 0.7) ** 0.5),  # as in Keras's gaussian_dropout_test.py
        (GaussianDropout(0.9, seed=1), 3),
    ],
    ids=repr,
)
def test_draws_are_normal_with_mean_one_and_the_deviation_promised(layer, deviation):
    unit = (trained(layer).astype(float) - 1) / deviation
    error = unit.size**-0.5
    assert abs(unit.mean()) < 4 * error
    assert abs(unit.std() - 1) < 4 * error / 2**0.5
    assert abs((unit**3).mean()) < 4 * error * 15**0.5
    assert abs((unit**4).mean() - 3) < 4 * error * 96**0.5
    assert len(np.unique(unit)) > 0.99 * unit.size


def test_noise_is_added_and_dropout_multiplied():
    x = np.linspace(-3, 3, 20, dtype=np.float32).reshape(4, 5)
    noise = trained(GaussianNoise(0.3, seed=1), np.zeros_like(x))
    np.testing.assert_allclose(trained(GaussianNoise(0.3, seed=1), x), x + noise, atol=1e-6)
    factors = trained(GaussianDropout(0.3, seed=1), np.ones_like(x))
    np.testing.assert_allclose(trained(GaussianDropout(0.3, seed=1), x), x * factors, rtol=1e-6)


def test_the_gradient_passes_noise_as_it_is_and_dropout_by_the_same_draw():
    dy = np.linspace(-3, 3, ONES.size, dtype=np.float32).reshape(ONES.shape)
    noise, dropout = GaussianNoise(0.3, seed=2), GaussianDropout(0.3, seed=2)
    trained(noise)
    factors = trained(dropout)
    np.testing.assert_array_equal(noise.backward(dy.copy()), dy)
    np.testing.assert_array_equal(dropout.backward(dy.copy()), dy * factors)


@BOTH
def test_outside_of_training_nothing_changes(cls):
    layer = cls(0.5)
    trained(layer)
    np.testing.assert_array_equal(layer(ONES), ONES)
    np.testing.assert_array_equal(layer.backward(ONES.copy()), ONES)


@BOTH
def test_of_strength_zero_it_does_nothing(cls):
    layer = cls(0)
    np.testing.assert_array_equal(trained(layer), ONES)
    np.testing.assert_array_equal(layer.backward(ONES.copy()), ONES)


@BOTH
def test_each_pass_draws_anew_and_a_seed_repeats_the_sequence(cls):
    first, second = cls(0.5, seed=3), cls(0.5, seed=3)
    a, b = trained(first), trained(first)
    assert not np.array_equal(a, b)
    np.testing.assert_array_equal([trained(second), trained(second)], [a, b])


@BOTH
def test_the_models_seed_governs_layers_without_their_own(cls):
    def outputs(seed):
        return Sequential([Input((40,)), cls(0.5)], seed=seed)(ONES, training=True)

    np.testing.assert_array_equal(outputs(4), outputs(4))
    assert not np.array_equal(outputs(4), outputs(5))


@BOTH
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("layout", [np.ascontiguousarray, batch_last])
def test_type_and_layout_are_those_of_the_input_and_no_batch_is_allocated(cls, dtype, layout):
    layer, x = cls(0.5, seed=6), layout(np.ones((3, 4, 5, 2), dtype))
    y = layer.forward(x, True)
    assert (y.dtype, y.strides) == (x.dtype, x.strides)
    assert len(np.unique(y)) == y.size
    assert np.shares_memory(layer.forward(x, True), y)


@pytest.mark.parametrize(
    ("cls", "arguments", "argument"),
    [
        (GaussianNoise, {"stddev": -0.1}, "stddev"),
        (GaussianNoise, {"stddev": 1.1}, "stddev"),
        (GaussianNoise, {"stddev": "x"}, "stddev"),
        (GaussianNoise, {"stddev": 0.5, "seed": "x"}, "seed"),
        (GaussianDropout, {"rate": -0.1}, "rate"),
        (GaussianDropout, {"rate": 1}, "rate"),
        (GaussianDropout, {"rate": None}, "rate"),
        (GaussianDropout, {"rate": 0.5, "seed": -1}, "seed"),
    ],
)
def test_wrong_arguments_are_named(cls, arguments, argument):
    with pytest.raises(ArgumentError, match=f"{cls.__name__}: {argument} must be .*, got ") as caught:
        cls(**arguments)
    assert caught.value.argument == argument
