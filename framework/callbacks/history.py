"""The record of a training run."""

from __future__ import annotations

from collections.abc import Mapping
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

    def get_state(self) -> dict[str, Any]:
        return {"epoch": list(self.epoch), "history": {name: list(figures) for name, figures in self.history.items()}}

    def set_state(self, state: Mapping[str, Any]) -> None:
        self.epoch[:] = state["epoch"]
        self.history.clear()
        self.history.update(state["history"])
