"""Sees code that is run, processes that are started and files that are written, by Python's audit events."""

from __future__ import annotations

import contextlib
import os
import sys
import typing
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any

FORBIDDEN = (
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "pty.spawn"),
    *("pickle.find_class", "socket.connect", "socket.getaddrinfo", "urllib.Request", "marshal.loads"),
)
"""Audit events that no reader has a reason for, outside of an import."""
CHANGES = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.link", "os.symlink", "os.truncate")


class _Watch:
    """The audit hook, which cannot be taken away again: silent unless `done` is a list."""

    def __init__(self) -> None:
        self.done: list[str] | None = None
        self.may_write = False
        self.hooked = False

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if self.done is None:
            return
        if event in FORBIDDEN or (event == "exec" and isinstance(args[0], CodeType)):
            if _importing(sys._getframe(1)):
                return
            self.done.append(f"{event} {args[:1]!r:.120}")
        elif (event == "open" and _writes(args) and not self.may_write) or (event in CHANGES and not self.may_write):
            self.done.append(f"{event} {args[:1]!r:.120}")


_WATCH = _Watch()


@contextlib.contextmanager
def watched(may_write: bool) -> Iterator[list[str]]:
    """Collects what must not be done in the meantime."""
    if not _WATCH.hooked:
        sys.addaudithook(_WATCH)
        _WATCH.hooked = True
    done: list[str] = []
    _WATCH.done, _WATCH.may_write = done, may_write
    try:
        yield done
    finally:
        _WATCH.done = None


@contextlib.contextmanager
def unwatched() -> Iterator[None]:
    """For what a check does itself, such as writing its input."""
    done, _WATCH.done = _WATCH.done, None
    try:
        yield
    finally:
        _WATCH.done = done


def _importing(frame: FrameType | None) -> bool:
    """Whether the program is importing a module of its own, which runs its code, or evaluating its annotations."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib") or frame.f_code.co_filename == typing.__file__:
            return True
        frame = frame.f_back
    return False


def _writes(args: tuple[Any, ...]) -> bool:
    path, mode, flags = args
    if isinstance(path, int) or os.fspath(path) in (os.devnull, b"/dev/null"):
        return False
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return bool((flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
