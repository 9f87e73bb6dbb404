"""The loss of directions against Keras 3.15 (TensorFlow, float32), and its geometry."""

import numpy as np
import pytest

from framework.losses import CosineSimilarity
from framework.registry import ArgumentError

TRUE = [[1, 9, 2], [-5, -2, 6]]
PRED = [[4, 8, 12], [8, 1, 3]]
TRUE_3D = [[[1], [9], [2]], [[-5], [-2], [6]]]
PRED_3D = [[[4], [8], [12]], [[8], [1], [3]]]
STEPS = [[3, 6, 5], [0, 4, 2]]
VECTORS = [[3, 4], [0, 1], [1, 1]]
OTHERS = [[4, 3], [0, -2], [-1, 0.5]]
WEIGHT = [1, 2, 0.5]
Y_3D = [[[1, 0, 0], [0, 1, 1]], [[0, 0, 1], [1, 1, 0]]]
X_3D = [[[1, 0, 1], [0.5, 0.5, 0.25]], [[0, 1, 1], [1, 0, 0.75]]]

# Inputs and expected values of Keras's losses_test.py; where it rounds, the digits are those of Keras 3.15.
KERAS_TESTS = [
    # loss, targets, predictions, sample weights, value
    (CosineSimilarity(), TRUE, PRED, None, -0.1872191),
    (CosineSimilarity(), TRUE, PRED, 2.3, -0.4306038),
    (CosineSimilarity(), TRUE, PRED, [1.2, 3.4], 0.155992),
    (CosineSimilarity(), TRUE_3D, PRED_3D, STEPS, -2),
    (CosineSimilarity(), TRUE, PRED, 0, 0),
    (CosineSimilarity(axis=1), TRUE, PRED, None, -0.1872191),
]  # fmt: skip

GRADIENTS = [
    # loss, targets, predictions, sample weights, value, gradient
    (CosineSimilarity(), VECTORS, OTHERS, WEIGHT, 0.3993713,
     [[0.0112, -0.01493333], [0, 0], [-0.06324556, -0.1264911]]),
    (CosineSimilarity(axis=1, reduction="sum"), Y_3D, X_3D, [[1, 2, 0.5], [0, 1, 1]], -3.815695,
     [[[-0.1788855, 0, 0.1141344], [0.3577709, 0, -0.4565377]], [[0, 0, -0.288], [0, -1, 0.384]]]),
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


@pytest.mark.parametrize("length", [1e-3, 1.0, 1e6])
def test_only_directions_count(length):
    pred = np.float32([[3, 4]]) * np.float32(length)
    for direction, value in (([[3, 4]], -1), ([[-6, -8]], 1), ([[4, -3]], 0)):
        assert CosineSimilarity()(direction, pred) == pytest.approx(value, abs=1e-6)


def test_the_gradient_stands_at_a_right_angle_to_the_prediction():
    pred = np.array(OTHERS, np.float64)
    gradient = CosineSimilarity(reduction="sum").value_and_gradient(VECTORS, pred)[1]
    np.testing.assert_allclose((gradient * pred).sum(axis=-1), 0, atol=1e-15)


def test_a_vector_of_zeros_is_like_nothing_and_has_no_slope():
    for true, pred in (([[3.0, 4.0]], [[0.0, 0.0]]), ([[0.0, 0.0]], [[3.0, 4.0]])):
        value, gradient = CosineSimilarity().value_and_gradient(true, np.float32(pred))
        assert value == 0
        assert not gradient.any()


def test_what_is_too_short_to_have_a_direction_counts_with_its_length():
    tiny = np.array([[3e-9, 4e-9]])
    value, gradient = CosineSimilarity().value_and_gradient([[3.0, 4.0]], tiny)
    assert value == pytest.approx(-0.05)
    np.testing.assert_allclose(gradient, [[-6e6, -8e6]])


@pytest.mark.parametrize("axis", [1.5, "x", None, True])
def test_an_axis_is_a_whole_number(axis):
    with pytest.raises(ArgumentError, match="CosineSimilarity: axis must be a whole number, got ") as caught:
        CosineSimilarity(axis)
    assert caught.value.argument == "axis"
