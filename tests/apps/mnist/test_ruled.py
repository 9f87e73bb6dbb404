"""The lines of ruled paper go, and what crosses them stays."""

from __future__ import annotations

import numpy as np
import pytest

from apps.mnist import data
from apps.mnist.ruled import on_a_rule
from framework.parameters import Array


def taken_out(mask: Array, height: float = 20) -> Array:
    rows, columns = np.nonzero(mask)
    result = mask.copy()
    ruled = on_a_rule(columns, rows, height)
    result[rows[ruled], columns[ruled]] = False
    return result


@pytest.mark.parametrize("slope", [0, 0.05, -0.05])
@pytest.mark.parametrize("thickness", [1, 3])
def test_a_rule_goes_and_a_digit_on_it_stays(slope: float, thickness: int) -> None:
    mask, digit = np.zeros((80, 300), bool), np.zeros((80, 300), bool)
    for x in range(300):
        y = round(40 + slope * (x - 150))
        mask[y : y + thickness, x] = True
    digit[22:60, 100:106] = True
    rest = taken_out(mask | digit)
    assert (rest & digit).sum() == digit.sum()
    assert (rest & ~digit).sum() <= 6 * thickness  # beside the digit, where the rule seems thicker


def test_several_that_a_margin_joins() -> None:
    mask = np.zeros((200, 300), bool)
    mask[30:200:60] = True
    mask[:, 20:22] = True
    rest = taken_out(mask)
    assert not rest[:, 25:].any()
    assert rest[:, 20:22].sum() > 190


def test_a_row_of_digits_that_touch_is_no_rule() -> None:
    images = data.find("sample").test.x[:60, 4:24, 4:24] > 100
    for first in range(0, 60, 6):
        mask = np.concatenate(list(images[first : first + 6]), axis=1).repeat(3, axis=0).repeat(3, axis=1)
        np.testing.assert_array_equal(taken_out(mask, height=60), mask)


def test_a_wave_is_no_rule() -> None:
    x = np.arange(300)
    mask = np.zeros((100, 300), bool)
    mask[(50 + 40 * np.sin(x / 20)).astype(int), x] = True
    assert taken_out(mask).sum() > 0.5 * mask.sum()


def test_a_halftone_is_no_ruled_paper() -> None:
    mask = np.indices((200, 200)).sum(axis=0) % 2 == 0
    np.testing.assert_array_equal(taken_out(mask), mask)
