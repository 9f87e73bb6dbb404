"""Intervals by epochs, by batches and by the clock; the clock is one of our own."""

from __future__ import annotations

import pytest

from framework import intervals
from framework.intervals import Interval, is_interval


class Clock:
    """Shows what it is told."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(intervals, "time", clock)
    return clock


def test_by_batches_and_by_epochs() -> None:
    assert [n for n in range(1, 10) if Interval(3).is_due(n)] == [3, 6, 9]
    assert Interval("epoch").by_epochs
    assert not any(Interval("epoch").is_due(n) for n in range(1, 10))


def test_by_the_clock_it_begins_anew_with_restart(clock: Clock) -> None:
    interval = Interval("30s")
    clock.now = 129.9
    assert not interval.is_due(1)
    clock.now = 130.0
    assert interval.is_due(2)
    assert interval.is_due(3)  # until it has been done
    interval.restart(took=0.1)
    clock.now = 159.9
    assert not interval.is_due(4)
    clock.now = 160.0
    assert interval.is_due(5)


def test_what_takes_long_is_done_less_often(clock: Clock) -> None:
    interval = Interval("1s")
    interval.restart(took=2.0)
    clock.now = 299.9
    assert not interval.is_due(1)
    clock.now = 300.0
    assert interval.is_due(2)


NONE = [0, -1, 1.5, True, "", "30", "s", "-1s", "0s", "1e3s", "30 days", "epochs", None, "9" * 99]


@pytest.mark.parametrize("value", NONE)
def test_anything_else_is_refused(value: object) -> None:
    assert not is_interval(value)
    with pytest.raises(ValueError, match="an interval must be 'epoch', a positive number of batches, or a time such"):
        Interval(value)  # type: ignore[arg-type]
