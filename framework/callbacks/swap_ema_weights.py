"""Judging the averaged weights while the others go on learning."""

from __future__ import annotations

from ..registry import ArgumentError
from .base import Callback, Logs, registry


@registry.register
class SwapEMAWeights(Callback):
    """Puts the optimizer's averaged weights into the model for every evaluation and prediction, and out after it.

    swap_on_epoch: whether the averages go in at the end of each epoch already, so that callbacks that come later, such
    as ModelCheckpoint, save them; the others come back when the next epoch begins, and when an error ends it all.
    Raises ArgumentError, when it is set to work, for an optimizer without `use_ema`.

    >>> SwapEMAWeights(swap_on_epoch=True)
    SwapEMAWeights(swap_on_epoch=True)
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        self.swap_on_epoch = swap_on_epoch

    def on_train_begin(self, logs: Logs | None = None) -> None:
        if not self.model.optimizer.use_ema:
            raise ArgumentError(
                f"SwapEMAWeights needs averaged weights, which {self.model.optimizer!r} does not keep: "
                f"make it with use_ema=True"
            )

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._put(False)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.swap_on_epoch:
            self._put(True)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._put(True)

    def on_test_end(self, logs: Logs | None = None) -> None:
        self._put(False)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._put(True)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._put(False)

    def _put(self, averages: bool) -> None:
        optimizer = self.model.optimizer
        if averages is not optimizer.swapped and optimizer.iterations:
            with self.model.lock:  # another thread sees the ones or the others
                optimizer.swap_ema()
