"""The folder of a run: what the run was asked to do, who is at it, what it has logged, and whether it is done."""

from __future__ import annotations

import errno
import itertools
import json
import math
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from framework import config
from framework.callbacks import Callback
from framework.config import ConfigError, Experiment
from framework.files import write_atomically
from framework.locks import FolderLock

from .command import UsageError, reason

CHECKPOINT = "checkpoint"
"""The folder in that of a run in which its state is kept until it is done."""
LARGEST_NOTE = 1 << 20
"""Bytes that the note about a run may have."""


class RunFolder:
    """What is known of a run beside its results: `run.json`, written before anything else, and once more at the end.

    experiment: what it was asked to do, as YAML. recipe: what that is called. overrides: what was replaced in it.
    corrections: the file it learns from, too, or None. images: how many there are to train on, None before they are
    loaded. finished: whether nothing is left to do.
    """

    def __init__(
        self,
        path: Path,
        experiment: str,
        recipe: str,
        overrides: Sequence[str] = (),
        corrections: str | None = None,
        images: int | None = None,
        finished: bool = False,
    ) -> None:
        self.path = path
        self.experiment = experiment
        self.recipe = recipe
        self.overrides = list(overrides)
        self.corrections = corrections
        self.images = images
        self.finished = finished

    @classmethod
    def of(
        cls, experiment: Experiment, path: Path, recipe: str, overrides: Sequence[str], corrections: Path | None
    ) -> Self:
        """That of a run that begins."""
        place = None if corrections is None else str(corrections.absolute())
        return cls(path, experiment.to_yaml(), recipe, overrides, place)

    @classmethod
    def read(cls, path: Path) -> Self:
        """What is known of the run in this folder; raises UsageError when there is none, or its note is damaged."""
        note = path / "run.json"
        if not note.is_file():
            raise UsageError(f"{path} holds no run to go on with (it has no run.json); begin one with --run-dir")
        if note.stat().st_size > LARGEST_NOTE:
            raise UsageError(f"{note} is larger than any note of a run; begin a new one with --run-dir")
        kinds: dict[str, Any] = {
            "experiment": str,
            "recipe": str,
            "overrides": list,
            "corrections": str | None,
            "images": int | None,
            "finished": bool,
        }
        try:
            found = json.loads(note.read_bytes())
            values = {name: found[name] for name, kind in kinds.items() if isinstance(found[name], kind)}
        except (ValueError, TypeError, KeyError, RecursionError):
            values = {}
        if values.keys() != kinds.keys() or any(not isinstance(text, str) for text in values["overrides"]):
            raise UsageError(f"{note} is damaged, so nobody knows what the run was; begin a new one with --run-dir")
        return cls(path, **values)

    def write(self) -> None:
        """Notes it, and leaves the experiment for people to read; what is there already needs no room."""
        note = {name: value for name, value in vars(self).items() if name != "path"}
        _write(self.path / "run.json", (json.dumps(note, indent=1) + "\n").encode())
        _write(self.path / "config.yaml", self.experiment.encode())

    @property
    def checkpoint(self) -> Path:
        """Where the state of the run is kept."""
        return self.path / CHECKPOINT

    def finish(self) -> None:
        """Notes that nothing is left to do, and removes the state of the run."""
        self.finished = True
        self.write()
        for path in (self.checkpoint / "latest.json", self.checkpoint / "previous.json"):
            path.unlink(missing_ok=True)
        if self.checkpoint.is_dir() and not any(self.checkpoint.iterdir()):
            self.checkpoint.rmdir()

    def changed(self, now: RunFolder) -> list[str]:
        """What differs between the run and one that would be begun now: places of data do not count."""
        try:
            before = config.loads(self.experiment, name=str(self.path / "run.json"))
            found = before.differences(config.loads(now.experiment))
        except ConfigError as error:
            raise UsageError(f"{self.path / 'run.json'} holds an experiment that is none now: {error}") from None
        found = [text for text in found if not re.match(r"data\.(.*\.)?path ", text)]
        if self.corrections != now.corrections:
            found.append(f"--corrections ({self.corrections} then, {now.corrections} now)")
        if None not in (self.images, now.images) and self.images != now.images:
            found.append(f"the images to train on ({self.images:,} then, {now.images:,} now)")
        return found


def _write(path: Path, content: bytes) -> None:
    if not (path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content):
        write_atomically(path, content)


class UnwrittenError(UsageError):
    """A file of a run could not be written: which, why, and how to go on."""


@contextmanager
def telling_how_to_go_on(folder: Path) -> Iterator[None]:
    """Turns an OSError from inside, about a file in the folder, into an UnwrittenError."""
    try:
        yield
    except OSError as error:
        begun, first = (folder / "run.json").exists(), _REMEDIES.get(error.errno or 0)
        if error.filename is None or not Path(error.filename).is_relative_to(folder) or not (begun or first):
            raise
        then = f"go on with --resume {folder}" if begun else f"begin again with --run-dir {folder}"
        raise UnwrittenError(f"{reason(error)}; {first or 'put that right'}, then {then}") from error


_REMEDIES = {
    errno.ENOSPC: "make room",
    errno.EDQUOT: "make room",
    errno.EROFS: "make it writable",
    errno.EACCES: "make it writable",
}


@contextmanager
def taken(folder: Path) -> Iterator[None]:
    """Inside, nobody else can have the folder; where nothing came of it, a folder that was made for it goes again.

    Raises FolderInUseError when another run has it, OSError when it cannot be made.
    """
    is_new = not folder.exists()
    try:
        with FolderLock(folder):
            yield
    finally:
        if is_new:
            with suppress(OSError):  # there is something in it, or somebody else was faster
                folder.rmdir()


def refuse_used(folder: Path) -> None:
    """Raises UsageError when there is a run in the folder already, or something else of that name."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; choose another --run-dir")
    if any((folder / name).exists() for name in ("run.json", "history.csv", "model.json")):
        cut_off = (folder / "run.json").exists() and not RunFolder.read(folder).finished
        go_on = f", which was cut off: go on with it with --resume {folder}," if cut_off else ";"
        raise UsageError(f"{folder} holds a run already{go_on} choose another --run-dir, or delete that one")


def new_folder(name: str) -> Path:
    """A folder below `runs` that does not exist yet."""
    stem = f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
    endings = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
    return next(folder for ending in endings if not (folder := Path("runs", stem + ending)).exists())


class KeptNote(Callback):
    """Notes a run once more when its folder has been taken away, so that what is written then can be gone on with."""

    def __init__(self, run: RunFolder) -> None:
        self.run = run

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        if not (self.run.path / "run.json").exists():
            with suppress(OSError):  # others, who write more, tell it
                self.run.write()


class Record(Callback):
    """Keeps the logs of every epoch, and how many seconds training has taken, over all attempts of a run."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self._before = 0.0
        self._begin: float | None = None

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        self.rows, self._before, self._begin = [], 0.0, time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self.rows.append({"epoch": epoch, **(logs or {})})

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        self._before, self._begin = self.seconds, None

    @property
    def seconds(self) -> float:
        """Of training, so far."""
        return self._before + (0.0 if self._begin is None else time.perf_counter() - self._begin)

    def get_state(self) -> dict[str, Any]:
        return {"rows": self.rows, "seconds": self.seconds}

    def set_state(self, state: Mapping[str, Any]) -> None:
        self.rows = [dict(row) for row in state["rows"]]
        self._before, self._begin = float(state["seconds"]), time.perf_counter()

    def to_json(self) -> str:
        """The logs by name, one value an epoch; null where there is none, or none that JSON knows."""
        names = dict.fromkeys(name for row in self.rows for name in row)
        columns = {name: [_jsonable(row.get(name)) for row in self.rows] for name in names}
        return json.dumps(columns, indent=1, allow_nan=False) + "\n"


def _jsonable(value: Any) -> Any:
    if isinstance(value, list):
        return [_jsonable(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
