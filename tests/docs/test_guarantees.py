"""Every promise names a test that there is, and every limit is that of the code."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "guarantees.md"
TEXT = PAGE.read_text(encoding="utf-8")

TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py(?:::\w+)*)`", TEXT)))
LIMITS = re.findall(
    r"^\| [^|]+ \| ([\d,]+)(?: (\w+))? \| `([\w.]+)\.(\w+)(?:\[\"([\w.]+)\"\])?` \|$", TEXT, re.MULTILINE
)
COMMANDS = sorted(set(re.findall(r"`python -m ([\w.]+)", TEXT)))
SCALES = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def names_in(path: Path) -> set[str]:
    """All tests of a file, those inside of classes behind the name of their class."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}::{part.name}" for part in node.body if isinstance(part, ast.FunctionDef)}
    return names


@pytest.mark.parametrize("test", TESTS)
def test_every_test_that_is_named_is_there(test: str) -> None:
    file, _, name = test.partition("::")
    assert (ROOT / file).is_file()
    assert name.rpartition("::")[2].startswith("test_")
    assert name in names_in(ROOT / file)


@pytest.mark.parametrize(("number", "unit", "module", "constant", "key"), LIMITS)
def test_every_limit_is_that_of_the_code(number: str, unit: str, module: str, constant: str, key: str) -> None:
    value = getattr(importlib.import_module(module), constant)
    assert int(number.replace(",", "")) * SCALES[unit] == (value[key] if key else value)


def test_no_row_of_the_limits_is_passed_over() -> None:
    table = TEXT.partition("| limit | value | constant |\n|---|---|---|\n")[2].partition("\n\n")[0]
    assert len(table.splitlines()) == len(LIMITS) > 0


def test_of_the_modules_with_limits_none_is_left_out() -> None:
    named = {(module, constant) for _, _, module, constant, _ in LIMITS}
    found = set()
    for module in {module for module, _ in named}:
        tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))
        targets = [node.targets[0] for node in tree.body if isinstance(node, ast.Assign)]
        constants = [target.id for target in targets if isinstance(target, ast.Name)]
        found |= {(module, name) for name in constants if re.match(r"(?:MAX|MOST|LARGEST|LONGEST|LIMIT)(?:_|$)", name)}
    assert named == found


def test_every_row_of_promises_names_what_shows_it() -> None:
    for table in re.findall(r"^\| (?:promised|what is read) \|[^\n]*\n\|[-|]+\n((?:\|[^\n]*\n)+)", TEXT, re.MULTILINE):
        for row in table.splitlines():
            assert re.search(r"`tests/[\w/]+\.py::|`python -m ", row.split("|")[-2]), row


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_there(command: str) -> None:
    assert importlib.util.find_spec(command) is not None


def test_links_lead_to_files_and_headings() -> None:
    for target, heading in re.findall(r"\]\((?!https?:)([^)#]+)(?:#([\w-]+))?\)", TEXT):
        path = PAGE.parent / target
        assert path.is_file(), target
        if heading:
            titles = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = [re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles]
            assert heading in anchors
