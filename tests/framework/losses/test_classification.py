"""Cross-entropies against Keras 3.15 (TensorFlow, float32), their laws, and their form fused with the output."""

import math

import numpy as np
import pytest

from framework import losses
from framework.layers import ReLU, Sigmoid, Softmax
from framework.losses import BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy
from framework.registry import ArgumentError

P = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.25, 0.5, 0.25]], np.float32)
Z = np.array([[2, -1, 0.5], [-0.3, 0, 1.7], [0.2, 0.1, -4]], np.float32)
LABELS = np.array([0, 2, 1])
HOT = np.eye(3, dtype=np.float32)[LABELS]
SOFT = [[0.8, 0.2, 0], [0.1, 0.1, 0.8], [0.3, 0.4, 0.3]]
W = [1, 2, 0.5]
Z_3D = [[[1, 0, -1], [0.5, 0.5, 0.5]], [[0, 2, 1], [-1, 0, 3]]]
Y_3D = [[[1, 0, 0], [0, 1, 1]], [[0, 0, 1], [1, 1, 0]]]
BY = [[1, 0], [0, 1], [1, 1]]
BP = [[0.9, 0.2], [0.4, 0.6], [0.05, 0.99]]
BZ = [[2, -1], [0.5, 0], [-3, 20]]

CCE, SCCE, BCE = CategoricalCrossentropy, SparseCategoricalCrossentropy, BinaryCrossentropy
D_LOGITS = [
    [-0.07146766, 0.01303753, 0.05843013],
    [0.03422695, 0.04620155, -0.0804285],
    [0.1736262, -0.1762298, 0.002603626],
]
KERAS = [
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
    # probabilities that do not sum to 1, and of exactly 0 and 1
    (CCE(), [[1, 0, 0], [0, 1, 0]], [[2, 1, 1], [0, 1, 0]], None, 0.3465737, [[-0.125, 0.125, 0.125], [0, 0, 0]]),
    (CCE(), [[1, 0, 0], [0, 1, 0]], [[0, 1, 0], [0.5, 0, 0.5]], None, 16.118095, np.zeros((2, 3))),
    (SCCE(), LABELS, P, None, 0.5202159, [[-1 / 7, 1 / 3, 1 / 3], [1 / 3, 1 / 3, -2 / 9], [1 / 3, -1 / 3, 1 / 3]]),
    (SCCE(), LABELS, P, W, 0.5749666, [[-1 / 7, 1 / 3, 1 / 3], [2 / 3, 2 / 3, -4 / 9], [1 / 6, -1 / 6, 1 / 6]]),
    (SCCE(reduction="sum"), LABELS, P, W, 1.7249, [[-3 / 7, 1, 1], [2, 2, -4 / 3], [0.5, -0.5, 0.5]]),
    (SCCE(reduction="mean_with_sample_weight"), LABELS, P, W, 0.4928285,
     [[-0.122449, 0.2857143, 0.2857143], [0.5714286, 0.5714286, -0.3809524], [1 / 7, -1 / 7, 1 / 7]]),
    (SCCE(True), LABELS, Z, None, 0.4232264, D_LOGITS),
    (SCCE(True, 2), LABELS, Z, None, 0.4967748,
     [[-0.1072015, 0.01955629, 0.0876452], [0, 0, 0], [0.2604393, -0.2643448, 0.003905439]]),
    (SCCE(True, -1), [0, -1, 1], Z, None, 0.4967748,
     [[-0.1072015, 0.01955629, 0.0876452], [0, 0, 0], [0.2604393, -0.2643448, 0.003905439]]),
    (SCCE(False, 2), LABELS, P, W, 0.3516243, [[-0.2142857, 0.5, 0.5], [0, 0, 0], [0.25, -0.25, 0.25]]),
    (SCCE(False, 2, "sum"), LABELS, P, W, 0.7032486, [[-3 / 7, 1, 1], [0, 0, 0], [0.5, -0.5, 0.5]]),
    (SCCE(False, 2, "mean_with_sample_weight"), LABELS, P, W, 0.4688324,
     [[-2 / 7, 2 / 3, 2 / 3], [0, 0, 0], [1 / 3, -1 / 3, 1 / 3]]),
    (SCCE(), [0, 1], [[0, 1, 0], [0, 1, 0]], None, 8.059048, np.zeros((2, 3))),
    (SCCE(True), [[0, 2], [1, 1]], Z_3D, None, 1.244927,
     [[[-0.08368976, 0.06118212, 0.02250764], [1 / 12, 1 / 12, -1 / 6]],
      [[0.02250764, -0.08368978, 0.06118212], [0.004286957, -0.2383468, 0.2340599]]]),
    (SCCE(True), [[[0], [2]], [[1], [1]]], Z_3D, [[1, 2], [0, 0.5]], 1.034443,
     [[[-0.08368976, 0.06118212, 0.02250764], [1 / 6, 1 / 6, -1 / 3]],
      [[0, 0, 0], [0.002143478, -0.1191734, 0.1170299]]]),
    (BCE(), BY, BP, None, 0.7259896,
     [[-0.1851852, 0.2083333], [0.2777778, -0.2777778], [-3.333333, -0.1683502]]),
    (BCE(reduction="sum"), BY, BP, W, 1.937349, [[-0.5555556, 0.625], [5 / 3, -5 / 3], [-5, -0.2525252]]),
    (BCE(label_smoothing=0.1), BY, BP, W, 0.696039,
     [[-0.09259258, 0.15625], [0.4861111, -0.486111], [-1.578947, 0.3367009]]),
    (BCE(True), BY, BZ, None, 0.8593335,
     [[-0.01986715, 0.04482357], [0.1037432, -1 / 12], [-0.1587624, -3.43525625e-10]]),
    (BCE(True, 0.1), BY, BZ, W, 0.9706553,
     [[-0.01153381, 0.03649024], [0.1908198, -0.15], [-0.07521451, 0.00416667]]),
    (BCE(), [[1, 0], [1, 0]], [[0, 1], [1, 0]], None, 8.01512, np.zeros((2, 2))),
    (BCE(), [1, 0], [[0.25], [0.5]], None, 1.039721, [[-2], [1]]),
    (BCE(True), Y_3D, Z_3D, [[1, 2], [0, 0.5]], 0.6409693,
     [[[-0.02241179, 0.04166667, 0.02241179], [0.1037432, -0.06292345, -0.06292345]],
      [[0, 0, 0], [-0.03046077, -0.02083333, 0.03969059]]]),
]  # fmt: skip


@pytest.mark.parametrize(("loss", "y_true", "y_pred", "weight", "value", "gradient"), KERAS)
def test_values_and_gradients_are_those_of_keras(loss, y_true, y_pred, weight, value, gradient):
    y_pred = np.array(y_pred, np.float32)
    # Keras on TensorFlow shares sparse probabilities out after clipping, elsewhere before: up to 1e-6 apart.
    assert loss(y_true, y_pred, weight) == pytest.approx(value, rel=1e-6, abs=1e-6)
    got = loss.value_and_gradient(y_true, y_pred, weight)
    assert got[0] == pytest.approx(value, rel=1e-6, abs=1e-6)
    np.testing.assert_allclose(got[1], gradient, rtol=1e-5, atol=2e-7)


@pytest.mark.parametrize("shift", [1e4, -1e4])
@pytest.mark.parametrize(("loss", "y_true"), [(CCE(True), HOT), (SCCE(True), LABELS)], ids=repr)
def test_adding_a_number_to_all_logits_changes_nothing(loss, y_true, shift):
    z = np.round(Z * 8) / 8  # exact also after the shift
    value, gradient = loss.value_and_gradient(y_true, z)
    shifted = loss.value_and_gradient(y_true, z + np.float32(shift))
    assert shifted[0] == pytest.approx(value, rel=1e-6)
    np.testing.assert_allclose(shifted[1], gradient, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("n", [2, 3, 10, 1000])
@pytest.mark.parametrize("from_logits", [True, False])
def test_equal_chances_for_n_classes_cost_log_n(n, from_logits):
    y_pred = np.full((4, n), 3.0 if from_logits else 1 / n, np.float32)
    labels = np.arange(4) % n
    assert SCCE(from_logits)(labels, y_pred) == pytest.approx(math.log(n), rel=1e-6)
    assert CCE(from_logits)(np.eye(n)[labels], y_pred) == pytest.approx(math.log(n), rel=1e-6)


@pytest.mark.parametrize(("loss", "y_true"), [(CCE(), [[1, 0]]), (SCCE(), [0])], ids=repr)
def test_a_row_without_any_chance_costs_much_but_is_not_nan(loss, y_true):
    value, gradient = loss.value_and_gradient(y_true, np.zeros((1, 2), np.float32))
    assert value == pytest.approx(-math.log(1e-7), rel=1e-6)
    assert not gradient.any()


def test_a_binary_logit_of_zero_costs_log_2():
    assert BCE(True)([[0], [1]], np.zeros((2, 1))) == pytest.approx(math.log(2))


FUSED = [
    (CCE(), Softmax(), HOT),
    (CCE(label_smoothing=0.1), Softmax(), np.array(SOFT, np.float32)),
    (SCCE(), Softmax(), LABELS),
    (SCCE(), Softmax(), LABELS[:, None].astype(np.float32)),
    (SCCE(ignore_class=2), Softmax(), LABELS),
    (SCCE(ignore_class=255, reduction="sum"), Softmax(), np.array([0, 255, 1], np.uint8)),
    (BCE(), Sigmoid(), HOT),
    (BCE(label_smoothing=0.2, reduction="mean_with_sample_weight"), Sigmoid(), HOT),
]


@pytest.mark.parametrize("weight", [None, np.array(W, np.float32)], ids=["plain", "weighted"])
@pytest.mark.parametrize(("loss", "output", "y_true"), FUSED)
def test_the_fused_form_equals_both_steps(loss, output, y_true, weight):
    assert loss.can_absorb(output)
    y_pred = output(Z)
    value, dy = loss.value_and_gradient(y_true, y_pred, weight)
    dx = output.backward(dy).copy()
    output.forward(Z)
    fused_value, fused_dx = loss.fused_value_and_gradient(y_true, output, y_pred, weight)
    assert fused_value == pytest.approx(value, rel=1e-6)
    np.testing.assert_allclose(fused_dx, dx, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("loss", "output", "y_true", "value", "slope"),
    [
        (CCE(), Softmax(), [[1, 0, 0], [0, 1, 0]], 1500, [[-0.5, 0.5, 0], [0.5, -0.5, 0]]),
        (SCCE(), Softmax(), [0, 1], 1500, [[-0.5, 0.5, 0], [0.5, -0.5, 0]]),
        (BCE(), Sigmoid(), [[1, 0, 0], [0, 1, 1]], (4000 + 2 * math.log(2)) / 6,
         [[-1 / 6, 1 / 6, 1 / 12], [1 / 6, -1 / 12, -1 / 6]]),
    ],
)  # fmt: skip
def test_extreme_logits_keep_their_whole_loss_in_the_fused_form(loss, output, y_true, value, slope):
    x = np.array([[-1000, 1000, 0], [1000, 0, -1000]], np.float32)
    got, gradient = loss.fused_value_and_gradient(np.array(y_true), output, output(x), None)
    assert got == pytest.approx(value, rel=1e-6)
    np.testing.assert_allclose(gradient, slope, atol=1e-7)


@pytest.mark.parametrize(
    ("loss", "output"),
    [
        (CCE(True), Softmax()),
        (CCE(axis=1), Softmax()),
        (SCCE(), Softmax(axis=1)),
        (SCCE(), Sigmoid()),
        (BCE(True), Sigmoid()),
        (BCE(), Softmax()),
        (CCE(), ReLU()),
        (losses.MeanSquaredError(), Softmax()),
    ],
    ids=repr,
)
def test_only_the_pair_that_belongs_together_is_fused(loss, output):
    assert not loss.can_absorb(output)


def test_an_ignored_class_costs_nothing_sample_by_sample():
    np.testing.assert_allclose(SCCE(False, 2, "none")(LABELS, P), [-math.log(0.7), 0, -math.log(0.5)], rtol=1e-6)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 3, 1], "class 3 of sample 1 is out of range: the model predicts 3 classes, numbered 0 to 2"),
        ([0, 1, -1], "class -1 of sample 2 is out of range"),
        ([0, 1.5, 1], "class 1.5 of sample 1 is no whole number"),
        ([0, 1, math.nan], "class nan of sample 2 is no whole number"),
        (HOT, r"targets of shape \(3, 3\) do not match .* for one-hot rows use categorical_crossentropy"),
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


def test_class_numbers_for_categorical_crossentropy_are_answered_with_the_loss_for_them():
    with pytest.raises(ValueError, match="for class numbers use sparse_categorical_crossentropy"):
        CCE()(LABELS, P)


def test_a_single_class_is_refused_because_it_always_costs_nothing():
    with pytest.raises(ValueError, match=r"needs at least two classes.* use binary_crossentropy"):
        CCE()([[1], [0]], [[0.3], [0.6]])


@pytest.mark.parametrize("cls", [CCE, BCE])
@pytest.mark.parametrize("smoothing", ["x", None, True, -0.1, 1.1, math.nan])
def test_smoothing_is_a_share(cls, smoothing):
    with pytest.raises(ArgumentError, match="label_smoothing must be a number between 0 and 1, got ") as caught:
        cls(label_smoothing=smoothing)
    assert caught.value.argument == "label_smoothing"


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: CCE(axis="x"), "axis"),
        (lambda: SCCE(axis=1.5), "axis"),
        (lambda: BCE(axis=None), "axis"),
        (lambda: SCCE(ignore_class=1.5), "ignore_class"),
    ],
)
def test_wrong_arguments_are_named(make, argument):
    with pytest.raises(ArgumentError, match=f"Crossentropy: {argument} must be ") as caught:
        make()
    assert caught.value.argument == argument
