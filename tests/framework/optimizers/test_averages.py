"""Running means, kept as sums."""

from __future__ import annotations

import numpy as np

from framework.optimizers.averages import decaying_sum, decaying_sum_of_squares, is_share


def test_the_sum_is_the_running_mean_but_for_one_factor() -> None:
    samples = np.array([[1.0, -2.0], [0.5, 4.0], [3.0, 1.0]])
    total, squares, mean, mean_square = np.zeros(2), np.zeros(2), np.zeros(2), np.zeros(2)
    for sample in samples:
        decaying_sum(total, sample, 0.8)
        decaying_sum_of_squares(squares, sample, 0.8, np.empty(2))
        mean = 0.8 * mean + 0.2 * sample
        mean_square = 0.8 * mean_square + 0.2 * sample**2
    np.testing.assert_allclose(0.2 * total, mean)
    np.testing.assert_allclose(0.2 * squares, mean_square)


def test_the_sample_is_left_alone_and_the_type_kept() -> None:
    total, sample = np.ones(3, np.float32), np.full(3, 2.0, np.float32)
    decaying_sum(total, sample, 0.5)
    decaying_sum_of_squares(total, sample, 0.5, np.empty(3, np.float32))
    assert sample.tolist() == [2.0, 2.0, 2.0]
    assert total.dtype == np.float32


def test_a_share_is_a_number_below_one() -> None:
    assert [is_share(v) for v in (0, 0.5, 0.999, 1, 1.0, -0.1, True, "0.5", None)] == [True] * 3 + [False] * 6
