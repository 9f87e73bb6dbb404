"""What happens in the window, one JSON object a line, for tests and for the curious."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any


class EventsLog:
    """Writes events to a file, each at once; without a path, and once the disk is full, it writes nothing.

    Every line that is there is whole. Raises OSError when the file cannot be made.
    """

    def __init__(self, path: Path | None) -> None:
        self._file = None if path is None else path.open("wb", buffering=0)
        self._size = 0

    def __call__(self, event: str, **fields: Any) -> None:
        if self._file is None:
            return
        # Names of files may hold bytes that are no UTF-8; they are escaped as JSON has it.
        text = json.dumps({"event": event, **fields}, ensure_ascii=False) + "\n"
        line = text.encode("utf-8", "backslashreplace")
        try:
            is_whole = self._file.write(line) == len(line)
        except OSError:
            is_whole = False
        if is_whole:
            self._size += len(line)
        else:
            with suppress(OSError):
                self._file.truncate(self._size)
            self.close()

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):
                file.close()
