"""Losses between distributions against Keras 3.15 (TensorFlow, float32), also at their edges."""

import numpy as np
import pytest

from framework import losses
from framework.losses import KLDivergence, Poisson

TRUE = [[0.5, 0.8, 0.12], [0.7, 0.43, 0.8]]
PRED = [[0.4, 0.9, 0.12], [0.36, 0.3, 0.4]]
COLUMN = [[1.2], [3.4]]
STEPS = [[3, 6, 5], [0, 4, 2]]
COUNTS = [[4, 8, 12], [8, 1, 3]]
COUNTED = [[1, 9, 2], [5, 2, 6]]
SHARES = [[0.7, 0.2, 0.1], [0, 1, 0], [0.25, 0.5, 0.25]]
EDGES = [[0.5, 0.25, 0.25], [0, 1, 0.5], [0.2, 1.5, -0.1]]
WEIGHT = [1, 2, 0.5]
HOT = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
CHANCES = [[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.25, 0.5, 0.25]]
SMALL_COUNTS = [[1, 0, 4], [2, 1, 0]]
RATES = [[0.5, 0, 3], [2, 4, 0.25]]

# Inputs and expected values of Keras's losses_test.py; where it rounds, the digits are those of Keras 3.15.
KERAS_TESTS = [
    # loss, targets, predictions, sample weights, value
    (KLDivergence(), TRUE, PRED, None, 0.5960739),
    (KLDivergence(), TRUE, PRED, 2.3, 1.37097),
    (KLDivergence(), TRUE, PRED, COLUMN, 2.007571),
    (KLDivergence(), [[[0.5], [0.8], [0.12]], [[0.7], [0.43], [0.8]]],
     [[[0.4], [0.9], [0.12]], [[0.36], [0.3], [0.4]]], STEPS, 0.2495995),
    (KLDivergence(), TRUE, PRED, 0, 0),
    (Poisson(), COUNTS, COUNTED, None, -3.306582),
    (Poisson(), COUNTS, COUNTED, 2.3, -7.605139),
    (Poisson(), COUNTS, COUNTED, COLUMN, -6.14734),
    (Poisson(), [[[4], [8], [12]], [[8], [1], [3]]], [[[1], [9], [2]], [[5], [2], [6]]], STEPS, -12.26313),
    (Poisson(), COUNTS, COUNTED, 0, 0),
]  # fmt: skip

GRADIENTS = [
    # loss, targets, predictions, sample weights, value, gradient
    (KLDivergence(), SHARES, EDGES, WEIGHT, 0.5984503,
     [[-0.4666667, -0.2666667, -0.1333333], [0, -0.6666666, -1.333333e-07], [-0.2083333, 0, 0]]),
    (KLDivergence(reduction="sum"), HOT, CHANCES, None, 2.946933,
     [[-1.428571, -4.999999e-07, -9.999999e-07], [-9.999999e-07, -3.333333, -1.666667e-07], [-4e-07, -2e-07, -4]]),
    (Poisson(), SMALL_COUNTS, RATES, None, 0.5460182, [[-0.1666666, 0.1666667, -0.05555557], [0, 0.125, 0.1666667]]),
    (Poisson(reduction="mean_with_sample_weight"), SMALL_COUNTS, RATES, [1, 0.5], 0.3416452,
     [[-0.2222221, 0.2222222, -0.07407407], [0, 0.08333334, 0.1111111]]),
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


@pytest.mark.parametrize("alias", ["kld", "KLD", "kl_divergence", "kullback_leibler_divergence"])
def test_the_divergence_is_known_by_all_its_names(alias):
    assert type(losses.get(alias)) is KLDivergence


def test_a_distribution_does_not_diverge_from_itself():
    assert KLDivergence()(CHANCES, CHANCES) == 0


def test_certainty_about_the_wrong_thing_costs_much_but_is_finite():
    value, gradient = KLDivergence().value_and_gradient([[1.0, 0.0]], np.float32([[0.0, 1.0]]))
    assert value == pytest.approx(-np.log(1e-7), rel=1e-5)
    assert np.isfinite(gradient).all()


def test_counts_are_best_predicted_by_themselves():
    counts = np.array([[1.0, 4.0, 9.0]])
    best, gradient = Poisson().value_and_gradient(counts, counts)
    np.testing.assert_allclose(gradient, 0, atol=1e-6)
    assert best < min(Poisson()(counts, counts * 0.9), Poisson()(counts, counts * 1.1))


def test_no_expected_count_at_all_is_finite():
    value, gradient = Poisson().value_and_gradient([[0.0, 2.0]], np.float32([[0.0, 0.0]]))
    assert value == pytest.approx(-np.log(1e-7), rel=1e-5)
    assert np.isfinite(gradient).all()
