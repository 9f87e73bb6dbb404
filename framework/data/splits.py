"""Holding examples back: the last ones, as Keras does, or a fair share of every class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..arguments import is_number
from ..parameters import Array
from .batches import check_lengths

Part = tuple[Any, ...]

CHUNK = 1 << 20
"""How many targets are looked at at a time."""


def split(arrays: Part, share: float) -> tuple[Part, Part]:
    """Cuts (x, y, sample_weight) in two: the last `share` of the examples is for validation.

    Raises ValueError when a side would be empty, or the lengths differ.

    >>> split(([1, 2, 3, 4], None, None), 0.25)
    (([1, 2, 3], None, None), ([4], None, None))
    """
    n = _checked_size(arrays, share)
    at = int(n * (1 - share))
    _check_both_sides(at, n, share)
    first, last = zip(*((None, None) if a is None else (a[:at], a[at:]) for a in arrays), strict=True)
    return first, last


def stratified_split(
    x: Any, y: Any, share: float, seed: int | None = 0
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """(x, y) in two parts, the second with about `share` of the examples of every class, both in random order.

    y: class numbers (n,) or (n, 1), or one-hot rows (n, classes). A class with two examples or more is on both sides.
    Raises ValueError when a side would be empty, or the lengths differ.

    >>> (x_train, y_train), validation = stratified_split(np.arange(10), [0] * 8 + [1] * 2, 0.5)
    >>> y_train.tolist().count(0), y_train.tolist().count(1)
    (4, 1)
    """
    x, y = np.asarray(x), np.asarray(y)
    n = _checked_size((x, y), share)
    rng = np.random.default_rng(seed)
    order = rng.permutation(n)
    classes = class_numbers(y)[order]
    held_back = np.zeros(n, np.bool_)
    for number in np.unique(classes):
        members = order[classes == number]
        count = round(share * len(members))
        held_back[members[: min(max(count, 1), len(members) - 1)]] = True
    _check_both_sides(n - int(held_back.sum()), n, share)
    train, validation = order[~held_back[order]], order[held_back[order]]
    return (x[train], y[train]), (x[validation], y[validation])


def missing_classes(y: Any, y_validation: Any) -> tuple[list[int], list[int]]:
    """The classes that training lacks, and those that validation lacks though chance would hardly leave them out.

    Hardly: in less than one of a hundred splits at random.
    """
    train, counts = _class_counts(y)
    validation, _ = _class_counts(y_validation)
    chance = (len(y) / (len(y) + len(y_validation))) ** counts
    suspicious = train[chance < 0.01]
    return np.setdiff1d(validation, train).tolist(), np.setdiff1d(suspicious, validation).tolist()


def are_classes(y: Any, outputs: int) -> bool:
    """Whether these targets, for a model with so many outputs, are classes, as whole numbers or one-hot.

    >>> are_classes([0, 2, 1], 3), are_classes([[0.0, 1.0], [1.0, 0.0]], 2), are_classes([10, 20, 30], 1)
    (True, True, False)
    """
    y = np.asanyarray(y)
    if y.ndim > 1 and y.shape[-1] > 1:
        return bool(y.shape[-1] == outputs and all(map(_are_one_hot, _chunks(y))))
    numbers: set[int] = set()
    for part in _chunks(y) if y.dtype.kind in "iub" else ():
        numbers.update(np.unique(part).tolist())
        if len(numbers) > max(2, outputs):
            return False
    return bool(numbers)


def class_numbers(y: Array) -> Array:
    """The class of each example: the number itself, or where the one stands in a row."""
    return y.argmax(axis=-1) if y.ndim > 1 and y.shape[-1] > 1 else y.reshape(len(y), -1)[:, 0]


def _class_counts(y: Any) -> tuple[Array, Array]:
    """The classes that there are, in order, and how many examples each of them has."""
    found: Counter[Any] = Counter()
    for part in _chunks(np.asanyarray(y)):
        classes, counts = np.unique(class_numbers(part), return_counts=True)
        found.update(dict(zip(classes.tolist(), counts.tolist(), strict=True)))
    return np.array(sorted(found)), np.array([found[number] for number in sorted(found)])


def _are_one_hot(y: Array) -> bool:
    return bool(np.isin(y, (0, 1)).all() and (y.sum(axis=-1) == 1).all())


def _chunks(y: Array) -> Iterator[Array]:
    """Some rows after the others, of an array that may be too large to work on all of it at once."""
    rows = max(1, CHUNK // max(1, y[:1].size))
    return (y[start : start + rows] for start in range(0, len(y), rows))


def _checked_size(arrays: Part, share: float) -> int:
    if not is_number(share, 0, 1):
        raise ValueError(f"a validation split must be a share between 0 and 1, got {share!r}")
    check_lengths(dict(zip(("x", "y", "sample_weight"), arrays, strict=False)))
    return len(arrays[0])


def _check_both_sides(at: int, n: int, share: float) -> None:
    if at in (0, n):
        raise ValueError(
            f"a validation split of {share!r} leaves {at} of {n} examples for training and {n - at} for validation; "
            f"both sides need some"
        )
