"""Stopping when the loss is no number any more."""

from __future__ import annotations

import math

from .base import Callback, Logs, registry


@registry.register
class TerminateOnNaN(Callback):
    """Ends training in good order after a batch whose loss is NaN or infinite.

    Without it, such a loss is a DivergenceError of `fit`, which names the layer whose output went bad first, before the
    weights are changed. With it, as in Keras, the step is made and the epoch ends with what it has.

    raise_error: whether to raise RuntimeError, naming the batch, instead of stopping in good order.

    >>> TerminateOnNaN(raise_error=True)
    TerminateOnNaN(raise_error=True)
    """

    judges_loss = True

    def __init__(self, raise_error: bool = False) -> None:
        self.raise_error = raise_error
        self._epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        loss = (logs or {}).get("loss", 0.0)
        if math.isfinite(loss):
            return
        said = f"the loss is {loss} in batch {batch + 1} of epoch {self._epoch + 1}; a smaller learning rate may help"
        if self.raise_error:
            raise RuntimeError(said)
        print(f"Training ends: {said}")
        self.model.stop_training = True
