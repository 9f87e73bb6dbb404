"""Everybody once, then everybody once more, another first."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.processes import PeerError
from benchmarks.turns import in_turn


def test_each_round_begins_with_another() -> None:
    order: list[str] = []

    def task(name: str) -> Callable[[], float]:
        return lambda: float(order.append(name) or len(order))

    values, errors = in_turn({name: task(name) for name in "abc"}, 4)
    assert "".join(order) == "abcbcacababc"
    assert values == {"a": [1.0, 6.0, 8.0, 10.0], "b": [2.0, 4.0, 9.0, 11.0], "c": [3.0, 5.0, 7.0, 12.0]}
    assert not errors


def test_who_fails_is_asked_no_more_and_stops_nobody() -> None:
    calls: list[int] = []

    def fails_the_second_time() -> float:
        calls.append(1)
        if len(calls) == 2:
            raise PeerError("no luck today")
        return 1.0

    values, errors = in_turn({"good": lambda: 2.0, "bad": fails_the_second_time}, 3)
    assert values == {"good": [2.0, 2.0, 2.0], "bad": [1.0]}
    assert errors == {"bad": "no luck today"}
    assert len(calls) == 2


def test_every_turn_is_told() -> None:
    done: list[None] = []
    in_turn({"a": lambda: 1.0, "b": lambda: 1.0}, 3, lambda: done.append(None))
    assert len(done) == 6


def test_nobody_has_no_turns() -> None:
    assert in_turn({}, 3) == ({}, {})
