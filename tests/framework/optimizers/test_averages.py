"""Running means."""

from __future__ import annotations

import numpy as np
import pytest

from framework.optimizers.averages import is_share, running_mean, running_mean_square


@pytest.mark.parametrize(("update", "power"), [(running_mean, 1), (running_mean_square, 2)])
def test_the_mean_weighs_each_sample_by_its_age(update, power) -> None:
    samples = np.array([[1.0, -2.0], [0.5, 4.0], [3.0, 1.0]])
    mean, scratch = np.zeros(2), np.empty(2)
    for sample in samples:
        update(mean, sample, 0.8, scratch)
    np.testing.assert_allclose(mean, 0.2 * np.array([0.64, 0.8, 1.0]) @ samples**power)


@pytest.mark.parametrize("update", [running_mean, running_mean_square])
def test_the_sample_is_left_alone_and_the_type_kept(update) -> None:
    mean, sample = np.ones(3, np.float32), np.full(3, 2.0, np.float32)
    update(mean, sample, 0.5, np.empty(3, np.float32))
    assert sample.tolist() == [2.0, 2.0, 2.0]
    assert mean.dtype == np.float32


def test_a_share_is_a_number_below_one() -> None:
    assert [is_share(v) for v in (0, 0.5, 0.999, 1, 1.0, -0.1, True, "0.5", None)] == [True] * 3 + [False] * 6
