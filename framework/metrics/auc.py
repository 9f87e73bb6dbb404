"""The area under a curve that the thresholds draw. Names and rules are those of Keras 3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from ..activations import sigmoid
from ..arguments import is_number, is_whole, require
from ..losses.base import spread
from ..parameters import Array
from .base import aligned_classes, ratio, registry
from .thresholds import ThresholdMetric, check_number, checked_thresholds

_MARGIN = 1e-7
"""The first threshold is as much below 0, and the last one as much above 1: the curve has both its ends."""


@registry.register
class AUC(ThresholdMetric):
    """The area under the curve that goes through the points of all thresholds.

    curve: "ROC", the true over the false positive rate; "PR", precision over recall; "PRGAIN", their gains.
    summation_method: of the height between two thresholds, "interpolation" takes the mean ("PR": after Davis and
    Goadrich, 2006), "minoring" the smaller one and "majoring" the larger one. num_thresholds: how many, evenly spaced
    from 0 to 1; they do not matter where `thresholds` are given. multi_label: whether to take the mean of the areas of
    the labels, each a column of (batch, labels), weighted by label_weights; otherwise all are thrown together, and
    label_weights weigh the columns. num_labels: how many there must be; None for any. from_logits: predictions are
    before the sigmoid.

    thresholds: the thresholds themselves, in [0, 1]; None for `num_thresholds` even ones.
    label_weights: one for each label, at least 0; None for equal ones.

    Shapes: (batch, ...) both. Raises ArgumentError for arguments out of range.

    >>> AUC()([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9])
    0.75
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: Literal["ROC", "PR", "PRGAIN"] = "ROC",
        summation_method: Literal["interpolation", "majoring", "minoring"] = "interpolation",
        name: str | None = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Sequence[float] | None = None,
        from_logits: bool = False,
    ) -> None:
        if thresholds is None:
            check_number(self, num_thresholds, 2)
        curves, methods = ("ROC", "PR", "PRGAIN"), ("interpolation", "majoring", "minoring")
        require(str(curve).upper() in curves, self, "curve", curve, "'ROC', 'PR' or 'PRGAIN'")
        known = str(summation_method).lower() in methods
        require(known, self, "summation_method", summation_method, "'interpolation', 'majoring' or 'minoring'")
        counted = num_labels is None or (multi_label and is_whole(num_labels, 1))
        require(counted, self, "num_labels", num_labels, "None, or a positive whole number with multi_label")
        weighted = label_weights is None or (
            np.ndim(label_weights) == 1 and all(is_number(w, 0) for w in label_weights)
        )
        require(weighted, self, "label_weights", label_weights, "a list of numbers that are not negative, or None")
        self.num_thresholds = num_thresholds
        self.curve = curve
        self.summation_method = summation_method
        self.name = name
        self.thresholds = thresholds
        self.multi_label = multi_label
        self.num_labels = num_labels
        self.label_weights = label_weights
        self.from_logits = from_logits
        if thresholds is None:
            between = np.arange(1, num_thresholds - 1) / (num_thresholds - 1)
        else:
            between = np.sort(checked_thresholds(self, thresholds, 0.5))
        self.use_thresholds([-_MARGIN, *between.tolist(), 1 + _MARGIN])

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = aligned_classes(self, y_true, y_pred)
        labels = self._labels(y_true, y_pred)
        weight = spread(sample_weight, y_pred)
        if self.label_weights is not None:
            self._check_label_weights(y_pred)
            if not self.multi_label:
                weight = np.asarray(self.label_weights) * (np.ones_like(y_pred) if weight is None else weight)
        if self.from_logits:
            y_pred = sigmoid(y_pred)
        self.add(y_true != 0, self.exceeded(np.clip(y_pred, 0.0, 1.0)), weight, labels)

    def _labels(self, y_true: Array, y_pred: Array) -> int:
        if not self.multi_label:
            return 1
        fits = y_pred.ndim == 2 and self.num_labels in (None, y_pred.shape[-1])
        if not fits:
            raise ValueError(
                f"AUC with multi_label takes predictions of shape (batch, {self.num_labels or 'labels'}), "
                f"got {y_pred.shape}"
            )
        return int(y_pred.shape[-1])

    def _check_label_weights(self, y_pred: Array) -> None:
        assert self.label_weights is not None
        if len(self.label_weights) != y_pred.shape[-1]:
            raise ValueError(
                f"AUC: {len(self.label_weights)} label_weights do not match predictions of shape {y_pred.shape}"
            )

    def result(self) -> float:
        curve, method = self.curve.upper(), self.summation_method.lower()
        if curve == "PR" and method == "interpolation":
            areas = self._interpolated_precision_recall()
        else:
            x, y = self._points(curve)
            left, right = y[..., :-1], y[..., 1:]
            heights = {
                "interpolation": (left + right) / 2,
                "minoring": np.minimum(left, right),
                "majoring": np.maximum(left, right),
            }
            areas = -np.diff(x) * heights[method]
        area = areas.sum(axis=-1)
        if self.multi_label and self.label_weights is not None and area.ndim:
            return float(ratio(np.dot(area, self.label_weights), np.sum(self.label_weights)))
        return float(area.mean())

    def _points(self, curve: str) -> tuple[Array, Array]:
        """The coordinates of the points, from the lowest threshold to the highest."""
        tp, fp = self.true_positives, self.false_positives
        tn, fn = self.true_negatives, self.false_negatives
        recall = ratio(tp, tp + fn)
        if curve == "ROC":
            return ratio(fp, fp + tn), recall
        if curve == "PR":
            return recall, ratio(tp, tp + fp)
        # Gains: 1 - (P / N) FN / TP and 1 - (P / N) FP / TP, where both are defined (Flach and Kull, 2015).
        share = ratio(tp + fn, tn + fp)
        recall_gain = np.where(tp == 0, 0.0, np.maximum(1 - share * ratio(fn, tp), 0.0))
        return recall_gain, np.where(tp == 0, 1.0, 1 - share * ratio(fp, tp))

    def _interpolated_precision_recall(self) -> Array:
        """The area between two thresholds, where true and false positives, not their ratio, are interpolated.

        With P = TP + FP and TP = a + s P in between, ∫ TP / P dTP = s (ΔTP + a log(P₁ / P₂)).
        """
        tp, fn = self.true_positives, self.false_negatives
        positives = tp + self.false_positives
        tp_change = tp[..., :-1] - tp[..., 1:]
        before, after = positives[..., :-1], positives[..., 1:]
        slope = ratio(tp_change, np.maximum(before - after, 0.0))
        intercept = tp[..., 1:] - slope * after
        grown = np.where((before > 0) & (after > 0), ratio(before, after), 1.0)
        area = slope * (tp_change + intercept * np.log(grown))
        return ratio(area, np.maximum(tp[..., 1:] + fn[..., 1:], 0.0))
