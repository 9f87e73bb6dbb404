"""Going on with a run that was cut off."""

from __future__ import annotations

import errno
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from ..arguments import require
from ..comparison import differences
from ..divergence import DivergenceError, check_weights
from ..documents import CheckpointError, Document, naming, read, write
from ..intervals import WORDS, Interval, is_interval
from ..layers.base import every_layer
from ..locks import FolderLock
from ..registry import plain
from ..run import Run
from ..training_state import callback_states, capture, restore, settings_of
from .base import Callback, Logs, defines, registry
from .writing import KeepGoing


@registry.register
class BackupAndRestore(Callback):
    """Keeps the state of the run in a folder, and goes on from there when `fit` is called again after a crash.

    Weights, optimizer, random streams, the place in the shuffled data, running figures, history and what the other
    callbacks have gathered (`Callback.get_state`) are kept in `latest.json`, which is replaced as a whole. A run that
    was cut off, be it in the middle of an epoch, goes on from there and ends as if nothing had happened, to the bit,
    given the same data, settings and callbacks. Data that are neither arrays nor `framework.data.Batches`, and cannot
    tell where they are by `state` and `resume` as these do, must give the same batches once more: those that were seen
    are skipped. Layers of your own keep what changes while they learn in weights (`trainable=False`), and draw from
    `self.rng`; attributes are not kept. A signal that `StopOnSignal` receives is followed by a last save.

    While training goes on, nobody else can use the folder. A save that fails once others have not, since the disk is
    full, say, is told, and tried again the next time.

    backup_dir: the folder for these files. save_freq: "epoch", after how many batches to save, or after how much time,
    as in "30s", "5min" or "1h"; what takes longer than a hundredth of such a time is done less often.
    double_checkpoint: whether the one before stays as `previous.json`, and is taken when the latest is damaged.
    delete_checkpoint: whether the files go away when training ends by its own rules; an error, or a signal that
    `StopOnSignal` received, leaves them there. force: whether to go on even where model, loss, optimizer, metrics, data
    or callbacks are not those of the run that was cut off, as far as its weights fit, or where it had ended already; a
    learning rate, and layers to train, that are not those the run began with count from there on.

    Raises ArgumentError for an empty backup_dir or a save_freq that is none; when training begins, CheckpointError for
    files that are damaged, or of another run, naming what differs, FolderInUseError for a folder that another run
    uses, and OSError for one that cannot be written.

    >>> BackupAndRestore("backup", save_freq="30s")
    BackupAndRestore(backup_dir='backup', save_freq='30s')
    """

    comes_last = True

    def __init__(
        self,
        backup_dir: str,
        save_freq: Literal["epoch"] | int | str = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
        force: bool = False,
    ) -> None:
        require(bool(str(backup_dir)), self, "backup_dir", backup_dir, "the path of a folder")
        require(is_interval(save_freq), self, "save_freq", save_freq, WORDS)
        self.backup_dir = backup_dir
        self.save_freq = save_freq
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self.force = force
        self._lock = FolderLock(backup_dir)
        self._companions: Sequence[Callback] = ()
        self._cut_off: Document | None = None
        self._rate: float | None = None
        self._trainable: list[bool] | None = None

    def set_companions(self, callbacks: Sequence[Callback]) -> None:
        self._companions = callbacks

    @property
    def _latest(self) -> Path:
        return Path(self.backup_dir) / "latest.json"

    @property
    def _previous(self) -> Path:
        return Path(self.backup_dir) / "previous.json"

    @property
    def _run(self) -> Run:
        run = self.model.trainer.run
        assert run is not None
        return run

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._lock.acquire()
        self._keep_going = KeepGoing("BackupAndRestore")
        self._settings = self._run.settings()
        self.last_good = self._cut_off = self._rate = self._trainable = None
        try:
            self._check_metrics()
            self._take_up()
        except BaseException:
            self._lock.release()
            raise
        self._batches = 0
        self._interval = Interval(self.save_freq)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        if self._cut_off is not None and self._run.batch:  # in place of what everybody has just begun the epoch with
            self._restore(self._cut_off)
        self._cut_off = None

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._batches += 1
        if self._interval.is_due(self._batches):
            self._save()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self._interval.by_epochs or self._interval.is_due(self._batches):
            self._save()

    def on_interruption(self, logs: Logs | None = None) -> None:
        if self._saves_within_epochs or not self._run.batch:
            self._save(last=True)

    def on_train_end(self, logs: Logs | None = None) -> None:
        try:
            if self.delete_checkpoint and not self.model.interrupted:
                for path in (self._latest, self._previous):
                    path.unlink(missing_ok=True)
        finally:
            self._lock.release()
        folder = Path(self.backup_dir)
        if self.delete_checkpoint and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()

    def _check_metrics(self) -> None:
        """Finds out now, and not in the middle of the first epoch, whether what the metrics gather can be saved."""
        self._saves_within_epochs = True
        for metric in self.model.trainer.all_metrics:
            metric.reset_state()
            try:
                plain(metric.get_state(), metric.name or "")
            except TypeError as error:
                self._saves_within_epochs = False
                if self.save_freq != "epoch":
                    raise TypeError(
                        f"what the metric {metric.name!r} gathers cannot be saved within an epoch ({error}): let it "
                        f"define get_state and set_state, or save by save_freq='epoch'"
                    ) from None

    def _save(self, last: bool = False) -> None:
        begin = time.monotonic()
        states = {name: callback.get_state() for name, callback in self._keeping().items()}
        try:
            check_weights(self.model, self.model.optimizer.iterations)
        except DivergenceError:
            if self.model.trainer.stops_on_nonfinite:
                raise
            return  # nobody could go on from there, but from what has been kept before
        document = capture(self._run, states, self._settings)
        with self._keep_going.writing(self._latest, last):
            if self.double_checkpoint and self._latest.exists():
                self._latest.replace(self._previous)
            try:
                write(document, self._latest, self.model.dtype)
            except ValueError as error:  # a history beyond what a file may hold, say
                raise OSError(errno.EFBIG, str(error), str(self._latest)) from error
            self.last_good = f"{self._latest} ({self._run.place})"
        self._interval.restart(took=time.monotonic() - begin)

    def _take_up(self) -> None:
        """Goes on from the latest file that is whole, if there is one."""
        paths = [path for path in (self._latest, self._previous) if path.exists()]
        for path in paths:
            try:
                with naming(path):
                    document = read(path)
                    if self.force:
                        self._insist(document)
                    else:
                        self._check(document)
                        self._settings = settings_of(document)  # what callbacks have changed since is no other run
                    self._restore(document)
            except CheckpointError:
                if path is paths[-1]:
                    raise
            else:
                if path != self._latest:  # the damaged one must never take the place of this one
                    path.replace(self._latest)
                for callback in self._companions:  # the last one that takes it up counts
                    if isinstance(callback, BackupAndRestore):
                        callback._cut_off = None
                self._cut_off = document
                self.last_good = f"{self._latest} ({self._run.place})"
                if self.params.get("verbose"):
                    print(f"Going on {self._run.place}: {path}")
                return

    def _check(self, document: Document) -> None:
        """Raises CheckpointError, naming what differs, when the file is of another run."""
        changed = differences(settings_of(document), self._settings)
        if self.model.optimizer.steps:  # this very model was cut off, and callbacks may have changed these meanwhile
            changed = [text for text in changed if not re.search(r"\.(learning_rate|trainable) ", text)]
        if changed:
            raise CheckpointError(
                f"the run that was cut off differs from this one in {'; '.join(changed)}: make it as it was, go on "
                f"nevertheless with force=True (--force for a command), or remove the file to begin anew"
            )
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

    def _insist(self, document: Document) -> None:
        """Notes the learning rate and the layers to train of now, where they are not those that the run began with."""
        changed, model = differences(settings_of(document), self._settings), self.model
        if any(re.match(r"optimizer\.\w+(\.learning_rate)? ", text) for text in changed):
            self._rate = model.optimizer.get_state().get("learning_rate")
        if any(".trainable " in text for text in changed):
            self._trainable = [layer.trainable for layer in every_layer(model)]

    def _restore(self, document: Document) -> None:
        with self.model.lock:
            restore(self._run, document)
            if self._rate is not None:
                self.model.optimizer.learning_rate = self._rate
            for layer, trainable in zip(every_layer(self.model), self._trainable or (), strict=False):
                if layer.trainable is not trainable:
                    layer.trainable = trainable
        if self.force:  # even where it had ended by its own rules: these may have been changed
            self.model.stop_training = False
        callbacks, states = self._keeping(), callback_states(document)
        for name in callbacks.keys() & states.keys():
            try:
                callbacks[name].set_state(states[name])
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                raise CheckpointError(f"the state of {name} does not fit: {error!r}", "callbacks") from error

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
        return vars(self) | {"_companions": (), "_cut_off": None}


def _kind(callback: Callback) -> str:
    monitor = getattr(callback, "monitor", None)
    return type(callback).__name__ + (f" of {monitor!r}" if isinstance(monitor, str) else "")
