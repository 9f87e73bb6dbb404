"""The history as a table in a file."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from .base import Callback, Logs, registry


@registry.register
class CSVLogger(Callback):
    """Writes one line an epoch: `epoch`, counted from 0, then the logs by name; at once, so that nothing is lost.

    separator: between the columns. append: whether to go on with a file that is there, under the columns it has. A run
    that `BackupAndRestore` takes up again goes on with its file where the backup was made.

    filename: of the table, usually ending in .csv; its folder is made.

    >>> CSVLogger("history.csv")
    CSVLogger(filename='history.csv')
    """

    def __init__(self, filename: str, separator: str = ",", append: bool = False) -> None:
        self.filename = filename
        self.separator = separator
        self.append = append
        self._file: IO[str] | None = None
        self._names: list[str] = []
        self._kept: int | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        path = Path(self.filename)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._names, self._kept = [], 0
        if self.append and path.exists():
            with path.open(newline="", encoding="utf-8") as file:
                self._names = next(csv.reader(file, delimiter=self.separator), [])[1:]
            self._kept = path.stat().st_size
        self._file = path.open("a", newline="", encoding="utf-8")

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        if self._file is not None and self._kept is not None:  # not before: a run may turn out to be taken up again
            if Path(self.filename).stat().st_size < self._kept:
                self._names, self._kept = [], 0  # the file that is to be continued is gone
            self._file.truncate(self._kept)
            self._kept = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self._file is None:
            return
        logs = logs or {}
        writer = csv.writer(self._file, delimiter=self.separator, lineterminator="\n")
        if not self._names:
            self._names = self._columns(logs)
            writer.writerow(["epoch", *self._names])
        writer.writerow([epoch, *(_cell(logs.get(name, "NA")) for name in self._names)])
        self._file.flush()

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def get_state(self) -> dict[str, Any]:
        if self._file is None or self._kept is not None:
            return {"columns": self._names, "size": self._kept or 0}
        return {"columns": self._names, "size": os.fstat(self._file.fileno()).st_size}

    def set_state(self, state: Mapping[str, Any]) -> None:
        self._names, self._kept = state["columns"], state["size"]

    def _columns(self, logs: Logs) -> list[str]:
        # With validation only every few epochs, the first epoch may lack its columns.
        names = set(logs)
        if self.params.get("validation"):
            names |= {f"val_{name}" for name in logs if not name.startswith("val_") and name != "learning_rate"}
        return sorted(names)

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_file": None}


def _cell(value: Any) -> Any:
    return f'"[{", ".join(map(str, value))}]"' if isinstance(value, list | tuple) else value
