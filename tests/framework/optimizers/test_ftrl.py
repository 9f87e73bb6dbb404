"""Ftrl against Keras."""

from __future__ import annotations

import numpy as np
import pytest

from framework import ParameterVector
from framework.optimizers import Ftrl, Optimizer
from framework.registry import ArgumentError

from .traces import walk

# Five steps along `gradients`, computed with Keras 3.15.
KERAS = [
    pytest.param(
        Ftrl(),
        [0.46158397, -1.393829, 0.10534243, 0.20887125, -0.049588952, 2.3779535, 0.05960701, -0.10373116, 0.0018274827],
    ),
    pytest.param(
        Ftrl(0.1, learning_rate_power=-0.3, initial_accumulator_value=0.4),
        [
            -0.32761198,
            -0.26557744,
            -0.12597847,
            -0.15169679,
            0.19267547,
            0.86213261,
            0.077936098,
            0.23878632,
            -0.09343005,
        ],
    ),
    pytest.param(
        Ftrl(0.1, l1_regularization_strength=0.5),
        [0.0, -1.034488, -0.050009049, 0.0, 0.14276123, 2.0291831, 0.07137157, 0.14490208, -0.048880622],
    ),
    pytest.param(
        Ftrl(0.1, l2_regularization_strength=0.2, l2_shrinkage_regularization_strength=0.1, beta=0.3),
        [
            -0.044207137,
            -0.73773193,
            -0.097468294,
            -0.0032995262,
            0.17652547,
            1.5948683,
            0.082786039,
            0.15201654,
            -0.10309672,
        ],
    ),
    pytest.param(
        Ftrl(0.1, learning_rate_power=0.0),
        [-0.75, 0.5, -0.125, -0.45666671, 0.1875, -0.75, 0.050000001, 0.30000001, -0.075000003],
    ),
]


@pytest.mark.parametrize(("optimizer", "expected"), KERAS, ids=repr)
def test_five_steps_end_where_keras_ends(optimizer: Optimizer, expected: list[float]) -> None:
    np.testing.assert_allclose(walk(optimizer), expected, rtol=2e-6, atol=5e-6)


def test_small_sums_of_gradients_give_weights_of_exactly_zero() -> None:
    vector = ParameterVector.from_arrays([[0.0, 0.0, 0.0]])
    ftrl = Ftrl(0.1, l1_regularization_strength=1.0)
    ftrl.bind(vector)
    vector.grad[...] = [0.5, -0.9, 5.0]
    ftrl.step()
    assert vector.value[:2].tolist() == [0.0, 0.0]
    assert vector.value[2] < 0


def test_a_learning_rate_of_zero_leaves_all_as_it_is() -> None:
    vector = ParameterVector.from_arrays([[1.0, 2.0]])
    ftrl = Ftrl(0.0)
    ftrl.bind(vector)
    vector.grad[...] = 1.0
    ftrl.step()
    assert vector.value.tolist() == [1.0, 2.0]
    assert ftrl.iterations == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Ftrl(learning_rate_power=0.1), "Ftrl: learning_rate_power must be a number of at most 0, got 0.1"),
        (lambda: Ftrl(initial_accumulator_value=-0.1), "Ftrl: initial_accumulator_value must be a number of at least"),
        (lambda: Ftrl(l1_regularization_strength=-0.1), "Ftrl: l1_regularization_strength must be a number of at"),
        (lambda: Ftrl(l2_regularization_strength=-0.1), "Ftrl: l2_regularization_strength must be a number of at"),
        (lambda: Ftrl(l2_shrinkage_regularization_strength=-0.1), "Ftrl: l2_shrinkage_regularization_strength must"),
        (lambda: Ftrl(beta=-1), "Ftrl: beta must be a number of at least 0, got -1"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(make: object, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        make()  # type: ignore[operator]
