"""One at a time has the lock of a folder, and it ends with the process."""

import copy
import errno
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from apps.mnist.command import reason
from framework.locks import FolderInUseError, FolderLock

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys
from framework.locks import FolderLock
lock = FolderLock(sys.argv[1])
lock.acquire()
print("has it", flush=True)
sys.stdin.read()
"""
DEBRIS = ".0123456789abcdef.tmp"


@contextmanager
def other_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """One that has the lock, until it is told to end."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "has it\n"
        try:
            yield process
        finally:
            process.kill()


def test_another_process_is_named_and_its_lock_ends_when_it_is_killed(tmp_path: Path) -> None:
    with other_process(tmp_path) as other:
        with pytest.raises(FolderInUseError) as refused, FolderLock(tmp_path):
            pass
        expected = (
            f"{tmp_path} is used by another process (pid {other.pid}): wait until it ends, or choose another folder"
        )
        assert reason(refused.value) == str(refused.value) == expected
        other.kill()
        other.wait()
        assert (tmp_path / ".lock").exists()
        with FolderLock(tmp_path) as lock:
            assert lock.held
        assert not (tmp_path / ".lock").exists()


def test_in_one_process_it_has_one_owner_too(tmp_path: Path) -> None:
    first, second = FolderLock(tmp_path), FolderLock(tmp_path)
    with first:
        with pytest.raises(FolderInUseError, match="is used by this process already: end what uses it first"):
            second.acquire()
        second.release()  # has nothing to give back
        assert (first.held, second.held) == (True, False)
        assert (tmp_path / ".lock").exists()
    with second:
        assert (first.held, second.held) == (False, True)


def test_the_folder_is_made_and_what_killed_writers_left_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "first"
    with FolderLock(folder):
        pass
    mine = ["model.json", ".tmp", "notes.tmp", ".0123456789abcdef.tmp.json", f"{DEBRIS}.d"]
    for name in [*mine, DEBRIS]:
        (folder / name).write_text("x")
    with FolderLock(folder, clean=False):
        assert (folder / DEBRIS).exists()
    with FolderLock(folder):
        assert sorted(path.name for path in folder.iterdir()) == sorted([".lock", *mine])


def test_copies_do_not_have_it(tmp_path: Path) -> None:
    with FolderLock(tmp_path, timeout=0.5) as lock:
        for other in (copy.copy(lock), copy.deepcopy(lock), pickle.loads(pickle.dumps(lock))):
            assert (other.folder, other.timeout, other.held) == (tmp_path, 0.5, False)
            other.release()
        assert lock.held
        with pytest.raises(FolderInUseError):
            FolderLock(tmp_path).acquire()


def test_an_object_that_nobody_has_any_more_gives_it_back(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    lock.acquire()
    del lock
    with FolderLock(tmp_path):
        pass


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_process_that_is_forked_off_does_not_have_it_and_does_not_keep_it(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with FolderLock(tmp_path) as lock:
        child = os.fork()
        if not child:
            os.close(writing)
            held = lock.held
            lock.release()
            os.read(reading, 1)  # lives on until it is told
            os._exit(held)
        with pytest.raises(FolderInUseError):
            FolderLock(tmp_path).acquire()
    with FolderLock(tmp_path):
        os.close(reading)
        os.close(writing)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_folder_that_was_made_again_keeps_the_lock_of_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with FolderLock(folder):
        folder.rename(tmp_path / "away")
        with FolderLock(folder) as other:
            pass
        other.acquire()
    assert (folder / ".lock").exists()
    other.release()


def test_whoever_waits_gets_it_when_it_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = FolderLock(tmp_path)
    first.acquire()
    waited = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        first.release()

    monkeypatch.setattr("framework.locks.time.sleep", sleep)
    with FolderLock(tmp_path, timeout=60) as second:
        assert second.held
    assert len(waited) == 1


def test_a_file_system_without_locks_is_warned_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")

    def refuse(file: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.warns(RuntimeWarning, match="this file system has no locks"), FolderLock(tmp_path):
        pass


def test_a_place_where_no_folder_can_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError, match="file") as failed:
        FolderLock(tmp_path / "file").acquire()
    assert failed.value.filename is not None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a system with pipes")
@pytest.mark.parametrize("make", [lambda path, other: path.symlink_to(other), lambda path, _: os.mkfifo(path)])
def test_what_stands_in_the_place_of_its_file_is_not_written(tmp_path: Path, make: Any) -> None:
    other = tmp_path / "precious"
    other.write_text("precious")
    folder = tmp_path / "run"
    folder.mkdir()
    make(folder / ".lock", other)
    with pytest.raises(OSError, match=r"symbolic links|is no regular file") as error:
        FolderLock(folder).acquire()
    assert error.value.filename == str(folder)
    assert other.read_text() == "precious"
