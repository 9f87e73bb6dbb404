"""Intersection over union, for the classes of pixels. Names and rules are those of Keras 3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..arguments import is_number, is_whole, require
from ..losses.base import spread
from ..parameters import Array, floating
from .base import Metric, check_shapes, ratio, registry
from .confusion_matrix import count_pairs


class _IntersectionOverUnion(Metric):
    """The base of the family: counts pairs of classes, and takes the mean over the classes of interest.

    Samples whose class, true or predicted, is out of range do not count, nor do those of `ignore_class`. Weights are
    taken as they are; Keras rounds them down to whole numbers unless told otherwise.
    """

    num_classes: int
    ignore_class: int | None = None
    sparse_y_true: bool = True
    sparse_y_pred: bool = True
    axis: int = -1
    _matrix: Array | None = None

    def _check(self) -> None:
        require(is_whole(self.num_classes, 1), self, "num_classes", self.num_classes, "a positive whole number")
        ignored = self.ignore_class
        require(ignored is None or is_whole(ignored), self, "ignore_class", ignored, "a class or None")
        require(is_whole(self.axis), self, "axis", self.axis, "a whole number")

    def _check_targets(self, classes: Sequence[int]) -> None:
        fits = len(classes) > 0 and all(is_whole(c, 0) and c < self.num_classes for c in classes)
        require(fits, self, "target_class_ids", classes, f"classes from 0 to {self.num_classes - 1}")

    def _targets(self) -> Sequence[int]:
        return range(self.num_classes)

    def reset_state(self) -> None:
        self._matrix = None

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
        truth = y_true if self.sparse_y_true else y_true.argmax(axis=self.axis)
        answer = y_pred if self.sparse_y_pred else y_pred.argmax(axis=self.axis)
        self.add(truth.astype(np.intp), answer.astype(np.intp), sample_weight)

    def add(self, truth: Array, answer: Array, sample_weight: Any) -> None:
        """Takes in pairs of classes; (n,) and (n, 1) are taken for each other."""
        if truth.ndim != answer.ndim and truth.size == answer.size:
            shape = min(truth.shape, answer.shape, key=len)
            truth, answer = truth.reshape(shape), answer.reshape(shape)
        check_shapes(self, truth, answer, truth.shape == answer.shape)
        n = self.num_classes
        counted = (truth >= 0) & (truth < n) & (answer >= 0) & (answer < n)
        if self.ignore_class is not None:
            counted &= truth != self.ignore_class
        weight = spread(sample_weight, np.empty(truth.shape))
        counts = count_pairs(truth[counted], answer[counted], n, None if weight is None else weight[counted])
        self._matrix = counts if self._matrix is None else self._matrix + counts

    def result(self) -> float:
        if self._matrix is None:
            return 0.0
        both = self._matrix.diagonal()
        either = self._matrix.sum(axis=0) + self._matrix.sum(axis=1) - both
        chosen = list(self._targets())
        return float(ratio(ratio(both, either)[chosen].sum(), np.count_nonzero(either[chosen])))


@registry.register
class IoU(_IntersectionOverUnion):
    """TP / (TP + FP + FN), the mean over the classes of interest that occur; in [0, 1].

    target_class_ids: the classes of interest. ignore_class: samples of this class do not count.
    sparse_y_true: whether targets are class numbers; otherwise the largest along `axis` decides.
    sparse_y_pred: whether predictions are class numbers; otherwise the largest along `axis` decides.

    num_classes: how many classes there are, at least 1.
    axis: that of the classes, where not sparse: -1, the last, or another one of a batch.

    Shapes: (batch, ...) both, with an axis of classes where not sparse. Raises ArgumentError for classes out of range.

    >>> IoU(2, [0])([0, 0, 1, 1], [0, 1, 0, 1])
    0.3333333333333333
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        self.num_classes = num_classes
        self.target_class_ids = target_class_ids
        self.name = name
        self.ignore_class = ignore_class
        self.sparse_y_true = sparse_y_true
        self.sparse_y_pred = sparse_y_pred
        self.axis = axis
        self._check()
        self._check_targets(target_class_ids)

    def _targets(self) -> Sequence[int]:
        return self.target_class_ids


@registry.register
class BinaryIoU(_IntersectionOverUnion):
    """TP / (TP + FP + FN), the mean over the classes of interest out of 0 and 1; in [0, 1].

    target_class_ids: [0], [1] or both. threshold: predictions from it on count as 1.
    Shapes: (batch, ...) both. Raises ArgumentError for other classes.

    >>> BinaryIoU([1])([0, 1, 0, 1], [0.1, 0.2, 0.5, 0.7])
    0.3333333333333333
    """

    num_classes = 2

    def __init__(
        self, target_class_ids: Sequence[int] = (0, 1), threshold: float = 0.5, name: str | None = None
    ) -> None:
        require(is_number(threshold), self, "threshold", threshold, "a number")
        self.target_class_ids = target_class_ids
        self.threshold = threshold
        self.name = name
        self._check_targets(target_class_ids)

    def _targets(self) -> Sequence[int]:
        return self.target_class_ids

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        answer = floating(y_pred) >= self.threshold
        self.add(np.asarray(y_true).astype(np.intp), answer.astype(np.intp), sample_weight)


@registry.register
class MeanIoU(_IntersectionOverUnion):
    """TP / (TP + FP + FN), the mean over all classes that occur; in [0, 1].

    ignore_class: samples of this class do not count.
    sparse_y_true: whether targets are class numbers; otherwise the largest along `axis` decides.
    sparse_y_pred: whether predictions are class numbers; otherwise the largest along `axis` decides.

    num_classes: how many classes there are, at least 1.
    axis: that of the classes, where not sparse: -1, the last, or another one of a batch.

    Shapes: (batch, ...) both, with an axis of classes where not sparse.

    >>> MeanIoU(2)([0, 0, 1, 1], [0, 1, 1, 1])
    0.5833333333333333
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        self.num_classes = num_classes
        self.name = name
        self.ignore_class = ignore_class
        self.sparse_y_true = sparse_y_true
        self.sparse_y_pred = sparse_y_pred
        self.axis = axis
        self._check()


@registry.register
class OneHotIoU(_IntersectionOverUnion):
    """`IoU` for one-hot targets, and predictions of which the largest along `axis` decides.

    sparse_y_pred: whether predictions are class numbers instead.

    num_classes: how many classes there are, at least 1.
    target_class_ids: the classes of interest, from 0 to num_classes - 1.
    ignore_class: samples of this class do not count; None for all to count.
    axis: that of the classes: -1, the last, or another one of a batch.

    Shapes: (batch, ..., classes) both. Raises ArgumentError for classes out of range.

    >>> OneHotIoU(2, [0])([[1, 0], [1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8], [0.1, 0.9]])
    0.5
    """

    sparse_y_true = False

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        self.num_classes = num_classes
        self.target_class_ids = target_class_ids
        self.name = name
        self.ignore_class = ignore_class
        self.sparse_y_pred = sparse_y_pred
        self.axis = axis
        self._check()
        self._check_targets(target_class_ids)

    def _targets(self) -> Sequence[int]:
        return self.target_class_ids


@registry.register
class OneHotMeanIoU(_IntersectionOverUnion):
    """`MeanIoU` for one-hot targets, and predictions of which the largest along `axis` decides.

    sparse_y_pred: whether predictions are class numbers instead. Shapes: (batch, ..., classes) both.

    num_classes: how many classes there are, at least 1.
    ignore_class: samples of this class do not count; None for all to count.
    axis: that of the classes: -1, the last, or another one of a batch.

    >>> OneHotMeanIoU(2)([[1, 0], [1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8], [0.1, 0.9]])
    0.5
    """

    sparse_y_true = False

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        self.num_classes = num_classes
        self.name = name
        self.ignore_class = ignore_class
        self.sparse_y_pred = sparse_y_pred
        self.axis = axis
        self._check()
