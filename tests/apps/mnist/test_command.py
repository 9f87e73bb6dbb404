"""How the commands end: statuses, and mistakes that are told in a sentence."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.mnist import command
from apps.mnist.command import UsageError, import_modules, reason
from apps.mnist.files import DataError
from framework.checkpoint import CheckpointError
from framework.config import ConfigError, Problem
from framework.divergence import DivergenceError
from framework.registry import ArgumentError, UnknownNameError


def raising(error: BaseException) -> Callable[[list[str]], int]:
    def main(arguments: list[str]) -> int:
        raise error

    return main


@pytest.mark.parametrize("status", [0, 2, 143])
def test_the_status_of_main_is_that_of_the_program(call: Any, status: int) -> None:
    assert call(lambda _: status) == (status, "", "")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (UsageError("one file at a time"), "error: one file at a time"),
        (ArgumentError("units = 0: give at least 1"), "error: units = 0: give at least 1"),
        (CheckpointError("a.json: cut short"), "error: a.json: cut short"),
        (DataError("a.gz", "empty", "fetch it"), "error: a.gz: empty; fetch it"),
        (
            UnknownNameError("layer", "dens", ["dense"]),
            "error: unknown layer 'dens'; did you mean 'dense'? (known: dense)",
        ),
        (ImportError("needs Pillow: pip install pillow"), "error: needs Pillow: pip install pillow"),
        (FileNotFoundError(2, "No such file or directory", "a.json"), "error: a.json: no such file or directory"),
        (MemoryError("Unable to allocate 309 TiB"), "error: Unable to allocate 309 TiB"),
        (ConfigError([Problem("a.yaml", 3, 8, "epochs is wrong")]), "a.yaml:3:8: error: epochs is wrong"),
        (
            ConfigError([Problem("a.yaml", n, 1, "bad") for n in (1, 2)]),
            "a.yaml:1:1: error: bad\na.yaml:2:1: error: bad",
        ),
    ],
)
def test_a_mistake_of_the_user_is_told_with_status_2(call: Any, error: Exception, told: str) -> None:
    assert call(raising(error)) == (2, "", f"{told}\n")


def test_a_run_that_diverges_is_told_with_status_1(call: Any) -> None:
    error = DivergenceError("it overflows", loss=math.inf, step=3, remedy="learn slower")
    assert call(raising(error)) == (1, "", "error: the loss is inf in step 3: it overflows; learn slower\n")


def test_an_interruption_is_told_with_status_130(call: Any) -> None:
    assert call(raising(KeyboardInterrupt())) == (130, "", "interrupted\n")


def test_a_mistake_of_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        command.run(lambda: 1 // 0)


def test_a_reader_that_has_gone_is_no_error(run_folder: Path, environment: dict[str, str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    arguments = [sys.executable, "-m", "apps.mnist.evaluate", str(run_folder), "--data", "sample"]
    try:
        end = subprocess.run(arguments, env=environment, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    finally:
        os.close(writing)
    assert (end.returncode, end.stderr) == (141, "")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (IsADirectoryError(21, "Is a directory", "pictures"), "pictures: is a directory"),
        (OSError(28, "No space left on device"), "no space left on device"),
        (OSError("image file is truncated"), "image file is truncated"),
        (ValueError("two\n  lines"), "two lines"),
        (EOFError(), "EOFError"),
    ],
)
def test_reason(error: Exception, expected: str) -> None:
    assert reason(error) == expected


class TestImportModules:
    @pytest.fixture(autouse=True)
    def in_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.syspath_prepend(str(tmp_path))

    def test_runs_the_module(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "mine_that_works.py").write_text("value = 3\n")
        import_modules(["mine_that_works"])
        assert sys.modules["mine_that_works"].value == 3
        monkeypatch.delitem(sys.modules, "mine_that_works")

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("x = 1\nraise RuntimeError('no\\nway')", "mine.py, line 2: RuntimeError: no way"),
            ("import there_is_no_such", "mine.py, line 1: ModuleNotFoundError: No module named 'there_is_no_such'"),
            ("import json\njson.loads('')", "mine.py, line 2: JSONDecodeError: Expecting value"),
            ("import sys\nsys.exit(3)", "mine.py, line 2: SystemExit: 3"),
            ("x = 1\ndef (", "SyntaxError: invalid syntax (mine.py, line 2)"),
        ],
    )
    def test_says_what_is_wrong_in_it_and_where(self, tmp_path: Path, text: str, problem: str) -> None:
        (tmp_path / "mine.py").write_text(text)
        with pytest.raises(UsageError) as raised:
            import_modules(["mine"])
        assert str(raised.value).startswith(f"--import mine: {problem}")

    @pytest.mark.parametrize(
        ("name", "problem"),
        [
            ("there_is_none", "there is no module there_is_none in this folder or among the installed packages"),
            ("there_is_none.py", "; write --import there_is_none"),
            ("mine_here.py", "; write --import mine_here"),
            ("../mine", "not a module's name; for my_layers.py write --import my_layers"),
            (".mine", "not a module's name"),
            ("", "not a module's name"),
        ],
    )
    def test_says_when_there_is_none(self, tmp_path: Path, name: str, problem: str) -> None:
        (tmp_path / "mine_here.py").write_text("")
        with pytest.raises(UsageError) as raised:
            import_modules([name])
        assert str(raised.value).startswith(f"--import {name}: ")
        assert problem in str(raised.value)
        sys.modules.pop("mine_here", None)
