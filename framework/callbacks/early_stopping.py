"""Stopping when a figure no longer gets better."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..arguments import is_number, is_whole, require
from ..parameters import Array
from .base import Callback, Logs, registry
from .monitor import Mode, check_mode, check_monitor, direction, watched


@registry.register
class EarlyStopping(Callback):
    """Stops training once `monitor` has not improved for `patience` epochs.

    baseline: a figure until which is beaten all epochs count as waiting; None for none.
    restore_best_weights: whether the weights of the best epoch come back when training ends, for whatever
    reason it ends. start_from_epoch: epochs before this one, counted from 0, are not watched. Semantics of Keras 3; a
    figure that will not be in the logs is a ValueError when training begins, one of several numbers when
    the first epoch ends.

    monitor: the figure of the logs that is watched, such as "loss" or "val_accuracy".
    min_delta: by how much more than the best the figure must be better, in its own unit; the sign plays no part.
    patience: how many epochs in a row without improvement end training; 0 and 1 are the same.
    verbose: whether to say so, in a line, when it happens: 0 or 1.
    mode: "min" where less is better, "max" where more is, "auto" to go by the figure.

    >>> EarlyStopping(monitor="val_loss", patience=3)
    EarlyStopping(patience=3)
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0.0,
        patience: int = 0,
        verbose: int = 0,
        mode: Mode = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        require(is_whole(patience, 0), self, "patience", patience, "a whole number of at least 0")
        require(is_number(min_delta), self, "min_delta", min_delta, "a number")
        self.monitor = monitor
        self.min_delta = min_delta
        self.patience = patience
        self.verbose = verbose
        self.mode = check_mode("EarlyStopping", mode)
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch

    def check_logs(self, available: Sequence[str]) -> None:
        check_monitor("EarlyStopping", self.monitor, available)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._sign = 1.0 if direction(self.monitor, self.mode, self.model) == "min" else -1.0
        self.wait = 0
        self.stopped_epoch = 0
        self.best: float | None = None
        self.best_epoch = 0
        self.best_weights: list[Array] | None = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        current = watched("EarlyStopping", self.monitor, logs)
        if current is None or epoch < self.start_from_epoch:
            return  # on epochs without validation there is nothing to compare
        if self.restore_best_weights and self.best_weights is None:
            self.best_weights, self.best_epoch = self.model.get_weights(), epoch
        self.wait += 1
        if self._improves(current, self.best):
            self.best, self.best_epoch = current, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self._improves(current, self.baseline):
                self.wait = 0
            return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.stopped_epoch and self.verbose:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping, best was epoch {self.best_epoch + 1}")
        if self.best_weights is not None:
            self.model.set_weights(self.best_weights)

    def get_state(self) -> dict[str, Any]:
        return {
            "wait": self.wait,
            "best": self.best,
            "best_epoch": self.best_epoch,
            "stopped_epoch": self.stopped_epoch,
            "best_weights": self.best_weights,
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        self.wait = state["wait"]
        self.best = state["best"]
        self.best_epoch = state["best_epoch"]
        self.stopped_epoch = state["stopped_epoch"]
        self.best_weights = state["best_weights"]

    def _improves(self, current: float, reference: float | None) -> bool:
        if reference is None:
            return not math.isnan(current)  # or nothing could ever be better
        return self._sign * current + abs(self.min_delta) < self._sign * reference
