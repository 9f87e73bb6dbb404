"""The figures in a model's file, whatever it says."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import pytest

from apps.mnist.figures import Figure, figures_of

GOOD: dict[str, Any] = asdict(Figure("mnist", "test", 10_000, 0.991, 0.003, 0.97, 0.998))


def test_figures_are_those_that_were_noted() -> None:
    least = {"set": "mine", "kind": "validation", "images": 3, "accuracy": 1, "more": "of a later version"}
    assert figures_of({"figures": [GOOD, least]}) == [Figure(**GOOD), Figure("mine", "validation", 3, 1)]
    assert Figure(**GOOD).right == 9910


def test_files_from_before_there_were_figures() -> None:
    old = {"test_accuracy": 0.9902, "test_images": 10_000, "test_set": "MNIST"}
    assert figures_of(old) == [Figure("mnist", "test", 10_000, 0.9902)]
    assert figures_of({"validation_accuracy": 0.5, "validation_images": 4}) == [
        Figure("the data", "validation", 4, 0.5)
    ]
    assert figures_of({}) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"set": 7},
        {"set": "two\nlines"},
        {"set": ""},
        {"kind": "train"},
        {"kind": ["test"]},
        {"images": 0},
        {"images": 10**400},
        {"images": 1e3},
        {"images": True},
        {"accuracy": 99.1},
        {"accuracy": math.nan},
        {"accuracy": "0.99"},
        {"accuracy": None},
        {"ece": "small"},
        {"sure": [0.9]},
        {"sure_right": 2},
    ],
    ids=str,
)
def test_what_is_no_figure_is_left_out(wrong: dict[str, Any]) -> None:
    assert figures_of({"figures": [GOOD | wrong, GOOD]}) == [Figure(**GOOD)]


@pytest.mark.parametrize("wrong", [None, "mnist", 3, GOOD, [None, "mnist", 3, [GOOD]]], ids=str)
def test_what_are_no_figures_are_none(wrong: Any) -> None:
    assert figures_of({"figures": wrong}) == []


@pytest.mark.parametrize("wrong", [{"test_set": 7, "test_images": "many"}, {"test_accuracy": "?"}, {"test_images": -1}])
def test_old_files_may_say_anything_too(wrong: dict[str, Any]) -> None:
    assert figures_of({"test_accuracy": 0.99, "test_images": 5} | wrong) == []
