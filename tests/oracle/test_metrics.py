"""Every metric, over several batches, with and without weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs Keras: pip install -e '.[oracle]'")

import keras  # noqa: E402

from framework import metrics  # noqa: E402
from framework.metrics import Metric  # noqa: E402

from ..contract.cases.metrics import METRICS  # noqa: E402
from .agreement import agree  # noqa: E402
from .twins import in_single, twin  # noqa: E402

OURS_ALONE = (metrics.ConfusionMatrix,)
RESOLVED = (metrics.Accuracy, metrics.Crossentropy)
"""What "accuracy" and "crossentropy" stand for; Keras has no class of that kind."""
OF_NUMBERS = (metrics.Mean, metrics.Sum)

TOLERANCE = 1e-12
SINGLE = 3e-7
KEPT_IN_SINGLE = "Keras gathers this in float32 variables, whatever the type of the numbers"

CASES = [(metric, batch) for metric, batch in METRICS if not isinstance(metric, OURS_ALONE)]


def keras_metric(metric: Metric, arrays: list[np.ndarray]) -> Any:
    if isinstance(metric, RESOLVED):
        return getattr(keras.metrics, metric.resolve(arrays[0].shape, arrays[1].shape).__name__)()
    if isinstance(metric, metrics.MeanMetricWrapper):
        return keras.metrics.MeanMetricWrapper(lambda y, p: keras.ops.max(keras.ops.abs(y - p), axis=-1))
    return twin(metric)


def for_keras(metric: Metric, arrays: list[np.ndarray]) -> list[np.ndarray]:
    """One-hot rows for the metrics that take class numbers as well only here."""
    if isinstance(metric, OF_NUMBERS) or "Sparse" in type(metric).__name__ or isinstance(metric, RESOLVED):
        return arrays
    y_true, y_pred = arrays
    if y_true.ndim < y_pred.ndim and y_pred.shape[-1] > 1:
        return [np.eye(y_pred.shape[-1])[y_true], y_pred]
    return arrays


def batches(arrays: list[np.ndarray]) -> list[list[np.ndarray]]:
    """Three of different lengths."""
    rng = np.random.default_rng(4)
    several = []
    for length in (4, 1, 3):
        kept = rng.permutation(4)[:length]
        swapped = rng.permutation(4)[:length]
        several.append([arrays[0][kept], *(a[swapped] for a in arrays[1:])])
    return several


@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case[0]))
def test_results_agree_after_every_batch(case: tuple[Metric, list[np.ndarray]], weighted: bool) -> None:
    ours = in_single(case[0])
    ours.reset_state()
    theirs = keras_metric(ours, case[1])
    rng = np.random.default_rng(5)
    for arrays in batches([np.asarray(a) for a in case[1]]):
        weight = rng.uniform(0, 2, len(arrays[0])) if weighted else None
        ours.update_state(*arrays, sample_weight=weight)
        theirs.update_state(*for_keras(ours, arrays), sample_weight=weight)
        agree("metrics", [ours.result()], [np.asarray(theirs.result())], TOLERANCE)
    ours.reset_state()
    theirs.reset_state()
    agree("metrics", [ours.result()], [np.asarray(theirs.result())], TOLERANCE)


def test_no_metric_is_left_out() -> None:
    registry = metrics.registry
    own = {cls for cls in map(registry.__getitem__, registry) if cls.__module__.startswith("framework.")}
    assert {type(case[0]) for case in CASES} >= own - set(OURS_ALONE)
