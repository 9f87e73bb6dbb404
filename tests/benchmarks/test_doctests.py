"""The examples in the docstrings of the suite."""

from __future__ import annotations

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["accuracy", "accuracy_table", "nets", "peers", "report", "spread", "trainings"])
def test_examples_in_docstrings_run(name) -> None:
    result = doctest.testmod(importlib.import_module(f"benchmarks.{name}"))
    assert result.attempted
    assert not result.failed
