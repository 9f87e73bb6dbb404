"""Saving the model while it trains."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from ..registry import ArgumentError
from .base import Callback, Logs, registry
from .monitor import Mode, check_mode, check_monitor, direction


@registry.register
class ModelCheckpoint(Callback):
    """Saves the model after every epoch, or every so many batches, or only when `monitor` has improved.

    filepath: where to, with the suffix of `Model.save` and with fields such as `{epoch:02d}` (counted
    from 1) or `{val_loss:.3f}`. save_freq: "epoch", or a number of batches. initial_value_threshold: what
    must be beaten at first. Raises ArgumentError for a pattern that names an unknown field when it is used.

    >>> ModelCheckpoint("best.json", monitor="val_accuracy", save_best_only=True).mode
    'auto'
    """

    def __init__(
        self,
        filepath: str,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        mode: Mode = "auto",
        save_freq: Literal["epoch"] | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        if save_freq != "epoch" and (isinstance(save_freq, bool) or not isinstance(save_freq, int) or save_freq < 1):
            raise ArgumentError(
                f"ModelCheckpoint: save_freq must be 'epoch' or a positive number of batches, got {save_freq!r}",
                "save_freq",
            )
        self.filepath = filepath
        self.monitor = monitor
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.mode = check_mode("ModelCheckpoint", mode)
        self.save_freq = save_freq
        self.initial_value_threshold = initial_value_threshold
        self.best = initial_value_threshold
        self._epoch = 0
        self._batches = 0

    def check_logs(self, available: Sequence[str]) -> None:
        if self.save_best_only:
            check_monitor("ModelCheckpoint", self.monitor, available)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._sign = 1.0 if direction(self.monitor, self.mode, self.model) == "min" else -1.0
        self._batches = 0

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if isinstance(self.save_freq, int):
            self._batches += 1
            if self._batches % self.save_freq == 0:
                self._save(logs or {})

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.save_freq == "epoch":
            self._save(logs or {})

    def _save(self, logs: Logs) -> None:
        if self.save_best_only:
            current = logs.get(self.monitor)
            if current is None or (self.best is not None and not self._sign * current < self._sign * self.best):
                return
            self.best = current
        path = self._path(logs)
        self.model.save(path)
        if self.verbose:
            print(f"Epoch {self._epoch + 1}: saved {path}")

    def _path(self, logs: Logs) -> Path:
        fields = {"epoch": self._epoch + 1, **logs}
        try:
            return Path(self.filepath.format(**fields))
        except (KeyError, IndexError, ValueError) as error:
            raise ArgumentError(
                f"ModelCheckpoint: cannot fill in filepath {self.filepath!r} ({error}); "
                f"available fields: {', '.join(fields)}",
                "filepath",
            ) from None
