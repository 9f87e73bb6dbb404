"""The guard itself: each broken promise is seen."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import strategies as st

from .guard import BrokenPromiseError, attempt
from .target import Target, saved

OPEN = []


def target(check: Callable[[Path], object], writes: bool = False) -> Target:
    def checked(content: bytes, folder: Path) -> bool:
        path = saved(folder, "input", content)
        return check(path) is None

    return Target("a", lambda: [b""], st.binary, checked, writes)


def run_code(path: Path) -> None:
    exec(compile("1 + 1", "<string>", "exec"))


def start_a_process(path: Path) -> None:
    subprocess.run([sys.executable, "-c", ""], check=True)


def change_the_file(path: Path) -> None:
    path.write_bytes(b"x")


def remove_the_file(path: Path) -> None:
    path.unlink()


def leave_a_file_open(path: Path) -> None:
    OPEN.append(path.open("rb"))


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (run_code, "exec"),
        (start_a_process, "subprocess.Popen"),
        (change_the_file, "open"),
        (remove_the_file, "os.remove"),
    ],
)
def test_what_a_reader_must_not_do_is_seen(check: Callable[[Path], None], said: str) -> None:
    with pytest.raises(BrokenPromiseError, match=f"did something else: {said}"):
        attempt(target(check), b"")


def test_what_may_write_may_write() -> None:
    assert attempt(target(change_the_file, writes=True), b"").valid


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the system does not tell")
def test_a_file_that_stays_open_is_seen() -> None:
    try:
        with pytest.raises(BrokenPromiseError, match="left a file open"):
            attempt(target(leave_a_file_open), b"")
    finally:
        OPEN.pop().close()


def fifty_megabytes(path: Path) -> None:
    np.ones(50 << 20, np.uint8).fill(1)


MEASURED = """
from tests.fuzz.guard import attempt
from tests.fuzz.test_guard import fifty_megabytes, target

print(attempt(target(fifty_megabytes), b"").bytes)
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the system does not tell")
def test_memory_is_measured() -> None:
    """In a process of its own, as all fuzzing is: what other tests have freed could be taken once more unnoticed."""
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", MEASURED], cwd=root, capture_output=True, text=True, check=True)
    assert 45 << 20 < int(done.stdout) < 100 << 20


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not tell")
def test_memory_is_limited() -> None:
    with pytest.raises(MemoryError):
        attempt(target(lambda path: np.ones(4 << 30, np.uint8).fill(1)), b"")


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs an alarm")
def test_an_example_without_end_is_ended() -> None:
    def forever(path: Path) -> None:
        while True:
            try:
                time.sleep(1)
            except Exception:
                continue

    with pytest.raises(BrokenPromiseError, match=r"took more than 0\.05 seconds"):
        attempt(target(forever), b"", seconds=0.05)


def test_errors_come_through_and_leave_nothing_behind() -> None:
    seen: list[Path] = []

    def fail(path: Path) -> None:
        seen.append(path)
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        attempt(target(fail), b"")
    assert not seen[0].parent.exists()
