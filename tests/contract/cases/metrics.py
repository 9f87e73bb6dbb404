"""Cases of the metrics."""

import numpy as np

from framework import metrics

_LABELS = np.array([0, 2, 1, 1])
_CHANCES = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.2, 0.5, 0.3], [0.9, 0.1, 0.0]])
_NUMBERS = np.array([[1.0], [0.0], [3.0], [0.5]])

METRICS = [
    # metric, the arrays of a batch
    (metrics.Mean(), [_NUMBERS[:, 0]]),
    (metrics.MeanSquaredError(), [_NUMBERS, _NUMBERS[::-1]]),
    (metrics.MeanAbsoluteError("error"), [_NUMBERS, _NUMBERS[::-1]]),
    (metrics.Accuracy(), [_LABELS, _CHANCES]),
    (metrics.SparseCategoricalAccuracy(), [_LABELS, _CHANCES]),
    (metrics.CategoricalAccuracy(), [np.eye(3)[_LABELS], _CHANCES]),
    (metrics.BinaryAccuracy(threshold=0.25), [np.eye(3)[_LABELS], _CHANCES]),
    (metrics.ConfusionMatrix(3), [_LABELS, _CHANCES]),
    (metrics.ConfusionMatrix(), [_LABELS, _CHANCES]),
]
