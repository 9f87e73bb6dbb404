"""What a command's end looks like: its own status, or a sentence and 2."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from framework import config, layers
from framework.commands.mistakes import UsageError, guarded
from framework.divergence import DivergenceError


def raising(error: BaseException) -> Callable[[], int]:
    def command() -> int:
        raise error

    return command


def test_the_status_is_the_commands_own() -> None:
    assert [guarded(lambda: 0), guarded(lambda: 1)] == [0, 1]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UsageError("say which class"), "error: say which class\n"),
        (PermissionError(13, "Permission denied", "a.json"), "error: a.json: permission denied\n"),
        (OSError("no space"), "error: no space\n"),
        (KeyboardInterrupt(), "interrupted\n"),
    ],
)
def test_a_mistake_is_told_in_a_line(error: BaseException, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(raising(error)) == (130 if isinstance(error, KeyboardInterrupt) else 2)
    assert capsys.readouterr().err == said


def test_so_are_the_frameworks_own_errors(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(lambda: layers.get("dens")) == 2
    assert guarded(lambda: layers.get({"dense": -1})) == 2
    assert guarded(lambda: config.loads("model: {}")) == 2
    shown = capsys.readouterr().err
    for sentence in ("unknown layer 'dens'", "Dense: units must be", "<text>:1:8: error: missing key 'layers'"):
        assert sentence in shown


def test_a_run_that_diverges_is_told_with_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(raising(DivergenceError("it overflows", loss=math.inf, step=3))) == 1
    assert capsys.readouterr().err.startswith("error: the loss is inf in step 3: it overflows; a smaller")


def test_a_mistake_of_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        guarded(lambda: 1 // 0)
