"""Differences are found where they are, and shown short."""

from __future__ import annotations

from typing import Any

import pytest

from framework.comparison import differences


@pytest.mark.parametrize(
    ("before", "now", "found"),
    [
        ({}, {}, []),
        ({"a": float("nan")}, {"a": float("nan")}, []),
        ({"a": 1}, {"b": 1}, ["a (1 then, nothing now)", "b (nothing then, 1 now)"]),
        ({"a": None}, {}, ["a (None then, nothing now)"]),
        ({"a": [{"b": 1}, 2]}, {"a": [{"b": 3}, 2]}, ["a.0.b (1 then, 3 now)"]),
        ({"a": [1]}, {"a": [1, 2]}, ["a (1 entries then, 2 now)"]),
        ({"a": {"b": 1}}, {"a": 1}, ["a ({'b': 1} then, 1 now)"]),
        (1, 2, ["all (1 then, 2 now)"]),
    ],
)
def test_each_is_named(before: Any, now: Any, found: list[str]) -> None:
    assert differences(before, now) == found


def test_long_values_are_cut() -> None:
    [text] = differences({"a": "x" * 1000}, {"a": 1})
    assert len(text) < 100
    assert "…" in text
