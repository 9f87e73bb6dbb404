"""Gathering: which memory batches lie in. That they hold the right values is in test_batches.py."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framework.data.columns import Column

BYTES = np.arange(24, dtype=np.uint8).reshape(6, 2, 2)
ROWS = np.array([4, 1, 5])


@pytest.mark.parametrize(("array", "scale"), [(BYTES, None), (BYTES, 0.5), (BYTES.astype(np.float32), None)])
def test_batches_in_different_slots_do_not_overwrite_each_other(array: Any, scale: float | None) -> None:
    column = Column(array, "float32", scale)
    first = column.take(ROWS, slot=1)
    expected = first.copy()
    second = column.take(ROWS[::-1], slot=2)
    np.testing.assert_array_equal(first, expected)
    np.testing.assert_array_equal(second, expected[::-1])
    assert not np.shares_memory(first, second)


def test_smaller_batches_use_the_front_of_the_memory() -> None:
    column = Column(BYTES, "float32")
    assert np.shares_memory(column.take(ROWS), column.take(ROWS[:1]))


def test_rows_that_lie_as_they_should_are_not_copied() -> None:
    floats = BYTES.astype(np.float32)
    assert np.shares_memory(Column(floats, "float32").take(slice(1, 3)), floats)


def test_numbers_that_are_kept_are_not_scaled_or_cast() -> None:
    assert Column(ROWS, "float32", keep=True).take(np.array([0, 2])).tolist() == [4, 5]
    assert Column(ROWS.astype(">i4"), "float32", keep=True).take(slice(None)).dtype == np.dtype("int32")


@pytest.mark.parametrize("again", [copy.deepcopy, lambda column: pickle.loads(pickle.dumps(column))])
def test_a_column_on_disk_can_be_copied_and_pickled(again: Any, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", BYTES)
    column = Column(np.load(tmp_path / "x.npy", mmap_mode="r"), "float32", 0.5)
    expected = column.take(ROWS).copy()
    twin = again(column)
    np.testing.assert_array_equal(twin.take(ROWS), expected)
    assert not np.shares_memory(twin.take(ROWS), column.take(ROWS))
    assert column.on_disk
