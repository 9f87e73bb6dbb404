"""What was measured on: without it, no time means anything."""

from __future__ import annotations

import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

from .processes import available_cores

CACHES = Path("/sys/devices/system/cpu/cpu0/cache")


def describe() -> dict[str, Any]:
    """Processor, cores, caches of a core, memory, system, Python, date and how busy it is."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "usable_cores": len(available_cores()),
        "caches": _caches(),
        "memory_gb": _memory(),
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "python": sys.version.split()[0],
        "date": time.strftime("%Y-%m-%d %H:%M"),
        "load_before": load(),
    }


def load() -> float | None:
    """The load average of the last minute, where the system has one."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _caches() -> dict[str, str]:
    """The caches of the first core, as {"L1 data": "32K", ...}; empty where the system does not tell."""
    found = {}
    for folder in sorted(CACHES.glob("index*")):
        level, kind, size = ((folder / name).read_text().strip() for name in ("level", "type", "size"))
        found[f"L{level}" + (f" {kind.lower()}" if kind != "Unified" else "")] = size
    return found


def _memory() -> float | None:
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1)
