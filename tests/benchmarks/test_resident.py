"""The memory of a process."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import resident

linux = pytest.mark.skipif(not resident.STATUS.exists(), reason="this system has no /proc")


def test_a_peak_is_never_less_than_what_is_there() -> None:
    before = resident.peak_megabytes()
    block = np.ones(40_000_000, np.uint8)
    assert resident.peak_megabytes() >= before
    assert resident.peak_megabytes() > 40
    del block


@linux
def test_anonymous_memory_counts_what_is_written() -> None:
    before = resident.anonymous_megabytes()
    block = np.ones(80_000_000, np.uint8)
    assert 70 < resident.anonymous_megabytes() - before < 90
    del block


@linux
def test_a_field_that_the_system_does_not_have_is_named() -> None:
    with pytest.raises(OSError, match="has no Nothing"):
        resident._field("Nothing")


@linux
def test_what_is_free_is_known() -> None:
    assert resident.available_megabytes() > 1
