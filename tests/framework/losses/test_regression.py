"""Losses for numbers against Keras 3.15 (TensorFlow, float32), and what they are for."""

import math

import numpy as np
import pytest

from framework import losses
from framework.losses import (
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
)
from framework.registry import ArgumentError

TRUE = [[1, 9, 2], [-5, -2, 6]]
PRED = [[4, 8, 12], [8, 1, 3]]
COLUMN = [[1.2], [3.4]]
TRUE_3D = [[[1], [9], [2]], [[-5], [-2], [6]]]
PRED_3D = [[[4], [8], [12]], [[8], [1], [3]]]
STEPS = [[3, 6, 5], [0, 4, 2]]
ROUGH_TRUE = [[1, 0, 1], [1, 0, 0]]
ROUGH_PRED = [[0.9, 0.2, 0.2], [0.8, 0.4, 0.6]]
ROUGH_TRUE_3D = [[[1], [0], [1]], [[1], [0], [0]]]
ROUGH_PRED_3D = [[[0.9], [0.2], [0.2]], [[0.8], [0.4], [0.6]]]
STEPS_3D = [[[3], [6], [5]], [[0], [4], [2]]]
PRED_AT_EDGES = [[1, 2.5], [1e-07, -1.5], [2, 0]]
WEIGHT = [1, 2, 0.5]
SMALL_TRUE = [[1, 2], [0, -1], [3, 0.5]]
SMALL_PRED = [[0.5, 2.5], [1, -1.5], [2, 0.75]]

# Inputs and expected values of Keras's losses_test.py; where it rounds, the digits are those of Keras 3.15.
KERAS_TESTS = [
    # loss, targets, predictions, sample weights, value
    (MeanSquaredError(), TRUE, PRED, None, 49.5),
    (MeanSquaredError(), TRUE, PRED, 2.3, 113.85),
    (MeanSquaredError(), TRUE, PRED, COLUMN, 127.9667),
    (MeanSquaredError(), TRUE_3D, PRED_3D, STEPS, 97.83334),
    (MeanSquaredError(), TRUE, PRED, 0, 0),
    (MeanSquaredError(reduction=None), TRUE, PRED, 2.3, [84.33334, 143.3667]),
    (MeanSquaredError(reduction="sum"), TRUE, PRED, 2.3, 227.7),
    (MeanSquaredError(reduction="mean_with_sample_weight"), TRUE, PRED, COLUMN, 55.63768),
    (MeanSquaredError(), TRUE, TRUE, None, 0),
    (MeanAbsoluteError(), TRUE, PRED, None, 5.5),
    (MeanAbsoluteError(), TRUE, PRED, 2.3, 12.65),
    (MeanAbsoluteError(), TRUE, PRED, COLUMN, 13.56667),
    (MeanAbsoluteError(), TRUE_3D, PRED_3D, STEPS, 13.83333),
    (MeanAbsoluteError(reduction=None), TRUE, PRED, 2.3, [10.73333, 14.56667]),
    (MeanAbsoluteError(reduction="sum"), TRUE, PRED, 2.3, 25.3),
    (MeanAbsoluteError(reduction="mean_with_sample_weight"), TRUE, PRED, COLUMN, 5.898551),
    (MeanAbsolutePercentageError(), TRUE, PRED, None, 211.8518),
    (MeanAbsolutePercentageError(), TRUE, PRED, 2.3, 487.2592),
    (MeanAbsolutePercentageError(), TRUE, PRED, COLUMN, 422.8889),
    (MeanAbsolutePercentageError(), TRUE_3D, PRED_3D, STEPS, 694.4445),
    (MeanAbsolutePercentageError(reduction=None), TRUE, PRED, 2.3, [621.8518, 352.6667]),
    (MeanAbsolutePercentageError(reduction="mean_with_sample_weight"), TRUE, PRED, COLUMN, 183.8647),
    (MeanSquaredLogarithmicError(), TRUE, PRED, None, 1.437042),
    (MeanSquaredLogarithmicError(), TRUE, PRED, 2.3, 3.305197),
    (MeanSquaredLogarithmicError(), TRUE, PRED, COLUMN, 3.785638),
    (MeanSquaredLogarithmicError(), TRUE_3D, PRED_3D, STEPS, 2.647374),
    (MeanSquaredLogarithmicError(reduction="mean_with_sample_weight"), TRUE, PRED, COLUMN, 1.645929),
    (Huber(), ROUGH_TRUE, ROUGH_TRUE, None, 0),
    (Huber(), ROUGH_TRUE, ROUGH_PRED, None, 0.1041667),
    (Huber(), ROUGH_TRUE, ROUGH_PRED, 2.3, 0.2395833),
    (Huber(), ROUGH_TRUE, ROUGH_PRED, COLUMN, 0.2276667),
    (Huber(), ROUGH_TRUE_3D, ROUGH_PRED_3D, STEPS_3D, 0.4025),
    (Huber(), ROUGH_TRUE, ROUGH_PRED, 0, 0),
    (Huber(delta=0.8), ROUGH_TRUE, ROUGH_PRED, 2.3, 0.2395833),
    (LogCosh(), TRUE, PRED, None, 4.829245),
    (LogCosh(), TRUE, PRED, 2.3, 11.10726),
    (LogCosh(), TRUE, PRED, [1.2, 3.4], 12.00111),
    (LogCosh(), TRUE_3D, PRED_3D, STEPS_3D, 11.65348),
    (LogCosh(), TRUE, PRED, 0, 0),
]  # fmt: skip

GRADIENTS = [
    # loss, targets, predictions, sample weights, value, gradient
    (MeanSquaredError(), SMALL_TRUE, SMALL_PRED, None, 0.46875, [[-1 / 6, 1 / 6], [1 / 3, -1 / 6], [-1 / 3, 1 / 12]]),
    (MeanSquaredError("sum"), SMALL_TRUE, SMALL_PRED, WEIGHT, 1.765625, [[-0.5, 0.5], [2, -1], [-0.5, 0.125]]),
    (MeanAbsoluteError(), SMALL_TRUE, SMALL_PRED, None, 0.625, [[-1 / 6, 1 / 6], [1 / 6, -1 / 6], [-1 / 6, 1 / 6]]),
    (MeanAbsoluteError(), SMALL_TRUE, SMALL_PRED, WEIGHT, 0.770833313,
     [[-1 / 6, 1 / 6], [1 / 3, -1 / 3], [-1 / 12, 1 / 12]]),
    (MeanAbsoluteError("sum"), SMALL_TRUE, SMALL_PRED, WEIGHT, 2.3125, [[-0.5, 0.5], [1, -1], [-0.25, 0.25]]),
    (MeanAbsoluteError("mean_with_sample_weight"), SMALL_TRUE, SMALL_PRED, WEIGHT, 0.660714269,
     [[-1 / 7, 1 / 7], [2 / 7, -2 / 7], [-1 / 14, 1 / 14]]),
    (MeanSquaredLogarithmicError(), [[1, 2], [0, -1], [3, 0.5]], PRED_AT_EDGES, WEIGHT, 0.0245573,
     [[0, 0.01468101], [0, 0], [-0.01598234, 0]]),
    (MeanAbsolutePercentageError(), SMALL_TRUE, SMALL_PRED, WEIGHT, 333333344,
     [[-16.66667, 8.333334], [333333344, -33.33334], [-2.777778, 16.66667]]),
    (MeanAbsolutePercentageError(), [[0, 2]], [[1e-07, -3]], None, 175, [[500000000, -25]]),
    (MeanSquaredLogarithmicError(reduction="sum"), SMALL_TRUE, SMALL_PRED, None, 0.3467498,
     [[-0.1917881, 0.04404303], [0.3465735, 0], [-0.09589402, 0.08808611]]),
    (Huber(), SMALL_TRUE, SMALL_PRED, WEIGHT, 0.2942708,
     [[-0.08333334, 0.08333334], [0.3333333, -0.1666667], [-0.08333334, 0.02083333]]),
    (Huber(delta=0.3), SMALL_TRUE, SMALL_PRED, WEIGHT, 0.1788542, [[-0.05, 0.05], [0.1, -0.1], [-0.025, 0.02083333]]),
    (Huber(delta=0.5, reduction="sum"), SMALL_TRUE, SMALL_PRED, None, 0.578125,
     [[-0.25, 0.25], [0.25, -0.25], [-0.25, 0.125]]),
    (LogCosh(), SMALL_TRUE, SMALL_PRED, WEIGHT, 0.2633958,
     [[-0.07701953, 0.07701953], [0.2538647, -0.1540391], [-0.06346618, 0.02040989]]),
    (LogCosh(reduction="sum"), [[0, 0]], [[-50, 0.001]], None, 24.65343, [[-0.5, 0.0005000234]]),
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


NAMES = ["mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error",
         "mean_squared_logarithmic_error", "huber", "log_cosh"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_perfect_prediction_costs_nothing(name):
    value, gradient = losses.get(name).value_and_gradient(SMALL_TRUE, SMALL_TRUE)
    assert value == 0
    assert not gradient.any()


@pytest.mark.parametrize(
    ("alias", "cls"),
    [
        ("mse", MeanSquaredError),
        ("MAE", MeanAbsoluteError),
        ("mape", MeanAbsolutePercentageError),
        ("MSLE", MeanSquaredLogarithmicError),
        ("logcosh", LogCosh),
        ("Huber", Huber),
    ],
)
def test_short_names_are_known(alias, cls):
    assert type(losses.get(alias)) is cls


def test_whole_numbers_are_taken_as_floats():
    assert MeanSquaredError()([[1], [2]], [[3], [2]]) == 2.0


@pytest.mark.parametrize("error", [1e-4, 1e-2, 0.5, 0.999, 1.001, 3.0, 50.0, 1e4])
def test_log_cosh_has_all_its_digits_in_float32_near_zero_and_far_out(error):
    error = float(np.float32(error))
    exact = error - math.log(2) + math.log1p(math.exp(-2 * error)) if error > 0.1 else error**2 / 2 - error**4 / 12
    for sign in (1, -1):
        assert LogCosh()([[0.0]], np.float32([[sign * error]])) == pytest.approx(exact, rel=1e-6)


def test_huber_is_half_the_squared_error_inside_and_delta_times_the_distance_outside():
    assert Huber(10.0)(SMALL_TRUE, SMALL_PRED) == MeanSquaredError()(SMALL_TRUE, SMALL_PRED) / 2
    assert Huber(1e-6)(SMALL_TRUE, SMALL_PRED) == pytest.approx(1e-6 * MeanAbsoluteError()(SMALL_TRUE, SMALL_PRED))


def test_a_percentage_of_zero_is_huge_but_finite():
    value, gradient = MeanAbsolutePercentageError().value_and_gradient([[0.0]], np.float32([[1.0]]))
    assert value == pytest.approx(1e9)
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("delta", [0, -1.0, "1", None, True, math.nan])
def test_a_delta_that_is_not_positive_is_refused(delta):
    with pytest.raises(ArgumentError, match="Huber: delta must be a positive number, got ") as caught:
        Huber(delta)
    assert caught.value.argument == "delta"
