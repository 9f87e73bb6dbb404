"""The memory that this process takes, as the system counts it."""

from __future__ import annotations

import sys
from pathlib import Path

STATUS = Path("/proc/self/status")


def peak_megabytes() -> float:
    """The largest resident set so far."""
    if STATUS.exists():
        return _field("VmHWM")
    import resource

    # Of the process and of what it was forked from; in bytes on macOS, in kilobytes elsewhere.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def anonymous_megabytes() -> float:
    """The resident memory that stands for no file, now. Raises OSError where the system does not tell."""
    return _field("RssAnon")


def available_megabytes() -> float | None:
    """What the machine has left, None where the system does not tell."""
    path = Path("/proc/meminfo")
    return _field("MemAvailable", path) if path.exists() else None


def _field(name: str, path: Path = STATUS) -> float:
    for line in path.read_text().splitlines():
        field, _, value = line.partition(":")
        if field == name:
            return 1024 * int(value.split()[0]) / 1e6
    raise OSError(f"{path} has no {name}")
