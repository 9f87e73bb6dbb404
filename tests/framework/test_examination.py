"""What is wrong with arrays is found, with its place, and without a copy of them."""

from __future__ import annotations

import datetime
import tracemalloc
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from framework import examination
from framework.examination import (
    all_finite,
    as_array,
    check_finite,
    chunks,
    first_not_finite,
    first_outside,
    first_unscaled,
)


class TestAsArray:
    @pytest.mark.parametrize("dtype", [np.float32, np.float16, np.uint8, np.int64, bool, ">f4"])
    def test_numbers_are_left_as_they_are(self, dtype: Any) -> None:
        array = np.ones((2, 3), dtype)
        assert as_array("x", array) is array

    @pytest.mark.parametrize(
        ("values", "dtype"), [([1, 2**40, True], np.int64), ([1, 0.5], np.float64), ([Fraction(1, 2), 1], np.float64)]
    )
    def test_objects_that_are_all_numbers_become_numbers(self, values: Any, dtype: Any) -> None:
        array = as_array("x", np.array(values, object))
        assert array.dtype == dtype
        assert array.tolist() == [float(v) for v in values]

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            (["cat", "dog"], r"x holds text \(dtype <U3\) and no real numbers: the first, at index \(0,\), is 'cat'"),
            ([[1, "2"]], r"x holds text .* at index \(0, 0\), is '1'; turn it into numbers first"),
            ([b"a"], r"x holds bytes \(dtype \|S1\)"),
            ([1j, 2], r"x holds complex numbers \(dtype complex128\)"),
            (np.array(["2020-01-01"], "M8[D]"), r"x holds dates \(dtype datetime64\[D\]\)"),
            (np.array([1], "m8[s]"), "x holds spans of time"),
            (np.zeros(2, [("a", "f4")]), "x holds records"),
            ([[1, 2], [3, None]], r"x holds objects \(dtype object\), and None at index \(1, 1\) is no number"),
            (np.array([1, "2"], object), r"and '2' at index \(1,\) is no number"),
            ([1.0, datetime.date(2020, 1, 1)], r"at index \(1,\) is no number"),
            ([[1, 2], [3, 4], [5]], r"x is ragged: example 2 has shape \(1,\), but example 0 has \(2,\)"),
            ([[[1], [1, 2]], [[1], [2]]], "x is ragged: the parts of example 0 differ in shape"),
            (np.array([[1, 2], [3]], object), r"x is ragged: example 1 has shape \(1,\), but example 0 has \(2,\)"),
        ],
    )
    def test_what_is_no_number_is_named_with_its_place(self, values: Any, said: str) -> None:
        with pytest.raises(ValueError, match=said):
            as_array("x", values)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, ">f4"])
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("index", [(0, 0, 0), (17, 2, 1), (99, 3, 4)])
def test_a_value_that_is_not_finite_is_found_wherever_it_lies(
    dtype: Any, wrong: float, index: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "CHUNK", 64)
    array = np.ones((100, 4, 5), dtype)
    assert all_finite(array)
    assert first_not_finite(array) is None
    for laid_out in (array, np.asfortranarray(array), np.repeat(array, 2, axis=1)[:, ::2], array.T.copy().T):
        laid_out[index] = wrong
        assert not all_finite(laid_out)
        assert first_not_finite(laid_out) == index
        with pytest.raises(ValueError, match=rf"x of sample {index[0]} is not .* at \({index[1]}, {index[2]}\)"):
            check_finite("x", laid_out)


def test_numbers_whose_squares_are_too_large_are_finite_all_the_same() -> None:
    check_finite("x", np.full((3, 3), 3e38, np.float32))
    check_finite("x", np.zeros((0, 3), np.float32))
    check_finite("x", np.ones(3, np.int8))
    assert first_not_finite(np.array(np.inf)) == ()


def test_the_first_value_out_of_range_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "CHUNK", 4)
    y = np.linspace(0, 1, 30).reshape(10, 3)
    assert first_outside(y, 0, 1) is None
    assert first_outside(y, 0, 0.5) == (5, 0)
    y[7, 2] = np.nan
    assert first_outside(y, 0) == (7, 2)


def images(*shape: int, dtype: Any = np.float32) -> Any:
    return (np.arange(np.prod(shape)) % 256).reshape(shape).astype(dtype)


@pytest.mark.parametrize(
    ("x", "number"),
    [
        (images(8, 10, 10), 1),
        (images(8, 10, 10, dtype=np.int64), 1),
        (images(8, 10, 10, dtype=np.uint8), 0),
        (images(8, 100, dtype=np.uint8), 0),
        (images(8, 100), None),
        (images(8, 10, 10) / 255, None),
        (images(8, 10, 10) * 2, None),
        (images(8, 10, 10) - 1, None),
        (images(8, 10, 10) % 128, None),
        (images(8, 10, 10) + np.float32(0.5), None),
        (images(8, 10, 10, dtype=np.uint8) % 2, None),
        (np.zeros((4, 0, 3), np.float32), None),
    ],
)
def test_levels_of_brightness_are_told_from_other_numbers(
    x: Any, number: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "CHUNK", 150)
    assert first_unscaled(x) == number


@pytest.mark.parametrize("look", [all_finite, first_unscaled, first_not_finite, lambda x: first_outside(x, 0, 255)])
def test_looking_takes_no_memory_of_the_datas_size(look: Any) -> None:
    for x in (images(4000, 28, 28), images(4000, 28, 28)[:, ::2]):
        tracemalloc.start()
        try:
            look(x)
            assert tracemalloc.get_traced_memory()[1] < x.nbytes / 4
        finally:
            tracemalloc.stop()


def test_chunks_are_all_rows_once() -> None:
    x = np.zeros((1000, 300))
    assert np.concatenate([np.arange(start, start + len(part)) for start, part in chunks(x)]).tolist() == [*range(1000)]


def test_numbers_of_other_kinds_are_numbers() -> None:
    from decimal import Decimal

    np.testing.assert_array_equal(as_array("x", [[Decimal("1.5"), 2], [10**30, 3]]), [[1.5, 2], [1e30, 3]])
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.matrix([[1.0, 2.0]])
    assert type(as_array("x", matrix)) is np.ndarray
    with pytest.raises(ValueError, match="is no number"):
        as_array("x", np.array([1, 1j], object))
