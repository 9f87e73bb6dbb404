"""Laws that hold for every loss, or for every one of a kind: this walks the registry and the cases."""

import math
import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import losses
from framework.layers import Sigmoid, Softmax

from .cases import LOSSES

OWN = [name for name in losses.registry if losses.registry[name].__module__.startswith("framework.")]
BY_SAMPLE = [case for case in LOSSES if case[0].axis is not None]
"""Dice and Tversky without an axis are one loss of the whole batch."""
OF_CLASS_NUMBERS = ("sparse_categorical_crossentropy", "categorical_generalized_cross_entropy")
OF_CLASSES = (*OF_CLASS_NUMBERS, "categorical_crossentropy", "categorical_focal_crossentropy", "crossentropy")
OF_LOGITS = [
    losses.CategoricalCrossentropy(True),
    losses.CategoricalCrossentropy(True, 0.2),
    losses.CategoricalFocalCrossentropy(from_logits=True),
    losses.CategoricalFocalCrossentropy([0.2, 0.3, 0.5], 0.5, True),
    losses.SparseCategoricalCrossentropy(True),
]
FUSED = [
    losses.CategoricalCrossentropy(),
    losses.CategoricalCrossentropy(label_smoothing=0.1, reduction="sum"),
    losses.CategoricalFocalCrossentropy(),
    losses.CategoricalFocalCrossentropy(1.0, 0.5, label_smoothing=0.1),
    losses.SparseCategoricalCrossentropy(),
    losses.SparseCategoricalCrossentropy(ignore_class=1),
    losses.CategoricalGeneralizedCrossEntropy(),
    losses.BinaryCrossentropy(),
    losses.BinaryFocalCrossentropy(),
    losses.BinaryFocalCrossentropy(True, 0.7, 1.5, label_smoothing=0.1, reduction="sum"),
    losses.Crossentropy(),
]
MEETS_ITS_TARGET = [
    # loss, targets that are their own best predictions, the least loss
    (losses.MeanSquaredError(), [[0.5, -2.0, 3.0]], 0),
    (losses.MeanAbsoluteError(), [[0.5, -2.0, 3.0]], 0),
    (losses.MeanAbsolutePercentageError(), [[0.5, -2.0, 3.0]], 0),
    (losses.MeanSquaredLogarithmicError(), [[0.5, 2.0, 3.0]], 0),
    (losses.Huber(0.3), [[0.5, -2.0, 3.0]], 0),
    (losses.LogCosh(), [[0.5, -2.0, 3.0]], 0),
    (losses.CosineSimilarity(), [[0.5, -2.0, 3.0]], -1),
    (losses.Poisson(), [[0.5, 2.0, 3.0]], None),
    (losses.BinaryCrossentropy(), [[0.2, 0.5, 0.7]], None),
    (losses.CategoricalCrossentropy(), [[0.2, 0.5, 0.3]], None),
]
HITS_THE_TRUTH = ["categorical_hinge", "hinge", "squared_hinge", "dice", "tversky", "kl_divergence",
                  "binary_crossentropy", "binary_focal_crossentropy", "categorical_crossentropy",
                  "categorical_focal_crossentropy", "crossentropy", *OF_CLASS_NUMBERS]  # fmt: skip


def targets(name, labels, classes=3):
    """Class numbers as this loss takes them."""
    return labels if name in OF_CLASS_NUMBERS else np.eye(classes)[labels]


def with_reduction(loss, reduction):
    twin = type(loss).from_config(loss.get_config())
    twin.reduction = reduction
    return twin


CASE = ("loss", "y_true", "y_pred", "weight")
logits = st.lists(st.integers(-80, 80), min_size=6, max_size=6).map(lambda v: np.float32(v).reshape(2, 3) / 8)
mild_logits = logits.map(lambda z: z / 4)  # further out both steps lose their digits, and the fused form does not
labels_of_two = st.lists(st.integers(0, 2), min_size=2, max_size=2).map(np.array)
shares = logits.map(lambda z: np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True))


@pytest.mark.parametrize(CASE, LOSSES, ids=repr)
class TestEveryCase:
    def test_the_sum_is_the_mean_times_the_number_of_values(self, loss, y_true, y_pred, weight):
        each = np.asarray(with_reduction(loss, "none")(y_true, y_pred, weight))
        total = with_reduction(loss, "sum")(y_true, y_pred, weight)
        counted = loss.counted(loss.aligned(y_true, y_pred)[0])
        number = each.size if counted is None else counted.sum()
        assert total == pytest.approx(each.sum())
        assert with_reduction(loss, "mean")(y_true, y_pred, weight) * number == pytest.approx(total)
        same = [with_reduction(loss, r)(y_true, y_pred, weight) for r in ("mean", "sum_over_batch_size")]
        assert same[0] == same[1]

    def test_weights_of_one_change_nothing(self, loss, y_true, y_pred, weight):
        y_pred = np.asarray(y_pred)
        value, gradient = loss.value_and_gradient(y_true, y_pred)
        ones, with_ones = loss.value_and_gradient(y_true, y_pred, np.ones(len(y_pred)))
        assert ones == pytest.approx(value)
        np.testing.assert_allclose(with_ones, gradient)

    @pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight"])
    def test_weights_of_zero_leave_nothing_and_are_never_nan(self, loss, y_true, y_pred, weight, reduction):
        y_pred = np.asarray(y_pred)
        value, gradient = with_reduction(loss, reduction).value_and_gradient(y_true, y_pred, np.zeros(len(y_pred)))
        assert value == 0
        assert not gradient.any()

    def test_twice_the_weight_is_twice_the_loss(self, loss, y_true, y_pred, weight):
        loss, weight = with_reduction(loss, "sum"), np.arange(1, 1 + len(y_pred))
        value, gradient = loss.value_and_gradient(y_true, np.asarray(y_pred), weight)
        double, doubled = loss.value_and_gradient(y_true, np.asarray(y_pred), 2 * weight)
        assert double == pytest.approx(2 * value)
        np.testing.assert_allclose(doubled, 2 * gradient)

    def test_the_order_of_the_samples_does_not_matter(self, loss, y_true, y_pred, weight):
        y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
        weight = None if weight is None else np.asarray(weight)
        value, gradient = loss.value_and_gradient(y_true, y_pred, weight)
        turned = None if weight is None else weight[::-1]
        again, reversed_gradient = loss.value_and_gradient(y_true[::-1], y_pred[::-1], turned)
        assert again == pytest.approx(value)
        np.testing.assert_allclose(reversed_gradient[::-1], gradient, atol=1e-12)

    def test_float32_gives_the_digits_of_float64(self, loss, y_true, y_pred, weight):
        exact, exact_gradient = loss.value_and_gradient(y_true, np.asarray(y_pred, np.float64), weight)
        value, gradient = loss.value_and_gradient(y_true, np.asarray(y_pred, np.float32), weight)
        assert gradient.dtype == np.float32
        assert value == pytest.approx(exact, rel=2e-6, abs=1e-6)
        scale = np.abs(exact_gradient).max()
        np.testing.assert_allclose(gradient, exact_gradient, rtol=1e-5, atol=1e-6 * scale)

    def test_a_step_against_the_gradient_costs_less(self, loss, y_true, y_pred, weight):
        y_pred = np.asarray(y_pred, np.float64)
        value, gradient = loss.value_and_gradient(y_true, y_pred, weight)
        length = np.abs(gradient).max()
        assert loss(y_true, y_pred - 1e-4 * gradient / length, weight) < value


@pytest.mark.parametrize(CASE, BY_SAMPLE, ids=repr)
def test_samples_do_not_know_of_each_other(loss, y_true, y_pred, weight):
    alone, y_true, y_pred = with_reduction(loss, "none"), np.asarray(y_true), np.asarray(y_pred)
    one_by_one = [alone(y_true[i : i + 1], y_pred[i : i + 1])[0] for i in range(len(y_pred))]
    np.testing.assert_allclose(alone(y_true, y_pred), one_by_one)


@pytest.mark.parametrize("loss", OF_LOGITS, ids=repr)
@given(z=logits, labels=labels_of_two, shift=st.sampled_from([-1000.0, -16.0, 4.0, 512.0]))
def test_adding_a_number_to_all_logits_changes_nothing(loss, z, labels, shift):
    y_true = targets(loss.registered_name, labels)
    value, gradient = loss.value_and_gradient(y_true, z)
    shifted, of_shifted = loss.value_and_gradient(y_true, z + np.float32(shift))  # exact in these steps of 1/8
    assert shifted == value
    np.testing.assert_array_equal(of_shifted, gradient)
    np.testing.assert_allclose(gradient.sum(axis=-1), 0, atol=1e-6)  # the same, as a derivative


@pytest.mark.parametrize("n", [2, 3, 10, 1000])
@pytest.mark.parametrize(
    ("loss", "height"),
    [
        (losses.CategoricalCrossentropy(), None),
        (losses.SparseCategoricalCrossentropy(), None),
        (losses.Crossentropy(), None),
        (losses.CategoricalCrossentropy(True), 3.0),
        (losses.CategoricalCrossentropy(True, 0.2), -50.0),
        (losses.SparseCategoricalCrossentropy(True), 0.0),
    ],
    ids=repr,
)
def test_equal_chances_for_n_classes_cost_log_n(loss, height, n):
    y_pred = np.full((4, n), 1 / n if height is None else height, np.float32)
    y_true = targets(loss.registered_name, np.arange(4) % n, n)
    assert loss(y_true, y_pred) == pytest.approx(math.log(n), rel=1e-6)


@pytest.mark.parametrize("loss", FUSED, ids=repr)
@given(z=mild_logits, labels=labels_of_two, weight=st.sampled_from([None, np.float32([1, 0.25])]))
def test_the_fused_form_is_both_steps_at_once(loss, z, labels, weight):
    output = next(layer for layer in (Softmax(), Sigmoid()) if loss.can_absorb(layer))
    y_true = targets(loss.registered_name, labels)
    y_pred = output(z)
    value, dy = loss.value_and_gradient(y_true, y_pred, weight)
    dx = output.backward(dy).copy()
    output.forward(z)
    fused_value, fused_dx = loss.fused_value_and_gradient(y_true, output, y_pred, weight)
    assert fused_value == pytest.approx(value, rel=1e-4, abs=1e-6)
    np.testing.assert_allclose(fused_dx, dx, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(("loss", "y_true", "least"), MEETS_ITS_TARGET, ids=repr)
def test_the_truth_is_the_best_prediction(loss, y_true, least):
    best, gradient = loss.value_and_gradient(y_true, np.array(y_true))
    np.testing.assert_allclose(gradient, 0, atol=1e-7)
    if least is not None:
        assert best == pytest.approx(least, abs=1e-12)
    for other in np.random.default_rng(0).uniform(0.5, 1.5, (20, 1, 3)):
        assert loss(y_true, np.clip(np.array(y_true) * other, None, 0.99 if max(y_true[0]) < 1 else None)) >= best


@pytest.mark.parametrize("name", HITS_THE_TRUTH)
def test_certainty_about_the_truth_costs_nothing(name):
    y_true, sure = targets(name, np.array([0, 2])), np.eye(3, dtype=np.float32)[[0, 2]]
    y_pred = 2 * sure - 1 if "hinge" in name else sure
    value, gradient = losses.get(name).value_and_gradient(y_true, y_pred)
    assert value == pytest.approx(0, abs=1e-6)
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("name", [n for n in OWN if n not in ("cosine_similarity", "poisson")])
@given(p=shares, labels=labels_of_two)
def test_nothing_earns_anything(name, p, labels):
    assert losses.get(name)(targets(name, labels), p) >= -1e-6


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("p", [0.0, 1.0, 1e-30, 1e-7, 1 - 1e-7])
def test_extreme_probabilities_are_finite_without_a_warning(name, dtype, p):
    y_pred = np.array([[p, 1 - p], [1 - p, p], [p, p]], dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for labels in (np.array([0, 0, 1]), np.array([1, 1, 0])):
            value, gradient = losses.get(name).value_and_gradient(targets(name, labels, 2), y_pred)
            assert math.isfinite(value)
            assert np.isfinite(gradient).all()


@pytest.mark.parametrize("name", [n for n in OWN if n not in OF_CLASSES])
def test_a_row_and_a_column_are_one_batch_of_single_numbers_and_never_broadcast(name):
    row = np.array([0.0, 1.0, 1.0, 0.0])
    pred = np.array([0.2, 0.7, 0.4, 0.1])
    loss = losses.get(name)
    value, gradient = loss.value_and_gradient(row[:, None], pred[:, None])
    for true, p in ((row, pred[:, None]), (row[:, None], pred), (row, pred)):
        again, its_gradient = loss.value_and_gradient(true, p)
        assert again == value
        assert its_gradient.shape == p.shape
        np.testing.assert_array_equal(its_gradient.ravel(), gradient.ravel())
    for wrong in (np.zeros((4, 4)), np.zeros(3), np.zeros((1, 4))):
        with pytest.raises(ValueError, match="do not match"):
            loss(wrong, pred[:, None])


@pytest.mark.parametrize("name", OWN)
def test_it_learns_what_it_is_shown(name):
    """Plain descent along the gradient, from the middle, lowers the loss of every built-in."""
    loss, y_true = losses.get(name), targets(name, np.array([0, 2, 1]))
    y_pred = np.full((3, 3), 0.4) + 0.02 * np.arange(9).reshape(3, 3)
    first = loss(y_true, y_pred)
    for _ in range(50):
        y_pred = np.clip(y_pred - 0.02 * loss.value_and_gradient(y_true, y_pred)[1], 0.01, 0.99)
    assert loss(y_true, y_pred) < first


@pytest.mark.parametrize("loss", FUSED, ids=repr)
@given(z=logits, labels=labels_of_two, weight=st.sampled_from([None, np.float32([1, 0.25])]))
def test_the_fused_value_alone_is_the_same_to_the_bit(loss, z, labels, weight):
    output = next(layer for layer in (Softmax(), Sigmoid()) if loss.can_absorb(layer))
    y_true, y_pred = targets(loss.registered_name, labels), output(z)
    value = loss.fused_value(y_true, output, y_pred, weight)
    assert type(value) is float
    assert value == loss.fused_value_and_gradient(y_true, output, y_pred, weight)[0]


@pytest.mark.parametrize(CASE, LOSSES, ids=repr)
def test_gradients_for_training_are_the_same_and_those_for_users_are_theirs(loss, y_true, y_pred, weight):
    y_pred = np.asarray(y_pred, np.float64)
    value, gradient = loss.value_and_gradient(y_true, y_pred, weight)
    kept = gradient.copy()
    again, buffered = loss.buffered_value_and_gradient(y_true, y_pred, weight)
    assert again == value
    np.testing.assert_array_equal(buffered, gradient)
    loss.buffered_value_and_gradient(y_true, 0.9 * y_pred, weight)
    np.testing.assert_array_equal(gradient, kept)


WITH_BUFFERS = [
    # loss, its output layer where it absorbs one
    *[(losses.get(name), None) for name in OWN if losses.registry[name].__module__.endswith(("regression", "hinge"))],
    (losses.Poisson(), None),
    (losses.KLDivergence(), None),
    (losses.BinaryCrossentropy(), None),
    (losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1), None),
    (losses.BinaryCrossentropy(), Sigmoid),
    (losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1), None),
    (losses.CategoricalCrossentropy(), Softmax),
    (losses.SparseCategoricalCrossentropy(from_logits=True), None),
    (losses.SparseCategoricalCrossentropy(), Softmax),
    (losses.Crossentropy(), Softmax),
]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("loss", "output"), WITH_BUFFERS, ids=repr)
def test_training_and_evaluation_allocate_no_batch(loss, output, weighted):
    rng = np.random.default_rng(0)
    n = 16_384
    x = rng.uniform(0.1, 0.9, (n, 10)).astype(np.float32)
    y_true = targets(loss.registered_name, rng.integers(0, 10, n), 10).astype(np.int64)
    weight = rng.random(n, np.float32) if weighted else None

    def train():
        if output is None:
            loss.buffered_value_and_gradient(y_true, x, weight)
            loss(y_true, x, weight)
        else:
            loss.fused_value_and_gradient(y_true, layer, y_pred, weight)
            loss.fused_value(y_true, layer, y_pred, weight)

    if output is not None:
        layer = output()
        layer(x)
        y_pred = layer.y
    train()
    tracemalloc.start()
    try:
        train()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 48_000  # one number a sample would be 65,536 bytes; NumPy itself converts types in pieces of 32,768
