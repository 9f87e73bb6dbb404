"""Cross-entropy for class numbers against Keras 3.15 (TensorFlow, float32), and fused with the Softmax."""

import math

import numpy as np
import pytest

from framework.layers import Sigmoid, Softmax
from framework.losses import SparseCategoricalCrossentropy
from framework.registry import ArgumentError

SCCE = SparseCategoricalCrossentropy
P = [[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.25, 0.5, 0.25]]
Z = [[2, -1, 0.5], [-0.3, 0, 1.7], [0.2, 0.1, -4]]
W = [1, 2, 0.5]
Z_3D = [[[1, 0, -1], [0.5, 0.5, 0.5]], [[0, 2, 1], [-1, 0, 3]]]
D_LOGITS = [
    [-0.07146766, 0.01303753, 0.05843013],
    [0.03422695, 0.04620155, -0.0804285],
    [0.1736262, -0.1762298, 0.002603626],
]

COLUMN_OF_LABELS = [[0], [1], [2]]
EYE = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
SURE_LOGITS = [[10, 0, 0], [0, 10, 0], [0, 0, 10]]
CHANCES = [[0.9, 0.05, 0.05], [0.5, 0.89, 0.6], [0.05, 0.01, 0.94]]
LOGITS = [[8, 1, 1], [0, 9, 1], [2, 3, 5]]
COLUMN = [[1.2], [3.4], [5.6]]
VOID_LOGITS = [[[0.854, 0.698, 0.598], [0.088, 0.86, 0.018]]]
TWO_CLASSES = [[0, 1, 1, 0], [1, 0, 1, 0], [0, 0, 1, 1], [1, 1, 0, 1]]
TWO_CHANCES = [
    [[1, 0], [0, 1], [0, 1], [0.2, 0.8]], [[0, 1], [1, 0], [0, 1], [1, 0]],
    [[1, 0], [1, 0], [0, 1], [0, 1]], [[0, 1], [0, 1], [1, 0], [0.6, 0.4]],
]  # fmt: skip
THREE_CLASSES = [[0, 1, 2, 0], [1, 0, 1, 0], [0, 0, 1, 1], [1, 1, 0, 1]]
THREE_CHANCES = [
    [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.2, 0, 0.8]], [[0.7, 0.3, 0], [1, 0, 0], [0, 1, 0], [1, 0, 0]],
    [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0]], [[0, 1, 0], [0, 1, 0], [0.5, 0.5, 0], [0, 1, 0]],
]  # fmt: skip

# Inputs and expected values of Keras's losses_test.py; where it rounds, the digits are those of Keras 3.15.
KERAS_TESTS = [
    # loss, targets, predictions, sample weights, value
    (SCCE(), COLUMN_OF_LABELS, EYE, None, 2.384185e-07),
    (SCCE(from_logits=True), COLUMN_OF_LABELS, SURE_LOGITS, None, 9.083335e-05),
    (SCCE(), [0, 1, 2], CHANCES, None, 0.3239681),
    (SCCE(from_logits=True), [0, 1, 2], LOGITS, None, 0.05737559),
    (SCCE(), COLUMN_OF_LABELS, CHANCES, 2.3, 0.7451267),
    (SCCE(from_logits=True), COLUMN_OF_LABELS, LOGITS, 2.3, 0.1319639),
    (SCCE(), COLUMN_OF_LABELS, CHANCES, COLUMN, 1.069603),
    (SCCE(from_logits=True), COLUMN_OF_LABELS, LOGITS, COLUMN, 0.3182946),
    (SCCE(from_logits=True, reduction=None), COLUMN_OF_LABELS, LOGITS, None, [0.001822003, 0.0004587313, 0.169846]),
    (SCCE(from_logits=True, ignore_class=-1, reduction=None), [[-1, 2]], VOID_LOGITS, None, [[0, 1.480129]]),
    (SCCE(from_logits=True, ignore_class=-1, reduction=None), [[[-1], [2]]], VOID_LOGITS, None, [[0, 1.480129]]),
    (SCCE(), TWO_CLASSES, TWO_CHANCES, None, 0.1578581),
    (SCCE(), THREE_CLASSES, THREE_CHANCES, None, 0.2191601),
]  # fmt: skip

GRADIENTS = [
    # loss, targets, predictions, sample weights, value, gradient
    (SCCE(), [0, 2, 1], P, None, 0.5202159, [[-1 / 7, 1 / 3, 1 / 3], [1 / 3, 1 / 3, -2 / 9], [1 / 3, -1 / 3, 1 / 3]]),
    (SCCE(), [0, 2, 1], P, W, 0.5749666, [[-1 / 7, 1 / 3, 1 / 3], [2 / 3, 2 / 3, -4 / 9], [1 / 6, -1 / 6, 1 / 6]]),
    (SCCE(reduction="sum"), [0, 2, 1], P, W, 1.7249, [[-3 / 7, 1, 1], [2, 2, -4 / 3], [0.5, -0.5, 0.5]]),
    (SCCE(reduction="mean_with_sample_weight"), [0, 2, 1], P, W, 0.4928285,
     [[-0.122449, 0.2857143, 0.2857143], [0.5714286, 0.5714286, -0.3809524], [1 / 7, -1 / 7, 1 / 7]]),
    (SCCE(True), [0, 2, 1], Z, None, 0.4232264, D_LOGITS),
    (SCCE(True, 2), [0, 2, 1], Z, None, 0.4967748,
     [[-0.1072015, 0.01955629, 0.0876452], [0, 0, 0], [0.2604393, -0.2643448, 0.003905439]]),
    (SCCE(True, -1), [0, -1, 1], Z, None, 0.4967748,
     [[-0.1072015, 0.01955629, 0.0876452], [0, 0, 0], [0.2604393, -0.2643448, 0.003905439]]),
    (SCCE(False, 2), [0, 2, 1], P, W, 0.3516243, [[-0.2142857, 0.5, 0.5], [0, 0, 0], [0.25, -0.25, 0.25]]),
    (SCCE(False, 2, "sum"), [0, 2, 1], P, W, 0.7032486, [[-3 / 7, 1, 1], [0, 0, 0], [0.5, -0.5, 0.5]]),
    (SCCE(False, 2, "mean_with_sample_weight"), [0, 2, 1], P, W, 0.4688324,
     [[-2 / 7, 2 / 3, 2 / 3], [0, 0, 0], [1 / 3, -1 / 3, 1 / 3]]),
    (SCCE(), [0, 1], [[0, 1, 0], [0, 1, 0]], None, 8.059048, np.zeros((2, 3))),
    (SCCE(True), [[0, 2], [1, 1]], Z_3D, None, 1.244927,
     [[[-0.08368976, 0.06118212, 0.02250764], [1 / 12, 1 / 12, -1 / 6]],
      [[0.02250764, -0.08368978, 0.06118212], [0.004286957, -0.2383468, 0.2340599]]]),
    (SCCE(True), [[[0], [2]], [[1], [1]]], Z_3D, [[1, 2], [0, 0.5]], 1.034443,
     [[[-0.08368976, 0.06118212, 0.02250764], [1 / 6, 1 / 6, -1 / 3]],
      [[0, 0, 0], [0.002143478, -0.1191734, 0.1170299]]]),
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
    (SCCE(), np.array([0, 2, 1])),
    (SCCE(), np.array([[0], [2], [1]], np.float32)),
    (SCCE(ignore_class=2), np.array([0, 2, 1])),
    (SCCE(ignore_class=255, reduction="sum"), np.array([0, 255, 1], np.uint8)),
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
    value, gradient = SCCE().fused_value_and_gradient(np.array([0, 1]), output, output(x))
    assert value == pytest.approx(1500)
    np.testing.assert_allclose(gradient, [[-0.5, 0.5, 0], [0.5, -0.5, 0]], atol=1e-7)


@pytest.mark.parametrize(
    ("loss", "output"),
    [(SCCE(True), Softmax()), (SCCE(), Softmax(axis=1)), (SCCE(axis=1), Softmax()), (SCCE(), Sigmoid())],
    ids=repr,
)
def test_only_the_pair_that_belongs_together_is_fused(loss, output):
    assert not loss.can_absorb(output)


@pytest.mark.parametrize("shift", [1e4, -1e4])
def test_adding_a_number_to_all_logits_changes_nothing(shift):
    z = np.round(np.array(Z, np.float32) * 8) / 8  # exact also after the shift
    value, gradient = SCCE(True).value_and_gradient([0, 2, 1], z)
    shifted = SCCE(True).value_and_gradient([0, 2, 1], z + np.float32(shift))
    assert shifted[0] == pytest.approx(value, rel=1e-6)
    np.testing.assert_allclose(shifted[1], gradient, rtol=1e-5, atol=1e-7)


def test_a_row_without_any_chance_costs_much_but_is_not_nan():
    value, gradient = SCCE().value_and_gradient([0], np.zeros((1, 2), np.float32))
    assert value == pytest.approx(-math.log(1e-7), rel=1e-6)
    assert not gradient.any()


def test_an_ignored_class_costs_nothing_sample_by_sample():
    np.testing.assert_allclose(SCCE(False, 2, "none")([0, 2, 1], P), [-math.log(0.7), 0, -math.log(0.5)], rtol=1e-6)


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight"])
def test_where_every_sample_is_ignored_nothing_is_lost_and_nothing_is_nan(reduction):
    value, gradient = SCCE(False, 2, reduction).value_and_gradient([2, 2, 2], P)
    assert value == 0
    assert not gradient.any()


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 3, 1], "class 3 of sample 1 is out of range: the model predicts 3 classes, numbered 0 to 2"),
        ([0, 1, -1], "class -1 of sample 2 is out of range"),
        ([0, 1.5, 1], "class 1.5 of sample 1 is no whole number"),
        ([0, 1, math.nan], "class nan of sample 2 is no whole number"),
        (np.eye(3), r"targets of shape \(3, 3\) do not match .* for one-hot rows use categorical_crossentropy"),
        ([0, 1], r"targets of shape \(2,\) do not match predictions of shape \(3, 3\)"),
    ],
)
def test_class_numbers_that_cannot_be_are_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        SCCE()(labels, P)
    if len(labels) == 3:
        with pytest.raises(ValueError, match=message):
            SCCE().check_targets(np.asarray(labels), (3,))


def test_class_numbers_are_checked_along_the_axis_of_classes():
    loss = SCCE(axis=1)
    loss.check_targets(np.array([[0, 1, 1]]), (2, 3))
    with pytest.raises(ValueError, match="class 2 of sample 0 is out of range: the model predicts 2 classes"):
        loss.check_targets(np.array([[0, 1, 2]]), (2, 3))
    assert loss([[0, 1, 1]], np.full((1, 2, 3), 0.5)) == pytest.approx(math.log(2))


def test_an_axis_of_length_1_for_the_class_number_is_where_the_classes_are():
    y, p = np.array([[[0, 1, 1]]]), np.full((1, 2, 3), 0.5)
    assert SCCE(axis=1)(y, p) == SCCE(axis=1)(y[:, 0], p)


def test_samples_with_steps_are_weighed_along_the_right_axis():
    # As many classes as steps: only the axis tells them apart.
    y, p, w = (
        np.array([[0, 1], [1, 1]]),
        np.array([[[0.2, 0.6], [0.8, 0.4]], [[0.5, 0.9], [0.5, 0.1]]]),
        [[1, 2], [0, 3]],
    )
    value, gradient = SCCE(axis=1).value_and_gradient(y, p, w)
    moved_value, moved = SCCE().value_and_gradient(y, np.moveaxis(p, 1, -1), w)
    assert value == pytest.approx(moved_value)
    np.testing.assert_allclose(gradient, np.moveaxis(moved, -1, 1))


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: SCCE(axis=1.5), "axis"),
        (lambda: SCCE(axis=None), "axis"),
        (lambda: SCCE(ignore_class=1.5), "ignore_class"),
    ],
)
def test_wrong_arguments_are_named(make, argument):
    with pytest.raises(ArgumentError, match=f"Crossentropy: {argument} must be ") as caught:
        make()
    assert caught.value.argument == argument
