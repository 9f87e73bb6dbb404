"""Every metric, over several batches, with and without weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs Keras: pip install -e '.[oracle]'")

import keras

from framework import metrics
from framework.metrics import Metric

from ..contract.cases.metrics import METRICS
from .agreement import DOUBLE, agree
from .twins import in_single, twin

OURS_ALONE = (metrics.ConfusionMatrix,)
RESOLVED = (metrics.Accuracy, metrics.Crossentropy)
"""What "accuracy" and "crossentropy" stand for; Keras has no class of that kind."""
OF_NUMBERS = (metrics.Mean, metrics.Sum)
PER_NUMBER = (metrics.IoU, metrics.MeanIoU, metrics.BinaryIoU)

CLIPPED = (1e-7, "Keras's TensorFlow backend clips before it divides by the sum, its other ones and we after")
RANKED = (3e-7, "what TensorFlow ranks must be of float32")
OVER_MORE = (1e-6, "Keras adds 1e-7 to what it divides by")
TOLERANCES = {
    metrics.LogCoshError: (1e-8, "Keras keeps log 2 in float32"),
    metrics.SparseCategoricalCrossentropy: CLIPPED,
    metrics.Crossentropy: CLIPPED,
    metrics.TopKCategoricalAccuracy: RANKED,
    metrics.SparseTopKCategoricalAccuracy: RANKED,
    metrics.FBetaScore: OVER_MORE,
    metrics.F1Score: OVER_MORE,
    metrics.IoU: OVER_MORE,
    metrics.BinaryIoU: OVER_MORE,
    metrics.MeanIoU: OVER_MORE,
    metrics.OneHotIoU: OVER_MORE,
    metrics.OneHotMeanIoU: OVER_MORE,
}

CASES = [(metric, batch) for metric, batch in METRICS if not isinstance(metric, OURS_ALONE)]


def keras_metric(metric: Metric, arrays: list[np.ndarray]) -> Any:
    if isinstance(metric, RESOLVED):
        return getattr(keras.metrics, metric.resolve(arrays[0].shape, arrays[1].shape).__name__)()
    if isinstance(metric, metrics.MeanMetricWrapper):
        return keras.metrics.MeanMetricWrapper(lambda y, p: keras.ops.max(keras.ops.abs(y - p), axis=-1))
    theirs = twin(metric)
    if isinstance(theirs, keras.metrics.IoU):  # counts in whole numbers unless it is told to, and cuts weights down
        theirs = type(theirs)(**theirs.get_config() | {"dtype": "float64"})
    return theirs


def for_keras(metric: Metric, arrays: list[np.ndarray]) -> list[np.ndarray]:
    """One-hot rows for the metrics that take class numbers as well only here."""
    if "TopK" in type(metric).__name__:  # TensorFlow ranks numbers only in float32
        return [arrays[0], np.float32(arrays[1])]
    if isinstance(metric, OF_NUMBERS) or "Sparse" in type(metric).__name__ or isinstance(metric, RESOLVED):
        return arrays
    y_true, y_pred = arrays
    if y_true.ndim < y_pred.ndim and y_pred.shape[-1] > 1:
        return [np.eye(y_pred.shape[-1])[y_true], y_pred]
    return arrays


def batches(arrays: list[np.ndarray]) -> list[list[np.ndarray]]:
    """Three of different lengths, of numbers that float32 has."""
    arrays = [np.float64(np.float32(a)) if np.asarray(a).dtype.kind == "f" else np.asarray(a) for a in arrays]
    rng = np.random.default_rng(4)
    several = []
    for length in (4, 1, 3):
        kept = rng.permutation(4)[:length]
        swapped = rng.permutation(4)[:length]
        several.append([arrays[0][kept], *(a[swapped] for a in arrays[1:])])
    return several


def keras_weight(metric: Metric, y_true: np.ndarray, weight: np.ndarray | None) -> np.ndarray | None:
    """One for each number, where Keras does not take one for each sample."""
    if weight is None or not isinstance(metric, PER_NUMBER):
        return weight
    return np.broadcast_to(weight[:, None], y_true.shape)


@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case[0]))
def test_results_agree_after_every_batch(case: tuple[Metric, list[np.ndarray]], weighted: bool) -> None:
    rounded = in_single(case[0])
    ours = type(rounded)(**{name: rounded._argument(name) for name in rounded.signature()})
    ours.reset_state()
    tolerance = TOLERANCES.get(type(ours), (DOUBLE,))[0]
    theirs = keras_metric(ours, case[1])
    rng = np.random.default_rng(5)
    for i, arrays in enumerate(batches(case[1])):
        weight = rng.uniform(0, 2, len(arrays[0])) if weighted else None
        if i == 2:  # from here on, as if there had been none before
            ours.reset_state()
            theirs.reset_state()
        ours.update_state(*arrays, sample_weight=weight)
        given = for_keras(ours, arrays)
        theirs.update_state(*given, sample_weight=keras_weight(ours, given[0], weight))
        agree("metrics", [ours.result()], [np.asarray(theirs.result())], tolerance)


def test_no_metric_is_left_out() -> None:
    registry = metrics.registry
    own = {cls for cls in map(registry.__getitem__, registry) if cls.__module__.startswith("framework.")}
    assert {type(case[0]) for case in CASES} >= own - set(OURS_ALONE)
