"""Focal cross-entropies against Keras 3.15 (TensorFlow, float32), next to the plain ones, and fused."""

import numpy as np
import pytest

from framework.layers import Sigmoid, Softmax
from framework.losses import (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
)
from framework.registry import ArgumentError

BFCE, CFCE = BinaryFocalCrossentropy, CategoricalFocalCrossentropy

EYE = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
BITS = [[1, 0], [1, 0]]
CHANCES = [[0.9, 0.8], [0.7, 0.2]]
LOGIT_BITS = [[1, 1, 0], [0, 1, 0]]
LOGITS = [[1.5, -2.7, 2.9], [-3.8, 1.2, -4.5]]
COLUMN = [[1.2], [3.4]]
SURE_LOGITS = [[10, 0, 0], [0, 10, 0], [0, 0, 10]]
ROWS = [[0.9, 0.05, 0.05], [0.5, 0.89, 0.6], [0.05, 0.01, 0.94]]
ROW_LOGITS = [[8, 1, 1], [0, 9, 1], [2, 3, 5]]
ROW_COLUMN = [[1.2], [3.4], [5.6]]
EDGE_BITS = [[1, 0], [0, 1], [1, 1]]
EDGES = [[0.9, 0.2], [0.4, 0.6], [0, 1]]
WEIGHT = [1, 2, 0.5]
EDGE_LOGITS = [[2, -1], [0.5, 0], [-3, 8]]
Y_3D = [[[1, 0, 0], [0, 1, 1]], [[0, 0, 1], [1, 1, 0]]]
HOT = [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
THIRDS = [[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.25, 0.5, 0.25]]
SOFT = [[0.8, 0.2, 0], [0.1, 0.1, 0.8], [0.3, 0.4, 0.3]]
WIDE_LOGITS = [[2, -1, 0.5], [-0.3, 0, 1.7], [0.2, 0.1, -4]]

# Inputs and expected values of Keras's losses_test.py; where it rounds, the digits are those of Keras 3.15.
KERAS_TESTS = [
    # loss, targets, predictions, sample weights, value
    (BFCE(gamma=1.5), EYE, EYE, None, 0),
    (BFCE(from_logits=True), EYE, [[100, -100, -100], [-100, 100, -100], [-100, -100, 100]], None, 0),
    (BFCE(), BITS, CHANCES, None, 0.2680301),
    (BFCE(gamma=3.0, from_logits=True), LOGIT_BITS, LOGITS, None, 0.7990822),
    (BFCE(), BITS, CHANCES, 1.23, 0.329677),
    (BFCE(gamma=3.0, from_logits=True), LOGIT_BITS, LOGITS, 3.21, 2.565054),
    (BFCE(), BITS, CHANCES, COLUMN, 0.3442007),
    (BFCE(gamma=3.0, from_logits=True), LOGIT_BITS, LOGITS, COLUMN, 0.9600961),
    (BFCE(reduction=None), BITS, CHANCES, None, [0.515547, 0.02051324]),
    (CFCE(), EYE, EYE, None, 4.235165e-22),
    (CFCE(from_logits=True), EYE, SURE_LOGITS, None, 1.872708e-13),
    (CFCE(), EYE, ROWS, None, 0.02059509),
    (CFCE(from_logits=True), EYE, ROW_LOGITS, None, 0.0003453551),
    (CFCE(), EYE, ROWS, 2.3, 0.04736869),
    (CFCE(from_logits=True), EYE, ROW_LOGITS, 2.3, 0.0007943167),
    (CFCE(), EYE, ROWS, ROW_COLUMN, 0.06987097),
    (CFCE(from_logits=True), EYE, ROW_LOGITS, ROW_COLUMN, 0.001933986),
    (CFCE(from_logits=True, reduction=None), EYE, ROW_LOGITS, None, [1.509622e-09, 2.413655e-11, 0.001036064]),
    (CFCE(from_logits=True, label_smoothing=0.1), [[1, 0, 0]], [[4.9, -0.5, 2.05]], None, 0.06685146),
]  # fmt: skip

GRADIENTS = [
    # loss, targets, predictions, sample weights, value, gradient
    (BFCE(), EDGE_BITS, EDGES, None, 2.715256, [[-0.005363872, 0.02320957], [0.1125545, -0.1125545], [-5.372699, 0]]),
    (BFCE(apply_class_balancing=True, alpha=0.7, gamma=3.0, label_smoothing=0.1), EDGE_BITS, EDGES, WEIGHT,
     0.7563999, [[-0.001463586, 0.00283618], [0.03643303, -0.07742018], [-2.114345, -0.0003048983]]),
    (BFCE(from_logits=True), EDGE_BITS, EDGE_LOGITS, None, 0.5569068,
     [[-0.0008118232, 0.008763521], [0.08769198, -0.04971447], [-0.1877917, -1.885296e-11]]),
    (BFCE(from_logits=True, gamma=0.5, apply_class_balancing=True), EDGE_BITS, EDGE_LOGITS, WEIGHT, 0.3170922,
     [[-0.002518969, 0.02485679], [0.1590419, -0.03967381], [-0.02083891, -1.918952e-07]]),
    (BFCE(axis=1, reduction="sum"), Y_3D, [[[0.5, 0.25, 0.1], [0.2, 0.9, 0.6]], [[0.3, 0.3, 0.3], [0.8, 0.7, 0.05]]],
     [[1, 2, 0.5], [0, 1, 1]], 0.4579746,
     [[[-0.5965736, 0.2271744, 0.008045807], [0.0696287, -0.03218323, -0.1688318]],
      [[0, 0.1712882, -1.659448], [0, -0.1712882, 0.003880456]]]),
    (CFCE(), HOT, THIRDS, None, 0.02392664,
     [[-0.008564411, 0.01998363, 0.01998363], [0.03376635, 0.03376635, -0.0225109],
      [0.04971446, -0.04971446, 0.04971446]]),
    (CFCE(alpha=[0.2, 0.3, 0.5], gamma=1.5, label_smoothing=0.1), SOFT, THIRDS, WEIGHT, 0.1572915,
     [[0.02308979, -0.07279336, -0.01604179], [-0.01268983, 0.09617265, -0.04597133],
      [0.008622862, 0.02473565, -0.05809417]]),
    (CFCE(from_logits=True), HOT, WIDE_LOGITS, None, 0.01978572,
     [[-0.002273722, 0.0004147849, 0.001858937], [0.001363251, 0.001840196, -0.003203447],
      [0.02840496, -0.02883091, 0.0004259488]]),
    (CFCE(from_logits=True, alpha=1.0, gamma=0.5), SOFT, WIDE_LOGITS, WEIGHT, 0.8806675,
     [[0.01654778, -0.05997173, 0.04342395], [-0.01810466, 0.0001966013, 0.01790806],
      [0.03769149, 0.0117959, -0.04948738]]),
    (CFCE(), [[1, 0, 0], [0, 1, 0]], [[0, 1, 0], [1, 1, 2]], None, 2.112235,
     [[0, 0, 0], [0.03382376, -0.1014713, 0.03382376]]),
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


@pytest.mark.parametrize(
    ("focal", "plain"),
    [
        (BFCE(gamma=0), BinaryCrossentropy()),
        (BFCE(gamma=0, label_smoothing=0.2), BinaryCrossentropy(label_smoothing=0.2)),
        (CFCE(alpha=1, gamma=0), CategoricalCrossentropy()),
        (CFCE(alpha=[1, 1, 1], gamma=0, label_smoothing=0.2), CategoricalCrossentropy(label_smoothing=0.2)),
    ],
    ids=repr,
)
@pytest.mark.parametrize("y_pred", [THIRDS, HOT], ids=["between", "certain"])
def test_without_focus_it_is_the_plain_cross_entropy(focal, plain, y_pred):
    value, gradient = focal.value_and_gradient(HOT[::-1], np.float32(y_pred))
    plain_value, plain_gradient = plain.value_and_gradient(HOT[::-1], np.float32(y_pred))
    assert value == pytest.approx(plain_value, rel=1e-5)
    np.testing.assert_allclose(gradient, plain_gradient, rtol=1e-5)


@pytest.mark.parametrize(("cls", "output"), [(BFCE, Sigmoid()), (CFCE, Softmax())], ids=["binary", "categorical"])
@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0, 3.5])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_logits_and_the_fused_form_say_the_same_as_probabilities(cls, output, gamma, smoothing):
    x = np.array(WIDE_LOGITS, np.float64)
    output.set_dtype("float64")
    y_pred = output(x)
    loss = cls(gamma=gamma, label_smoothing=smoothing)
    value, dy = loss.value_and_gradient(HOT, y_pred, WEIGHT)
    dx = output.backward(dy).copy()
    output.forward(x)
    assert loss.can_absorb(output)
    for other in (
        cls(gamma=gamma, label_smoothing=smoothing, from_logits=True).value_and_gradient(HOT, x, WEIGHT),
        loss.fused_value_and_gradient(HOT, output, y_pred, WEIGHT),
    ):
        assert other[0] == pytest.approx(value, rel=1e-6)
        np.testing.assert_allclose(other[1], dx, rtol=1e-4, atol=1e-9)


@pytest.mark.parametrize("cls", [BFCE, CFCE])
@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0])
def test_certainty_is_finite_and_costs_nothing_where_it_is_right(cls, gamma):
    y_pred = np.eye(3, dtype=np.float32)
    right = cls(gamma=gamma).value_and_gradient(np.eye(3), y_pred)
    assert right[0] == pytest.approx(0, abs=1e-6)
    wrong = cls(gamma=gamma).value_and_gradient(np.eye(3)[::-1], y_pred)
    assert np.isfinite(wrong[0])
    assert np.isfinite(right[1]).all()
    assert np.isfinite(wrong[1]).all()


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_extreme_logits_keep_their_whole_loss(gamma):
    # Keras stops at -log(1e-7) = 16.1, where no slope is left.
    x = np.array([[-1000, 1000]], np.float32)
    value, gradient = BFCE(gamma=gamma, from_logits=True).value_and_gradient([[1, 1]], x)
    assert value == pytest.approx(500)
    np.testing.assert_allclose(gradient, [[-0.5, 0]], atol=1e-7)
    value, gradient = CFCE(1.0, gamma, from_logits=True).value_and_gradient([[1, 0]], x)
    assert value == pytest.approx(2000)
    np.testing.assert_allclose(gradient, [[-1, 1]], atol=1e-7)


def test_what_is_nearly_right_counts_less_the_larger_gamma_is():
    for cls in (BFCE, CFCE):
        costs = [cls(gamma=gamma)([[1, 0]], [[0.9, 0.1]]) for gamma in (0, 1, 2, 5)]
        assert costs == sorted(costs, reverse=True)


def test_each_class_has_its_alpha_whichever_axis_they_are_on():
    here = CFCE([0.2, 0.3, 0.5])(HOT, THIRDS)
    there = CFCE([0.2, 0.3, 0.5], axis=1)(np.array(HOT)[..., None], np.array(THIRDS)[..., None])
    assert there == pytest.approx(here, rel=1e-6)
    with pytest.raises(ValueError, match=r"has 2 alphas for predictions of shape \(3, 3\): give one for each class"):
        CFCE([0.2, 0.3])(HOT, THIRDS)
    with pytest.raises(ValueError, match="has 2 alphas"):
        CFCE([0.2, 0.3]).check_targets(np.array(HOT), (3,))


def test_only_the_pair_that_belongs_together_is_fused():
    assert not BFCE().can_absorb(Softmax())
    assert not CFCE().can_absorb(Sigmoid())
    assert not BFCE(from_logits=True).can_absorb(Sigmoid())
    assert not CFCE(from_logits=True).can_absorb(Softmax())
    assert not CFCE(axis=1).can_absorb(Softmax())


@pytest.mark.parametrize(
    ("cls", "arguments"),
    [
        (BFCE, {"alpha": 1.5}),
        (BFCE, {"gamma": -1}),
        (BFCE, {"label_smoothing": 2}),
        (CFCE, {"alpha": -1}),
        (CFCE, {"alpha": []}),
        (CFCE, {"alpha": [0.5, "x"]}),
        (CFCE, {"gamma": None}),
        (CFCE, {"axis": True}),
    ],
)
def test_wrong_arguments_are_named(cls, arguments):
    [argument] = arguments
    with pytest.raises(ArgumentError, match=f"FocalCrossentropy: {argument} must be ") as caught:
        cls(**arguments)
    assert caught.value.argument == argument
