"""Nadam against Keras."""

from __future__ import annotations

import numpy as np
import pytest

from framework.optimizers import Nadam, Optimizer
from framework.registry import ArgumentError

from .traces import walk

# Five steps along `gradients`, computed with Keras 3.15.
KERAS = [
    pytest.param(
        Nadam(),
        [0.99519056, -1.9960402, 0.49604023, 0.2472816, -0.74519056, 2.9960401, 0.1011894, -0.19604024, 0.2951906],
    ),
    pytest.param(
        Nadam(0.05, beta_1=0.8, beta_2=0.9, epsilon=1e-3),
        [0.73410141, -1.7742871, 0.27496147, 0.091747247, -0.48496449, 2.7742119, 0.16295058, 0.025562737, 0.036670271],
    ),
    pytest.param(
        Nadam(0.05, weight_decay=0.1, clipvalue=0.5),
        [
            0.77942258,
            -1.7546713,
            0.29179817,
            0.052214414,
            -0.49785075,
            2.7299199,
            0.15536444,
            0.00077649206,
            0.054557856,
        ],
    ),
]


@pytest.mark.parametrize(("optimizer", "expected"), KERAS, ids=repr)
def test_five_steps_end_where_keras_ends(optimizer: Optimizer, expected: list[float]) -> None:
    np.testing.assert_allclose(walk(optimizer), expected, rtol=2e-6, atol=5e-6)


@pytest.mark.parametrize("t", [1, 5, 400])
def test_the_product_of_the_momenta_needs_no_state(t: int) -> None:
    step_by_step, at_once = Nadam(), Nadam()
    for i in range(1, t + 1):
        product = step_by_step._momentum_product(i)
    momenta = [0.9 * (1 - 0.5 * 0.96**i) for i in range(1, t + 1)]
    assert at_once._momentum_product(t) == product == pytest.approx(np.prod(momenta))


def test_the_product_is_right_after_leaps_of_the_count() -> None:
    leaping = Nadam()
    for t in (3, 8, 2, 5):
        assert leaping._momentum_product(t) == Nadam()._momentum_product(t)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Nadam(beta_1=1.0), "Nadam: beta_1 must be a number of at least 0 and below 1, got 1.0"),
        (lambda: Nadam(beta_2="x"), "Nadam: beta_2 must be a number of at least 0 and below 1, got 'x'"),
        (lambda: Nadam(epsilon=-1), "Nadam: epsilon must be a number of at least 0, got -1"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(make: object, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        make()  # type: ignore[operator]
