"""Every target for a moment: always the same examples, and the findings of longer runs."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import pytest

from . import findings
from .guard import attempt, warm_up
from .runs import options
from .target import Target, all_targets

TARGETS = all_targets()
EXAMPLES = {"config": 60, "overrides": 60, "window": 40}
"""How many, where an example takes a hundredth of a second or more."""
PATIENCE = 120.0
"""Seconds for an example: on a slow machine nothing fails that is only slow."""


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_undamaged_inputs_are_valid(target: Target) -> None:
    warm_up(target)
    assert all(attempt(target, content, PATIENCE).valid for content in target.seeds())


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_whatever_comes_is_answered_as_promised(target: Target) -> None:
    warm_up(target)

    @options(EXAMPLES.get(target.name, 150), derandomize=True)
    @hypothesis.given(target.inputs())
    def answered(content: bytes) -> None:
        attempt(target, content, PATIENCE)

    answered()


@pytest.mark.parametrize("path", findings.all_findings(), ids=lambda path: path.stem)
def test_what_went_wrong_once_does_not_again(path: Path) -> None:
    target = TARGETS[findings.target_of(path)]
    warm_up(target)
    attempt(target, path.read_bytes(), PATIENCE)
