"""A disk that is full, a folder that becomes read-only or goes away: the last good files stay, the run goes on.

The disk is a file system of one megabyte in memory, which only the process has that fills it; where the system does not
allow that, the largest size of a file is limited instead.
"""

from __future__ import annotations

import errno
import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
MOUNT = 'mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"'
LIMIT = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
"""

START = """
import errno, json, os, shutil, subprocess, sys
from pathlib import Path
import numpy as np
from framework import Input, Sequential, load_model
from framework.callbacks import Callback, CSVLogger, ModelCheckpoint, csv_logger
from framework.files import write_atomically

folder = Path(sys.argv[1])
csv_logger.SHARE = float("inf")  # a line an epoch, however short

def names():
    return sorted(path.name for path in folder.iterdir())
"""

REFUSED = """
path, old = folder / "file", b"a" * 400_000
write_atomically(path, old)
break_it()
try:
    write_atomically(path, b"b" * 1_500_000)
except OSError as error:
    print(json.dumps([error.errno, error.filename, path.read_bytes() == old, names()]))
"""

TRAINING = """
(folder / "run").mkdir()
whole, model = [], Sequential([Input((200,)), {"dense": 100}, {"dense": 3}], seed=1)
model.compile("sgd", "mse")

class Trouble(Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2:
            break_it()
        if epoch == 4:
            mend_it()

    def on_epoch_end(self, epoch, logs=None):
        if (folder / "run" / "model.json").exists():
            load_model(folder / "run" / "model.json")
            table = (folder / "run" / "history.csv").read_text()
            whole.append([epoch, len(table.splitlines()) - 1, table.endswith("\\n")])

callbacks = [ModelCheckpoint(str(folder / "run/model.json")), CSVLogger(str(folder / "run/history.csv")), Trouble()]
history = model.fit(np.ones((4, 200)), np.ones((4, 3)), epochs=6, verbose=0, callbacks=callbacks)
same = np.array_equal(load_model(folder / "run/model.json").get_weights()[0], model.get_weights()[0])
print(json.dumps([history.epoch, whole, same, sorted(path.name for path in (folder / "run").iterdir())]))
"""

FILLED = """
def break_it():
    with open(folder / "filler", "wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass

def mend_it():
    (folder / "filler").unlink()
"""

READ_ONLY = """
def remount(how):
    subprocess.run(["mount", "-o", f"remount,{how}", folder], check=True)

def break_it():
    remount("ro")

def mend_it():
    remount("rw")
"""

VANISHED = """
def break_it():
    shutil.rmtree(folder / "run")

def mend_it():
    pass
"""

NOTHING = """
def break_it():
    pass
"""


@functools.cache
def may_mount() -> bool:
    """Whether a process may have file systems of its own here."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        command = ["unshare", "-rm", "sh", "-c", MOUNT, "/tmp", "true"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def run(folder: Path, *parts: str, on_small_disk: bool) -> tuple[Any, list[str]]:
    """What a program prints last, as JSON, and the lines of its messages."""
    command = [sys.executable, "-W", "error", "-c", "\n".join([START, *parts]), str(folder)]
    if on_small_disk:
        if not may_mount():
            pytest.skip("needs `unshare` and `mount` for file systems of its own")
        command = ["unshare", "-rm", "sh", "-c", MOUNT, str(folder), *command]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), done.stderr.splitlines()


def test_on_a_full_disk_the_old_file_stays_and_nothing_else_and_the_error_names_it(tmp_path: Path) -> None:
    found, _ = run(tmp_path, NOTHING, REFUSED, on_small_disk=True)
    assert found == [errno.ENOSPC, str(tmp_path / "file"), True, ["file"]]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a limit for the size of files")
def test_so_it_is_with_a_file_that_may_not_be_so_large(tmp_path: Path) -> None:
    found, _ = run(tmp_path, LIMIT, NOTHING, REFUSED, on_small_disk=False)
    assert found == [errno.EFBIG, str(tmp_path / "file"), True, ["file"]]


def test_so_it_is_in_a_folder_that_becomes_read_only(tmp_path: Path) -> None:
    found, _ = run(tmp_path, READ_ONLY, REFUSED, on_small_disk=True)
    assert found == [errno.EROFS, str(tmp_path / "file"), True, ["file"]]


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [(FILLED, "no space left on device"), (READ_ONLY, "read-only file system")],
    ids=["full disk", "read-only folder"],
)
def test_a_run_goes_on_and_writes_again_when_it_can(tmp_path: Path, trouble: str, reason: str) -> None:
    (epochs, whole, same, names), told = run(tmp_path, trouble, TRAINING, on_small_disk=True)
    assert epochs == [0, 1, 2, 3, 4, 5]
    assert whole == [[epoch, lines, True] for epoch, lines in enumerate([1, 2, 2, 2, 5, 6])]
    assert same
    assert names == ["history.csv", "model.json"]
    model, table = (tmp_path / "run" / name for name in names[::-1])
    assert told == [
        f"ModelCheckpoint: {model} cannot be written ({reason}); training goes on, and it is tried again",
        f"CSVLogger: {table} cannot be written ({reason}); training goes on, and it is tried again",
        f"ModelCheckpoint: {model} could be written again",
        f"CSVLogger: {table} could be written again",
    ]


def test_a_folder_that_goes_away_is_made_again(tmp_path: Path) -> None:
    (epochs, whole, same, names), told = run(tmp_path, VANISHED, TRAINING, on_small_disk=False)
    assert epochs == [0, 1, 2, 3, 4, 5]
    assert [lines for _, lines, _ in whole] == [1, 2, 3, 4, 5, 6]
    assert same
    assert names == ["history.csv", "model.json"]
    assert told == [f"ModelCheckpoint: the folder {tmp_path / 'run'} has gone in mid-run, with all that was in it"]
