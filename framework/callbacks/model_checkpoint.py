"""Saving the model while it trains."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Formatter
from typing import Any, Literal

from ..arguments import is_whole, require
from ..registry import ArgumentError
from .base import Callback, Logs, registry
from .monitor import Mode, check_mode, check_monitor, direction, watched
from .writing import KeepGoing


@registry.register
class ModelCheckpoint(Callback):
    """Saves the model after every epoch, or every so many batches, or only when `monitor` has improved.

    filepath: where to, ending in .json or .safetensors, with fields such as `{epoch:02d}` (counted from 1),
    `{val_loss:.3f}` or, when saving by batches, `{batch}`. save_freq: "epoch", or after how many batches to save.
    save_weights_only: whether to save the weights alone, for `load_weights`. initial_value_threshold: the figure that
    the first model must beat; None for any. The best value outlives a `fit`, so that a second one does not replace the
    best model by a worse one. Epochs whose logs lack one of the fields or the monitor, as without validation, save
    nothing. Where the disk is full, it goes on, and saves again when that works.

    monitor: with save_best_only, the figure of the logs that decides, such as "val_loss".
    verbose: whether to print a line for every file: 0 or 1.
    save_best_only: whether only a model that is better than all before is saved.
    mode: "min" where less is better, "max" where more is, "auto" to go by the figure.

    Raises ArgumentError for another suffix or save_freq, and, when training begins, for fields or a
    monitor that the logs will not have; ValueError, when the first epoch ends, for a monitor that is no
    single number; OSError when the first model cannot be
    written, unless the disk is full.

    >>> ModelCheckpoint("best.json", monitor="val_accuracy", save_best_only=True).mode
    'auto'
    """

    def __init__(
        self,
        filepath: str,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: Mode = "auto",
        save_freq: Literal["epoch"] | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        fits = save_freq == "epoch" or is_whole(save_freq, 1)
        require(fits, self, "save_freq", save_freq, "'epoch' or a positive number of batches")
        fits = str(filepath).endswith((".json", ".safetensors"))
        require(fits, self, "filepath", filepath, "a path that ends in .json or .safetensors")
        self.filepath = filepath
        self.monitor = monitor
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.mode = check_mode("ModelCheckpoint", mode)
        self.save_freq = save_freq
        self.initial_value_threshold = initial_value_threshold
        self.best = initial_value_threshold
        self._epoch = self._batch = self._batches = 0
        self._keep_going = KeepGoing("ModelCheckpoint")

    def check_logs(self, available: Sequence[str]) -> None:
        if self.save_freq != "epoch":  # in the middle of an epoch, less is known
            available = [name for name in available if not name.startswith("val_") and name != "learning_rate"]
            if hasattr(self, "model"):
                available = [name for name in available if name in self.model.metrics_names]
        if self.save_best_only:
            check_monitor("ModelCheckpoint", self.monitor, available)
        self._path(dict.fromkeys(available, 0.0))

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._sign = 1.0 if direction(self.monitor, self.mode, self.model) == "min" else -1.0
        self._batches = self._batch = 0
        self._keep_going = KeepGoing("ModelCheckpoint")

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if self.save_freq != "epoch":
            self._batch = batch
            self._batches += 1
            if self._batches % self.save_freq == 0:
                self._save(logs or {})

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.save_freq == "epoch":
            self._save(logs or {})

    def _save(self, logs: Logs) -> None:
        if not self._fields() <= logs.keys() | {"epoch", "batch"}:
            return
        best = self.best
        if self.save_best_only:
            current = watched("ModelCheckpoint", self.monitor, logs)
            if current is None or math.isnan(current):
                return
            if best is not None and not self._sign * current < self._sign * best:
                return
            best = current
        path = self._path(logs)
        with self._keep_going.writing(path):
            if self.save_weights_only:
                self.model.save_weights(path)
            else:
                self.model.save(path)
            self.best = best  # what could not be saved is not there to be beaten
        if self.verbose and not self._keep_going.failing:
            print(f"Epoch {self._epoch + 1}: saved {path}")

    def get_state(self) -> dict[str, Any]:
        return {"best": self.best, "batches": self._batches}

    def set_state(self, state: Mapping[str, Any]) -> None:
        self.best = state["best"]
        self._batches = state["batches"]

    def _fields(self) -> set[str]:
        """The figures in the name of the file."""
        return {re.split(r"[.[]", name)[0] for _, name, _, _ in Formatter().parse(str(self.filepath)) if name}

    def _path(self, logs: Logs) -> Path:
        fields = {"epoch": self._epoch + 1, **logs}
        if self.save_freq != "epoch":
            fields["batch"] = self._batch + 1
        try:
            return Path(str(self.filepath).format(**fields))
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise ArgumentError(
                f"ModelCheckpoint: cannot fill in filepath {self.filepath!r} ({error}); "
                f"available fields: {', '.join(fields)}",
                "filepath",
            ) from None
