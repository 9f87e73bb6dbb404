"""Cross-entropy of single probabilities against Keras 3.15 (TensorFlow, float32), and fused with the Sigmoid."""

import math

import numpy as np
import pytest

from framework.layers import Sigmoid, Softmax
from framework.losses import BinaryCrossentropy
from framework.registry import ArgumentError

BCE = BinaryCrossentropy
W = [1, 2, 0.5]
Z = [[2, -1, 0.5], [-0.3, 0, 1.7], [0.2, 0.1, -4]]
Z_3D = [[[1, 0, -1], [0.5, 0.5, 0.5]], [[0, 2, 1], [-1, 0, 3]]]
BY = [[1, 0], [0, 1], [1, 1]]
BP = [[0.9, 0.2], [0.4, 0.6], [0.05, 0.99]]
BZ = [[2, -1], [0.5, 0], [-3, 20]]

EYE = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
BITS = [[1, 0], [1, 0]]
CERTAIN = [[1, 1], [1, 0]]
BITS_2 = [[1, 0, 1], [0, 1, 1]]
LOGITS = [[10, -10, 10], [10, 10, -10]]
COLUMN = [[1.2], [3.4]]
Y_3D = [[[1, 0, 0], [0, 1, 1]], [[0, 0, 1], [1, 1, 0]]]

# Inputs and expected values of Keras's losses_test.py; where it rounds, the digits are those of Keras 3.15.
KERAS_TESTS = [
    # loss, targets, predictions, sample weights, value
    (BCE(), EYE, EYE, None, 1.192093e-07),
    (BCE(from_logits=True), EYE, [[10, -10, -10], [-10, 10, -10], [-10, -10, 10]], None, 4.53989e-05),
    (BCE(), EYE, [[0.9, 0.1, 0.2], [0.3, 0.8, 0.1], [0.1, 0.2, 0.7]], None, 0.2004692),
    (BCE(), BITS, CERTAIN, None, 3.985596),
    (BCE(from_logits=True), BITS_2, LOGITS, None, 3.333379),
    (BCE(), BITS, CERTAIN, 2.3, 9.166871),
    (BCE(from_logits=True), BITS_2, LOGITS, 2.3, 7.666771),
    (BCE(), BITS, CERTAIN, COLUMN, 4.782716),
    (BCE(from_logits=True), BITS_2, LOGITS, [4, 3], 10.00016),
    (BCE(from_logits=True, reduction=None), BITS_2, LOGITS, None, [4.53989e-05, 6.666712]),
    (BCE(from_logits=True, label_smoothing=0.1), [[1, 0, 1]], [[10, -10, -10]], None, 3.500046),
]  # fmt: skip

GRADIENTS = [
    # loss, targets, predictions, sample weights, value, gradient
    (BCE(), BY, BP, None, 0.7259896, [[-0.1851852, 0.2083333], [0.2777778, -0.2777778], [-3.333333, -0.1683502]]),
    (BCE(reduction="sum"), BY, BP, W, 1.937349, [[-0.5555556, 0.625], [5 / 3, -5 / 3], [-5, -0.2525252]]),
    (BCE(label_smoothing=0.1), BY, BP, W, 0.696039,
     [[-0.09259258, 0.15625], [0.4861111, -0.486111], [-1.578947, 0.3367009]]),
    (BCE(True), BY, BZ, None, 0.8593335,
     [[-0.01986715, 0.04482357], [0.1037432, -1 / 12], [-0.1587624, -3.43525625e-10]]),
    (BCE(True, 0.1), BY, BZ, W, 0.9706553, [[-0.01153381, 0.03649024], [0.1908198, -0.15], [-0.07521451, 0.00416667]]),
    (BCE(), [[1, 0], [1, 0]], [[0, 1], [1, 0]], None, 8.01512, np.zeros((2, 2))),
    (BCE(), [1, 0], [[0.25], [0.5]], None, 1.039721, [[-2], [1]]),
    (BCE(True), Y_3D, Z_3D, [[1, 2], [0, 0.5]], 0.6409693,
     [[[-0.02241179, 0.04166667, 0.02241179], [0.1037432, -0.06292345, -0.06292345]],
      [[0, 0, 0], [-0.03046077, -0.02083333, 0.03969059]]]),
    (BCE(axis=1), Y_3D, [[[0.5, 0.25, 0.1], [0.2, 0.9, 0.6]], [[0.3, 0.3, 0.3], [0.8, 0.7, 0.05]]],
     [[1, 2, 0.5], [0, 1, 1]], 0.3315904,
     [[[-0.1666667, 0.2222222, 0.0462963], [0.1041667, -0.1851852, -0.06944445]],
      [[0, 0.1190476, -0.2777778], [0, -0.1190476, 0.08771931]]]),
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
    (BCE(), EYE),
    (BCE(label_smoothing=0.2, reduction="mean_with_sample_weight"), EYE),
]


@pytest.mark.parametrize("weight", [None, np.array(W, np.float32)], ids=["plain", "weighted"])
@pytest.mark.parametrize(("loss", "y_true"), FUSED)
def test_the_fused_form_equals_both_steps(loss, y_true, weight):
    output, x = Sigmoid(), np.array(Z, np.float32)
    assert loss.can_absorb(output)
    y_pred = output(x)
    value, dy = loss.value_and_gradient(y_true, y_pred, weight)
    dx = output.backward(dy).copy()
    output.forward(x)
    fused_value, fused_dx = loss.fused_value_and_gradient(y_true, output, y_pred, weight)
    assert fused_value == pytest.approx(value, rel=1e-6)
    np.testing.assert_allclose(fused_dx, dx, rtol=1e-4, atol=1e-6)


def test_extreme_logits_keep_their_whole_loss_in_the_fused_form():
    output, x = Sigmoid(), np.array([[-1000, 1000, 0], [1000, 0, -1000]], np.float32)
    value, gradient = BCE().fused_value_and_gradient([[1, 0, 0], [0, 1, 1]], output, output(x))
    assert value == pytest.approx((4000 + 2 * math.log(2)) / 6)
    np.testing.assert_allclose(gradient, [[-1 / 6, 1 / 6, 1 / 12], [1 / 6, -1 / 12, -1 / 6]], atol=1e-7)


@pytest.mark.parametrize(
    ("loss", "output"),
    [(BCE(True), Sigmoid()), (BCE(axis=1), Sigmoid()), (BCE(), Softmax())],
    ids=repr,
)
def test_only_the_pair_that_belongs_together_is_fused(loss, output):
    assert not loss.can_absorb(output)


def test_a_binary_logit_of_zero_costs_log_2():
    assert BCE(True)([[0], [1]], np.zeros((2, 1))) == pytest.approx(math.log(2))


def test_certainty_costs_much_when_it_is_wrong_and_is_never_nan():
    value, gradient = BCE(reduction="sum").value_and_gradient([[1], [0]], np.float32([[0], [1]]))
    assert value == pytest.approx(2 * -math.log(1e-7), rel=0.01)
    assert not gradient.any()  # clipped


@pytest.mark.parametrize("smoothing", ["x", None, True, -0.1, 1.1, math.nan])
def test_smoothing_is_a_share(smoothing):
    with pytest.raises(ArgumentError, match="label_smoothing must be a number between 0 and 1, got ") as caught:
        BCE(label_smoothing=smoothing)
    assert caught.value.argument == "label_smoothing"


@pytest.mark.parametrize("axis", ["x", 1.5, None])
def test_an_axis_is_a_whole_number(axis):
    with pytest.raises(ArgumentError, match="BinaryCrossentropy: axis must be a whole number, got ") as caught:
        BCE(axis=axis)
    assert caught.value.argument == "axis"
