"""RMSprop, Adagrad and Adadelta against Keras."""

from __future__ import annotations

import numpy as np
import pytest

from framework import ParameterVector
from framework.optimizers import Adadelta, Adagrad, Optimizer, RMSprop
from framework.registry import ArgumentError

from .traces import walk

# Five steps along `gradients`, computed with Keras 3.15.
KERAS = [
    pytest.param(
        RMSprop(),
        [0.98677218, -1.9893546, 0.48935476, 0.24299802, -0.73677224, 2.9893548, 0.10250817, -0.18935473, 0.28677303],
    ),
    pytest.param(
        RMSprop(0.02, rho=0.8),
        [0.80914933, -1.8428948, 0.34289512, 0.14514992, -0.55915022, 2.8428948, 0.13174292, -0.042894803, 0.10915512],
    ),
    pytest.param(
        RMSprop(0.02, momentum=0.9),
        [
            0.26874667,
            -1.3830438,
            -0.11695337,
            -0.20499176,
            -0.018756077,
            2.3830435,
            0.42452431,
            0.41695607,
            -0.43119133,
        ],
    ),
    pytest.param(
        RMSprop(0.02, centered=True),
        [
            0.69952393,
            -1.7545793,
            0.25458041,
            0.096272863,
            -0.44952688,
            2.7545793,
            0.15689586,
            0.045420654,
            -0.00045636296,
        ],
    ),
    pytest.param(
        RMSprop(0.02, momentum=0.9, centered=True, epsilon=1e-3),
        [
            0.19509208,
            -1.3116962,
            -0.15240347,
            -0.24231975,
            -0.024256498,
            2.3102346,
            0.44681895,
            0.48369584,
            -0.25674427,
        ],
    ),
    pytest.param(
        Adagrad(),
        [0.99610639, -1.9968518, 0.49757469, 0.24791472, -0.74707478, 2.9968066, 0.10077636, -0.19698162, 0.29814637],
    ),
    pytest.param(
        Adagrad(0.2, initial_accumulator_value=0.3, epsilon=1e-3),
        [0.27421212, -1.3994251, 0.13772991, -0.15845203, -0.29031545, 2.3756363, 0.23046267, 0.34220511, 0.053633779],
    ),
    pytest.param(
        Adagrad(0.2, initial_accumulator_value=0.0, weight_decay=0.1),
        [0.11909685, -1.1919231, -0.16395783, -0.17168728, 0.10688251, 2.0958438, 0.24245071, 0.43513423, -0.51364303],
    ),
    pytest.param(
        Adadelta(),
        [0.99998927, -1.9999928, 0.49999282, 0.24999611, -0.74998927, 2.9999928, 0.10000092, -0.19999279, 0.29998922],
    ),
    pytest.param(
        Adadelta(1.0, rho=0.8, epsilon=1e-3),
        [0.45752326, -1.6178987, 0.13245656, 0.039655674, -0.25255463, 2.6173275, 0.13951716, 0.18028963, -0.082922816],
    ),
    pytest.param(
        Adadelta(1.0, global_clipnorm=0.5),
        [0.98959947, -1.9928707, 0.49287421, 0.24596798, -0.73961347, 2.9928706, 0.10121035, -0.19287118, 0.28969085],
    ),
]


@pytest.mark.parametrize(("optimizer", "expected"), KERAS, ids=repr)
def test_five_steps_end_where_keras_ends(optimizer: Optimizer, expected: list[float]) -> None:
    np.testing.assert_allclose(walk(optimizer), expected, rtol=2e-6, atol=5e-6)


def test_centered_rmsprop_survives_a_constant_gradient() -> None:
    vector = ParameterVector.from_arrays([np.zeros(3)])
    rmsprop = RMSprop(1e-6, rho=0.5, centered=True)
    rmsprop.bind(vector)
    for _ in range(100):  # the variance is 0 then, and rounding takes it below
        vector.grad[...] = [1000.1, 333.3, 77.7]
        rmsprop.step()
    assert np.isfinite(vector.value).all()


def test_adagrad_adds_squares_to_what_it_starts_with() -> None:
    vector = ParameterVector.from_arrays([[0.0, 0.0]])
    adagrad = Adagrad(initial_accumulator_value=0.5)
    adagrad.bind(vector)
    for _ in range(2):
        vector.grad[...] = [1.0, 3.0]
        adagrad.step()
    assert adagrad.slots["accumulator"].tolist() == [2.5, 18.5]


def test_adadelta_takes_steps_of_the_size_of_those_of_late() -> None:
    vector = ParameterVector.from_arrays([[0.0, 0.0]], np.float64)
    adadelta = Adadelta(1.0, rho=0.0, epsilon=0)
    adadelta.bind(vector)
    adadelta.slots["accumulated_delta_var"][...] = 0.25
    vector.grad[...] = [1e-3, -1e3]
    adadelta.step()
    np.testing.assert_allclose(vector.value, [-0.5, 0.5], rtol=1e-12)


@pytest.mark.parametrize(
    ("optimizer", "slots"),
    [
        (RMSprop(), {"velocity"}),
        (RMSprop(momentum=0.5, centered=True), {"velocity", "momentum", "average_gradient"}),
        (Adagrad(), {"accumulator"}),
        (Adadelta(), {"accumulated_grad", "accumulated_delta_var"}),
    ],
    ids=repr,
)
def test_only_what_is_used_costs_a_vector(optimizer: Optimizer, slots: set[str]) -> None:
    walk(optimizer, 1)
    assert set(optimizer.slots) == slots


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RMSprop(rho=1), r"RMSprop: rho must be a number of at least 0 and below 1, got 1"),
        (lambda: RMSprop(momentum=2), "RMSprop: momentum must be a number between 0 and 1, got 2"),
        (lambda: RMSprop(epsilon="small"), "RMSprop: epsilon must be a number of at least 0, got 'small'"),
        (lambda: Adagrad(initial_accumulator_value=-1), "Adagrad: initial_accumulator_value must be a number of at"),
        (lambda: Adagrad(epsilon=None), "Adagrad: epsilon must be a number of at least 0, got None"),
        (lambda: Adadelta(rho=1.5), "Adadelta: rho must be a number of at least 0 and below 1, got 1.5"),
        (lambda: Adadelta(epsilon=-1), "Adadelta: epsilon must be a number of at least 0, got -1"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(make: object, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        make()  # type: ignore[operator]
