"""Where a run is, and what it was asked to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.comparison import differences
from framework.data import Batches
from framework.data.sources import as_source
from framework.run import Run

X, Y = np.arange(24, dtype=np.float32).reshape(6, 4), np.zeros((6, 2))


def run(
    x: Any = X,
    y: Any = Y,
    units: int = 2,
    optimizer: Any = "sgd",
    class_weight: Any = None,
    validation: int | None = None,
    validation_freq: int = 1,
    **batches: Any,
) -> Run:
    model = Sequential([Input((4,)), layers.Dense(units)], seed=1)
    model.compile(optimizer, "mse", [lambda y_true, y_pred: y_true[:, 0]])
    source = as_source(Batches(x, y, **{"batch_size": 2} | batches), class_weight=class_weight)
    validated = as_source(Batches(x, y), steps=validation) if validation else None
    return Run(model.trainer, source, validated, 0, 3, validation_freq)


def test_its_place_in_words() -> None:
    one = run()
    assert one.place == "before the first batch"
    one.batch = 2
    assert one.place == "in epoch 1 of 3, after batch 2 of 3"
    one.end_epoch()
    assert one.place == "after epoch 1 of 3"
    endless = Run(one.trainer, as_source(iter([(X, Y)])), None, 1, 3)
    endless.batch = 1
    assert endless.place == "in epoch 2 of 3, after batch 1"


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, []),
        ({"units": 2, "y": Y.copy()}, []),
        ({"units": 3, "y": np.zeros((6, 3))}, ["model.sequential.layers.0.dense.units (2", "data.checksum"]),
        ({"optimizer": {"sgd": {"momentum": 0.5}}}, ["optimizer.sgd.momentum (0.0 then, 0.5 now)"]),
        ({"optimizer": "adam"}, ["optimizer.sgd", "optimizer.adam"]),
        ({"batch_size": 3}, ["steps_per_epoch (3 then, 2 now)", "data.batch_size (2 then, 3 now)"]),
        ({"shuffle": True}, ["data.shuffle (False then, True now)"]),
        ({"x": X + 1}, ["data.checksum"]),
        ({"x": X[:4], "y": Y[:4]}, ["steps_per_epoch", "data.examples (6 then, 4 now)", "data.checksum"]),
        ({"scale": 0.5}, ["data.scale (None then, 0.5 now)"]),
        ({"sample_weight": np.ones(6)}, ["data.checksum"]),
        ({"class_weight": {0: 2.0}}, ["data.class_weight (None then, {'0': 2.0} now)"]),
        ({"validation": 1}, ["validation_data", "validation_steps (None then, 1 now)"]),
        ({"validation_freq": 2}, ["validation_freq (1 then, 2 now)"]),
    ],
)
def test_what_decides_its_course_can_be_told_apart(changes: dict[str, Any], names: list[str]) -> None:
    found = differences(run().settings(), run(**changes).settings())
    assert len(found) == len(names), found
    for text, name in zip(found, names, strict=True):
        assert text.startswith(name)


def test_of_large_data_rows_all_over_them_are_looked_at() -> None:
    x = np.zeros((50_000, 400), np.float32)
    before = run(x, np.zeros((50_000, 2))).settings()["data"]["checksum"]
    x[-1] = 1
    assert run(x, np.zeros((50_000, 2))).settings()["data"]["checksum"] != before


def test_the_running_figures_go_with_an_epoch_that_has_begun() -> None:
    one, other = run(), run()
    assert one.get_state()["figures"] is None
    one.trainer.prepare()
    one.trainer.step(X, Y)
    one.batch = 1
    other.set_state(one.get_state())
    assert other.trainer.logs() == one.trainer.logs() != run().trainer.logs()
