"""Cross-entropy by the shapes: which one it is, and that it is that one in everything."""

import copy

import numpy as np
import pytest

from framework import Input, Sequential, losses
from framework.layers import Dense, Sigmoid, Softmax
from framework.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Crossentropy,
    SparseCategoricalCrossentropy,
)

P = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]], np.float32)
HOT = np.array([[1, 0, 0], [0, 0, 1]])
LABELS = np.array([0, 2])
W = np.array([1, 0.5], np.float32)


@pytest.mark.parametrize(
    ("true_shape", "pred_shape", "cls"),
    [
        # as Keras's compile_utils decides
        ((8, 1), (8, 1), BinaryCrossentropy),
        ((8,), (8, 1), BinaryCrossentropy),
        ((8,), (8,), BinaryCrossentropy),
        ((8, 5, 1), (8, 5, 1), BinaryCrossentropy),
        ((8,), (8, 3), SparseCategoricalCrossentropy),
        ((8, 1), (8, 3), SparseCategoricalCrossentropy),
        ((8, 5), (8, 5, 3), SparseCategoricalCrossentropy),
        ((8, 5, 1), (8, 5, 3), SparseCategoricalCrossentropy),
        ((8, 3), (8, 3), CategoricalCrossentropy),
        ((8, 5, 3), (8, 5, 3), CategoricalCrossentropy),
    ],
)
def test_the_shapes_decide_which_it_is(true_shape, pred_shape, cls):
    assert Crossentropy().resolve(true_shape, pred_shape) is cls


@pytest.mark.parametrize("name", ["crossentropy", "Crossentropy", "cross_entropy", "ce", "CE"])
def test_it_goes_by_the_names_of_keras(name):
    assert type(losses.get(name)) is Crossentropy


CASES = [
    (BinaryCrossentropy, [1, 0], [[0.3], [0.8]]),
    (BinaryCrossentropy, [1, 0], [0.3, 0.8]),
    (SparseCategoricalCrossentropy, LABELS, P),
    (SparseCategoricalCrossentropy, LABELS[:, None], P),
    (CategoricalCrossentropy, HOT, P),
]


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight"])
@pytest.mark.parametrize("weight", [None, W], ids=["plain", "weighted"])
@pytest.mark.parametrize(("cls", "y_true", "y_pred"), CASES)
def test_values_and_gradients_are_those_of_the_loss_it_stands_for(cls, y_true, y_pred, weight, reduction):
    y_pred = np.array(y_pred, np.float32)
    ours, theirs = (c(reduction=reduction) for c in (Crossentropy, cls))
    value, gradient = ours.value_and_gradient(y_true, y_pred, weight)
    expected_value, expected = theirs.value_and_gradient(y_true, y_pred, weight)
    assert value == expected_value == ours(y_true, y_pred, weight)
    np.testing.assert_array_equal(gradient, expected)
    np.testing.assert_array_equal(Crossentropy(None)(y_true, y_pred), cls(reduction=None)(y_true, y_pred))


@pytest.mark.parametrize(
    ("output", "targets", "width"),
    [
        (Softmax(), LABELS, 3),
        (Softmax(), HOT, 3),
        (Sigmoid(), np.array([1, 0]), 1),
        # several sigmoids for one class: both steps one after the other
        (Sigmoid(), LABELS, 3),
        (Sigmoid(), HOT, 3),
    ],
    ids=repr,
)
def test_the_fused_form_equals_both_steps(output, targets, width):
    x = np.array([[2, -1, 0.5], [-0.3, 0, 1.7]], np.float32)[:, :width]
    loss = Crossentropy()
    assert loss.can_absorb(output)
    y_pred = output(x)
    value, dy = loss.value_and_gradient(targets, y_pred, W)
    dx = output.backward(dy).copy()
    output.forward(x)
    fused_value, fused_dx = loss.fused_value_and_gradient(targets, output, y_pred, W)
    assert fused_value == pytest.approx(value, rel=1e-6)
    np.testing.assert_allclose(fused_dx, dx, rtol=1e-4, atol=1e-6)


def test_other_outputs_are_not_absorbed():
    assert not Crossentropy().can_absorb(Dense(3))
    assert not Crossentropy().can_absorb(Softmax(axis=1))


def test_targets_are_checked_by_the_loss_that_fits():
    loss = Crossentropy()
    loss.check_targets(LABELS, (3,))
    loss.check_targets(HOT, (3,))
    loss.check_targets(LABELS // 2, (1,))
    with pytest.raises(ValueError, match="class 2 of sample 1 is out of range: the model predicts 2 classes"):
        loss.check_targets(LABELS, (2,))
    with pytest.raises(ValueError, match=r"CategoricalCrossentropy: targets of shape .* do not match"):
        loss.check_targets(HOT, (4,))


@pytest.mark.parametrize(
    ("units", "activation", "targets", "named"),
    [
        (3, "softmax", np.array([0, 2, 1, 1]), "sparse_categorical_crossentropy"),
        (3, "softmax", np.eye(3)[[0, 2, 1, 1]], "categorical_crossentropy"),
        (1, "sigmoid", np.array([0, 1, 1, 0]), "binary_crossentropy"),
        (3, "sigmoid", np.array([0, 2, 1, 1]), "sparse_categorical_crossentropy"),
    ],
)
def test_a_model_learns_the_same_as_with_the_loss_by_its_name(units, activation, targets, named):
    x = np.random.default_rng(0).standard_normal((4, 5), np.float32)
    weights = []
    for name in ("crossentropy", named):
        model = Sequential([Input((5,)), Dense(units, activation)], seed=0)
        model.compile("adam", name)
        model.fit(x, targets, epochs=3, batch_size=2, verbose=0)
        weights.append(model.parameters.value.copy())
    np.testing.assert_allclose(*weights, rtol=1e-6)


def test_another_reduction_counts_at_once():
    output, x = Softmax(), np.array([[2, -1, 0.5], [-0.3, 0, 1.7]], np.float32)
    loss = Crossentropy()
    mean, _ = loss.fused_value_and_gradient(LABELS, output, output(x))
    loss.reduction = "sum"
    assert loss.fused_value_and_gradient(LABELS, output, output(x))[0] == pytest.approx(2 * mean)


def test_a_copy_shares_nothing_with_the_original():
    loss = Crossentropy("sum")
    loss(LABELS, P)
    twin = copy.deepcopy(loss)
    assert twin(LABELS, P) == loss(LABELS, P)
    assert not {map(id, twin._losses.values())} & {map(id, loss._losses.values())}
