"""A folder of a user's own to run commands in, of which nothing is left afterwards."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from framework.commands.families import FAMILIES


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder at hand; modules imported from it and what they register are forgotten after the test."""
    for family in FAMILIES:
        monkeypatch.setattr(family.registry, "_classes", dict(family.registry._classes))
        monkeypatch.setattr(family.registry, "_names", dict(family.registry._names))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]
