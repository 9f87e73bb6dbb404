"""Losses of the margin against Keras 3.15 (TensorFlow, float32), at and away from its edge."""

import numpy as np
import pytest

from framework.losses import CategoricalHinge, Hinge, SquaredHinge

TRUE = [[0, 1], [0, 0]]
PRED = [[0.6, 0.4], [0.4, 0.6]]
SIGNS = [[1, -1], [-1, 1], [1, 1]]
SCORES = [[1, -2], [0.5, 0.25], [-1, 1.5]]
BITS = [[1, 0], [0, 1], [1, 1]]
WEIGHT = [1, 2, 0.5]
HOT = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
CLASS_SCORES = [[0.5, 0.2, 0.2], [1, -1, 0.25], [-0.5, 0.5, 1.5]]

# Inputs and expected values of Keras's losses_test.py; where it rounds, the digits are those of Keras 3.15.
KERAS_TESTS = [
    # loss, targets, predictions, sample weights, value
    (Hinge(), TRUE, PRED, None, 1.3),
    (Hinge(reduction="sum"), TRUE, PRED, None, 2.6),
    (Hinge(reduction=None), TRUE, PRED, None, [1.1, 1.5]),
    (Hinge(), TRUE, PRED, [1, 0], 0.55),
    (Hinge(reduction="sum"), TRUE, PRED, [1, 0], 1.1),
    (Hinge(reduction=None), TRUE, PRED, [1, 0], [1.1, 0]),
    (Hinge(), TRUE, PRED, 0, 0),
    (SquaredHinge(), TRUE, PRED, None, 1.86),
    (SquaredHinge(reduction="sum"), TRUE, PRED, None, 3.72),
    (SquaredHinge(reduction=None), TRUE, PRED, None, [1.46, 2.26]),
    (SquaredHinge(), TRUE, PRED, [1, 0], 0.73),
    (SquaredHinge(reduction="sum"), TRUE, PRED, [1, 0], 1.46),
    (SquaredHinge(reduction=None), TRUE, PRED, [1, 0], [1.46, 0]),
    (SquaredHinge(), TRUE, PRED, 0, 0),
    (CategoricalHinge(), TRUE, PRED, None, 1.4),
    (CategoricalHinge(reduction="sum"), TRUE, PRED, None, 2.8),
    (CategoricalHinge(reduction=None), TRUE, PRED, None, [1.2, 1.6]),
    (CategoricalHinge(), TRUE, PRED, [1, 0], 0.6),
    (CategoricalHinge(reduction="sum"), TRUE, PRED, [1, 0], 1.2),
    (CategoricalHinge(reduction=None), TRUE, PRED, [1, 0], [1.2, 0]),
    (CategoricalHinge(), TRUE, PRED, 0, 0),
]  # fmt: skip

GRADIENTS = [
    # loss, targets, predictions, sample weights, value, gradient
    (Hinge(), SIGNS, SCORES, None, 0.7083333, [[-0.1666667, 0], [0.1666667, -0.1666667], [-0.1666667, 0]]),
    (Hinge(), BITS, SCORES, WEIGHT, 0.9166667, [[-0.1666667, 0], [0.3333333, -0.3333333], [-0.08333334, 0]]),
    (SquaredHinge(), SIGNS, SCORES, None, 1.135417, [[0, 0], [0.5, -0.25], [-0.6666667, 0]]),
    (SquaredHinge(reduction="sum"), BITS, SCORES, WEIGHT, 3.8125, [[0, 0], [3, -1.5], [-1, 0]]),
    (CategoricalHinge(), HOT, CLASS_SCORES, None, 1.233333,
     [[-0.3333333, 0.1666667, 0.1666667], [0.3333333, -0.3333333, 0], [0, 0.3333333, -0.3333333]]),
    (CategoricalHinge(), HOT, [[0.5, 0.2, -0.5], [-1, 0, -0.5], [0, 0, 0]], WEIGHT, 1.066667,
     [[-0.3333333, 0.3333333, 0], [0, -0.6666667, 0], [0.05555556, 0.05555556, -0.1666667]]),
    (CategoricalHinge(reduction="sum"), [[1, -1, -1]], [[0.5, 0.2, 0.25]], None, 1.45, [[-1, 1, 3]]),
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


@pytest.mark.parametrize("loss", [Hinge(), SquaredHinge()], ids=repr)
def test_zeros_and_ones_stand_for_minus_one_and_one(loss):
    signs = 2 * np.array(BITS) - 1
    assert loss(BITS, SCORES) == loss(signs, SCORES)
    np.testing.assert_array_equal(loss.value_and_gradient(BITS, SCORES)[1], loss.value_and_gradient(signs, SCORES)[1])


def test_a_batch_with_any_other_target_is_left_as_it_is():
    assert Hinge()([[0, 1, -1]], [[9, 0, 0]]) == 1.0  # the 0 asks for nothing


@pytest.mark.parametrize("loss", [Hinge("sum"), SquaredHinge("sum")], ids=repr)
def test_more_than_the_margin_costs_nothing_and_has_no_slope(loss):
    value, gradient = loss.value_and_gradient([[1, -1]], [[1.5, -7.0]])
    assert value == 0
    assert not gradient.any()
