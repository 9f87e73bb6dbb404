"""Watching a figure: is it there, and which way is better."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers, metrics
from framework.callbacks import Callback, EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from framework.callbacks.monitor import check_mode, check_monitor, direction, watched
from framework.registry import ArgumentError


@pytest.mark.parametrize(
    ("monitor", "available", "message"),
    [
        (
            "val_loss",
            ["loss"],
            r"EarlyStopping: the monitored figure 'val_loss' will not be there; there is no validation",
        ),
        ("val_acuracy", ["loss", "val_accuracy"], r"will not be there; did you mean 'val_accuracy'\?"),
        ("nonsense", ["loss", "accuracy"], r"will not be there \(available: loss, accuracy\)"),
    ],
)
def test_a_figure_that_will_not_be_there_is_answered_with_those_that_will(
    monitor: str, available: list[str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        check_monitor("EarlyStopping", monitor, available)


def test_a_figure_that_will_be_there_passes() -> None:
    check_monitor("EarlyStopping", "val_loss", ["loss", "val_loss"])


@pytest.mark.parametrize("mode", ["down", "", None])
def test_an_unknown_mode_is_refused(mode: Any) -> None:
    with pytest.raises(ArgumentError, match="mode must be 'auto', 'min' or 'max', got") as caught:
        check_mode("EarlyStopping", mode)
    assert caught.value.argument == "mode"


@pytest.mark.parametrize(
    ("monitor", "mode", "expected"),
    [
        ("loss", "auto", "min"),
        ("val_loss", "auto", "min"),
        ("val_loss", "max", "max"),
        ("accuracy", "auto", "max"),
        ("val_acc", "auto", "max"),
        ("val_acc", "min", "min"),
        ("val_weighted_accuracy", "auto", "max"),
        ("val_mae", "auto", "min"),
        ("learning_rate", "auto", "min"),
    ],
)
def test_the_direction_follows_mode_and_then_the_metric_of_that_name(monitor: str, mode: str, expected: str) -> None:
    assert direction(monitor, mode) == expected


def test_a_metric_of_the_model_counts_under_the_name_it_has_there() -> None:
    model = Sequential([Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=[metrics.BinaryAccuracy(name="weighted_hits")])
    assert direction("val_weighted_hits", "auto", model) == "max"


def test_the_watched_figure_is_a_number_or_not_there() -> None:
    assert watched("EarlyStopping", "loss", {"loss": np.float32(0.5)}) == 0.5
    assert watched("EarlyStopping", "val_loss", {"loss": 0.5}) is None
    assert watched("EarlyStopping", "val_loss", None) is None


@pytest.mark.parametrize("metric", ["f1_score", "confusion_matrix"])
@pytest.mark.parametrize("kind", [EarlyStopping, ModelCheckpoint, ReduceLROnPlateau])
def test_a_figure_of_several_numbers_is_refused_by_name_with_the_remedy(kind: Any, metric: str) -> None:
    model = Sequential([Input((2,)), layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", [metric])
    arguments = {"filepath": "m.json", "save_best_only": True} if kind is ModelCheckpoint else {}
    watching: Callback = kind(monitor=metric, **arguments)
    message = rf"{kind.__name__}: the monitored figure '{metric}' is no single number .* average='macro'"
    with pytest.raises(ValueError, match=message):
        model.fit(np.eye(2), [0, 1], verbose=0, callbacks=[watching])
