"""SGD against Keras: momentum, Nesterov, decay, the three clippings, averaging and accumulation."""

from __future__ import annotations

import numpy as np
import pytest

from framework import schedules
from framework.optimizers import SGD
from framework.registry import ArgumentError

from .traces import walk

# Five steps along `gradients`, computed with Keras 3.15.
KERAS = [
    pytest.param(
        SGD(), [0.92500007, -1.9500001, 0.48750001, 0.20433335, -0.73124993, 2.9249995, 0.105, -0.17000002, 0.29250002]
    ),
    pytest.param(
        SGD(0.1),
        [0.24999994, -1.4999999, 0.37499997, -0.20666668, -0.5625, 2.2499995, 0.15000002, 0.10000001, 0.22500002],
    ),
    pytest.param(
        SGD(0.1, momentum=0.9),
        [-0.58515495, -0.68559003, 0.17139751, -1.2285867, -0.35371128, 1.0283847, 0.46331698, 0.58864605, 0.14148451],
    ),
    pytest.param(
        SGD(0.1, momentum=0.9, nesterov=True),
        [
            -1.1766394,
            -0.31703097,
            0.079257742,
            -1.5373945,
            -0.20584013,
            0.47554636,
            0.47698528,
            0.80978143,
            0.082336061,
        ],
    ),
    pytest.param(
        SGD(0.1, weight_decay=0.05),
        [0.23023009, -1.4554725, 0.36386812, -0.20647688, -0.54518187, 2.1832085, 0.14553858, 0.10196523, 0.21807279],
    ),
    pytest.param(
        SGD(0.1, momentum=0.5, weight_decay=0.05),
        [-0.11511713, -1.1511543, 0.28778857, -0.55357021, -0.45884502, 1.7267317, 0.24264839, 0.28455609, 0.18353805],
    ),
    pytest.param(
        SGD(0.1, clipnorm=0.8),
        [0.78243059, -1.850389, 0.46259725, 0.11148801, -0.69560766, 2.7755837, 0.14187455, 0.09051916, 0.22627935],
    ),
    pytest.param(
        SGD(0.1, clipvalue=0.4),
        [
            0.79999989,
            -1.8000002,
            0.37499997,
            0.049999971,
            -0.59499997,
            2.8000002,
            0.13000001,
            2.2351742e-08,
            0.22500002,
        ],
    ),
    pytest.param(
        SGD(0.1, global_clipnorm=0.9),
        [0.76350671, -1.8380405, 0.45951012, 0.10088219, -0.69087666, 2.757061, 0.12006347, -0.10282435, 0.27635068],
    ),
    pytest.param(
        SGD(0.1, clipnorm=100.0),
        [0.24999994, -1.4999999, 0.37499997, -0.20666669, -0.5625, 2.2499995, 0.15000002, 0.10000001, 0.22500002],
    ),
    pytest.param(
        SGD(0.1, global_clipnorm=100.0),
        [0.24999994, -1.4999999, 0.37499997, -0.20666668, -0.5625, 2.2499995, 0.15000002, 0.10000001, 0.22500002],
    ),
    pytest.param(
        SGD(schedules.ExponentialDecay(0.1, 2, 0.5)),
        [0.67107868, -1.7189341, 0.42973352, -0.081721686, -0.66776967, 2.5784008, 0.1837132, -0.031360388, 0.26710787],
    ),
    pytest.param(
        SGD(0.1, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=2),
        [0.58599997, -1.7239999, 0.43099996, -0.044000007, -0.64650005, 2.586, 0.12760001, -0.034400001, 0.25860003],
    ),
    pytest.param(
        SGD(0.1, gradient_accumulation_steps=2, momentum=0.9),
        [0.6825, -1.71, 0.42750001, -0.093333349, -0.67062497, 2.5649998, 0.19950001, -0.025999993, 0.26825002],
    ),
]


@pytest.mark.parametrize(("optimizer", "expected"), KERAS, ids=repr)
def test_five_steps_end_where_keras_ends(optimizer: SGD, expected: list[float]) -> None:
    np.testing.assert_allclose(walk(optimizer), expected, rtol=2e-6, atol=2e-7)


def test_nesterov_without_momentum_is_plain_descent() -> None:
    assert walk(SGD(0.1, nesterov=True)) == walk(SGD(0.1))


def test_only_momentum_costs_a_vector() -> None:
    plain, heavy = SGD(), SGD(momentum=0.5)
    for optimizer in (plain, heavy):
        walk(optimizer, 1)
    assert list(plain.slots) == []
    assert list(heavy.slots) == ["momentum"]


def test_momentum_of_one_is_allowed_as_in_keras() -> None:
    assert SGD(momentum=1).momentum == 1


@pytest.mark.parametrize("momentum", [-0.1, 1.1, True, "0.9", float("nan"), None])
def test_momentum_outside_of_0_to_1_is_refused(momentum: object) -> None:
    with pytest.raises(ArgumentError, match="SGD: momentum must be a number between 0 and 1, got"):
        SGD(momentum=momentum)  # type: ignore[arg-type]
