"""The history as a table in a file."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..arguments import require
from ..files import write_atomically
from ..registry import ArgumentError
from .base import Callback, Logs, registry
from .writing import KeepGoing

SHARE = 1 / 20
"""How much of the time, at most, goes into writing, where epochs take less than the disk."""


@registry.register
class CSVLogger(Callback):
    """Writes one line an epoch: `epoch`, counted from 0, then the logs by name, so that the file is whole at all times.

    A table that is there is replaced when the first epoch ends. The lines of epochs of some milliseconds are written
    several at a time. Where the disk is full, it goes on, and the lines are kept for later.

    separator: between the columns. append: whether to go on with a file that is there, under the columns it has. A run
    that `BackupAndRestore` takes up again goes on with its table where the backup was made.

    filename: of the table, usually ending in .csv; its folder is made.

    Raises OSError when the first lines cannot be written, unless the disk is full; ArgumentError, when training begins,
    when the file that is to be continued is no text.

    >>> CSVLogger("history.csv")
    CSVLogger(filename='history.csv')
    """

    def __init__(self, filename: str, separator: str = ",", append: bool = False) -> None:
        fits = isinstance(separator, str) and len(separator) == 1
        require(fits, self, "separator", separator, "a single character")
        self.filename = filename
        self.separator = separator
        self.append = append
        self._begin("")

    def _begin(self, text: str) -> None:
        self._text = text if text.endswith("\n") or not text else f"{text}\n"
        self._names = next(csv.reader(io.StringIO(text), delimiter=self.separator), [])[1:]
        self._is_written = True
        self._written_at = self._seconds = 0.0  # when that was, and how long it took
        self._keep_going = KeepGoing("CSVLogger")

    def on_train_begin(self, logs: Logs | None = None) -> None:
        path = Path(self.filename)
        path.parent.mkdir(parents=True, exist_ok=True)  # where that cannot be, it is noticed now
        try:
            self._begin(path.read_bytes().decode() if self.append and path.exists() else "")
        except UnicodeDecodeError:
            raise ArgumentError(f"CSVLogger: {path} is no text in UTF-8, nothing can be appended", "filename") from None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        logs = logs or {}
        lines = io.StringIO()
        writer = csv.writer(lines, delimiter=self.separator, lineterminator="\n")
        if not self._names:
            self._names = self._columns(logs)
            writer.writerow(["epoch", *self._names])
        writer.writerow([epoch, *(_cell(logs.get(name, "NA")) for name in self._names)])
        self._text += lines.getvalue()
        self._is_written = False
        if self._seconds <= SHARE * (time.monotonic() - self._written_at):
            self._write()

    def on_train_end(self, logs: Logs | None = None) -> None:
        if not self._is_written and not (self._keep_going.failing and self._keep_going.raises):
            self._write(last=True)

    def _write(self, last: bool = False) -> None:
        begin = time.monotonic()
        with self._keep_going.writing(self.filename, last):
            write_atomically(self.filename, self._text.encode())
            self._is_written = True
        self._written_at = time.monotonic()
        self._seconds = self._written_at - begin

    def get_state(self) -> dict[str, Any]:
        return {"columns": self._names, "text": self._text}

    def set_state(self, state: Mapping[str, Any]) -> None:
        self._names, self._text = list(state["columns"]), str(state["text"])
        self._is_written = not self._text

    def _columns(self, logs: Logs) -> list[str]:
        # With validation only every few epochs, the first epoch may lack its columns.
        names = set(logs)
        if self.params.get("validation"):
            names |= {f"val_{name}" for name in logs if not name.startswith("val_") and name != "learning_rate"}
        return sorted(names)


def _cell(value: Any) -> Any:
    return f'"[{", ".join(map(str, value))}]"' if isinstance(value, list | tuple) else value
