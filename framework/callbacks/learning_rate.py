"""Changing the learning rate by epoch."""

from __future__ import annotations

from collections.abc import Callable

from .base import Callback, Logs, registry


@registry.register
class LearningRateScheduler(Callback):
    """Sets the learning rate to `schedule(epoch, current rate)` at the beginning of every epoch.

    Its function makes it something for Python; in YAML give the optimizer a schedule. The logs gain
    `learning_rate`. Raises ValueError when the function returns no number.

    >>> halve = LearningRateScheduler(lambda epoch, rate: rate / 2)
    """

    def __init__(self, schedule: Callable[[int, float], float], verbose: int = 0) -> None:
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        optimizer = self.model.optimizer
        rate = self.schedule(epoch, optimizer.learning_rate)
        try:
            optimizer.learning_rate = float(rate)
        except (TypeError, ValueError) as error:
            if isinstance(rate, int | float):
                raise
            raise ValueError(
                f"LearningRateScheduler: the schedule must return a number, got {rate!r} for epoch {epoch}"
            ) from error
        if self.verbose:
            print(f"Epoch {epoch + 1}: learning rate {optimizer.learning_rate:g}")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if logs is not None:
            logs["learning_rate"] = self.model.optimizer.learning_rate
