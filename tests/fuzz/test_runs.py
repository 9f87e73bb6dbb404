"""Longer runs: what is found is made small, kept, told, and tried again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import strategies as st

from . import __main__ as command
from . import findings
from .runs import Tally, fuzz
from .target import Target


def picky(content: bytes, folder: Path) -> bool:
    """Has two bugs."""
    if len(content) > 3 and content[0] > 7:
        raise KeyError("the first")
    if content.endswith(b"\x05"):
        raise IndexError("the second")
    return len(content) % 2 == 0


TARGET = Target("picky", lambda: [b""], lambda: st.binary(max_size=9), picky)


def test_bugs_are_found_made_small_and_kept(tmp_path: Path) -> None:
    told: list[int] = []
    tally = fuzz(TARGET, 60, 800, 0, lambda tally: told.append(tally.examples), tmp_path / "now", tmp_path / "kept")
    kept = {path.read_bytes() for path in findings.all_findings(tmp_path / "kept")}
    assert kept == {b"\x08\0\0\0", b"\x05"}
    assert {findings.target_of(path) for path in findings.all_findings(tmp_path / "kept")} == {"picky"}
    assert sorted(said.partition(":")[0] for _, said in tally.failures) == ["IndexError", "KeyError"]
    assert told == list(range(1, tally.examples + 1))
    assert tally.valid + tally.refused > 200
    assert (tmp_path / "now").exists()


def test_a_run_of_a_seed_can_be_repeated(tmp_path: Path) -> None:
    runs = []
    for _ in range(2):
        seen: list[bytes] = []
        watched = Target(
            "a", lambda: [], lambda: st.binary(), lambda content, folder, seen=seen: not seen.append(content)
        )
        fuzz(watched, 60, 40, 3, folder=tmp_path)
        runs.append(seen)
    assert runs[0] == runs[1]
    assert len(set(runs[0])) > 20


@pytest.mark.slow
def test_the_command_tells_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--target", "drawing", "--examples", "20", "--seed", "1", "--findings", str(tmp_path)]
    assert command.main(arguments) == 0
    out = capsys.readouterr().out
    assert "seed 1, 1 target(s)" in out
    assert out.splitlines()[-2] == command.HEAD
    assert out.splitlines()[-1].split()[:2] == ["drawing", "20"]


def test_failures_are_told_with_the_way_to_replay_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = Tally("drawing", 10, failures=[(str(tmp_path / "drawing.0.input"), "KeyError: 'x'")])
    monkeypatch.setattr(command, "in_a_process", lambda *_: failed)
    assert command.main(["--target", "drawing"]) == 1
    assert (
        f"drawing: KeyError: 'x'\n  again: python -m tests.fuzz --replay {tmp_path}/drawing.0"
        in capsys.readouterr().out
    )


def test_a_finding_can_be_replayed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = findings.keep("drawing", b"{}", tmp_path)
    assert command.main(["--replay", str(path)]) == 0
    assert f"{path}: refused as promised" in capsys.readouterr().out
