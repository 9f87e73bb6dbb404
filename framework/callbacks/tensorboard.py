"""Curves and histograms for TensorBoard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..arguments import is_whole, require
from .base import Callback, Logs, registry

if TYPE_CHECKING:
    from tensorboardX import SummaryWriter


@registry.register(name="tensorboard")
class TensorBoard(Callback):
    """Writes the logs, under Keras's names, where `tensorboard --logdir logs` finds them.

    Figures go to `train` and `validation` inside of log_dir, as `epoch_loss`, `epoch_accuracy`, ...; the learning
    rate to `train` as `epoch_learning_rate`. histogram_freq: every so many epochs the weights are written as
    histograms; 0 for never. update_freq: "epoch", or "batch", or a number of batches, to write `batch_loss` and the
    others as well, over the number of batches that the optimizer has seen. Needs the package tensorboardX (extra
    `tensorboard`).

    log_dir: the folder for all files; it is made.

    Raises ArgumentError for frequencies that are none; ImportError, when training begins, without the package.

    >>> TensorBoard("logs", histogram_freq=1)
    TensorBoard(histogram_freq=1)
    """

    def __init__(
        self,
        log_dir: str = "logs",
        histogram_freq: int = 0,
        update_freq: Literal["epoch", "batch"] | int = "epoch",
    ) -> None:
        require(is_whole(histogram_freq, 0), self, "histogram_freq", histogram_freq, "a whole number of at least 0")
        fits = update_freq in ("epoch", "batch") or is_whole(update_freq, 1)
        require(fits, self, "update_freq", update_freq, "'epoch', 'batch' or a positive number of batches")
        self.log_dir = log_dir
        self.histogram_freq = histogram_freq
        self.update_freq = update_freq
        self._writers: dict[str, SummaryWriter] = {}

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._writer("train")  # a missing package is noticed now, not after the first epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if self.update_freq != "epoch":
            batches = self.model.optimizer.steps  # of all runs of this model, also of one that was cut off
            if batches % (1 if self.update_freq == "batch" else self.update_freq) == 0:
                self._write("batch", batches, logs or {})

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        rate = {"learning_rate": self.model.optimizer.learning_rate}
        self._write("epoch", epoch, rate | (logs or {}))
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_histograms(epoch)
        for writer in self._writers.values():
            writer.flush()

    def on_train_end(self, logs: Logs | None = None) -> None:
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()

    def _write(self, prefix: str, step: int, logs: Logs) -> None:
        for name, value in logs.items():
            if isinstance(value, int | float):
                place = "validation" if name.startswith("val_") else "train"
                self._writer(place).add_scalar(f"{prefix}_{name.removeprefix('val_')}", value, step)

    def _write_histograms(self, epoch: int) -> None:
        from ..checkpoint import named_weights

        for name, parameter in named_weights(self.model):
            self._writer("train").add_histogram(name, parameter.value, epoch)

    def _writer(self, place: str) -> SummaryWriter:
        if place not in self._writers:
            try:
                from tensorboardX import SummaryWriter
            except ImportError:
                raise ImportError(
                    "TensorBoard needs the package tensorboardX: pip install 'numpy-sequential[tensorboard]'"
                ) from None
            self._writers[place] = SummaryWriter(str(Path(self.log_dir) / place), write_to_disk=True)
        return self._writers[place]

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_writers": {}}
