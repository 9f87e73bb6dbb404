"""Batch normalization against Keras 3.15 (TensorFlow, float32), against its formula, and by what it promises."""

import numpy as np
import pytest

from framework import Input, Sequential
from framework.layers import BatchNormalization, Dense
from framework.registry import ArgumentError, UnknownNameError

X = np.array([[1, 2], [-1, 0.5], [0.3, -0.7], [2, 4]], np.float32)
DY = np.array([[1, -1], [0.2, 0], [2, 1], [-0.5, 0.3]], np.float32)
GAMMA, BETA, MEAN, VARIANCE = [1.5, -0.5], [0.1, 0.2], [0.5, -0.25], [2.0, 0.5]

# By Keras, for these weights and momentum=0.9: y, dx, dgamma, dbeta.
KERAS_TRAINING = (
    [[0.6836906, 0.04339319], [-2.0630887, 0.47050273], [-0.2776821, 0.8121904], [2.0570803, -0.5260862]],
    [[0.5873352, 0.28152618], [-1.1748288, 0.06379287], [1.7285166, -0.16734171], [-1.1410232, -0.17797732]],
    [-1.055221, -1.1019427],
    [2.7, 0.3],
)
KERAS_AFTERWARDS = (
    [[0.6301975, -1.3894017], [-1.4905927, -0.32980055], [-0.11207902, 0.5178803], [1.6905926, -2.8022032]],
    [[1.0603951, 0.70640075], [0.21207903, 0], [2.1207902, -0.70640075], [-0.53019756, -0.21192023]],
    [-0.67158353, -2.013242],
    [2.7, 0.3],
)
KERAS_AFTER_TWO_STEPS = ([0.51425, 0.07300003], [1.8464562, 0.990675])  # moving_mean, moving_variance


def weighted(**arguments):
    layer = BatchNormalization(momentum=0.9, **arguments)
    layer(np.zeros_like(X))
    layer.set_weights([GAMMA, BETA, MEAN, VARIANCE])
    return layer


def results(layer, x, dy, training):
    y = layer.forward(x, training).copy()
    dx = layer.backward(dy.copy())
    return (y, dx, *(p.grad.copy() for p in layer.weights if p.trainable))


def compare(found, expected, rtol=1e-5, atol=1e-6):
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)


def normal(*shape, mean=0.0, scale=1.0, seed=0):
    return (mean + scale * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


def batch_last(x):
    """The same numbers, with the batch running fastest in memory, as convolutions give them."""
    return np.ascontiguousarray(x.swapaxes(0, -1)).swapaxes(0, -1)


# The numbers of Keras.


def test_in_training_outputs_gradients_and_moving_averages_are_those_of_keras():
    layer = weighted()
    for _ in range(2):
        compare(results(layer, X, DY, training=True), KERAS_TRAINING)
    compare([layer.moving_mean.value, layer.moving_variance.value], KERAS_AFTER_TWO_STEPS)


def test_outside_of_training_the_moving_averages_are_constants_as_in_keras():
    layer = weighted()
    compare(results(layer, X, DY, training=False), KERAS_AFTERWARDS)
    compare([layer.moving_mean.value, layer.moving_variance.value], [MEAN, VARIANCE])


def test_a_frozen_layer_uses_the_moving_averages_and_leaves_them_alone_even_in_training():
    layer = weighted(trainable=False)
    compare(results(layer, X, DY, training=True), KERAS_AFTERWARDS)
    compare([layer.moving_mean.value, layer.moving_variance.value], [MEAN, VARIANCE])


def test_frozen_with_new_averages_it_gives_back_its_input_and_thawed_it_normalizes():
    # As test_trainable_behavior of Keras's batch_normalization_test.py.
    layer = BatchNormalization(momentum=0.8, epsilon=1e-7)
    x = normal(200, 4, 4, 3, mean=5, scale=10)
    layer(x)
    layer.trainable = False
    assert (len(layer.weights), len(layer.trainable_weights), len(layer.non_trainable_weights)) == (4, 0, 4)
    np.testing.assert_allclose(layer(x, training=True), x, rtol=1e-6, atol=1e-5)
    layer.trainable = True
    assert (len(layer.weights), len(layer.trainable_weights), len(layer.non_trainable_weights)) == (4, 2, 2)
    y = layer(x, training=True)
    np.testing.assert_allclose(y.mean(axis=(0, 1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(y.std(axis=(0, 1, 2)), 1, atol=1e-5)


@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("shape", [(5, 2, 3), (5, 3, 3, 2)])
def test_without_momentum_the_averages_are_those_of_the_last_batch(axis, shape):
    # As test_correctness of Keras's batch_normalization_test.py.
    layer = BatchNormalization(axis, momentum=0, moving_mean_initializer="ones", moving_variance_initializer="zeros")
    x = normal(*shape, mean=5, scale=10)
    trained = layer(x, training=True)
    others = tuple(a for a in range(x.ndim) if a != axis % x.ndim)
    np.testing.assert_allclose(layer.moving_mean.value, x.mean(axis=others), rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance.value, x.var(axis=others), rtol=1e-5)
    np.testing.assert_allclose(layer(x), trained, rtol=1e-5, atol=1e-6)


def test_a_batch_of_constants_gives_zeros_and_the_averages_one_and_zero():
    # As test_masked_broadcast_normalization of Keras's batch_normalization_test.py, whose mask hides nothing.
    layer = BatchNormalization(momentum=0)
    np.testing.assert_allclose(layer(np.ones((1, 2, 3, 4)), training=True), 0, atol=1e-6)
    np.testing.assert_allclose(layer.moving_mean.value, 1, atol=1e-6)
    np.testing.assert_allclose(layer.moving_variance.value, 0, atol=1e-6)


# The formula.


def by_the_formula(x, dy, axis, gamma, beta, epsilon):
    """In float64, feature by feature: y, dx, dgamma, dbeta."""
    x, dy = np.moveaxis(x.astype(float), axis, 0), np.moveaxis(dy.astype(float), axis, 0)
    y, dx, dgamma, dbeta = np.empty_like(x), np.empty_like(x), [], []
    for i in range(len(x)):
        n, deviation = x[i].size, np.sqrt(x[i].var() + epsilon)
        unit = (x[i] - x[i].mean()) / deviation
        y[i] = gamma[i] * unit + beta[i]
        dgamma.append((dy[i] * unit).sum())
        dbeta.append(dy[i].sum())
        dx[i] = gamma[i] / deviation * (dy[i] - dbeta[-1] / n - unit * dgamma[-1] / n)
    return np.moveaxis(y, 0, axis), np.moveaxis(dx, 0, axis), dgamma, dbeta


@pytest.mark.parametrize("layout", [np.ascontiguousarray, batch_last])
@pytest.mark.parametrize(
    ("axis", "shape"), [(1, (6, 3)), (-1, (5, 4, 3)), (1, (5, 4, 3)), (-1, (4, 5, 6, 3)), (2, (4, 5, 6, 3))]
)
def test_it_is_the_formula_for_any_axis_and_layout(axis, shape, layout):
    layer = BatchNormalization(axis, epsilon=0.01)
    x, dy = normal(*shape, mean=2, scale=3), normal(*shape, seed=1)
    layer(x)
    gamma, beta = normal(2, shape[axis], seed=2)
    layer.set_weights([gamma, beta, *layer.get_weights()[2:]])
    expected = by_the_formula(x, dy, axis, gamma, beta, 0.01)
    compare(results(layer, layout(x), layout(dy), training=True), expected, rtol=1e-4, atol=1e-5)
    compare(results(layer, layout(x), dy, training=True), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("n", "offset"), [(128, 1e4), (4000, 1e4), (4000, -1e5)])
def test_numbers_far_from_zero_lose_nothing_that_they_have(n, offset):
    # In float32 a mean alone would be wrong by 0.01 here, and the mean of squares minus its square by everything.
    x = normal(n, 8, mean=offset)
    exact = x.astype(float)
    mean, variance = exact.mean(axis=0), exact.var(axis=0)
    layer = BatchNormalization(momentum=0)
    y = layer(x, training=True)
    np.testing.assert_allclose(y, (exact - mean) / np.sqrt(variance + 1e-3), atol=1e-5)
    np.testing.assert_allclose(layer.moving_variance.value, variance, rtol=1e-5)
    np.testing.assert_allclose(layer.moving_mean.value, mean, rtol=1.2e-7)


def test_each_feature_comes_out_with_mean_beta_and_deviation_gamma():
    layer = BatchNormalization(epsilon=1e-7)
    x = normal(64, 3, mean=-4, scale=[0.1, 1, 50])
    layer(x)
    layer.set_weights([[2, 3, 4], [5, 6, 7], [0, 0, 0], [1, 1, 1]])
    y = layer(x, training=True)
    np.testing.assert_allclose(y.mean(axis=0), [5, 6, 7], rtol=1e-5)
    np.testing.assert_allclose(y.std(axis=0), [2, 3, 4], rtol=1e-4)


def test_in_training_shift_and_scale_of_a_feature_do_not_matter():
    layer, x = BatchNormalization(epsilon=1e-9), normal(32, 4)
    np.testing.assert_allclose(layer(3 * x + 7, training=True), layer(x, training=True), atol=1e-5)


# As a layer of a model.


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ({}, ["gamma", "beta", "moving_mean", "moving_variance"]),
        ({"center": False}, ["gamma", "moving_mean", "moving_variance"]),
        ({"scale": False}, ["beta", "moving_mean", "moving_variance"]),
        ({"center": False, "scale": False}, ["moving_mean", "moving_variance"]),
    ],
)
def test_weights_have_keras_names_order_and_first_values(arguments, names):
    layer = BatchNormalization(**arguments)
    layer(X)
    assert [p.name for p in layer.weights] == names
    first = {"gamma": 1, "beta": 0, "moving_mean": 0, "moving_variance": 1}
    assert all((p.value == first[p.name]).all() and p.shape == (2,) for p in layer.weights)


def test_the_moving_averages_are_state_that_no_optimizer_sees():
    model = Sequential([Input((2,)), Dense(3), BatchNormalization(), Dense(1)])
    assert [p.name for p in model.state] == ["moving_mean", "moving_variance"]
    assert model.parameters.size + model.state.size == model.count_params()


def test_training_moves_the_averages_and_evaluation_does_not():
    model = Sequential([Input((2,)), BatchNormalization(), Dense(1)], seed=1)
    model.compile("sgd", "mean_squared_error")
    before = model.state.value.copy()
    model.evaluate(X, np.ones((4, 1)), verbose=0)
    model.predict(X, verbose=0)
    np.testing.assert_array_equal(model.state.value, before)
    model.train_on_batch(X, np.ones((4, 1)))
    np.testing.assert_allclose(model.state.value[:2], 0.01 * X.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(model.state.value[2:], 0.99 + 0.01 * X.var(axis=0), rtol=1e-5)


def test_a_frozen_model_freezes_it_too():
    model = Sequential([Input((2,)), BatchNormalization()])
    model.trainable = False
    np.testing.assert_allclose(model(X, training=True), X / np.float32(1.001**0.5), rtol=1e-6)


def test_regularizers_and_constraints_reach_gamma_and_beta():
    layer = BatchNormalization(
        beta_initializer="ones", beta_regularizer="l2", gamma_regularizer={"l1": 0.5}, gamma_constraint="non_neg"
    )
    layer(X)
    assert layer.losses == pytest.approx([0.5 * 2, 0.01 * 2])
    assert layer.gamma.constraint is not None
    assert layer.beta.constraint is None


def test_no_input_gradient_is_computed_that_nobody_needs():
    layer = weighted()
    layer.plan_backward(False)
    layer.forward(X, True)
    assert layer.backward(DY.copy()) is None
    compare([layer.gamma.grad, layer.beta.grad], KERAS_TRAINING[2:])


@pytest.mark.parametrize("layout", [np.ascontiguousarray, batch_last])
def test_training_allocates_nothing_of_the_size_of_a_batch_and_keeps_its_layout(layout):
    layer, x = BatchNormalization(), layout(normal(4, 5, 6, 3))
    layer(x)
    y, dy = layer.forward(x, True), layout(normal(4, 5, 6, 3, seed=1))
    assert y.strides == x.strides
    assert np.shares_memory(layer.backward(dy), dy)
    assert np.shares_memory(layer.forward(x, True), y)


# What is refused.


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ({"axis": 0}, "axis"),
        ({"axis": [1]}, "axis"),
        ({"axis": 1.0}, "axis"),
        ({"axis": None}, "axis"),
        ({"momentum": 1.1}, "momentum"),
        ({"momentum": -0.1}, "momentum"),
        ({"epsilon": -1e-3}, "epsilon"),
        ({"epsilon": float("inf")}, "epsilon"),
        ({"center": "yes"}, "center"),
        ({"scale": 1}, "scale"),
    ],
)
def test_wrong_arguments_are_named(arguments, argument):
    with pytest.raises(ArgumentError, match=f"BatchNormalization: {argument} must be .*, got ") as caught:
        BatchNormalization(**arguments)
    assert caught.value.argument == argument


@pytest.mark.parametrize(
    "argument",
    [
        *("beta_initializer", "gamma_initializer", "moving_mean_initializer", "moving_variance_initializer"),
        *("beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint"),
    ],
)
def test_wrong_names_are_refused_when_the_layer_is_made(argument):
    with pytest.raises(UnknownNameError, match=r"unknown .* 'onez'"):
        BatchNormalization(**{argument: "onez"})


@pytest.mark.parametrize("axis", [3, -3, -4])
def test_an_axis_that_the_examples_do_not_have_is_refused_when_built(axis):
    message = (
        rf"'batch_normalization' \(BatchNormalization\) has axis={axis}: each must be another axis of the examples"
    )
    with pytest.raises(ValueError, match=message):
        BatchNormalization(axis)(np.ones((5, 4, 3)))
