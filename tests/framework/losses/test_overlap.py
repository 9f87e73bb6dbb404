"""Losses of masks against Keras 3.15 (TensorFlow, float32), and what an axis and a weight mean for them."""

import numpy as np
import pytest

from framework import Input, Sequential
from framework.layers import Dense
from framework.losses import Dice, Tversky
from framework.registry import ArgumentError

AMOUNTS = [[1, 2], [1, 2]]
OTHER_AMOUNTS = [[4, 1], [6, 1]]
MASK = [[1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1]]
OTHER_MASK = [[0, 1, 0, 1], [1, 0, 1, 1], [0, 1, 0, 1], [1, 0, 1, 1]]
IMAGES = [[[[1], [1]], [[0], [0]]], [[[1], [1]], [[0], [0]]]]
OTHER_IMAGES = [[[[0], [1]], [[0], [1]]], [[[0.4], [0]], [[0], [0.9]]]]
Y_3D = [[[1, 0, 0], [0, 1, 1]], [[0, 0, 1], [1, 1, 0]]]
X_3D = [[[1, 0, 1], [0.5, 0.5, 0.25]], [[0, 1, 1], [1, 0, 0.75]]]

# Inputs and expected values of Keras's losses_test.py; where it rounds, the digits are those of Keras 3.15.
KERAS_TESTS = [
    # loss, targets, predictions, sample weights, value
    (Dice(), AMOUNTS, OTHER_AMOUNTS, None, -0.5555556),
    (Dice(), MASK, OTHER_MASK, None, 0.7777778),
    (Dice(axis=(1, 2, 3), reduction=None), IMAGES, OTHER_IMAGES, None, [0.5, 0.7575758]),
    (Dice(), IMAGES, OTHER_IMAGES, None, 0.6164384),
    (Tversky(), AMOUNTS, OTHER_AMOUNTS, None, -0.5555556),
    (Tversky(alpha=0.2, beta=0.8), AMOUNTS, OTHER_AMOUNTS, None, -0.2962964),
    (Tversky(), MASK, OTHER_MASK, None, 0.7777778),
    (Tversky(axis=(1, 2, 3), reduction=None), IMAGES, OTHER_IMAGES, None, [0.5, 0.7575758]),
    (Tversky(alpha=0.2, beta=0.8), MASK, OTHER_MASK, None, 0.7916667),
    (Tversky(axis=(1, 2, 3), reduction=None, alpha=0.2, beta=0.8), IMAGES, OTHER_IMAGES, None, [0.5, 0.7222222]),
]  # fmt: skip

GRADIENTS = [
    # loss, targets, predictions, sample weights, value, gradient
    (Dice(), Y_3D, X_3D, None, 0.4230769,
     [[[-0.1094675, 0.0443787, 0.0443787], [0.0443787, -0.1094675, -0.1094675]],
      [[0.0443787, 0.0443787, -0.1094675], [-0.1094675, -0.1094675, 0.0443787]]]),
    (Dice(), Y_3D, X_3D, [1, 2], 0.6346154,
     [[[-0.1642012, 0.06656805, 0.06656805], [0.06656805, -0.1642012, -0.1642012]],
      [[0.06656805, 0.06656805, -0.1642012], [-0.1642012, -0.1642012, 0.06656805]]]),
    (Dice(reduction="sum"), Y_3D, X_3D, [1, 2], 1.269231,
     [[[-0.3284024, 0.1331361, 0.1331361], [0.1331361, -0.3284024, -0.3284024]],
      [[0.1331361, 0.1331361, -0.3284024], [-0.3284024, -0.3284024, 0.1331361]]]),
    (Dice(reduction="mean_with_sample_weight"), Y_3D, X_3D, [1, 2], 0.423077,
     [[[-0.1094675, 0.0443787, 0.0443787], [0.0443787, -0.1094675, -0.1094675]],
      [[0.0443787, 0.0443787, -0.1094675], [-0.1094675, -0.1094675, 0.0443787]]]),
    (Dice(axis=(1, 2)), Y_3D, X_3D, [1, 2], 0.6274074,
     [[[-0.1152, 0.0448, 0.0448], [0.0448, -0.1152, -0.1152]],
      [[0.0877915, 0.0877915, -0.2085048], [-0.2085048, -0.2085048, 0.0877915]]]),
    (Dice(axis=[0, 1], reduction="sum"), Y_3D, X_3D, None, 1.325397,
     [[[-0.2469136, 0.08163266, 0.1], [0.1975309, -0.4897959, -0.3]],
      [[0.1975309, 0.08163266, -0.3], [-0.2469136, -0.4897959, 0.1]]]),
    (Dice(axis=1), Y_3D, X_3D, [[1, 2, 0.5], [0, 1, 1]], 0.4213805,
     [[[-0.08000001, 0.1481481, 0.008230453], [0.05333333, -0.2962963, -0.06584362]],
      [[0, 0, -0.07713498], [0, -0.1666667, 0.04407714]]]),
    (Tversky(alpha=0.2, beta=0.8), Y_3D, X_3D, None, 0.4485294,
     [[[-0.08217993, 0.06487889, 0.06487889], [0.06487889, -0.08217993, -0.08217993]],
      [[0.06487889, 0.06487889, -0.08217993], [-0.08217993, -0.08217993, 0.06487889]]]),
    (Tversky(alpha=0.7, beta=0.1, axis=-1), Y_3D, X_3D, [[1, 2], [0.5, 0]], 0.3102104,
     [[[-0.1652892, 0.02066115, 0.02066115], [0.01336601, -0.2584094, -0.2584094]],
      [[0.01033058, 0.01033058, -0.08264462], [0, 0, 0]]]),
    (Tversky(reduction="sum"), Y_3D, X_3D, [1, 2], 1.269231,
     [[[-0.3284024, 0.1331361, 0.1331361], [0.1331361, -0.3284024, -0.3284024]],
      [[0.1331361, 0.1331361, -0.3284024], [-0.3284024, -0.3284024, 0.1331361]]]),
]  # fmt: skip


@pytest.mark.parametrize(("loss", "y_true", "y_pred", "weight", "value"), KERAS_TESTS)
def test_the_figures_of_keras_own_tests_come_out(loss, y_true, y_pred, weight, value):
    np.testing.assert_allclose(loss(y_true, np.array(y_pred, np.float32), weight), value, rtol=1e-6, atol=5e-7)


@pytest.mark.parametrize(("loss", "y_true", "y_pred", "weight", "value", "gradient"), GRADIENTS)
def test_values_and_gradients_are_those_of_keras(loss, y_true, y_pred, weight, value, gradient):
    y_pred = np.array(y_pred, np.float32)
    got = loss.value_and_gradient(y_true, y_pred, weight)
    assert got[0] == loss(y_true, y_pred, weight) == pytest.approx(value, rel=1e-6, abs=1e-6)
    np.testing.assert_allclose(got[1], gradient, rtol=1e-5, atol=2e-7)


def test_tversky_with_halves_is_dice():
    assert Tversky()(Y_3D, X_3D) == pytest.approx(Dice()(Y_3D, X_3D), rel=1e-6)


def test_alpha_weighs_what_is_missed_and_beta_what_is_taken_by_mistake():
    missed, mistaken = [[1.0, 0.0, 0.0, 0.0]], [[1.0, 1.0, 1.0, 0.0]]
    true = [[1.0, 1.0, 0.0, 0.0]]
    assert Tversky(1.0, 0.0)(true, missed) == pytest.approx(0.5)
    assert Tversky(0.0, 1.0)(true, missed) == pytest.approx(0, abs=1e-6)
    assert Tversky(1.0, 0.0)(true, mistaken) == pytest.approx(0, abs=1e-6)
    assert Tversky(0.0, 1.0)(true, mistaken) == pytest.approx(1 / 3)


@pytest.mark.parametrize("loss", [Dice(), Tversky(), Dice(axis=-1), Tversky(axis=1)], ids=repr)
def test_two_empty_masks_cost_1_and_have_no_slope(loss):
    value, gradient = loss.value_and_gradient(np.zeros((2, 3)), np.zeros((2, 3), np.float32))
    assert value == 1
    assert not gradient.any()


def test_without_an_axis_the_whole_batch_has_one_loss():
    one = Dice(None)(Y_3D, X_3D)
    assert one.shape == ()
    np.testing.assert_allclose(Dice(None)(Y_3D, X_3D, [1, 2]), [one, 2 * one])  # as in Keras
    assert Dice(None, axis=(1, 2))(Y_3D, X_3D).shape == (2,)


def test_with_the_axis_of_the_batch_each_class_has_its_loss_and_weights_are_those_of_classes():
    each = Dice(None, axis=(0, 1))(Y_3D, X_3D)
    assert each.shape == (3,)
    assert Dice("sum", axis=(0, 1))(Y_3D, X_3D, [1, 0, 2]) == pytest.approx(each[0] + 2 * each[2], rel=1e-6)
    with pytest.raises(ValueError, match=r"sample weights of shape \(2,\) do not match 3 samples"):
        Dice(axis=(0, 1))(Y_3D, X_3D, [1, 2])


def test_a_model_learns_a_mask():
    x = np.eye(4)
    y = np.array([[1, 0, 0], [0, 1, 1], [1, 1, 0], [0, 0, 1]])
    model = Sequential([Input((4,)), Dense(3, "sigmoid")], seed=0)
    model.compile("adam", Dice())
    model.optimizer.learning_rate = 0.1
    before = model.evaluate(x, y, verbose=0)
    model.fit(x, y, epochs=50, verbose=0)
    assert model.evaluate(x, y, verbose=0) < before / 2


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: Dice(axis="x"), "axis"),
        (lambda: Dice(axis=(1, 2.5)), "axis"),
        (lambda: Tversky(alpha=-0.1), "alpha"),
        (lambda: Tversky(beta=None), "beta"),
    ],
)
def test_wrong_arguments_are_named(make, argument):
    with pytest.raises(ArgumentError, match=f": {argument} must be ") as caught:
        make()
    assert caught.value.argument == argument
