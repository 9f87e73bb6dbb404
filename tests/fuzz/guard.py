"""Gives one input to a target and sees that nothing happens beside: no code run, no file touched, no limit passed."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from .target import Target
from .watch import watched

MEMORY = 1 << 30
"""The most bytes that an example may take beyond what was taken before."""
ADDRESSES = 3 << 29
"""Bytes of address space beyond what was taken before, at which an allocation fails instead of taking the machine."""
SECONDS = 5.0
"""The longest that an example may take."""


class BrokenPromiseError(AssertionError):
    """The reader answered, but did what it must not do, or took too long or too much."""


class OutOfTime(BaseException):
    """The alarm."""


class Outcome(NamedTuple):
    """valid: whether the reader took it. seconds, bytes: what it cost."""

    valid: bool
    seconds: float
    bytes: int


def warm_up(target: Target) -> None:
    """Gives the seeds to the target unwatched: whatever is loaded at first use is loaded now."""
    for content in target.seeds():
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            target.check(content, Path(folder))


def attempt(target: Target, content: bytes, seconds: float = SECONDS) -> Outcome:
    """Gives the input to the target, in a new folder; raises what the target raises, and BrokenPromiseError."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    files = _open_files()
    taken, _ = _memory()
    try:
        with _limited(seconds):
            begin = time.perf_counter()
            with watched(target.writes) as done:
                valid = target.check(content, folder)
            took = time.perf_counter() - begin
        _, peak = _memory()
        used = max(0, peak - taken)
        left = sorted(path.name for path in folder.iterdir())
    except OutOfTime:
        raise BrokenPromiseError(f"{target.name}: took more than {seconds:g} seconds") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if done:
        raise BrokenPromiseError(f"{target.name}: reading did something else: {'; '.join(done[:3])}")
    if used > MEMORY:
        raise BrokenPromiseError(f"{target.name}: took {used >> 20:,} MiB of memory")
    if _open_files() > files:
        gc.collect()
        if _open_files() > files:
            raise BrokenPromiseError(f"{target.name}: left a file open")
    if any(name.endswith(".tmp") for name in left):
        raise BrokenPromiseError(f"{target.name}: left half-written files: {left}")
    return Outcome(valid, took, used)


def _open_files() -> int:
    """How many there are; 0 where the system does not tell."""
    try:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - many times a second
    except OSError:
        return 0


def _memory() -> tuple[int, int]:
    """Bytes taken now, and the most since it was last asked; zeros where the system does not tell."""
    found = {"VmRSS": 0, "VmHWM": 0}
    with contextlib.suppress(OSError):
        with open("/proc/self/status", "rb", 0) as status:  # noqa: PTH123 - many times a second
            for line in status.read().decode().splitlines():
                name, _, value = line.partition(":")
                if name in found:
                    found[name] = int(value.split()[0]) << 10
        with open("/proc/self/clear_refs", "wb", 0) as reset:  # noqa: PTH123
            reset.write(b"5")
    return found["VmRSS"], found["VmHWM"]


@contextlib.contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Has an alarm ring after these seconds, and lets no more address space be taken than a little above the limit."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise OutOfTime

    if not hasattr(signal, "setitimer"):  # Windows
        yield
        return
    import resource

    before, limits = signal.signal(signal.SIGALRM, ring), resource.getrlimit(resource.RLIMIT_AS)
    try:
        if addresses := _addresses():
            resource.setrlimit(resource.RLIMIT_AS, (addresses + ADDRESSES, limits[1]))
        signal.setitimer(signal.ITIMER_REAL, seconds)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, limits)


def _addresses() -> int:
    try:
        with open("/proc/self/statm", "rb", 0) as statm:  # noqa: PTH123
            return int(statm.read().split()[0]) * os.sysconf("SC_PAGESIZE")
    except (OSError, ValueError):
        return 0
