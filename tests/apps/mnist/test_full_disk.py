"""Runs from the command line on a disk that fills up, in a folder that becomes read-only, or is taken away.

The disk is a file system in memory, which only the process has that fills it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from apps.mnist import train
from framework.locks import FolderLock
from tests.framework.test_full_disk import MOUNT, ROOT, may_mount
from tests.kills.power import RECIPE, result

TROUBLE = """
import os, shutil, subprocess, sys
from pathlib import Path
from framework.callbacks import CallbackList
from framework.files import write_atomically

main, disk = sys.modules["__main__"], Path.cwd()


def fill():
    with open("filler", "ab", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass


def empty():
    os.unlink("filler")


def read_only():
    subprocess.run(["mount", "--bind", disk, disk], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", disk], check=True)


def remove():
    shutil.rmtree("run")


def make_a_file():
    remove()
    Path("run").write_text("mine")


def look(folder, *_):
    \"\"\"In place of pictures.\"\"\"
    paths = [folder / "confusion.png", folder / "weights.png"]
    for path in paths:
        write_atomically(path, b"IEND\\xaeB`\\x82".rjust(150_000))
    return paths


moments = [moment.split(":") for moment in os.environ["TROUBLE"].split()]
counts = {}


def happens(what):
    counts[what] = counts.get(what, 0) + 1
    for place, number, action in moments:
        if (place, int(number)) == (what, counts[what]):
            globals()[action]()


def after(what, function):
    def wrapped(*arguments):
        happens(what)
        return function(*arguments)
    return wrapped


tell = CallbackList.call
CallbackList.listens = lambda *_: True
CallbackList.call = lambda self, event, *a: after(event, tell)(self, event, *a)
main.save_plots = after("save_plots", look)
for name in ("run_of", "describe"):
    setattr(main, name, after(name, getattr(main, name)))
happens("start")
"""
"""A module for `--import`, which makes trouble when something happens for the n-th time."""

ATTEMPTS = """
import json, os, subprocess, sys
from pathlib import Path
from tests.kills.power import broken_files, result

disk, recipe, *attempts = sys.argv[1:]
os.chdir(disk)  # what is mounted now
run = Path(disk, "run")
for attempt, trouble in enumerate(attempts):
    where = ["--resume", run] if attempt else [recipe, "--run-dir", run]
    command = [sys.executable, "-m", "apps.mnist.train", *where, "--import", "trouble", "--verbose", "0"]
    done = subprocess.run(command, env={**os.environ, "TROUBLE": trouble}, capture_output=True, text=True)
    files = sorted(path.name for path in run.iterdir()) if run.is_dir() else []
    broken = list(broken_files(run)) if run.is_dir() else []
    end = result(run) if {"model.json", "history.json", "history.csv"} <= {*files} else None
    print(json.dumps([done.returncode, done.stdout, done.stderr, files, broken, repr(end)]))
    Path("filler").unlink(missing_ok=True) if os.access(disk, os.W_OK) else subprocess.run(["umount", "-l", disk])
    os.chdir(disk)
"""
"""Each attempt at one run on a disk; afterwards the trouble is over."""


class Attempt(NamedTuple):
    """How it ended."""

    status: int
    out: str
    err: str
    files: list[str]
    broken: list[str]
    result: str


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "recipe.yaml"
    path.write_text(RECIPE.replace("EVERY", "5").replace("epochs: 5", "epochs: 2"))
    return path


@pytest.fixture(scope="module")
def whole(recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the run ends with when nothing is in its way."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "save_plots", lambda *_: [])
        assert train.main([str(recipe), "--run-dir", str(folder), "--verbose", "0"]) == 0
    return repr(result(folder))


@pytest.fixture
def attempts(tmp_path: Path, recipe: Path, environment: dict[str, str]) -> Any:
    """Makes a run on a disk of its own in so many attempts, each with trouble of its own."""
    if not may_mount():
        pytest.skip("needs `unshare` and `mount` for file systems of its own")
    (tmp_path / "trouble.py").write_text(TROUBLE)
    disk = tmp_path / "disk"
    disk.mkdir()
    path = os.pathsep.join([str(ROOT), str(tmp_path)])

    def attempts(*troubles: str, megabytes: float = 4) -> list[Attempt]:
        mount = MOUNT.replace("size=1m", f"size={int(1024 * megabytes)}k")
        process = [sys.executable, "-c", ATTEMPTS, disk, recipe, *troubles]
        command = ["unshare", "-rm", "sh", "-c", mount, disk, *process]
        done = subprocess.run(
            command, env=environment | {"PYTHONPATH": path}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        found = [Attempt(*json.loads(line)) for line in done.stdout.splitlines()]
        assert [attempt.broken for attempt in found] == [[]] * len(troubles)
        return [attempt._replace(err=attempt.err.replace(f"{disk}/", "")) for attempt in found]

    return attempts


FULL = "no space left on device"
DONE = sorted([*train.FILES, "confusion.png", "weights.png"])
LATER = "training goes on, and it is tried again\n"
SAVING_FAILS = f"BackupAndRestore: run/checkpoint/latest.json cannot be written ({FULL}); {LATER}"
LOGGING_FAILS = f"CSVLogger: run/history.csv cannot be written ({FULL}); {LATER}"
LOGGING_FAILED = f"CSVLogger: run/history.csv cannot be written ({FULL}); it stays as it was\n"


def cannot(name: str, why: str = FULL, remedy: str = "make room") -> str:
    return f"error: run/{name}: {why}; {remedy}, then go on with --resume run\n"


class TestFullDisk:
    @pytest.mark.parametrize(
        ("trouble", "says", "files"),
        [
            (
                "on_train_batch_end:12:fill",
                SAVING_FAILS + LOGGING_FAILS + LOGGING_FAILED + cannot("model.json"),
                ["checkpoint", "config.yaml", "run.json"],
            ),
            (
                "on_train_batch_end:70:fill",
                SAVING_FAILS + LOGGING_FAILS + LOGGING_FAILED + cannot("model.json"),
                ["checkpoint", "config.yaml", "history.csv", "run.json"],
            ),
            (
                "run_of:1:fill",
                cannot("model.json"),
                ["checkpoint", "config.yaml", "history.csv", "run.json"],
            ),
            (
                "describe:1:fill",
                cannot("model.json"),
                ["checkpoint", "config.yaml", "history.csv", "history.json", "model.json", "run.json"],
            ),
        ],
        ids=["first epoch", "second epoch", "before the model", "before it is judged"],
    )
    def test_it_is_trained_to_the_end_and_gone_on_with_once_there_is_room(
        self, attempts: Any, whole: str, trouble: str, says: str, files: list[str]
    ) -> None:
        first, second = attempts(trouble, "")
        assert (first.status, first.err) == (2, says)
        assert first.files == files
        assert (second.status, second.err, second.files, second.result) == (0, "", DONE, whole)

    def test_a_run_that_cannot_begin_leaves_nothing(self, attempts: Any) -> None:
        [first] = attempts("start:1:fill")
        assert first.err == f"error: run/run.json: {FULL}; make room, then begin again with --run-dir run\n"
        assert first.status == 2
        assert first.files == []

    def test_it_goes_on_from_the_old_checkpoint_also_where_there_is_no_room_yet(
        self, attempts: Any, whole: str
    ) -> None:
        first, second, third = attempts("describe:1:fill", "start:1:fill", "")
        assert second.err == LOGGING_FAILS + LOGGING_FAILED + first.err
        assert second.files == first.files
        assert (third.status, third.err, third.result) == (0, "", whole)

    def test_a_disk_that_is_full_for_a_while_does_no_harm(self, attempts: Any, whole: str) -> None:
        [only] = attempts("on_train_batch_end:3:fill on_train_batch_end:80:empty")
        again = "{} could be written again\n"
        told = SAVING_FAILS + LOGGING_FAILS + again.format("BackupAndRestore: run/checkpoint/latest.json")
        assert only.err == told + again.format("CSVLogger: run/history.csv")
        assert (only.status, only.files, only.result) == (0, DONE, whole)

    def test_one_too_small_for_its_state_trains_the_model_all_the_same(self, attempts: Any, whole: str) -> None:
        [only] = attempts("", megabytes=0.5)
        assert only.err == SAVING_FAILS
        assert (only.status, only.files, only.result) == (0, DONE, whole)

    def test_no_room_for_pictures_is_told(self, attempts: Any, whole: str) -> None:
        [only] = attempts("", megabytes=0.9)
        told = f"No plots: run/weights.png: {FULL}; to draw them: python -m apps.mnist.evaluate run --plots run\n"
        assert only.err == SAVING_FAILS + told
        assert (only.status, only.files, only.result) == (0, sorted(train.FILES), whole)


class TestReadOnlyFolder:
    @pytest.mark.parametrize("moment", ["on_train_batch_end:12", "on_train_batch_end:70", "describe:1"])
    def test_it_is_gone_on_with_once_it_is_writable(self, attempts: Any, whole: str, moment: str) -> None:
        first, second = attempts(f"{moment}:read_only", "")
        says = cannot("model.json", "read-only file system", "make it writable")
        assert (first.status, first.err.endswith(says)) == (2, True)
        assert "checkpoint" in first.files
        assert (second.status, second.err, second.files, second.result) == (0, "", DONE, whole)

    def test_nothing_is_begun_in_one(self, attempts: Any) -> None:
        [first] = attempts("start:1:read_only")
        again = "make it writable, then begin again with --run-dir run\n"
        assert (first.status, first.err) == (2, f"error: run: read-only file system; {again}")


class TestVanishedFolder:
    def test_it_is_made_again(self, attempts: Any, whole: str) -> None:
        [only] = attempts("on_train_batch_end:70:remove")
        gone = "has gone in mid-run, with all that was in it\n"
        assert only.err == f"BackupAndRestore: the folder run/checkpoint {gone}"
        assert (only.status, only.files, only.result) == (0, DONE, whole)

    def test_what_was_made_again_can_be_gone_on_with(self, attempts: Any, whole: str) -> None:
        first, second = attempts("on_train_batch_end:12:remove describe:1:fill", "")
        assert first.status == 2
        assert "run.json" in first.files
        assert (second.status, second.err, second.result) == (0, "", whole)

    def test_after_the_training_the_model_is_saved_once_more(self, attempts: Any) -> None:
        [only] = attempts("save_plots:1:remove")
        assert only.err.endswith("run has gone, with all that was in it; the model is saved once more\n")
        assert only.files == ["config.yaml", "confusion.png", "model.json", "run.json", "weights.png"]
        assert only.status == 0
        assert "Saved: config.yaml, model.json, run.json, confusion.png, weights.png in " in only.out

    def test_a_file_in_its_place_stays_as_it_is(self, attempts: Any) -> None:
        [only] = attempts("on_train_batch_end:70:make_a_file")
        assert only.status == 2
        told = only.err.splitlines()
        assert told[-1] == "error: run/model.json: not a directory"
        assert len(told) == 5


@pytest.mark.usefixtures("no_plots")
def test_of_two_who_begin_the_second_is_told_and_nothing_is_lost(call: Any, tmp_path: Path, recipe: Path) -> None:
    folder = tmp_path / "run"
    with FolderLock(folder):
        status, _, err = call(train.main, recipe, "--run-dir", folder, "--verbose", "0")
        assert (status, folder.exists()) == (2, True)
    assert err.startswith(f"error: {folder} is used by this process already: end what uses it first")
