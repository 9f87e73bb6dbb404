"""Where a `fit` is, and what it was asked to do: the part of a training run that is neither model nor callback."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .arguments import is_whole
from .data.batches import Batches
from .layers import Input
from .parameters import Array
from .registry import Configurable, plain

if TYPE_CHECKING:
    from .data.sources import Source
    from .trainer import Trainer

_SAMPLED = 1 << 22
"""Bytes of an array that are looked at to tell it from another: enough to be sure, few enough to take no time."""


class Run:
    """The course of one `fit`: its batches, and how far it has come.

    epoch: the one at work or, between two, the one that comes next. batch: how many of its batches have been trained
    on; between two epochs 0. validation_freq: after every so many epochs the model is validated.
    """

    def __init__(
        self,
        trainer: Trainer,
        source: Source,
        validation: Source | None,
        epoch: int,
        epochs: int,
        validation_freq: int = 1,
    ) -> None:
        self.trainer = trainer
        self.source = source
        self.validation = validation
        self.epoch = epoch
        self.epochs = epochs
        self.validation_freq = validation_freq
        self.batch = 0

    def end_epoch(self) -> None:
        """Goes on to the next one."""
        self.epoch, self.batch = self.epoch + 1, 0

    @property
    def place(self) -> str:
        """How far it has come, in words."""
        if not self.batch:
            return f"after epoch {self.epoch} of {self.epochs}" if self.epoch else "before the first batch"
        steps = self.source.steps
        return f"in epoch {self.epoch + 1} of {self.epochs}, after batch {self.batch}" + (
            f" of {steps}" if steps else ""
        )

    def get_state(self) -> dict[str, Any]:
        """The place, the batches that are still to come, and the running figures of an epoch that has begun."""
        return {
            "epoch": self.epoch,
            "batch": self.batch,
            "stopped": self.trainer.model.stopped,
            "source": self.source.state,
            "validation": None if self.validation is None else self.validation.state,
            "figures": self.trainer.get_figures() if self.batch else None,
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Goes on from there.

        Raises KeyError, TypeError or ValueError when it is the state of another run.
        """
        epoch, batch = state["epoch"], state["batch"]
        for name, count in (("epoch", epoch), ("batch", batch)):
            if not is_whole(count, 0):
                raise ValueError(f"{name} must be a whole number of at least 0, got {count!r}")
        if batch:
            self.trainer.set_figures(state["figures"])
        if epoch < self.epochs:  # otherwise nothing is drawn from the streams any more
            self.source.resume(state["source"])
            if self.validation is not None and state["validation"] is not None:
                self.validation.resume(state["validation"])
        self.epoch, self.batch = epoch, batch
        self.trainer.model.stop_training = state["stopped"] is True

    def settings(self) -> dict[str, Any]:
        """What decides the course of the run, as plain data: model, loss, optimizer, metrics and data, but no epochs.

        What has no plain form, such as a function, is there by the name of its type.
        """
        trainer = self.trainer
        return {
            "model": _described(trainer.model),
            "loss": _described(trainer.loss),
            "optimizer": _described(trainer.optimizer),
            "metrics": _described(trainer.all_metrics),
            "steps_per_epoch": self.source.steps,
            "data": _data(self.source),
            "validation_data": None if self.validation is None else _data(self.validation),
            "validation_steps": None if self.validation is None else self.validation.steps,
            "validation_freq": self.validation_freq,
        }


def _described(value: Any) -> Any:
    if isinstance(value, Configurable):
        name = vars(type(value)).get("registered_name") or type(value).__name__
        arguments = [argument for argument in value.signature() if argument not in ("seed", "name")]
        return {name: {argument: _described(value._argument(argument)) for argument in arguments}}
    if isinstance(value, list | tuple):  # a model without an Input gets one from its first data
        return [_described(part) for part in value if not isinstance(part, Input)]
    if isinstance(value, Mapping):
        return {str(key): _described(part) for key, part in value.items()}
    try:
        return plain(value)
    except TypeError:
        return type(value).__name__


def _data(source: Source) -> dict[str, Any]:
    batches = source.batches
    if not isinstance(batches, Batches):
        return {"batches": type(batches).__name__, "class_weight": _described(source.class_weight)}
    arrays = (batches.x, batches.y, batches.sample_weight)
    return {
        "examples": batches.size,
        "shape": list(batches.x.shape[1:]),
        "batch_size": batches.batch_size,
        "shuffle": batches.shuffle,
        "scale": batches.scale,
        "transforms": _described(batches.transforms),
        "class_weight": _described(source.class_weight),
        "checksum": "".join(_checksum(array) for array in arrays if array is not None),
    }


def _checksum(array: Array) -> str:
    """CRC-32 of the type and the bytes of an array, or of rows all over it where it is large."""
    rows = max(1, _SAMPLED // max(1, array.nbytes // len(array)))
    if rows < len(array):
        array = array[np.linspace(0, len(array) - 1, rows).astype(np.intp)]
    return f"{zlib.crc32(np.ascontiguousarray(array).tobytes(), zlib.crc32(array.dtype.str.encode())):08x}"
