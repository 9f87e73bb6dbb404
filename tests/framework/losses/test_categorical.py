"""Cross-entropy for distributions against Keras 3.15 (TensorFlow, float32), and fused with the Softmax."""

import math

import numpy as np
import pytest

from framework import losses
from framework.layers import ReLU, Sigmoid, Softmax
from framework.losses import CategoricalCrossentropy
from framework.registry import ArgumentError

CCE = CategoricalCrossentropy
HOT = [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
SOFT = [[0.8, 0.2, 0], [0.1, 0.1, 0.8], [0.3, 0.4, 0.3]]
P = [[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.25, 0.5, 0.25]]
Z = [[2, -1, 0.5], [-0.3, 0, 1.7], [0.2, 0.1, -4]]
W = [1, 2, 0.5]
Z_3D = [[[1, 0, -1], [0.5, 0.5, 0.5]], [[0, 2, 1], [-1, 0, 3]]]
D_LOGITS = [
    [-0.07146766, 0.01303753, 0.05843013],
    [0.03422695, 0.04620155, -0.0804285],
    [0.1736262, -0.1762298, 0.002603626],
]

EYE = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
SURE_LOGITS = [[10, 0, 0], [0, 10, 0], [0, 0, 10]]
CHANCES = [[0.9, 0.05, 0.05], [0.5, 0.89, 0.6], [0.05, 0.01, 0.94]]
LOGITS = [[8, 1, 1], [0, 9, 1], [2, 3, 5]]
COLUMN = [[1.2], [3.4], [5.6]]
Y_3D = [[[1, 0, 0], [0, 1, 1]], [[0, 0, 1], [1, 1, 0]]]
PROBABILITIES_3D = [[[1, 0, 1], [0.5, 0.5, 0.25]], [[0, 1, 1], [1, 0, 0.75]]]

# Inputs and expected values of Keras's losses_test.py; where it rounds, the digits are those of Keras 3.15.
KERAS_TESTS = [
    # loss, targets, predictions, sample weights, value
    (CCE(), EYE, EYE, None, 1.192093e-07),
    (CCE(from_logits=True), EYE, SURE_LOGITS, None, 9.083335e-05),
    (CCE(), EYE, CHANCES, None, 0.3239681),
    (CCE(from_logits=True), EYE, LOGITS, None, 0.05737559),
    (CCE(), EYE, CHANCES, 2.3, 0.7451267),
    (CCE(from_logits=True), EYE, LOGITS, 2.3, 0.1319639),
    (CCE(), EYE, CHANCES, COLUMN, 1.069603),
    (CCE(from_logits=True), EYE, LOGITS, COLUMN, 0.3182946),
    (CCE(from_logits=True, reduction=None), EYE, LOGITS, None, [0.001822003, 0.0004587313, 0.169846]),
    (CCE(from_logits=True, label_smoothing=0.1), [[1, 0, 0]], [[100, -100, -100]], None, 13.33333),
]  # fmt: skip

GRADIENTS = [
    # loss, targets, predictions, sample weights, value, gradient
    (CCE(), HOT, P, None, 0.5202159, [[-1 / 7, 1 / 3, 1 / 3], [1 / 3, 1 / 3, -2 / 9], [1 / 3, -1 / 3, 1 / 3]]),
    (CCE(), SOFT, P, W, 0.8934593, [[-1 / 21, 0, 1 / 3], [0, 4 / 9, -2 / 9], [-1 / 30, 1 / 30, -1 / 30]]),
    (CCE(label_smoothing=0.1), HOT, P, None, 0.5987701,
     [[-0.1111111, 0.2777778, 0.2222222], [0.2222222, 0.2962963, -0.1851852], [0.2888889, -0.2888889, 0.2888889]]),
    (CCE(True), HOT, Z, None, 0.4232264, D_LOGITS),
    (CCE(True, 0.2), SOFT, Z, W, 1.216119,
     [[0.02631011, -0.06251805, 0.03620791], [-0.02932389, -0.00537469, 0.03469853],
      [0.035702, 0.0141073, -0.0498093]]),
    (CCE(True, axis=1), Y_3D, Z_3D, None, 1.119448,
     [[[-0.06292345, 0.06292345, 0.03040425], [0.06292345, -0.06292345, -0.03040426]],
      [[0.1218431, 0.1467995, -0.1467995], [-0.1218431, -0.1467995, 0.1467995]]]),
    (CCE(), [[1, 0, 0], [0, 1, 0]], [[2, 1, 1], [0, 1, 0]], None, 0.3465737, [[-0.125, 0.125, 0.125], [0, 0, 0]]),
    (CCE(), [[1, 0, 0], [0, 1, 0]], [[0, 1, 0], [0.5, 0, 0.5]], None, 16.118095, np.zeros((2, 3))),
    (CCE(axis=1, from_logits=True), Y_3D, PROBABILITIES_3D, None, 0.7145813,
     [[[-0.06292345, 0.06292345, 0.1131965], [0.06292345, -0.06292345, -0.1131965]],
      [[0.04482357, 0.1218431, -0.07297058], [-0.04482357, -0.1218431, 0.07297058]]]),
    (CCE(axis=1), Y_3D, [[[0.5, 0.25, 0.1], [0.2, 0.9, 0.6]], [[0.3, 0.3, 0.3], [0.8, 0.7, 0.05]]],
     [[1, 2, 0.5], [0, 1, 1]], 0.2357697,
     [[[-0.0952381, 0.2898551, 0.1190476], [0.2380952, -0.0805153, -0.01984127]],
      [[0, 0.1666667, -0.0793651], [0, -0.07142858, 0.4761905]]]),
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


FUSED = [
    (CCE(), HOT),
    (CCE(label_smoothing=0.1), SOFT),
    (CCE(reduction="mean_with_sample_weight"), SOFT),
]


@pytest.mark.parametrize("weight", [None, np.array(W, np.float32)], ids=["plain", "weighted"])
@pytest.mark.parametrize(("loss", "y_true"), FUSED)
def test_the_fused_form_equals_both_steps(loss, y_true, weight):
    output, x = Softmax(), np.array(Z, np.float32)
    assert loss.can_absorb(output)
    y_pred = output(x)
    value, dy = loss.value_and_gradient(y_true, y_pred, weight)
    dx = output.backward(dy).copy()
    output.forward(x)
    fused_value, fused_dx = loss.fused_value_and_gradient(y_true, output, y_pred, weight)
    assert fused_value == pytest.approx(value, rel=1e-6)
    np.testing.assert_allclose(fused_dx, dx, rtol=1e-4, atol=1e-6)


def test_extreme_logits_keep_their_whole_loss_in_the_fused_form():
    output, x = Softmax(), np.array([[-1000, 1000, 0], [1000, 0, -1000]], np.float32)
    value, gradient = CCE().fused_value_and_gradient([[1, 0, 0], [0, 1, 0]], output, output(x))
    assert value == pytest.approx(1500)
    np.testing.assert_allclose(gradient, [[-0.5, 0.5, 0], [0.5, -0.5, 0]], atol=1e-7)


@pytest.mark.parametrize(
    ("loss", "output"),
    [
        (CCE(True), Softmax()),
        (CCE(axis=1), Softmax()),
        (CCE(), Softmax(axis=1)),
        (CCE(), Sigmoid()),
        (CCE(), ReLU()),
        (losses.MeanSquaredError(), Softmax()),
    ],
    ids=repr,
)
def test_only_the_pair_that_belongs_together_is_fused(loss, output):
    assert not loss.can_absorb(output)


@pytest.mark.parametrize("shift", [1e4, -1e4])
def test_adding_a_number_to_all_logits_changes_nothing(shift):
    z = np.round(np.array(Z, np.float32) * 8) / 8  # exact also after the shift
    value, gradient = CCE(True).value_and_gradient(HOT, z)
    shifted = CCE(True).value_and_gradient(HOT, z + np.float32(shift))
    assert shifted[0] == pytest.approx(value, rel=1e-6)
    np.testing.assert_allclose(shifted[1], gradient, rtol=1e-5, atol=1e-7)


def test_a_row_without_any_chance_costs_much_but_is_not_nan():
    value, gradient = CCE().value_and_gradient([[1, 0]], np.zeros((1, 2), np.float32))
    assert value == pytest.approx(-math.log(1e-7), rel=1e-6)
    assert not gradient.any()


def test_smoothing_spreads_over_the_classes_whichever_axis_they_are_on():
    # Keras divides by the length of the last axis, which is another number here.
    y, z = np.moveaxis([HOT[:2]], -1, 1), np.moveaxis([Z[:2]], -1, 1)
    there, here = CCE(True, 0.3, axis=1), CCE(True, 0.3)
    assert there(y, z) == pytest.approx(here(HOT[:2], Z[:2]), rel=1e-6)


def test_class_numbers_are_answered_with_the_loss_for_them():
    with pytest.raises(ValueError, match="for class numbers use sparse_categorical_crossentropy"):
        CCE()([0, 2, 1], P)


def test_a_single_class_is_refused_because_it_always_costs_nothing():
    with pytest.raises(ValueError, match=r"needs at least two classes.* use binary_crossentropy"):
        CCE()([[1], [0]], [[0.3], [0.6]])


@pytest.mark.parametrize("smoothing", ["x", None, True, -0.1, 1.1, math.nan])
def test_smoothing_is_a_share(smoothing):
    with pytest.raises(ArgumentError, match="label_smoothing must be a number between 0 and 1, got ") as caught:
        CCE(label_smoothing=smoothing)
    assert caught.value.argument == "label_smoothing"


@pytest.mark.parametrize("axis", ["x", 1.5, None])
def test_an_axis_is_a_whole_number(axis):
    with pytest.raises(ArgumentError, match="CategoricalCrossentropy: axis must be a whole number, got ") as caught:
        CCE(axis=axis)
    assert caught.value.argument == "axis"


def test_another_axis_is_that_of_the_softmax_as_well():
    loss = CCE(from_logits=True)
    loss(HOT, Z)
    loss.axis = 0
    straight = CCE(from_logits=True, axis=0)
    assert loss(HOT, Z) == straight(HOT, Z)
    np.testing.assert_array_equal(loss.value_and_gradient(HOT, Z)[1], straight.value_and_gradient(HOT, Z)[1])
