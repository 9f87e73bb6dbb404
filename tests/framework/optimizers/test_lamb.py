"""Lamb against Keras."""

from __future__ import annotations

import numpy as np
import pytest

from framework import ParameterVector
from framework.optimizers import Lamb, Optimizer
from framework.registry import ArgumentError

from .traces import walk

# Five steps along `gradients`, computed with Keras 3.15.
KERAS = [
    pytest.param(
        Lamb(),
        [0.99215019, -1.9919071, 0.49190709, 0.24288541, -0.74215019, 2.9919074, 0.10076588, -0.19880801, 0.29884431],
    ),
    pytest.param(
        Lamb(0.05, beta_1=0.8, beta_2=0.9, epsilon=1e-3),
        [0.63380647, -1.625317, 0.12643655, -0.078424945, -0.38501558, 2.6251922, 0.13396271, -0.14374526, 0.24551798],
    ),
    pytest.param(
        Lamb(0.05, weight_decay=0.1, clipnorm=0.5),
        [0.62080038, -1.5861194, 0.12324674, -0.083948478, -0.37698883, 2.561368, 0.13388444, -0.14025113, 0.24032477],
    ),
]


@pytest.mark.parametrize(("optimizer", "expected"), KERAS, ids=repr)
def test_five_steps_end_where_keras_ends(optimizer: Optimizer, expected: list[float]) -> None:
    np.testing.assert_allclose(walk(optimizer), expected, rtol=2e-6, atol=5e-6)


def test_each_parameter_moves_by_its_own_norm_times_the_learning_rate() -> None:
    vector = ParameterVector.from_arrays([[[3.0, 4.0], [0.0, 0.0]], [0.6, 0.8]], np.float64)
    before = vector.value.copy()
    lamb = Lamb(0.1)
    lamb.bind(vector)
    vector.grad[...] = [1.0, -2.0, 5.0, 0.1, 1e-3, 1e3]
    lamb.step()
    moved = vector.value - before
    assert np.linalg.norm(moved[:4]) == pytest.approx(0.5)
    assert np.linalg.norm(moved[4:]) == pytest.approx(0.1)


def test_parameters_of_zero_move_as_with_adam() -> None:
    vector = ParameterVector.from_arrays([[0.0, 0.0]], np.float64)
    lamb = Lamb(0.1, epsilon=0)
    lamb.bind(vector)
    vector.grad[...] = [2.0, -3.0]
    lamb.step()
    np.testing.assert_allclose(vector.value, [-0.1, 0.1])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Lamb(beta_1=1.0), "Lamb: beta_1 must be a number of at least 0 and below 1, got 1.0"),
        (lambda: Lamb(beta_2=-1), "Lamb: beta_2 must be a number of at least 0 and below 1, got -1"),
        (lambda: Lamb(epsilon=-1), "Lamb: epsilon must be a number of at least 0, got -1"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(make: object, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        make()  # type: ignore[operator]
