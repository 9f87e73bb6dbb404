"""The loss for wrong labels against Keras 3.15 (TensorFlow, float32), between the two that it lies between."""

import math

import numpy as np
import pytest

from framework.layers import Sigmoid, Softmax
from framework.losses import CategoricalGeneralizedCrossEntropy, SparseCategoricalCrossentropy
from framework.registry import ArgumentError

GCE = CategoricalGeneralizedCrossEntropy
LABELS = [0, 2, 1]

BINARY_LABELS = [0, 1, 0, 1]
TWO_COLUMNS = [[0.7, 0.3], [0.2, 0.8], [0.6, 0.4], [0.4, 0.6]]
THREE_COLUMNS = [[0.7, 0.3, 0], [0.2, 0.2, 0.6], [0.6, 0.4, 0], [0.2, 0.2, 0.6]]
TWO_CLASSES = [[0, 1, 1, 0], [1, 0, 1, 0], [0, 0, 1, 1], [1, 1, 0, 1]]
TWO_CHANCES = [
    [[1, 0], [0, 1], [0, 1], [0.2, 0.8]], [[0, 1], [1, 0], [0, 1], [1, 0]],
    [[1, 0], [1, 0], [0, 1], [0, 1]], [[0, 1], [0, 1], [1, 0], [0.6, 0.4]],
]  # fmt: skip
THREE_CLASSES = [[0, 1, 2, 0], [1, 0, 1, 0], [0, 0, 1, 1], [1, 1, 0, 1]]
THREE_CHANCES = [
    [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.2, 0, 0.8]], [[1, 0, 0], [1, 0, 0], [0, 1, 0], [1, 0, 0]],
    [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0]], [[0, 1, 0], [0, 1, 0], [0.5, 0.5, 0], [0, 1, 0]],
]  # fmt: skip
CHANCES = [[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.25, 0.5, 0.25]]
WEIGHT = [1, 2, 0.5]

# Inputs and expected values of Keras's losses_test.py; where it rounds, the digits are those of Keras 3.15.
KERAS_TESTS = [
    # loss, targets, predictions, sample weights, value
    (GCE(), BINARY_LABELS, TWO_COLUMNS, None, 0.3598597),
    (GCE(q=0.8), BINARY_LABELS, TWO_COLUMNS, None, 0.3383281),
    (GCE(), BINARY_LABELS, THREE_COLUMNS, None, 0.7471581),
    (GCE(q=0.8), BINARY_LABELS, THREE_COLUMNS, None, 0.6349406),
    (GCE(), TWO_CLASSES, TWO_CHANCES, None, 0.1150414),
    (GCE(), THREE_CLASSES, THREE_CHANCES, None, 0.2307099),
]  # fmt: skip

GRADIENTS = [
    # loss, targets, predictions, sample weights, value, gradient
    (GCE(), [0, 2, 1], CHANCES, WEIGHT, 0.5070621, [[-0.3984095, 0, 0], [0, 0, -0.8606629], [0, -0.2357023, 0]]),
    (GCE(q=0.8, reduction="sum"), [1, 1, 1], CHANCES, None, 2.210034,
     [[0, -1.37973, 0], [0, -1.27226, 0], [0, -1.148698, 0]]),
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


def test_near_0_it_is_the_cross_entropy_and_near_1_the_missing_probability():
    chances = np.array(CHANCES)
    assert GCE(1e-9)(LABELS, chances) == pytest.approx(SparseCategoricalCrossentropy()(LABELS, chances), rel=1e-6)
    assert GCE(1 - 1e-9)(LABELS, chances) == pytest.approx((1 - chances[range(3), LABELS]).mean(), rel=1e-6)


def test_no_chance_at_all_costs_1_over_q_and_has_no_slope():
    value, gradient = GCE(0.25).value_and_gradient([0], np.float32([[0.0, 1.0]]))
    assert value == 4
    assert not gradient.any()


@pytest.mark.parametrize("weight", [None, np.float32([1, 2, 0.5])], ids=["plain", "weighted"])
@pytest.mark.parametrize("loss", [GCE(), GCE(0.9, "sum"), GCE(0.1, "mean_with_sample_weight")], ids=repr)
def test_the_fused_form_equals_both_steps(loss, weight):
    output, x = Softmax(), np.float32([[2, -1, 0.5], [-0.3, 0, 1.7], [0.2, 0.1, -4]])
    y_pred = output(x)
    value, dy = loss.value_and_gradient(LABELS, y_pred, weight)
    dx = output.backward(dy).copy()
    output.forward(x)
    fused_value, fused_dx = loss.fused_value_and_gradient(np.array(LABELS), output, y_pred, weight)
    assert fused_value == pytest.approx(value, rel=1e-6)
    np.testing.assert_allclose(fused_dx, dx, rtol=1e-4, atol=1e-6)


def test_it_absorbs_a_softmax_and_nothing_else():
    assert GCE().can_absorb(Softmax())
    assert not GCE().can_absorb(Softmax(axis=1))
    assert not GCE().can_absorb(Sigmoid())


def test_class_numbers_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="class 3 of sample 1 is out of range"):
        GCE()([0, 3, 1], CHANCES)
    with pytest.raises(ValueError, match=r"CategoricalGeneralizedCrossEntropy: targets of shape .* do not match"):
        GCE()(np.eye(3), CHANCES)


@pytest.mark.parametrize("q", [0, 1, -0.5, 2, "x", None, True, math.nan])
def test_a_q_that_is_no_share_is_refused(q):
    with pytest.raises(ArgumentError, match="q must be a number between 0 and 1, got ") as caught:
        GCE(q)
    assert caught.value.argument == "q"
