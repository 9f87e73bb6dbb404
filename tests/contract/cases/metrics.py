"""Cases of the metrics."""

import numpy as np

from framework import metrics

_LABELS = np.array([0, 2, 1, 1])
_HOT = np.eye(3)[_LABELS]
_CHANCES = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.2, 0.5, 0.3], [0.9, 0.1, 0.0]])
_NUMBERS = np.array([[1.0], [0.0], [3.0], [0.5]])
_PAIRS = np.array([[1.0, -2.0], [0.5, 3.0], [2.0, 1.0], [-1.0, 0.25]])
_BITS = np.array([[0.0], [1.0], [1.0], [0.0]])
_CHANCE = np.array([[0.2], [0.9], [0.4], [0.6]])
_SIGNS = np.array([[-1.0, 1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, -1.0]])
_PIXELS = np.array([[0, 1], [2, 2], [1, 0], [0, 0]])
_RANKED = np.array([[1, 0, 2], [2, 1, 0], [0, 2, 1], [1, 2, 0]])


def largest_error(y_true, y_pred):
    """A metric that is a function."""
    return np.abs(y_true - y_pred).max(axis=-1)


METRICS = [
    # metric, the arrays of a batch
    (metrics.Mean(), [_NUMBERS[:, 0]]),
    (metrics.Sum(), [_NUMBERS[:, 0]]),
    (metrics.MeanMetricWrapper(largest_error, direction="min"), [_PAIRS, _PAIRS[::-1]]),
    (metrics.MeanSquaredError(), [_NUMBERS, _NUMBERS[::-1]]),
    (metrics.MeanAbsoluteError("error"), [_NUMBERS, _NUMBERS[::-1]]),
    (metrics.RootMeanSquaredError(), [_NUMBERS, _NUMBERS[::-1]]),
    (metrics.MeanAbsolutePercentageError(), [_PAIRS, _PAIRS[::-1]]),
    (metrics.MeanSquaredLogarithmicError(), [_NUMBERS, _NUMBERS[::-1]]),
    (metrics.LogCoshError(), [_PAIRS, _PAIRS[::-1]]),
    (metrics.CosineSimilarity(axis=1), [_PAIRS, _PAIRS[::-1]]),
    (metrics.R2Score(), [_PAIRS, _PAIRS[::-1]]),
    (metrics.R2Score(None, num_regressors=1), [_PAIRS, _PAIRS[::-1]]),
    (metrics.KLDivergence(), [_HOT, _CHANCES]),
    (metrics.Poisson(), [_NUMBERS, _NUMBERS + 1]),
    (metrics.Hinge(), [_SIGNS, _PAIRS]),
    (metrics.SquaredHinge(), [_SIGNS, _PAIRS]),
    (metrics.CategoricalHinge(), [_HOT, _CHANCES]),
    (metrics.BinaryCrossentropy(label_smoothing=0.1), [_BITS, _CHANCE]),
    (metrics.CategoricalCrossentropy(from_logits=True), [_HOT, _CHANCES]),
    (metrics.SparseCategoricalCrossentropy(ignore_class=2), [_LABELS, _CHANCES]),
    (metrics.Crossentropy(), [_LABELS, _CHANCES]),
    (metrics.Accuracy(), [_LABELS, _CHANCES]),
    (metrics.SparseCategoricalAccuracy(), [_LABELS, _CHANCES]),
    (metrics.CategoricalAccuracy(), [_HOT, _CHANCES]),
    (metrics.BinaryAccuracy(threshold=0.25), [_HOT, _CHANCES]),
    (metrics.TopKCategoricalAccuracy(k=2), [_HOT, _CHANCES]),
    (metrics.SparseTopKCategoricalAccuracy(k=2), [_LABELS, _CHANCES]),
    (metrics.SparseTopKCategoricalAccuracy(k=2, from_sorted_ids=True), [_LABELS, _RANKED]),
    (metrics.ConfusionMatrix(3), [_LABELS, _CHANCES]),
    (metrics.ConfusionMatrix(), [_LABELS, _CHANCES]),
    (metrics.TruePositives(), [_BITS, _CHANCE]),
    (metrics.FalsePositives(thresholds=[0.3, 0.1]), [_HOT, _CHANCES]),
    (metrics.TrueNegatives(0.3), [_LABELS, _CHANCES]),
    (metrics.FalseNegatives(), [_BITS, _CHANCE]),
    (metrics.Precision(), [_BITS, _CHANCE]),
    (metrics.Precision(top_k=2), [_HOT, _CHANCES]),
    (metrics.Recall([0.3, 0.5, 0.15]), [_BITS, _CHANCE]),
    (metrics.Recall(class_id=1), [_LABELS, _CHANCES]),
    (metrics.SensitivityAtSpecificity(0.5), [_BITS, _CHANCE]),
    (metrics.SpecificityAtSensitivity(1.0, num_thresholds=10), [_BITS, _CHANCE]),
    (metrics.PrecisionAtRecall(0.5, class_id=0), [_HOT, _CHANCES]),
    (metrics.RecallAtPrecision(0.9), [_BITS, _CHANCE]),
    (metrics.AUC(), [_BITS, _CHANCE]),
    (metrics.AUC(20, "PR", multi_label=True, num_labels=3, label_weights=[1.0, 2.0, 3.0]), [_HOT, _CHANCES]),
    (metrics.AUC(curve="PRGAIN", summation_method="minoring", thresholds=[0.5, 0.3]), [_HOT, _CHANCES]),
    (metrics.FBetaScore("weighted", beta=2.0), [_LABELS, _CHANCES]),
    (metrics.F1Score(), [_HOT, _CHANCES]),
    (metrics.F1Score("micro", threshold=0.5), [_BITS, _CHANCE]),
    (metrics.IoU(3, [0, 2]), [_PIXELS, _PIXELS[::-1]]),
    (metrics.BinaryIoU([1], threshold=0.4), [_BITS, _CHANCE]),
    (metrics.MeanIoU(3, ignore_class=2), [_PIXELS, _PIXELS[::-1]]),
    (metrics.OneHotIoU(3, [1]), [_HOT, _CHANCES]),
    (metrics.OneHotMeanIoU(3), [_HOT, _CHANCES]),
]

PYTHON_ONLY = (metrics.MeanMetricWrapper,)
"""Classes whose arguments are functions, which no file can hold."""
