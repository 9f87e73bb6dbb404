"""The table of durations."""

from __future__ import annotations

import time

import pytest

from apps.mnist.ui import profile as module
from apps.mnist.ui.profile import Profile


def figures(profile: Profile) -> dict[str, list[float]]:
    _, *rows = profile.table().splitlines()
    return {row[:20].strip(): [float(number) for number in row[20:].split()] for row in rows}


def test_without_measurements_it_is_its_heading() -> None:
    assert Profile().table().split() == ["milliseconds", "count", "median", "p95", "max"]


def test_figures() -> None:
    profile = Profile()
    for ms in range(1, 102):
        profile.add("frame", ms / 1000)
    profile.add("events", 0.0005)
    assert figures(profile) == {"frame": [101, 51, 96, 101], "events": [1, 0.5, 0.5, 0.5]}


def test_columns_stand_under_each_other() -> None:
    profile = Profile()
    profile.add("draw canvas", 0.001)
    profile.add("frame while drawing", 12.345)
    assert len({len(line) for line in profile.table().splitlines()}) == 1


def test_measures_what_is_done_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([10.0, 10.25])
    monkeypatch.setattr(time, "perf_counter", lambda: next(times))
    profile = Profile()
    with profile.measure("part"):
        pass
    assert figures(profile) == {"part": [1, 250, 250, 250]}


def test_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 3)
    profile = Profile()
    for ms in (9, 1, 2, 3):
        profile.add("frame", ms / 1000)
    assert figures(profile) == {"frame": [3, 2, 2.9, 3]}
