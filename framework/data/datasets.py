"""Where examples come from: the registry of datasets that an experiment file can name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from ..parameters import Array
from ..registry import Configurable, Registry


@dataclass(frozen=True)
class Examples:
    """Inputs and their labels: `x` (n, ...) and `y` (n, ...).

    groups: (n,), whom or what each example comes from, such as the number of its writer; None where nobody knows.
    """

    x: Array
    y: Array
    groups: Array | None = None

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Data:
    """What a dataset loads: examples to train on, to choose by and to judge by.

    scale: what `x` is multiplied by, as float, on its way into the model (1/255 for images kept as bytes).
    source: one line for people that says where the examples came from.
    parts: of a mixture, what it was mixed of, by name; each is judged on its own.
    classes: what the classes are called, where their numbers say nothing to people.
    """

    train: Examples
    validation: Examples | None = None
    test: Examples | None = None
    scale: float = 1.0
    source: str = ""
    parts: Mapping[str, Data] = field(default_factory=dict)
    classes: tuple[str, ...] = ()


class Dataset(Configurable):
    """The base of datasets: a class with a `load` method, registered under the name that YAML files use.

    >>> class Parity(Dataset):
    ...     def load(self):
    ...         import numpy as np
    ...         x = np.arange(16)[:, None] // [1, 2, 4, 8] % 2
    ...         return Data(train=Examples(x.astype("float32"), x.sum(axis=1) % 2))
    >>> len(Parity().load().train)
    16
    """

    def load(self) -> Data:
        raise NotImplementedError(f"{type(self).__name__} must define load()")


registry: Registry[Dataset] = Registry("dataset", Dataset)
DatasetSpec = Annotated[str | Mapping[str, Any] | Dataset, registry]
