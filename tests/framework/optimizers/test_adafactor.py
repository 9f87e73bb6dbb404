"""Adafactor against Keras, and the memory it saves."""

from __future__ import annotations

import numpy as np
import pytest

from framework import Parameter, ParameterVector
from framework.optimizers import Adafactor, Optimizer
from framework.registry import ArgumentError

from .traces import walk

# Five steps along `gradients`, computed with Keras 3.15.
KERAS = [
    pytest.param(
        Adafactor(),
        [0.99078506, -1.988039, 0.49795455, 0.24582526, -0.74650049, 2.9907784, 0.10008991, -0.19896255, 0.29871315],
    ),
    pytest.param(
        Adafactor(0.3),
        [-0.68349785, 0.559062, 0.065811157, -0.69380087, -0.1530145, 1.2173467, 0.15838256, 0.037843943, 0.011231203],
    ),
    pytest.param(
        Adafactor(0.3, beta_2_decay=-0.5, epsilon_1=1e-2, epsilon_2=0.5, clip_threshold=0.5),
        [
            0.0072405934,
            -0.58927482,
            0.25718862,
            -0.3125177,
            -0.35171309,
            1.8636161,
            0.14359134,
            0.21608108,
            -0.051032975,
        ],
    ),
    pytest.param(
        Adafactor(0.3, relative_step=False, weight_decay=0.1),
        [-0.58694279, 0.48008537, 0.056514312, -0.59579027, -0.1313988, 1.045377, 0.1360085, 0.032497868, 0.0096446462],
    ),
]


@pytest.mark.parametrize(("optimizer", "expected"), KERAS, ids=repr)
def test_five_steps_end_where_keras_ends(optimizer: Optimizer, expected: list[float]) -> None:
    np.testing.assert_allclose(walk(optimizer), expected, rtol=2e-6, atol=5e-6)


def test_a_matrix_costs_a_row_and_a_column() -> None:
    vector = ParameterVector.from_arrays([np.ones((5, 7)), np.ones(3), np.ones((2, 3, 4)), np.float32(1.0)])
    adafactor = Adafactor()
    adafactor.bind(vector)
    assert {name: slot.size for name, slot in adafactor.slots.items()} == {
        "row": 5 + 2 * 3,
        "column": 7 + 2 * 4,
        "velocity": 3 + 1,
    }


def test_statistics_follow_their_parameters_when_others_leave() -> None:
    kernel, bias, other = Parameter("kernel", (2, 3)), Parameter("bias", (3,)), Parameter("other", (4, 2))
    vector = ParameterVector([other, kernel, bias])
    adafactor = Adafactor(0.1)
    adafactor.bind(vector)
    vector.grad[...] = np.arange(1, 18)
    adafactor.step()
    before = {name: slot.copy() for name, slot in adafactor.slots.items()}
    adafactor.bind(ParameterVector([kernel, bias]))
    assert adafactor.slots["row"].tolist() == before["row"][4:].tolist()
    assert adafactor.slots["column"].tolist() == before["column"][2:].tolist()
    assert adafactor.slots["velocity"].tolist() == before["velocity"].tolist()
    adafactor.bind(ParameterVector([kernel, bias, other]))
    assert adafactor.slots["row"].tolist() == [*before["row"][4:], 0, 0, 0, 0]


def test_the_rate_is_limited_with_and_without_relative_step_as_in_keras() -> None:
    assert walk(Adafactor(2.0)) == walk(Adafactor(2.0, relative_step=False)) == walk(Adafactor(1.0))


def test_parameters_without_numbers_are_left_out() -> None:
    vector = ParameterVector.from_arrays([np.ones((0, 3)), np.ones(2)])
    adafactor = Adafactor()
    adafactor.bind(vector)
    vector.grad[...] = 1.0
    adafactor.step()
    assert (vector.value < 1).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Adafactor(beta_2_decay=0.1), "Adafactor: beta_2_decay must be a number of at most 0, got 0.1"),
        (lambda: Adafactor(epsilon_1=-1), "Adafactor: epsilon_1 must be a number of at least 0, got -1"),
        (lambda: Adafactor(epsilon_2=None), "Adafactor: epsilon_2 must be a number of at least 0, got None"),
        (lambda: Adafactor(clip_threshold=0), "Adafactor: clip_threshold must be a number above 0, got 0"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(make: object, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        make()  # type: ignore[operator]
