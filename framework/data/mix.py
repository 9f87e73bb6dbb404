"""Several datasets as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..arguments import require
from ..registry import ArgumentError, snake_case
from .datasets import Data, Dataset, DatasetSpec, Examples, registry


@registry.register
class Mix(Dataset):
    """The examples of several datasets together, each also to be judged by itself.

    Training, validation and test examples are those of the first dataset, then those of the second, and so on; a
    dataset without validation or test examples adds none. The `parts` of what is loaded hold the datasets by name,
    the second of the same name as `name_2`; a mix inside of a mix stands there with its parts. All are views of one
    array. Groups are those of the parts alone: two datasets may use the same numbers. Give each dataset validation
    examples of its own: a `validation_split` would hold back the last of them.

    datasets: at least one, names or specs. Their examples must have one shape, type and scale, their labels one shape
        and type, and the same classes.

    Raises ArgumentError without any dataset; `load` raises it for datasets that do not go together, and what the
    datasets raise.

    >>> class Dice(Dataset):
    ...     def __init__(self, sides: int) -> None:
    ...         self.sides = sides
    ...     def load(self) -> Data:
    ...         faces = np.arange(self.sides, dtype=np.uint8)
    ...         return Data(Examples(faces[:, None], faces), source=f"a die of {self.sides}")
    >>> data = Mix([Dice(6), Dice(8)]).load()
    >>> len(data.train), {name: len(part.train) for name, part in data.parts.items()}, data.source
    (14, {'dice': 6, 'dice_2': 8}, 'a die of 6 + a die of 8')
    """

    def __init__(self, datasets: Sequence[DatasetSpec]) -> None:
        is_list = isinstance(datasets, Sequence) and not isinstance(datasets, str)
        require(is_list and len(datasets) > 0, self, "datasets", datasets, "a list of at least one dataset")
        self._datasets = [registry.create(spec) for spec in datasets]

    @property
    def datasets(self) -> list[Dataset]:
        """What is mixed."""
        return self._datasets

    def load(self) -> Data:
        parts: dict[str, Data] = {}
        for dataset in _unmixed(self._datasets):
            name = dataset.registered_name or snake_case(type(dataset).__name__)
            parts[_free(name, parts)] = dataset.load()
        _check_alike(parts)
        return _joined(parts)


def _unmixed(datasets: Iterable[Dataset]) -> Iterator[Dataset]:
    """The datasets, those of a mix instead of the mix."""
    for dataset in datasets:
        if isinstance(dataset, Mix):
            yield from _unmixed(dataset.datasets)
        else:
            yield dataset


def _free(name: str, taken: Mapping[str, Any]) -> str:
    """The name, or it with the first number from 2 up that makes it a new one."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def _check_alike(parts: Mapping[str, Data]) -> None:
    """Raises ArgumentError when the examples of a part cannot stand behind those of the first."""
    first, *others = ((name, _features(part)) for name, part in parts.items())
    for name, features in others:
        for own, other in zip(features, first[1], strict=True):
            if own != other:
                raise ArgumentError(
                    f"Mix: {name} has {own}, but {first[0]} {other}; mix datasets that are alike", "datasets"
                )


def _features(data: Data) -> list[str]:
    """What the parts of a mixture have in common, in words."""
    x, y = data.train.x, data.train.y
    return [
        f"examples of shape {x.shape[1:]}",
        f"examples of type {x.dtype}",
        f"the scale {data.scale:g}",
        f"labels of shape {y.shape[1:]}",
        f"labels of type {y.dtype}",
        f"the classes {', '.join(data.classes)}" if data.classes else "classes without names",
    ]


def _joined(parts: dict[str, Data]) -> Data:
    """The parts behind each other; empties `parts` as it copies, so that no more than one is there twice."""
    first = next(iter(parts.values()))
    scale, classes = first.scale, first.classes
    source = " + ".join(part.source for part in parts.values() if part.source)
    of_all = [_Column([_three(part)[i] for part in parts.values()]) for i in range(3)]
    del first
    views = {}
    for name in list(parts):
        part = parts.pop(name)
        train, validation, test = (column.take(examples) for column, examples in zip(of_all, _three(part), strict=True))
        assert train is not None
        views[name] = Data(train, validation, test, scale, part.source, classes=classes)
    train, validation, test = (column.examples for column in of_all)
    assert train is not None
    return Data(train, validation, test, scale, source, views, classes)


def _three(data: Data) -> tuple[Examples | None, Examples | None, Examples | None]:
    return data.train, data.validation, data.test


class _Column:
    """Memory for examples of several datasets, filled by one after the other."""

    def __init__(self, wanted: Sequence[Examples | None]) -> None:
        given = [examples for examples in wanted if examples is not None]
        size = sum(len(examples) for examples in given)
        self.examples = Examples(_like(given[0].x, size), _like(given[0].y, size)) if given else None
        self._filled = 0

    def take(self, examples: Examples | None) -> Examples | None:
        """A copy of the examples, behind those that are there."""
        if examples is None or self.examples is None:
            return None
        rows = slice(self._filled, self._filled + len(examples))
        self._filled = rows.stop
        own = Examples(self.examples.x[rows], self.examples.y[rows], examples.groups)
        own.x[...], own.y[...] = examples.x, examples.y
        return own


def _like(array: np.ndarray[Any, Any], size: int) -> np.ndarray[Any, Any]:
    return np.empty((size, *array.shape[1:]), array.dtype)
