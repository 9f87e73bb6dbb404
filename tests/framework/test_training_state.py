"""The state of a run as a document; that a run goes on from it to the bit is in callbacks/test_backup.py."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.documents import CheckpointError, Document
from framework.training_state import capture, restore

X, Y = np.ones((6, 4), np.float32), np.zeros((6, 2))


def build(optimizer: Any = "adam") -> Sequential:
    model = Sequential([Input((4,)), layers.Dropout(0.5), layers.Dense(2)], seed=1)
    model.compile(optimizer, "mse")
    return model


def trained() -> Sequential:
    model = build()
    model.fit(X, Y, epochs=3, batch_size=2, verbose=0)
    return model


def test_everything_comes_back() -> None:
    model, other = trained(), build()
    other.fit(X, Y, verbose=0)
    document = capture(model, epoch=3, batch=0)
    assert restore(other, document) == 3
    assert other.optimizer.iterations == 9
    for name, slot in model.optimizer.slots.items():
        np.testing.assert_array_equal(other.optimizer.slots[name], slot)
    assert other.train_on_batch(X, Y) == model.train_on_batch(X, Y)  # the same dropout, too
    np.testing.assert_array_equal(other.parameters.value, model.parameters.value)
    assert other.history is not None
    assert model.history is not None
    assert (other.history.epoch, other.history.history) == (model.history.epoch, model.history.history)


def test_what_is_not_finite_in_the_history_is_no_obstacle() -> None:
    model = trained()
    assert model.history is not None
    model.history.history["loss"][1] = float("nan")
    assert capture(model, 3, 0).description["history"]["history"]["loss"][1] is None


def without(document: Document, key: str) -> Document:
    description = {k: v for k, v in document.description.items() if k != key}
    return Document(description, {k: v for k, v in document.arrays.items() if k != key})


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("streams", "'streams' is missing"),
        ("history", "'history' is missing"),
        ("epoch", "epoch must be a whole number, got None"),
        ("optimizer", "'optimizer' is missing"),
        ("weights/dense/kernel", r"a weight 'dense/kernel' of shape \(4, 2\), the file has none"),
        ("slots/m", "the optimizer's state does not fit"),
    ],
)
def test_a_part_that_is_missing_is_named_and_nothing_changes(missing: str, message: str) -> None:
    model = build()
    before = model.parameters.value.copy()
    with pytest.raises(CheckpointError, match=message):
        restore(model, without(capture(trained(), 3, 0), missing))
    np.testing.assert_array_equal(model.parameters.value, before)
    assert model.optimizer.iterations == 0
