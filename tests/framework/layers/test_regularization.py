"""Dropout: which numbers fall away, how the others are scaled, where the chance comes from; a price on outputs."""

import numpy as np
import pytest

from framework import Input, Sequential
from framework.layers import ActivityRegularization, Dense, Dropout, SpatialDropout1D, SpatialDropout2D
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


def test_a_noise_shape_for_another_number_of_examples_is_named_with_the_batch():
    layer = Dropout(0.5, [10, 6])
    assert trained(layer, np.ones((10, 6))).shape == (10, 6)
    for n in (7, 1):
        message = rf"'dropout' \(Dropout\) has noise_shape=\[10, 6\], for batches of 10 examples, got one of {n}"
        with pytest.raises(ValueError, match=message):
            layer(np.ones((n, 6)), training=True)
        assert layer(np.ones((n, 6))).shape == (n, 6)


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


def batch_last(x):
    return np.ascontiguousarray(x.swapaxes(0, -1)).swapaxes(0, -1)


@pytest.mark.parametrize("layer", [Dropout(0.5, seed=6), SpatialDropout2D(0.5, seed=6)], ids=repr)
@pytest.mark.parametrize("layout", [np.ascontiguousarray, batch_last])
def test_training_allocates_nothing_of_the_size_of_a_batch_and_keeps_its_layout(layer, layout):
    x = layout(np.ones((20, 4, 5, 3), np.float32))
    y = layer.forward(x, True)
    assert y.strides == x.strides
    assert 0.2 < (y == 0).mean() < 0.8
    assert np.shares_memory(layer.forward(x, True), y)


# Spatial dropout. As in Keras's spatial_dropout_test.py, and beyond it.

SPATIAL = [(SpatialDropout1D, (200, 3, 20)), (SpatialDropout2D, (200, 3, 2, 20))]


@pytest.mark.parametrize(("cls", "shape"), SPATIAL)
@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_whole_channels_of_an_example_fall_away_and_the_others_are_scaled(cls, shape, rate):
    layer = cls(rate, seed=1)
    y = trained(layer, np.ones(shape, np.float32))
    channels = y.reshape(shape[0], -1, shape[-1])
    assert (channels == channels[:, :1]).all()
    fates = channels[:, 0]
    assert set(np.unique(fates)) == {np.float32(0), np.float32(1 / (1 - rate))}
    standard_error = (rate / (1 - rate) / fates.size) ** 0.5
    assert abs(fates.mean() - 1) < 4 * standard_error
    assert len(np.unique(fates, axis=0)) > 1
    np.testing.assert_array_equal(layer.backward(np.ones(shape, np.float32)), y)


@pytest.mark.parametrize(("cls", "shape"), SPATIAL)
def test_outside_of_training_whole_channels_pass(cls, shape):
    x = np.ones(shape, np.float32)
    np.testing.assert_array_equal(cls(0.5)(x), x)


@pytest.mark.parametrize(
    ("layer", "shape", "axes"),
    [
        (SpatialDropout1D(0.5), (4, 3, 3, 2), r"\(steps, channels\)"),
        (SpatialDropout1D(0.5), (4, 3), r"\(steps, channels\)"),
        (SpatialDropout2D(0.5), (4, 3, 2), r"\(height, width, channels\)"),
    ],
    ids=repr,
)
def test_examples_of_other_axes_are_refused_when_built(layer, shape, axes):
    with pytest.raises(ValueError, match=f"needs examples of shape {axes}, got"):
        layer(np.ones(shape))


def test_channels_come_last():
    assert SpatialDropout2D(0.5, "channels_last").data_format == "channels_last"
    with pytest.raises(ArgumentError, match=r"SpatialDropout2D: data_format must be .*, got 'channels_first'"):
        SpatialDropout2D(0.5, "channels_first")


# A price on outputs.


def test_two_costs_what_it_costs_in_keras():
    # test_correctness of Keras's activity_regularization_test.py.
    layer = ActivityRegularization(l1=0.2, l2=0.3)
    x = np.full(1, 2.0)
    np.testing.assert_array_equal(layer(x), x)
    assert layer.losses == pytest.approx([4 * 0.3 + 2 * 0.2])


def test_the_price_is_that_of_one_example_on_average():
    layer, x = ActivityRegularization(l1=0.1, l2=0.2), np.array([[1.0, -2.0], [3.0, 0.0], [0.5, 0.5]])
    layer(x)
    assert layer.losses == pytest.approx([(0.1 * np.abs(x).sum() + 0.2 * (x**2).sum()) / 3])


def test_the_gradient_of_the_price_is_added():
    layer, x = ActivityRegularization(l1=0.1, l2=0.2), np.array([[1.0, -2.0], [3.0, 0.0]], np.float32)
    layer(x)
    dx = layer.backward(np.full_like(x, 7))
    np.testing.assert_allclose(dx, 7 + (0.1 * np.sign(x) + 2 * 0.2 * x) / 2, rtol=1e-6)


def test_a_model_pays_it_and_learns_smaller_outputs():
    def outputs(l2):
        model = Sequential([Input((3,)), Dense(4), ActivityRegularization(l2=l2)], seed=1)
        model.compile({"sgd": 1.0}, "mean_squared_error")
        x, y = np.eye(3, dtype=np.float32), np.ones((3, 4), np.float32)
        loss = model.train_on_batch(x, y)
        for _ in range(300):
            model.train_on_batch(x, y)
        return loss, model(x)

    (free, _), (priced, y) = outputs(0.0), outputs(0.25)
    assert priced > free
    # A quarter of the squared error is asked an example, and as much for y² in all: (y - 1)² / 4 + y² / 4.
    np.testing.assert_allclose(y, 0.5, atol=0.01)


@pytest.mark.parametrize("arguments", [{"l1": -0.1}, {"l2": "x"}, {"l2": float("inf")}])
def test_prices_are_not_negative(arguments):
    with pytest.raises(ArgumentError, match=f"{next(iter(arguments))} must be "):
        ActivityRegularization(**arguments)
