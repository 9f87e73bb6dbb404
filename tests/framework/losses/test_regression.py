"""Losses for numbers against Keras 3.15 (TensorFlow, float32)."""

import numpy as np
import pytest

from framework import losses
from framework.losses import MeanAbsoluteError, MeanSquaredError

TRUE = np.array([[1, 2], [0, -1], [3, 0.5]], np.float32)
PRED = np.array([[0.5, 2.5], [1, -1.5], [2, 0.75]], np.float32)
WEIGHT = [1, 2, 0.5]


@pytest.mark.parametrize(
    ("loss", "weight", "value", "gradient"),
    [
        (MeanSquaredError(), None, 0.46875, [[-1 / 6, 1 / 6], [1 / 3, -1 / 6], [-1 / 3, 1 / 12]]),
        (MeanSquaredError("sum"), WEIGHT, 1.765625, [[-0.5, 0.5], [2, -1], [-0.5, 0.125]]),
        (MeanAbsoluteError(), None, 0.625, [[-1 / 6, 1 / 6], [1 / 6, -1 / 6], [-1 / 6, 1 / 6]]),
        (MeanAbsoluteError(), WEIGHT, 0.770833313, [[-1 / 6, 1 / 6], [1 / 3, -1 / 3], [-1 / 12, 1 / 12]]),
        (MeanAbsoluteError("sum"), WEIGHT, 2.3125, [[-0.5, 0.5], [1, -1], [-0.25, 0.25]]),
        (
            MeanAbsoluteError("mean_with_sample_weight"),
            WEIGHT,
            0.660714269,
            [[-1 / 7, 1 / 7], [2 / 7, -2 / 7], [-1 / 14, 1 / 14]],
        ),
    ],
    ids=repr,
)
def test_values_and_gradients_are_those_of_keras(loss, weight, value, gradient):
    got = loss.value_and_gradient(TRUE, PRED, weight)
    assert got[0] == loss(TRUE, PRED, weight) == pytest.approx(value, rel=1e-6)
    np.testing.assert_allclose(got[1], gradient, rtol=1e-6)


@pytest.mark.parametrize("loss", [MeanSquaredError(), MeanAbsoluteError()], ids=repr)
def test_a_perfect_prediction_costs_nothing(loss):
    value, gradient = loss.value_and_gradient(TRUE, TRUE)
    assert value == 0
    assert not gradient.any()


@pytest.mark.parametrize(("alias", "cls"), [("mse", MeanSquaredError), ("MAE", MeanAbsoluteError)])
def test_short_names_are_known(alias, cls):
    assert type(losses.get(alias)) is cls


def test_whole_numbers_are_taken_as_floats():
    assert MeanSquaredError()([[1], [2]], [[3], [2]]) == 2.0
