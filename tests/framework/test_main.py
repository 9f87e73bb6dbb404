"""The commands as they are called: help, exit statuses, and nothing loaded by `import framework`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from framework.__main__ import main

ROOT = Path(__file__).parents[2]
COMMANDS = ["check", "explain", "new-layer", "schema"]


def test_without_a_command_it_shows_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    shown = capsys.readouterr().out
    assert all(f"\n    {command}" in shown for command in COMMANDS)


@pytest.mark.parametrize("arguments", [["--help"], *([command, "--help"] for command in COMMANDS)])
def test_help_is_there_and_nothing_fails(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage: python -m framework")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chek"], "unknown command 'chek'; did you mean 'check'?"),
        (["newlayer"], "did you mean 'new-layer'?"),
        (["zzz"], "invalid choice: 'zzz'"),
        (["check"], "the following arguments are required: module:Class"),
        (["explain", "adam", "--no-such-option"], "unrecognized arguments: --no-such-option"),
    ],
)
def test_a_wrong_command_line_is_a_usage_error(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_a_users_mistake_is_one_sentence_and_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "adm"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error: unknown name 'adm'; did you mean optimizer.adam?")
    assert shown.err.count("\n") == 1


def test_it_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "framework", "explain", "loss.mse"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("loss.mean_squared_error ")


def test_the_commands_cost_nobody_anything_who_does_not_use_them() -> None:
    program = "import framework, sys; print('framework.commands' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
