"""Going on with a run that was cut off."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from ..arguments import is_whole, require
from ..documents import CheckpointError, Document, read, write
from ..training_state import callback_states, capture, restore
from .base import Callback, Logs, defines, registry


@registry.register
class BackupAndRestore(Callback):
    """Keeps the state of the run in a folder, and goes on from there when `fit` is called again after a crash.

    Weights, optimizer, random streams, history and what the other callbacks have gathered (`Callback.get_state`) are
    kept in `latest.json`, which is replaced as a whole. A run that was cut off begins its epoch again, and ends as if
    nothing had happened, given the same data, settings and callbacks; where it saves by batches, those it had seen of
    that epoch count twice.

    backup_dir: the folder for these files. save_freq: "epoch", or after how many batches to save. double_checkpoint:
    whether the one before stays as `previous.json`, and is taken when the latest is damaged. delete_checkpoint: whether
    the files go away when training ends by its own rules; an error, or a signal that `StopOnSignal` received, leaves
    them there.

    Raises ArgumentError for an empty backup_dir or a save_freq that is none; CheckpointError, when training begins,
    for files that are damaged, of another model, or of a run with other callbacks that have something to keep.

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
        self._companions: Sequence[Callback] = ()

    def set_companions(self, callbacks: Sequence[Callback]) -> None:
        self._companions = callbacks

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
                self.first_epoch = self._restore(read(path))
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
        if self.save_freq == "epoch" and not self.model.interrupted:  # a signal may have cut the epoch short
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
        states = {name: callback.get_state() for name, callback in self._keeping().items()}
        write(capture(self.model, epoch, batch, states), self._latest, self.model.dtype)

    def _restore(self, document: Document) -> int:
        callbacks, states = self._keeping(), callback_states(document)
        for name in callbacks:
            if name not in states:
                raise CheckpointError(
                    f"the run that was cut off had no {name}: leave it out, or remove the file to begin anew"
                )
        for name in states:
            if name not in callbacks:
                raise CheckpointError(
                    f"the run that was cut off had {name}, this one has not: add it, or remove the file to begin anew"
                )
        epoch = restore(self.model, document)
        for name, callback in callbacks.items():
            try:
                callback.set_state(states[name])
            except (KeyError, TypeError, ValueError) as error:
                raise CheckpointError(f"the state of {name} does not fit: {error!r}") from error
        # Where one of them had ended training before it was cut off, nothing is left to do.
        return max(epoch, self.params["epochs"]) if self.model.stop_training else epoch

    def _keeping(self) -> dict[str, Callback]:
        """The callbacks that have something to keep, each by its class, and by what it watches."""
        found: dict[str, Callback] = {}
        for callback in self._companions:
            # The history of the model is kept with the model.
            if defines(callback, "get_state") and callback is not self.model.history:
                name = kind = _kind(callback)
                number = 1
                while name in found:
                    number += 1
                    name = f"{kind} number {number}"
                found[name] = callback
        return found

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_companions": ()}


def _kind(callback: Callback) -> str:
    monitor = getattr(callback, "monitor", None)
    return type(callback).__name__ + (f" of {monitor!r}" if isinstance(monitor, str) else "")
