"""Undo and redo of a value."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from apps.mnist.ui.timeline import LEVELS, Timeline


def test_a_hundred_levels() -> None:
    numbers = Timeline(0)
    for number in range(1, 151):
        numbers.change(number)
    undone = 0
    while numbers.undo():
        undone += 1
    assert (undone, numbers.now) == (LEVELS, 50)
    assert LEVELS == 100
    while numbers.redo():
        undone -= 1
    assert (undone, numbers.now) == (0, 150)


def test_a_change_forgets_what_was_undone() -> None:
    numbers = Timeline(0)
    numbers.change(1)
    numbers.undo()
    numbers.change(2)
    assert not numbers.redo()
    assert numbers.now == 2


def test_nothing_to_undo_or_redo_changes_nothing() -> None:
    numbers = Timeline(0)
    assert not numbers.has_past
    assert not numbers.undo()
    assert not numbers.redo()
    assert numbers.now == 0


@given(st.lists(st.sampled_from(["change", "undo", "redo"]), max_size=300))
def test_is_a_list_and_a_place_in_it(actions: list[str]) -> None:
    timeline: Timeline[object] = Timeline(object())
    values, place, oldest = [timeline.now], 0, 0
    for action in actions:
        if action == "change":
            timeline.change(object())
            values = [*values[: place + 1], timeline.now]
            place += 1
            oldest = max(oldest, place - LEVELS)
        elif action == "undo":
            assert timeline.undo() == (place > oldest)
            place = max(oldest, place - 1)
        else:
            assert timeline.redo() == (place + 1 < len(values))
            place = min(len(values) - 1, place + 1)
        assert timeline.now is values[place]
        assert timeline.has_past == (place > oldest)


def test_an_amendment_reaches_what_was_and_what_may_be_again():
    text = Timeline("a")
    for value in ("ab", "abx", "abxc"):
        text.change(value)
    text.undo()
    text.amend(lambda value: value.replace("x", ""), lambda a, b: a == b)
    assert text.now == "ab"
    assert text.redo()
    assert text.now == "abc"
    assert [text.undo() for _ in range(3)] == [True, True, False]  # "abx" has become "ab", which was there
    assert text.now == "a"
