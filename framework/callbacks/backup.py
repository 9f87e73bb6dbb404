"""Going on with a run that was cut off."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from ..arguments import is_whole, require
from ..documents import CheckpointError, read, write
from ..training_state import capture, restore
from .base import Callback, Logs, registry


@registry.register
class BackupAndRestore(Callback):
    """Keeps the state of the run in a folder, and goes on from there when `fit` is called again after a crash.

    Weights, optimizer, random streams and history are kept in `latest.json`, which is replaced as a whole. A run
    that was cut off begins its epoch again. backup_dir: the folder. save_freq: "epoch", or a number of batches.
    double_checkpoint: whether the one before stays as `previous.json`, and is taken when the latest is damaged.
    delete_checkpoint: whether the files go away when training ends by its own rules; an error, or a signal that
    `StopOnSignal` received, leaves them there.

    Raises ArgumentError for an empty backup_dir or a save_freq that is none; CheckpointError, when training begins,
    for files that are damaged or of another model.

    >>> BackupAndRestore("backup")
    BackupAndRestore(backup_dir='backup')
    """

    comes_last = True

    def __init__(
        self,
        backup_dir: str,
        save_freq: Literal["epoch"] | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        require(bool(str(backup_dir)), self, "backup_dir", backup_dir, "the path of a folder")
        fits = save_freq == "epoch" or is_whole(save_freq, 1)
        require(fits, self, "save_freq", save_freq, "'epoch' or a positive number of batches")
        self.backup_dir = backup_dir
        self.save_freq = save_freq
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self._epoch = self._batches = 0

    @property
    def _latest(self) -> Path:
        return Path(self.backup_dir) / "latest.json"

    @property
    def _previous(self) -> Path:
        return Path(self.backup_dir) / "previous.json"

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.first_epoch, self._batches = None, 0
        paths = [path for path in (self._latest, self._previous) if path.exists()]
        for path in paths:
            try:
                self.first_epoch = restore(self.model, read(path))
                return
            except CheckpointError as error:
                if path is paths[-1]:
                    raise CheckpointError(f"{path}: {error}") from None

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if self.save_freq != "epoch":
            self._batches += 1
            if self._batches % self.save_freq == 0:
                self._save(self._epoch, batch + 1)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch + 1
        if self.save_freq == "epoch":
            self._save(epoch + 1, 0)

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.delete_checkpoint and not self.model.interrupted:
            for path in (self._latest, self._previous):
                path.unlink(missing_ok=True)
            folder = Path(self.backup_dir)
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()

    def _save(self, epoch: int, batch: int) -> None:
        if self.double_checkpoint and self._latest.exists():
            self._latest.replace(self._previous)
        write(capture(self.model, epoch, batch), self._latest, self.model.dtype)
