"""Keeping a folder to oneself: two runs that write into one folder would replace each other's files."""

from __future__ import annotations

import errno
import os
import platform
import stat
import sys
import time
import warnings
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from .files import remove_debris

_UNSUPPORTED = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
_OUT_OF_THE_WAY = 1 << 30  # the byte that is locked on Windows, where a locked one cannot be read
_PAUSE = 0.01  # seconds between two attempts


class FolderInUseError(OSError):
    """Somebody else has the lock of a folder; the message names the folder and the process."""


class FolderLock:
    """The right to write into a folder, which one at a time can have; also one of several in the same process.

    The system keeps it, as a lock on the file `.lock` there, which holds the number of the process and the name of its
    machine. So it ends with the process, however that ends. It asks only those who ask for it: nobody is kept from
    writing. Copies, and processes forked off, do not have it.

    folder: made when it is missing. timeout: for how many seconds to wait for somebody else; 0 for not at all.
    clean: whether to remove, once it is there, what writers that were killed left behind in the folder.
    name: of the file; another one for those who share a folder, and each have a part of it.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, FolderLock(folder) as lock:
    ...     lock.held
    True
    """

    def __init__(self, folder: str | Path, timeout: float = 0, clean: bool = True, name: str = ".lock") -> None:
        self.folder = Path(folder)
        self.timeout = timeout
        self.clean = clean
        self.name = name
        self._file: BinaryIO | None = None

    @property
    def held(self) -> bool:
        """Whether this object has the lock, in this process."""
        return self._file is not None and self._file in _files

    def acquire(self) -> None:
        """Takes the lock.

        Where the file system knows no locks, it goes on without, after a warning. Raises FolderInUseError when somebody
        has it, another object as well as another process; OSError when the folder cannot be made or written.
        """
        end, path = time.monotonic() + self.timeout, self.folder / self.name
        while (file := _locked_file(path)) is None:
            if time.monotonic() >= end:
                raise FolderInUseError(f"{self.folder} is used by {_owner(path)}")
            time.sleep(_PAUSE)
        _files.add(file)
        self._file = file
        if self.clean:
            remove_debris(self.folder)

    def release(self) -> None:
        """Gives the lock back, and removes its file; does nothing without."""
        file, self._file = self._file, None
        if file is None or file not in _files:
            return
        _files.discard(file)
        path = self.folder / self.name
        if sys.platform == "win32":  # an open file cannot be removed: neither ours, nor that of the next one
            file.close()
            _remove(path)
        else:
            if _is(file, path):  # another one's, when the folder was taken away and made again
                _remove(path)
            file.close()

    def __enter__(self) -> FolderLock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()

    def __del__(self) -> None:
        self.release()

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_file": None}


def _locked_file(path: Path) -> BinaryIO | None:
    """The open, locked file; None when somebody else has it."""
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            file = open(path, "a+b", buffering=0, opener=_regular_file)  # noqa: SIM115 - whoever has the lock closes it
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path.parent)) from error
        try:
            if not _lock(file, path):
                file.close()
                return None
            if _is(file, path):
                _sign(file)
                return file
        except BaseException:
            file.close()
            raise
        file.close()  # whoever had it removed the file after we had opened it


def _regular_file(name: str, flags: int) -> int:
    """Opens no link, so that whoever has made the folder does not choose which file is signed; waits for no pipe."""
    file = os.open(name, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0), 0o666)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(errno.EINVAL, f"{Path(name).name!r} there is no regular file")
    return file


def _lock(file: BinaryIO, path: Path) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(_OUT_OF_THE_WAY)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
            return False
        if error.errno not in _UNSUPPORTED:
            raise OSError(error.errno, error.strerror, str(path)) from None
        message = f"{path.parent}: this file system has no locks, so nobody is kept from using the folder at once"
        warnings.warn(message, RuntimeWarning, stacklevel=4)
    return True


def _sign(file: BinaryIO) -> None:
    with suppress(OSError):  # a full disk: nobody will be told who has it, but it is had
        file.truncate(0)
        file.write(f"{os.getpid()} {platform.node()}\n".encode())


def _owner(path: Path) -> str:
    """Who has it, and what to do."""
    try:
        with path.open("rb") as file:
            pid, host = file.read(300).decode().split()
    except (OSError, ValueError):  # it is just being written, or removed
        pid = host = ""
    if pid == str(os.getpid()) and host == platform.node():
        return "this process already: end what uses it first, or choose another folder"
    where = f" on {host}" if host != platform.node() else ""
    who = f" (pid {pid}{where})" if pid.isdecimal() else ""
    return f"another process{who}: wait until it ends, or choose another folder"


def _is(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        return False


def _remove(path: Path) -> None:
    with suppress(OSError):  # a folder that has become read-only: the file stays, unlocked
        path.unlink(missing_ok=True)


def _forget() -> None:
    """In a process that has been forked off: the lock is the parent's, and must not outlive it here."""
    for file in _files:
        file.close()
    _files.clear()


_files: set[BinaryIO] = set()
"""The open files of the locks that this process has."""
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
