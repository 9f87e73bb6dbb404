"""Dropout: which numbers fall away, how the others are scaled, and where the chance comes from."""

import numpy as np
import pytest

from framework import Input, Sequential
from framework.layers import Dropout
from framework.registry import ArgumentError

ONES = np.ones((500, 40), np.float32)


def trained(layer, x=ONES):
    return layer(x, training=True)


def test_outside_of_training_nothing_changes():
    layer = Dropout(0.5)
    np.testing.assert_array_equal(layer(ONES), ONES)
    np.testing.assert_array_equal(layer.backward(ONES.copy()), ONES)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_share_that_is_kept_is_scaled_so_that_the_mean_stays(rate):
    y = trained(Dropout(rate, seed=1))
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / (1 - rate))}
    standard_error = (rate / (1 - rate) / y.size) ** 0.5
    assert abs(y.mean() - 1) < 4 * standard_error


@pytest.mark.parametrize(("rate", "value"), [(0, 1), (0.0, 1), (1, 0), (1.0, 0)])
def test_the_extremes_keep_all_or_nothing(rate, value):
    np.testing.assert_array_equal(trained(Dropout(rate)), value * ONES)


def test_the_gradient_passes_where_the_input_has_passed():
    layer = Dropout(0.4, seed=2)
    y = trained(layer)
    np.testing.assert_array_equal(layer.backward(ONES.copy()), y)


def test_a_pass_without_training_forgets_the_mask():
    layer = Dropout(0.4, seed=2)
    trained(layer)
    layer(ONES)
    np.testing.assert_array_equal(layer.backward(ONES.copy()), ONES)


def test_each_pass_draws_anew_and_a_seed_repeats_the_sequence():
    first, second = Dropout(0.5, seed=3), Dropout(0.5, seed=3)
    a, b = trained(first), trained(first)
    assert not np.array_equal(a, b)
    np.testing.assert_array_equal([trained(second), trained(second)], [a, b])


def test_the_models_seed_governs_layers_without_their_own():
    def outputs(seed):
        return Sequential([Input((40,)), Dropout(0.5), Dropout(0.5)], seed=seed)(ONES, training=True)

    np.testing.assert_array_equal(outputs(4), outputs(4))
    assert not np.array_equal(outputs(4), outputs(5))


def test_the_global_generator_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    trained(Dropout(0.5))
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


@pytest.mark.parametrize("noise_shape", [(None, 1, None), [None, 1, 4]])
def test_neighbours_along_an_axis_of_size_1_share_their_fate(noise_shape):
    y = trained(Dropout(0.5, noise_shape, seed=5), np.ones((50, 6, 4)))
    assert (y == y[:, :1]).all()
    assert not (y == y[:, :, :1]).all()


@pytest.mark.parametrize("noise_shape", [(None, 1), (None, 1, 1, 1), (None, 2, None), (None, 6, 5)])
def test_a_noise_shape_that_does_not_fit_is_refused_when_built(noise_shape):
    with pytest.raises(
        ValueError, match=r"'dropout' \(Dropout\) cannot spread noise_shape=.* over a batch of examples"
    ):
        Dropout(0.5, noise_shape)(np.ones((50, 6, 4)))


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ({"rate": "x"}, "rate"),
        ({"rate": None}, "rate"),
        ({"rate": True}, "rate"),
        ({"rate": 1.5}, "rate"),
        ({"rate": -0.1}, "rate"),
        ({"rate": float("nan")}, "rate"),
        ({"rate": 0.5, "noise_shape": 3}, "noise_shape"),
        ({"rate": 0.5, "noise_shape": (None, 0)}, "noise_shape"),
        ({"rate": 0.5, "seed": "x"}, "seed"),
        ({"rate": 0.5, "seed": -1}, "seed"),
    ],
)
def test_wrong_arguments_are_named(arguments, argument):
    with pytest.raises(ArgumentError, match=f"Dropout: {argument} must be .*, got ") as caught:
        Dropout(**arguments)
    assert caught.value.argument == argument


def test_numbers_of_numpy_are_numbers():
    assert Dropout(np.float32(0.5)).get_config()["rate"] == 0.5
