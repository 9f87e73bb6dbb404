"""The record of a training run."""

from __future__ import annotations

from typing import Any

from .base import Callback, Logs, registry


@registry.register
class History(Callback):
    """Keeps the logs of every epoch: `history["loss"][i]` belongs to `epoch[i]`, counted from 0.

    >>> History().history
    {}
    """

    def __init__(self) -> None:
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.history.clear()
        self.epoch.clear()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
