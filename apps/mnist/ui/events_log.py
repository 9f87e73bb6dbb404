"""What happens in the window, one JSON object a line, for tests and for the curious."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import IO, Any


class EventsLog:
    """Writes events to a file, each flushed at once; without a path, and once the disk is full, it writes nothing.

    Raises OSError when the file cannot be made.
    """

    def __init__(self, path: Path | None) -> None:
        self._file: IO[str] | None = None
        if path is not None:  # names of files may hold bytes that are no UTF-8; they are escaped as JSON has it
            self._file = path.open("w", encoding="utf-8", errors="backslashreplace")

    def __call__(self, event: str, **fields: Any) -> None:
        if self._file is None:
            return
        try:
            self._file.write(json.dumps({"event": event, **fields}, ensure_ascii=False) + "\n")
            self._file.flush()
        except OSError:
            self.close()

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):  # it writes what could not be written before
                file.close()
