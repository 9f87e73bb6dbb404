"""Curves and histograms for TensorBoard."""

from __future__ import annotations

import platform
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..arguments import is_whole, require
from ..parameters import Array
from .base import Callback, Logs, registry
from .writing import KeepGoing


@registry.register(name="tensorboard")
class TensorBoard(Callback):
    """Writes the logs, under Keras's names, where `tensorboard --logdir logs` finds them.

    Figures go to `train` and `validation` inside of log_dir, as `epoch_loss`, `epoch_accuracy`, ...; the learning
    rate to `train` as `epoch_learning_rate`. histogram_freq: every so many epochs the weights are written as
    histograms; 0 for never. update_freq: "epoch", or "batch", or a number of batches, to write `batch_loss` and the
    others as well, over the number of batches that the optimizer has seen. Needs the package tensorboardX (extra
    `tensorboard`).

    log_dir: the folder for all files; it is made. Where the disk fills up in the middle of a run, the run goes on, and
        a new file begins when something can be written again.

    Raises ArgumentError for frequencies that are none; when training begins, ImportError without the package and
    OSError when nothing can be written.

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
        self._files: dict[str, _EventFile] = {}
        self._keep_going = KeepGoing("TensorBoard")

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._keep_going = KeepGoing("TensorBoard")
        with self._keep_going.writing(self.log_dir):
            self._file("train").flush()  # a missing package, a wrong path is noticed now, not after the first epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if self.update_freq != "epoch":
            batches = self.model.optimizer.steps  # of all runs of this model, also of one that was cut off
            if batches % (1 if self.update_freq == "batch" else self.update_freq) == 0:
                self._write("batch", batches, logs or {})

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        rate = {"learning_rate": self.model.optimizer.learning_rate}
        self._write("epoch", epoch, rate | (logs or {}), whole_epoch=True)

    def on_train_end(self, logs: Logs | None = None) -> None:
        with self._keep_going.writing(self.log_dir, last=True):
            self._close()

    def _write(self, prefix: str, step: int, logs: Logs, whole_epoch: bool = False) -> None:
        with self._keep_going.writing(self.log_dir):
            try:
                for name, value in logs.items():
                    if isinstance(value, int | float):
                        place = "validation" if name.startswith("val_") else "train"
                        self._file(place).add_scalar(f"{prefix}_{name.removeprefix('val_')}", value, step)
                if whole_epoch:
                    if self.histogram_freq and step % self.histogram_freq == 0:
                        self._write_histograms(step)
                    for file in self._files.values():
                        file.flush()
            except OSError:
                self._drop()
                raise

    def _write_histograms(self, epoch: int) -> None:
        from ..checkpoint import named_weights

        for name, parameter in named_weights(self.model):
            self._file("train").add_histogram(name, parameter.value, epoch)

    def _file(self, place: str) -> _EventFile:
        if place not in self._files:
            self._files[place] = _EventFile(Path(self.log_dir) / place)
        return self._files[place]

    def _close(self) -> None:
        try:
            for file in self._files.values():
                file.flush()
        finally:
            self._drop()

    def _drop(self) -> None:
        """Closes all files; one that ends in half an event is read up to there, and then the next one."""
        files, self._files = self._files, {}
        for file in files.values():
            with suppress(OSError):
                file.close()

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_files": {}}


class _EventFile:
    """Events, one after the other, written in this thread: that of tensorboardX would hang when the disk is full."""

    def __init__(self, folder: Path) -> None:
        try:
            from tensorboardX import RecordWriter
        except ImportError:
            raise ImportError(
                "TensorBoard needs the package tensorboardX: pip install 'numpy-sequential[tensorboard]'"
            ) from None
        folder.mkdir(parents=True, exist_ok=True)
        nanoseconds = time.time_ns()  # TensorBoard reads the files of a folder in the order of their names
        name = f"events.out.tfevents.{nanoseconds // 10**9}.{platform.node()}.{nanoseconds}"
        self._records = RecordWriter(str(folder / name))
        self._add(file_version="brain.Event:2")

    def add_scalar(self, name: str, value: float, step: int) -> None:
        from tensorboardX.summary import scalar

        self._add(step=step, summary=scalar(name, value))

    def add_histogram(self, name: str, values: Array, step: int) -> None:
        from tensorboardX.summary import histogram

        self._add(step=step, summary=histogram(name, values, _limits()))

    def _add(self, **fields: Any) -> None:
        from tensorboardX.proto.event_pb2 import Event

        self._records.write(Event(wall_time=time.time(), **fields).SerializeToString())

    def flush(self) -> None:
        self._records.flush()

    def close(self) -> None:
        self._records.close()


def _limits() -> Array:
    """Of the bins of a histogram: those of TensorFlow, each wider than the one before it by a tenth."""
    positive = 1e-12 * 1.1 ** np.arange(774)
    return np.concatenate([-positive[::-1], [0.0], positive])
