"""Lion against Keras."""

from __future__ import annotations

import numpy as np
import pytest

from framework import ParameterVector
from framework.optimizers import Lion, Optimizer
from framework.registry import ArgumentError

from .traces import walk

# Five steps along `gradients`, computed with Keras 3.15.
KERAS = [
    pytest.param(
        Lion(),
        [0.99500006, -1.9949998, 0.49500006, 0.24499999, -0.74500006, 2.9950004, 0.101, -0.19499999, 0.29500008],
    ),
    pytest.param(
        Lion(0.05, beta_1=0.8, beta_2=0.7),
        [0.74999994, -1.7500002, 0.24999996, 7.4505806e-09, -0.49999994, 2.7500002, 0.25, 0.049999993, 0.050000008],
    ),
    pytest.param(
        Lion(0.01, weight_decay=0.3),
        [0.93538886, -1.9204786, 0.442844, 0.19657151, -0.68911642, 2.9055681, 0.10826988, -0.14731704, 0.24582605],
    ),
]


@pytest.mark.parametrize(("optimizer", "expected"), KERAS, ids=repr)
def test_five_steps_end_where_keras_ends(optimizer: Optimizer, expected: list[float]) -> None:
    np.testing.assert_allclose(walk(optimizer), expected, rtol=2e-6, atol=5e-6)


def test_every_weight_moves_by_the_learning_rate_and_none_by_more() -> None:
    vector = ParameterVector.from_arrays([[0.0, 0.0, 0.0]], np.float64)
    lion = Lion(0.1)
    lion.bind(vector)
    vector.grad[...] = [1e-9, -1e9, 0.0]
    lion.step()
    assert vector.value.tolist() == [-0.1, 0.1, 0.0]


def test_momentum_is_updated_after_the_step() -> None:
    vector = ParameterVector.from_arrays([[0.0]], np.float64)
    lion = Lion(0.1, beta_1=0.9, beta_2=0.5)
    lion.bind(vector)
    for gradient in (4.0, -1.0):  # 0.9 · 2 - 0.1 · 1 is still above 0
        vector.grad[...] = gradient
        lion.step()
    assert vector.value[0] == pytest.approx(-0.2)
    assert lion.slots["momentum"].tolist() == [0.5]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Lion(beta_1=-0.1), "Lion: beta_1 must be a number above 0 and at most 1, got -0.1"),
        (lambda: Lion(beta_1=0.0), "Lion: beta_1 must be a number above 0 and at most 1, got 0.0"),
        (lambda: Lion(beta_1=1.1), "Lion: beta_1 must be a number above 0 and at most 1, got 1.1"),
        (lambda: Lion(beta_2=1.0), "Lion: beta_2 must be a number of at least 0 and below 1, got 1.0"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(make: object, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        make()  # type: ignore[operator]
