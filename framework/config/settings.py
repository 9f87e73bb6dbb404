"""The keys of an experiment file: the fields of these classes, checked like any component's arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..callbacks import CallbackSpec
from ..data.datasets import DatasetSpec
from ..data.transforms import TransformSpec
from ..intervals import WORDS, is_interval
from ..layers import Input, LayerSpec
from ..losses import LossSpec
from ..metrics import MetricSpec
from ..optimizers import OptimizerSpec
from ..registry import ArgumentError
from ..sequential import Sequential


@dataclass(frozen=True, kw_only=True)
class ModelSection:
    """`model`: a stack of layers.

    input: the shape of one example, without the batch; without it the first data decides.
    Raises ArgumentError for no layers, or sizes that are no counts.
    """

    name: str | None = None
    input: int | Sequence[int] | None = None
    dtype: Literal["float32", "float64"] = "float32"
    trainable: bool = True
    layers: Sequence[LayerSpec]

    def __post_init__(self) -> None:
        if not self.layers:
            raise ArgumentError("layers of model is empty; list at least one layer", "layers")
        try:
            Input(self.input_shape or ())
        except ArgumentError as error:
            raise ArgumentError(str(error).replace("Input: shape", "input of model"), "input") from None
        try:
            Sequential(name=self.name)
        except ArgumentError as error:
            raise ArgumentError(str(error).replace("Sequential: name", "name of model"), "name") from None

    @property
    def input_shape(self) -> tuple[int, ...] | None:
        """`input` as a tuple."""
        if self.input is None:
            return None
        return (self.input,) if isinstance(self.input, int) else tuple(self.input)


@dataclass(frozen=True, kw_only=True)
class TrainSection:
    """`train`: how `fit` goes about it, with Keras's names and defaults.

    validation_split: the last share of the training examples, held back where the dataset brings no examples
    for validation. Raises ArgumentError for numbers out of range.
    """

    epochs: int = 1
    batch_size: int = 32
    shuffle: bool = True
    verbose: Literal["auto", 0, 1, 2] = "auto"
    validation_split: float = 0.0
    validation_freq: int = 1
    validation_batch_size: int | None = None
    validation_steps: int | None = None
    steps_per_epoch: int | None = None
    class_weight: Mapping[int, float] | None = None

    def __post_init__(self) -> None:
        counts = ("epochs", "batch_size", "validation_freq", "validation_batch_size", "validation_steps")
        for name in (*counts, "steps_per_epoch"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ArgumentError(f"{name} of train must be at least 1, got {value}", name)
        if not 0 <= self.validation_split < 1:
            raise ArgumentError(
                f"validation_split of train must be at least 0 and less than 1, got {self.validation_split}",
                "validation_split",
            )


@dataclass(frozen=True, kw_only=True)
class CheckpointSection:
    """`checkpoint`: how often the state of a run that has a folder is kept there, to go on from after a crash.

    every: "epoch", a number of batches, a time such as 30s, 5min or 1h, or "never". Raises ArgumentError for anything
    else.
    """

    every: Literal["epoch", "never"] | int | str = "30s"

    def __post_init__(self) -> None:
        if self.every != "never" and not is_interval(self.every):
            raise ArgumentError(f"every of checkpoint must be 'never', {WORDS}, got {self.every!r}", "every")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The whole file. seed: of first weights, shuffling, augmentation and dropout; null for fresh entropy.

    threads: how many of them training may use (see `framework.set_threads`); null for as many as are set. checkpoint:
    how often a run that has a folder keeps its state.
    Raises ArgumentError for a negative seed, or less than one thread.
    """

    seed: int | None = 42
    threads: int | None = None
    data: DatasetSpec | None = None
    augment: Sequence[TransformSpec] = ()
    model: ModelSection
    loss: LossSpec | None = None
    optimizer: OptimizerSpec = "rmsprop"
    metrics: Sequence[MetricSpec] = ()
    weighted_metrics: Sequence[MetricSpec] = ()
    train: TrainSection = TrainSection()
    checkpoint: CheckpointSection = CheckpointSection()
    callbacks: Sequence[CallbackSpec] = ()

    def __post_init__(self) -> None:
        if self.seed is not None and self.seed < 0:
            raise ArgumentError(f"seed must be at least 0, got {self.seed}", "seed")
        if self.threads is not None and self.threads < 1:
            raise ArgumentError(f"threads must be at least 1, got {self.threads}", "threads")
