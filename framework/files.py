"""Writing files so that a reader never finds half of one."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path


def write_atomically(path: str | Path, content: bytes) -> None:
    """Writes beside the target, flushes to disk, renames; a file that was there stays whole until then.

    The folder is made when it is missing; a link stays one, and what it points to is written. Raises OSError,
    leaving no debris, when it cannot be written, or when there is something that is no regular file.
    """
    given, path = path, Path(os.path.realpath(path))
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "Is not a regular file", str(given))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)  # noqa: PTH105
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
