"""When the network is asked; the clock is the test's."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.mnist.ui.settling import GUESS_EVERY, REST, Ask, Settling

ROUNDING = 1e-9
"""Thousandths are no binary fractions."""


def asked(settling: Settling, until: float, pen_down: bool, since: float = 0.0) -> list[tuple[int, Ask]]:
    """What is asked at each millisecond from one time to another, both in seconds."""
    times = range(round(1000 * since), round(1000 * until) + 1)
    answers = ((ms, settling.due(ms / 1000 + ROUNDING, pen_down)) for ms in times)
    return [(ms, ask) for ms, ask in answers if ask is not None]


def test_the_times_are_those_of_the_specification() -> None:
    assert (GUESS_EVERY, REST) == (0.050, 0.350)


def test_nothing_is_asked_of_what_never_changed() -> None:
    settling = Settling()
    assert not settling.waiting
    assert asked(settling, 2.0, pen_down=False) == []


def test_a_guess_at_once_and_an_answer_after_the_rest() -> None:
    settling = Settling()
    settling.changed(0.0)
    assert settling.waiting
    assert asked(settling, 2.0, pen_down=False) == [(0, Ask.GUESS), (350, Ask.SETTLE)]
    assert not settling.waiting


def test_guesses_come_at_most_every_fifty_milliseconds() -> None:
    settling = Settling()
    guesses = []
    for ms in range(1000):
        settling.changed(ms / 1000)
        if settling.due(ms / 1000, pen_down=True) is Ask.GUESS:
            guesses.append(ms)
    gaps = {b - a for a, b in pairwise(guesses)}
    assert gaps <= {50, 51}
    assert len(guesses) == 20


def test_the_last_change_gets_its_guess() -> None:
    settling = Settling()
    settling.changed(0.0)
    assert asked(settling, 0.010, pen_down=True) == [(0, Ask.GUESS)]
    settling.changed(0.011)
    assert asked(settling, 0.3, pen_down=True, since=0.011) == [(50, Ask.GUESS)]


def test_nothing_settles_while_the_pen_is_down() -> None:
    settling = Settling()
    settling.changed(0.0)
    assert asked(settling, 5.0, pen_down=True) == [(0, Ask.GUESS)]
    settling.touched(5.0)  # lifted
    assert asked(settling, 9.0, pen_down=False, since=5.0) == [(5350, Ask.SETTLE)]


@pytest.mark.parametrize("event", ["changed", "touched"])
def test_the_rest_begins_anew(event: str) -> None:
    settling = Settling()
    settling.changed(0.0)
    asked(settling, 0.3, pen_down=False)
    getattr(settling, event)(0.3)
    answers = asked(settling, 2.0, pen_down=False, since=0.3)
    assert [ms for ms, ask in answers if ask is Ask.SETTLE] == [650]


def test_being_touched_is_no_reason_to_ask() -> None:
    settling = Settling()
    settling.touched(0.0)
    assert asked(settling, 2.0, pen_down=False) == []


def test_what_was_settled_otherwise_is_not_asked_again() -> None:
    settling = Settling()
    settling.changed(0.0)
    settling.settled()
    settling.touched(0.1)
    assert asked(settling, 2.0, pen_down=False) == []


def test_a_frame_that_comes_late_settles_without_a_guess() -> None:
    settling = Settling()
    settling.changed(0.0)
    assert settling.due(3.0, pen_down=False) is Ask.SETTLE
    assert settling.due(3.1, pen_down=False) is None


@given(st.lists(st.tuples(st.integers(1, 500), st.sampled_from(["changed", "touched", "frame", "settled"]))))
def test_each_change_is_answered_once(steps: list[tuple[int, str]]) -> None:
    settling, now, unanswered, last_guess, last_touch = Settling(), 0.0, False, -1.0, -1.0
    for ms, step in steps:
        now += ms / 1000
        if step == "frame":
            ask = settling.due(now, pen_down=False)
            if ask is Ask.SETTLE:
                assert unanswered
                assert now - last_touch >= REST
                unanswered = False
            elif ask is Ask.GUESS:
                assert now - last_guess >= GUESS_EVERY
                last_guess = now
            else:
                assert not unanswered or now - last_touch < REST
        elif step == "settled":
            settling.settled()
            unanswered = False
        else:
            getattr(settling, step)(now)
            last_touch = now
            unanswered |= step == "changed"
