"""What is known of a run: it comes back, and is compared; its record counts the time of all attempts."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from apps.mnist import data as data
from apps.mnist import run_folder
from apps.mnist.command import UsageError
from apps.mnist.run_folder import (
    KeptNote,
    Record,
    RunFolder,
    UnwrittenError,
    refuse_used,
    taken,
    telling_how_to_go_on,
)
from framework import config

TEXT = "data: {mnist: {path: there}}\nmodel: {layers: [{dense: 3}]}\nloss: mse\n"


def folder(path: Path, *overrides: str, corrections: Path | None = None) -> RunFolder:
    return RunFolder.of(config.loads(TEXT, overrides), path, "recipe", ["a=1"], corrections)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    run = folder(tmp_path / "run", corrections=Path("some.jsonl"))
    run.images = 7
    run.write()
    assert vars(RunFolder.read(tmp_path / "run")) == vars(run)
    assert (tmp_path / "run" / "config.yaml").read_text() == run.experiment


@pytest.mark.parametrize(
    ("overrides", "corrections", "images", "found"),
    [
        ((), None, None, []),
        (("data.mnist.path=elsewhere",), None, 9, []),
        (("seed=1", "optimizer=adam"), None, 9, ["seed (42 then, 1 now)", "optimizer.rmsprop (", "optimizer.adam ("]),
        ((), Path("/a/b"), 9, ["--corrections (None then, /a/b now)"]),
        ((), None, 10, ["the images to train on (9 then, 10 now)"]),
    ],
)
def test_what_differs_is_named(
    tmp_path: Path, overrides: tuple[str, ...], corrections: Path | None, images: int | None, found: list[str]
) -> None:
    before, now = folder(tmp_path), folder(tmp_path, *overrides, corrections=corrections)
    before.images, now.images = 9, images
    changed = before.changed(now)
    assert len(changed) == len(found), changed
    for text, start in zip(changed, found, strict=True):
        assert text.startswith(start)


def test_what_a_finished_run_kept_goes_and_files_of_others_stay(tmp_path: Path) -> None:
    run = folder(tmp_path)
    run.checkpoint.mkdir()
    for name in ("latest.json", "previous.json", "mine.txt"):
        (run.checkpoint / name).touch()
    run.finish()
    assert RunFolder.read(tmp_path).finished
    assert [path.name for path in run.checkpoint.iterdir()] == ["mine.txt"]
    (run.checkpoint / "mine.txt").unlink()
    run.finish()
    assert not run.checkpoint.exists()


@pytest.mark.parametrize("name", ["history.csv", "model.json"])
def test_a_folder_of_another_run_is_refused(tmp_path: Path, name: str) -> None:
    refuse_used(tmp_path)
    (tmp_path / name).touch()
    with pytest.raises(UsageError, match="holds a run already; choose another --run-dir, or delete that one"):
        refuse_used(tmp_path)


def test_a_folder_that_was_made_for_nothing_goes_again(tmp_path: Path) -> None:
    with taken(tmp_path / "new"):
        assert (tmp_path / "new").is_dir()
    assert not (tmp_path / "new").exists()
    (tmp_path / "old").mkdir()
    with taken(tmp_path / "old"):
        pass
    assert (tmp_path / "old").is_dir()


def test_a_note_that_is_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_bytes(b" " * (run_folder.LARGEST_NOTE + 1))
    with pytest.raises(UsageError, match="is larger than any note of a run"):
        RunFolder.read(tmp_path)


class Clock:
    now = 0.0

    def perf_counter(self) -> float:
        return self.now


def test_the_record_counts_the_time_of_all_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(run_folder, "time", clock)
    first, second = Record(), Record()
    first.on_train_begin()
    clock.now = 5.0
    first.on_epoch_end(0, {"loss": 1.0})
    state: dict[str, Any] = json.loads(json.dumps(first.get_state()))
    clock.now = 100.0
    second.on_train_begin()
    second.set_state(state)
    clock.now = 103.0
    second.on_epoch_end(1, {"loss": float("nan"), "val_loss": 2.0})
    second.on_train_end()
    clock.now = 200.0
    assert second.seconds == 8.0
    assert json.loads(second.to_json()) == {"epoch": [0, 1], "loss": [1.0, None], "val_loss": [None, 2.0]}


def test_what_is_there_already_is_not_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = folder(tmp_path / "run")
    run.write()
    monkeypatch.setattr(run_folder, "write_atomically", lambda path, content: pytest.fail(f"{path} is written"))
    run.write()


def test_a_note_that_has_gone_is_written_again_where_that_can_be(tmp_path: Path) -> None:
    run = folder(tmp_path / "run")
    note = KeptNote(run)
    note.on_epoch_end(0)
    assert vars(RunFolder.read(run.path)) == vars(run)
    shutil.rmtree(run.path)
    run.path.write_text("a file")
    note.on_epoch_end(1)
    assert run.path.read_text() == "a file"


@pytest.mark.parametrize(
    ("number", "begun", "says"),
    [
        (errno.ENOSPC, True, "no space left on device; make room, then go on with --resume"),
        (errno.EROFS, False, "read-only file system; make it writable, then begin again with --run-dir"),
        (errno.ENOTDIR, True, "not a directory; put that right, then go on with --resume"),
    ],
)
def test_what_to_do_is_told(tmp_path: Path, number: int, begun: bool, says: str) -> None:
    if begun:
        (tmp_path / "run.json").touch()
    with pytest.raises(UnwrittenError) as told, telling_how_to_go_on(tmp_path):
        raise OSError(number, os.strerror(number), str(tmp_path / "model.json"))
    assert str(told.value) == f"{tmp_path / 'model.json'}: {says} {tmp_path}"


@pytest.mark.parametrize("error", [BrokenPipeError(32, "Broken pipe"), OSError("odd"), OSError(28, "Full", "/other")])
def test_of_other_files_nothing_is_said(tmp_path: Path, error: OSError) -> None:
    with pytest.raises(OSError) as raised, telling_how_to_go_on(tmp_path):
        raise error
    assert raised.value is error
