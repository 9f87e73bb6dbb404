"""Writing files so that a reader never finds half of one."""

from __future__ import annotations

import errno
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from stat import S_IMODE

_TEMPORARY = re.compile(r"\.[0-9a-f]{16}\.tmp")
_CHUNK = 1 << 20  # bytes that are read back and compared at a time


def write_atomically(path: str | Path, content: bytes) -> None:
    """Writes beside the target, flushes to disk, reads back, renames; a file that was there stays whole until then.

    The folder is made when it is missing; a link stays one, and what it points to is written. What is replaced hands
    on its permissions. Raises OSError with the path of the target, leaving no debris, when it cannot be written, does
    not read as it was written, or when there is something that is no regular file.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        try:
            before = target.stat() if target.exists() else None
            if before is not None and not target.is_file():
                raise OSError(errno.EINVAL, "Is not a regular file")
            _make_folder(target.parent)
            mode = 0o666 if before is None else S_IMODE(before.st_mode)
            _write(temporary, content, mode | 0o600)  # never open to more people than what it replaces
            _compare(temporary, content)
            if before is not None and mode != S_IMODE(temporary.stat().st_mode):
                temporary.chmod(mode)
            os.replace(temporary, target)  # noqa: PTH105
            _flush_folder(target.parent)
        except BaseException:
            _remove(temporary)
            raise
    except OSError as error:
        raise _about(path, error) from error


def write_new(contents: Mapping[Path, bytes]) -> None:
    """Writes files that are not there yet, all of them or none.

    Raises FileExistsError when one of them is there, OSError when one cannot be written.
    """
    for path in contents:
        if path.exists():
            raise FileExistsError(errno.EEXIST, "Is there already", str(path))
    written = []
    try:
        for path, content in contents.items():
            write_atomically(path, content)
            written.append(path)
    except BaseException:
        for path in written:
            _remove(path)
        raise


def put_in_place(source: Path, target: Path) -> None:
    """Flushes a file, on the same file system, to disk and renames it; what was there stays whole until then."""
    with source.open("rb+") as file:
        os.fsync(file.fileno())
    source.replace(target)
    _flush_folder(target.parent)


def remove_debris(folder: str | Path) -> None:
    """Removes what `write_atomically` leaves behind in a folder when it is killed; nobody else may be writing there."""
    for entry in os.scandir(folder):
        if _TEMPORARY.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
            _remove(Path(entry.path))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from error


def _write(path: Path, content: bytes, mode: int) -> None:
    with open(path, "xb", buffering=0, opener=lambda name, flags: os.open(name, flags, mode)) as file:
        rest = memoryview(content)
        while rest:
            rest = rest[file.write(rest) :]
        os.fsync(file.fileno())


def _compare(path: Path, content: bytes) -> None:
    with path.open("rb", buffering=0) as file:
        for start in range(0, len(content) + 1, _CHUNK):  # one more byte, to see the end
            chunk = file.read(_CHUNK)
            if chunk != content[start : start + _CHUNK]:
                raise OSError(errno.EIO, "Does not read as it was written")


def _flush_folder(folder: Path) -> None:
    """So that the new name outlives a power cut, where the system can do that."""
    if os.name != "posix":
        return
    try:
        file = os.open(folder, os.O_RDONLY)
    except OSError:  # it may be written, not read
        return
    try:
        os.fsync(file)
    except OSError:  # not all file systems can
        pass
    finally:
        os.close(file)


def _remove(path: Path) -> None:
    with suppress(OSError):  # why it cannot be removed is why it could not be written
        path.unlink(missing_ok=True)


def _about(path: str | Path, error: OSError) -> OSError:
    """The same error, of the file that was to be written."""
    if error.errno is None:
        return error
    return OSError(error.errno, error.strerror, str(path))
