"""Every loss: values and gradients, in every reduction, with and without weights, in both precisions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs Keras: pip install -e '.[oracle]'")

import keras
import tensorflow as tf

from framework import losses
from framework.losses import Loss

from ..contract.cases.losses import LOSSES
from .agreement import DOUBLE, agree, agree_in_single
from .twins import floatx, in_single, twin

REDUCTIONS = ("sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none")
WEIGHTS = {"unweighted": None, "weights": (6,), "column": (6, 1), "some zero": (6,)}

TOLERANCES = {losses.LogCosh: (1e-7, "Keras keeps log 2 in float32")}

Case = tuple[Loss, Any, Any, Any]


def keras_loss(loss: Loss, y_true: Any, y_pred: Any) -> Any:
    if isinstance(loss, losses.Crossentropy):  # a name in Keras, which resolves it by the same rule
        cls = loss.resolve(np.shape(y_true), np.shape(y_pred))
        return getattr(keras.losses, cls.__name__)(reduction=loss.reduction)
    return twin(loss)


def batch(case: Case, weights: str) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Six samples like those of the case, with weights."""
    _, y_true, y_pred, _ = case
    rng = np.random.default_rng(3)
    y_true, y_pred = (np.concatenate([np.asarray(y)] * 3) for y in (y_true, y_pred))
    y_pred = np.float32(y_pred) * rng.uniform(0.7, 1.1, y_pred.shape).astype(np.float32)
    if weights == "unweighted":
        return y_true, y_pred, None
    weight = rng.uniform(0, 2, WEIGHTS[weights]).astype(np.float32)
    return y_true, y_pred, weight * (rng.random(weight.shape) > 0.5) if weights == "some zero" else weight


def both(case: Case, reduction: str, weights: str, dtype: str) -> tuple[list[Any], list[Any]]:
    y_true, y_pred, weight = batch(case, weights)
    if y_true.dtype.kind == "f":
        y_true = np.float32(y_true).astype(dtype)
    y_pred, weight = y_pred.astype(dtype), None if weight is None else weight.astype(dtype)
    ours = in_single(case[0])
    ours.reduction = reduction
    with floatx(dtype):
        theirs = keras_loss(ours, y_true, y_pred)
        variable = tf.constant(y_pred)
        with tf.GradientTape() as tape:
            tape.watch(variable)
            value = theirs(y_true, variable, weight)
        gradient = tape.gradient(value, variable)
    if reduction == "none":
        return [ours(y_true, y_pred, weight)], [value.numpy()]
    return [*ours.value_and_gradient(y_true, y_pred, weight), ours(y_true, y_pred, weight)], [value, gradient, value]


def applies(case: Case, reduction: str, weights: str) -> None:
    """Skips what Keras does otherwise, and wrongly."""
    loss, y_true, y_pred, _ = case
    if isinstance(loss, losses.CategoricalGeneralizedCrossEntropy) and np.ndim(y_true) == np.ndim(y_pred):
        pytest.skip("Keras compares each target of shape (batch, 1) with the predictions for all samples")
    if weights == "unweighted":
        return
    if isinstance(loss, losses.Dice | losses.Tversky) and loss.axis is None:
        pytest.skip("there is one loss for the whole batch, whose samples have no weights of their own")
    if np.ndim(loss.values(*loss.aligned(y_true, y_pred))) == 2:
        if weights != "column":
            pytest.skip("Keras multiplies losses (batch, d) by weights (batch,) along the wrong axis")
        if reduction == "mean_with_sample_weight":
            pytest.skip("Keras counts a weight that d losses share once, and divides by too little")
    elif reduction == "none" and weights == "column":
        pytest.skip("Keras turns losses (batch,) into (batch, 1) for the sake of the weights")


def tolerance(loss: Loss) -> float:
    return TOLERANCES.get(type(loss), (DOUBLE,))[0]


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("case", LOSSES, ids=lambda case: repr(case[0]))
def test_values_and_gradients_agree(case: Case, reduction: str, weights: str) -> None:
    applies(case, reduction, weights)
    agree("losses", *both(case, reduction, weights, "float64"), tolerance(case[0]))


@pytest.mark.parametrize("case", LOSSES, ids=lambda case: repr(case[0]))
def test_float32_loses_no_more_than_in_keras(case: Case) -> None:
    applies(case, "sum", "unweighted")
    exact, _ = both(case, "sum", "unweighted", "float64")
    agree_in_single("losses", exact, *both(case, "sum", "unweighted", "float32"))


@pytest.mark.parametrize("case", LOSSES, ids=lambda case: repr(case[0]))
def test_no_weight_at_all_is_no_loss(case: Case) -> None:
    applies(case, "sum", "column")
    y_true, y_pred, _ = batch(case, "unweighted")
    zeros = np.zeros((6, 1))
    for reduction in ("sum_over_batch_size", "sum", "mean_with_sample_weight"):
        ours = in_single(case[0])
        ours.reduction = reduction
        theirs = keras_loss(ours, y_true, y_pred)
        assert ours(y_true, y_pred, zeros) == float(theirs(y_true, y_pred, zeros)) == 0.0


def test_no_loss_is_left_out() -> None:
    own = {cls for cls in map(losses.registry.__getitem__, losses.registry) if cls.__module__.startswith("framework.")}
    assert {type(case[0]) for case in LOSSES} >= own
