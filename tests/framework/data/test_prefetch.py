"""A thread that makes what comes next: order, bounds, errors, and its end."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from framework.data.prefetch import SLOTS, Prefetcher

PATIENCE = 60
"""Seconds after which a test fails instead of waiting any longer."""


def started(make: Any, numbers: Iterable[int]) -> Prefetcher:
    return Prefetcher(make, numbers)


def has_ended(prefetcher: Prefetcher) -> bool:
    prefetcher._thread.join(PATIENCE)
    return not prefetcher._thread.is_alive()


def test_items_come_in_order_and_the_thread_ends_with_the_last() -> None:
    prefetcher = started(lambda number, slot: (number, threading.get_ident()), range(20))
    items = [prefetcher.get() for _ in range(20)]
    assert [number for number, _ in items] == list(range(20))
    assert {thread for _, thread in items} == {prefetcher._thread.ident} != {threading.get_ident()}
    assert has_ended(prefetcher)


def test_it_is_at_most_so_many_items_ahead() -> None:
    made, full = [], threading.Event()

    def make(number: int, slot: int) -> int:
        made.append(number)
        if len(made) == SLOTS:
            full.set()
        return number

    prefetcher = started(make, range(100))
    assert prefetcher.get() == 0
    assert full.wait(PATIENCE)
    prefetcher.stop()
    assert made == list(range(SLOTS))  # the one that the caller has, and those behind it


def test_what_the_caller_holds_is_not_overwritten() -> None:
    memory = [-1] * SLOTS

    def make(number: int, slot: int) -> int:
        memory[slot] = number
        return slot

    prefetcher = started(make, range(50))
    for number in range(50):
        slot = prefetcher.get()
        assert memory[slot] == number
        assert memory[slot] == number


def test_an_error_is_raised_where_its_item_would_have_come_and_says_where_it_arose() -> None:
    def make_or_break(number: int, slot: int) -> int:
        if number == 3:
            raise ZeroDivisionError("number three")
        return number

    prefetcher = started(make_or_break, range(10))
    assert [prefetcher.get() for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ZeroDivisionError, match="number three") as caught:
        prefetcher.get()
    assert "make_or_break" in "".join(traceback.format_tb(caught.value.__traceback__))
    assert prefetcher.error is caught.value
    assert has_ended(prefetcher)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, StopIteration, MemoryError])
def test_whatever_is_raised_reaches_the_caller(error: type[BaseException]) -> None:
    def make(number: int, slot: int) -> int:
        raise error

    prefetcher = started(make, range(3))
    with pytest.raises(error):
        prefetcher.get()


@pytest.mark.parametrize("taken", [0, 1, 4, 5])
def test_it_can_be_stopped_at_any_time_and_twice(taken: int) -> None:
    prefetcher = started(lambda number, slot: number, range(5))
    for _ in range(taken):
        prefetcher.get()
    prefetcher.stop()
    prefetcher.stop()
    assert not prefetcher._thread.is_alive()


def test_a_thread_that_is_told_to_stop_ends_by_itself() -> None:
    prefetcher = started(lambda number, slot: number, range(1000))
    prefetcher.tell_to_stop()
    assert has_ended(prefetcher)


def test_what_numpy_does_about_overflow_is_as_the_caller_has_set_it() -> None:
    def make(number: int, slot: int) -> Any:
        return np.float32(1e38) * np.float32(1e38)

    with np.errstate(over="ignore"):
        assert np.isinf(started(make, range(1)).get())
    with np.errstate(over="raise"), pytest.raises(FloatingPointError):
        started(make, range(1)).get()


def test_in_a_fork_of_the_process_it_is_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    prefetcher = started(lambda number, slot: number, range(2))
    assert not prefetcher.is_elsewhere
    with monkeypatch.context() as fork:
        fork.setattr("os.getpid", lambda: -1)
        assert prefetcher.is_elsewhere
        prefetcher.stop()
    prefetcher.stop()
    assert has_ended(prefetcher)
