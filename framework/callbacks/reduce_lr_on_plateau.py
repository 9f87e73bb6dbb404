"""Smaller steps when a figure no longer gets better."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..arguments import is_number, is_whole, require
from .base import Callback, Logs, registry
from .monitor import Mode, check_mode, check_monitor, direction, watched


@registry.register
class ReduceLROnPlateau(Callback):
    """Multiplies the learning rate by `factor` once `monitor` has not improved for `patience` epochs.

    factor: what the rate is multiplied by, in [0, 1). min_delta: by how much more than the best the figure must be
    better, at least 0. cooldown: epochs after a reduction in which none counts. min_lr: the rate never falls below it.
    The logs gain `learning_rate`. Semantics of Keras 3; a figure that will not be in the logs is a ValueError when
    training begins, one of several numbers when the first epoch ends, and a learning rate that follows a schedule a
    TypeError. Raises ArgumentError for arguments out of range.

    monitor: the figure of the logs that is watched, such as "loss" or "val_accuracy".
    patience: how many epochs in a row without improvement lead to a reduction; 0 and 1 are the same.
    verbose: whether to say so, in a line, when it happens: 0 or 1.
    mode: "min" where less is better, "max" where more is, "auto" to go by the figure.

    >>> ReduceLROnPlateau("val_loss", factor=0.5, patience=3)
    ReduceLROnPlateau(factor=0.5, patience=3)
    """

    log_names = ("learning_rate",)

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: Mode = "auto",
        min_delta: float = 0.0001,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        require(is_number(factor, 0) and factor < 1, self, "factor", factor, "a number of at least 0 and below 1")
        require(is_whole(patience, 0), self, "patience", patience, "a whole number of at least 0")
        require(is_number(min_delta, 0), self, "min_delta", min_delta, "a number of at least 0")
        require(is_whole(cooldown, 0), self, "cooldown", cooldown, "a whole number of at least 0")
        require(is_number(min_lr, 0), self, "min_lr", min_lr, "a number of at least 0")
        self.monitor = monitor
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.mode = check_mode("ReduceLROnPlateau", mode)
        self.min_delta = min_delta
        self.cooldown = cooldown
        self.min_lr = min_lr

    def check_logs(self, available: Sequence[str]) -> None:
        check_monitor("ReduceLROnPlateau", self.monitor, available)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        optimizer = self.model.optimizer
        if optimizer.schedule is not None:
            raise TypeError(
                f"ReduceLROnPlateau cannot change the learning rate of {type(optimizer).__name__}: it follows "
                f"{optimizer.schedule!r}; give the optimizer a number, or leave this callback out"
            )
        self._sign = 1.0 if direction(self.monitor, self.mode, self.model) == "min" else -1.0
        self.best: float | None = None
        self.wait = self.cooldown_counter = 0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        logs = {} if logs is None else logs
        logs["learning_rate"] = self.model.optimizer.learning_rate
        current = watched("ReduceLROnPlateau", self.monitor, logs)
        if current is None:
            return  # on epochs without validation there is nothing to compare
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.wait = 0
        if self._improves(current):
            self.best, self.wait = current, 0
        elif self.cooldown_counter == 0:
            self.wait += 1
            if self.wait >= self.patience:
                self._reduce(epoch)

    def get_state(self) -> dict[str, Any]:
        return {"best": self.best, "wait": self.wait, "cooldown_counter": self.cooldown_counter}

    def set_state(self, state: Mapping[str, Any]) -> None:
        self.best = state["best"]
        self.wait = state["wait"]
        self.cooldown_counter = state["cooldown_counter"]

    def _improves(self, current: float) -> bool:
        if self.best is None:
            return not math.isnan(current)
        return self._sign * current + self.min_delta < self._sign * self.best

    def _reduce(self, epoch: int) -> None:
        optimizer = self.model.optimizer
        if optimizer.learning_rate <= self.min_lr:
            return
        optimizer.learning_rate = max(optimizer.learning_rate * self.factor, self.min_lr)
        self.cooldown_counter, self.wait = self.cooldown, 0
        if self.verbose:
            print(f"Epoch {epoch + 1}: learning rate reduced to {optimizer.learning_rate:g}")
