"""Intersection over union; the figures follow from the counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework.metrics import BinaryIoU, IoU, MeanIoU, Metric, OneHotIoU, OneHotMeanIoU
from framework.registry import ArgumentError

TRUE, ANSWERS = [0, 0, 1, 1], [0, 1, 0, 1]
WEIGHTS = [0.2, 0.3, 0.4, 0.1]
WEIGHTED = (0.1 / (0.4 + 0.5 - 0.1) + 0.2 / (0.6 + 0.5 - 0.2)) / 2
PIXELS, PIXEL_ANSWERS = [[0, 0], [1, 1]], [[0, 1], [0, 1]]
PIXEL_WEIGHTS = [[0.2, 0.3], [0.4, 0.1]]
CHANCES = [0.1, 0.2, 0.4, 0.7]
HOT = np.eye(3)[[2, 0, 1, 0]]
SHARES = np.array([[0.2, 0.3, 0.5], [0.1, 0.2, 0.7], [0.5, 0.3, 0.1], [0.1, 0.4, 0.5]])
MORE_HOT, MORE_SHARES = np.vstack([HOT, [1, 0, 0]]), np.vstack([SHARES, [0.6, 0.2, 0.2]])


@pytest.mark.parametrize(
    ("metric", "y_true", "y_pred", "weight", "expected"),
    [
        (IoU(2, [0, 1]), TRUE, ANSWERS, None, 1 / 3),
        (IoU(2, [1, 0]), TRUE, np.array(ANSWERS, np.float32), WEIGHTS, WEIGHTED),
        (IoU(2, [0, 1]), PIXELS, PIXEL_ANSWERS, PIXEL_WEIGHTS, WEIGHTED),
        (IoU(2, [0, 1]), [1], [1], None, 1.0),
        (IoU(2, [0, 1]), [0, 2], [0, 1], None, 1.0),
        (IoU(2, [0, 1]), [0, 1], [0, 2], None, 1.0),
        (IoU(2, [0, 1]), [-1, 0], [0, 0], None, 1.0),
        (IoU(2, [0, 1]), [0, 1], [-1, 1], None, 1.0),
        (IoU(4, [0, 1, 2, 3]), TRUE, ANSWERS, None, 1 / 3),
        (BinaryIoU([0, 1], 0.3), [0, 1, 0, 1], CHANCES, WEIGHTS, WEIGHTED),
        (BinaryIoU([0, 1], 0.5), [0, 1, 0, 1], CHANCES, [0.1, 0.2, 0.4, 0.3], (0.5 / 0.7 + 0.3 / 0.5) / 2),
        (BinaryIoU([0, 1], 0.3), [0, 1, 0, 1], CHANCES, None, 1 / 3),
        (BinaryIoU([0, 1], 0.5), [0, 1, 0, 1], CHANCES, None, (2 / 3 + 1 / 2) / 2),
        (
            BinaryIoU((0, 1), 0.4),
            [[0, 1], [0, 1]],
            [[0.1, 0.7], [0.9, 0.3]],
            PIXEL_WEIGHTS,
            (0.2 / 0.7 + 0.3 / 0.8) / 2,
        ),
        (BinaryIoU([0, 1], 0.5), [1], [0.6], None, 1.0),
        (MeanIoU(2), TRUE, ANSWERS, None, 1 / 3),
        (MeanIoU(3, ignore_class=255), [0, 1, 2, 255], [0, 1, 1, 1], None, (1 + 1 / 2 + 0) / 3),
        (MeanIoU(3, ignore_class=-1), [0, 1, 2, -1], [0, 1, 1, 1], None, (1 + 1 / 2 + 0) / 3),
        (MeanIoU(2), TRUE, ANSWERS, WEIGHTS, WEIGHTED),
        (MeanIoU(2, ignore_class=-1), [0, 0, 1, -1], ANSWERS, WEIGHTS, (0.2 / 0.9 + 0.0) / 2),
        (MeanIoU(2), PIXELS, PIXEL_ANSWERS, PIXEL_WEIGHTS, WEIGHTED),
        (MeanIoU(2), [1], [1], None, 1.0),
        (MeanIoU(2), [0, 3], [0, 1], None, 1.0),
        (MeanIoU(2), [0, -1], [0, 1], None, 1.0),
        (MeanIoU(3), [0, 0, 0, 0], [0, 0, 0, 0], None, 1.0),
        (OneHotIoU(3, [0, 2]), HOT, SHARES, None, (0 + 1 / 3) / 2),
        (OneHotIoU(3, [0, 2]), HOT, SHARES, [0.1, 0.2, 0.3, 0.4], (0 + 0.1 / 0.7) / 2),
        (OneHotMeanIoU(3), HOT, SHARES, None, (1 / 3) / 3),
        (OneHotMeanIoU(3), MORE_HOT, MORE_SHARES, [0.1, 0.2, 0.3, 0.3, 0.1], (0.1 / 0.9 + 0.1 / 0.6) / 3),
        (OneHotMeanIoU(3), MORE_HOT, MORE_SHARES, [1, 2, 3, 3, 1], (0.1 / 0.9 + 0.1 / 0.6) / 3),
    ],
)
def test_the_figures_of_keras_come_out(metric: Metric, y_true: Any, y_pred: Any, weight: Any, expected: float) -> None:
    """From Keras's iou_metrics_test.py."""
    metric.reset_state()
    assert metric.result() == 0.0
    result = metric(y_true, y_pred, weight)
    assert type(result) is float
    assert result == pytest.approx(expected, abs=1e-5)


def test_of_which_kind_targets_and_predictions_are_can_be_said() -> None:
    classes, answers = HOT.argmax(axis=-1), SHARES.argmax(axis=-1)
    expected = OneHotMeanIoU(3)(HOT, SHARES)
    assert MeanIoU(3, sparse_y_pred=False)(classes, SHARES) == expected
    assert MeanIoU(3, sparse_y_true=False)(HOT, answers) == expected
    assert OneHotMeanIoU(3, sparse_y_pred=True)(HOT, answers) == expected
    assert MeanIoU(3, sparse_y_true=False, sparse_y_pred=False, axis=0)(HOT.T, SHARES.T) == expected


def test_a_column_of_chances_and_a_row_of_bits_are_taken_for_each_other() -> None:
    assert BinaryIoU()([0, 1], [[0.2], [0.7]]) == 1.0
    with pytest.raises(ValueError, match=r"BinaryIoU: targets of shape .* do not match predictions of shape"):
        BinaryIoU()([0, 1, 1], [[0.2], [0.7]])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: IoU(2, [2]), "IoU: target_class_ids must be classes from 0 to 1, got"),
        (lambda: IoU(2, []), "IoU: target_class_ids must be classes from 0 to 1, got"),
        (lambda: OneHotIoU(3, [-1]), "OneHotIoU: target_class_ids must be classes from 0 to 2, got"),
        (lambda: BinaryIoU([2]), "BinaryIoU: target_class_ids must be classes from 0 to 1, got"),
        (lambda: BinaryIoU(threshold="0.5"), "BinaryIoU: threshold must be a number, got '0.5'"),  # type: ignore[arg-type]
        (lambda: MeanIoU(0), "MeanIoU: num_classes must be a positive whole number, got 0"),
        (lambda: MeanIoU(2, ignore_class=0.5), "MeanIoU: ignore_class must be a class or None, got 0.5"),  # type: ignore[arg-type]
        (lambda: OneHotMeanIoU(2, axis=None), "OneHotMeanIoU: axis must be a whole number, got None"),  # type: ignore[arg-type]
    ],
)
def test_arguments_out_of_range_are_refused(make: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        make()
