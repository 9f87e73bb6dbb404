"""The state of a run as a document; that a run goes on from it to the bit is in callbacks/test_backup.py."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.data.sources import as_source
from framework.documents import CheckpointError, Document, _from_json, to_json
from framework.run import Run
from framework.training_state import callback_states, capture, restore, settings_of

X, Y = np.ones((6, 4), np.float32), np.zeros((6, 2))


def build(optimizer: Any = "adam") -> Sequential:
    model = Sequential([Input((4,)), layers.Dropout(0.5), layers.Dense(2)], seed=1)
    model.compile(optimizer, "mse")
    return model


def trained() -> Sequential:
    model = build()
    model.fit(X, Y, epochs=3, batch_size=2, verbose=0)
    return model


def run_of(model: Sequential, epoch: int = 0) -> Run:
    """A run of nine epochs that is there."""
    source = as_source(X, Y, batch_size=2, shuffle=True, seed=model.shuffle_rng)
    return Run(model.trainer, source, None, epoch, 9)


def test_everything_comes_back() -> None:
    model, other = trained(), build()
    other.fit(X, Y, verbose=0)
    document = capture(run_of(model, epoch=3))
    run = run_of(other)
    restore(run, document)
    assert (run.epoch, run.batch) == (3, 0)
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
    figures: list[Any] = [0.5, float("nan"), [[float("inf"), 1.0], [-float("inf"), float("nan")]]]
    model.history.history["loss"] = figures
    document = through_json(capture(run_of(model)))
    other = build()
    other.fit(X, Y, verbose=0)
    restore(run_of(other), document)
    assert other.history is not None
    assert repr(other.history.history["loss"]) == repr(figures)


def through_json(document: Document, dtype: str = "float32") -> Document:
    return _from_json(to_json(document, dtype))


def test_states_of_callbacks_come_back_exactly() -> None:
    states: dict[str, Any] = {
        "one": {"arrays": [np.arange(6, dtype=np.float32).reshape(2, 3)], "best": None, "figure": float("-inf")},
        "two": {
            "precise": np.array([[1 / 3, np.nan]]),
            "counts": np.zeros((0, 2), np.int64),
            "seen": np.array(True),
            "rate": np.float32(0.1),
        },
    }
    found = callback_states(through_json(capture(run_of(trained()), states)))
    assert found["one"].keys() == states["one"].keys()
    assert (found["one"]["best"], found["one"]["figure"]) == (None, float("-inf"))
    assert found["two"]["rate"] == float(np.float32(0.1))
    pairs = [(found["one"]["arrays"][0], states["one"]["arrays"][0])]
    pairs += [(found["two"][name], states["two"][name]) for name in ("precise", "counts", "seen")]
    for array, before in pairs:
        assert array.dtype == before.dtype
        np.testing.assert_array_equal(array, before)
        array[...] = 0  # it belongs to the callback


@pytest.mark.parametrize("lost", ["callbacks/one/weights", None])
def test_a_callback_state_that_is_damaged_is_refused(lost: str | None) -> None:
    document = capture(run_of(trained()), {"one": {"weights": np.ones(2, np.float32)}})
    with pytest.raises(
        CheckpointError, match="stands for no figure and no array" if lost else "'callbacks' is missing"
    ):
        callback_states(without(document, lost or "callbacks"))


def test_averages_in_the_place_of_the_weights_are_stored_as_averages() -> None:
    model = build({"adam": {"use_ema": True}})
    model.fit(X, Y, epochs=3, batch_size=2, verbose=0)
    model.train_on_batch(X, Y)  # weights and averages differ
    straight = capture(run_of(model))
    model.optimizer.swap_ema()
    averages = model.parameters.value.copy()
    swapped = capture(run_of(model))
    assert model.optimizer.swapped
    np.testing.assert_array_equal(model.parameters.value, averages)
    assert swapped.arrays.keys() == straight.arrays.keys()
    for name, array in straight.arrays.items():
        np.testing.assert_array_equal(swapped.arrays[name], array)
    restore(run_of(model), swapped)
    assert not model.optimizer.swapped
    assert not np.array_equal(model.parameters.value, averages)
    np.testing.assert_array_equal(model.optimizer.slots["ema"], averages)


def without(document: Document, key: str) -> Document:
    description = {k: v for k, v in document.description.items() if k != key}
    return Document(description, {k: v for k, v in document.arrays.items() if k != key})


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("streams", "'streams' is missing"),
        ("history", "'history' is missing"),
        ("run", "'run' is missing"),
        ("trainable", "'trainable' is missing"),
        ("optimizer", "'optimizer' is missing"),
        ("weights/dense/kernel", r"a weight 'dense/kernel' of shape \(4, 2\), the file has none"),
        ("slots/m", "optimizer: it does not fit"),
    ],
)
def test_a_part_that_is_missing_is_named_and_nothing_changes(missing: str, message: str) -> None:
    model = build()
    before = model.parameters.value.copy()
    with pytest.raises(CheckpointError, match=message):
        restore(run_of(model), without(capture(run_of(trained())), missing))
    np.testing.assert_array_equal(model.parameters.value, before)
    assert model.optimizer.iterations == 0


@pytest.mark.parametrize(
    ("part", "key", "value", "message"),
    [
        ("run", "epoch", -1, "run: it does not fit: epoch must be a whole number of at least 0, got -1"),
        ("run", "batch", "2", "run: it does not fit: batch must be a whole number of at least 0, got '2'"),
        ("run", "source", {}, "run: it does not fit: 'batch' is missing"),
        ("run", "source", {"batch": 4}, "run: it does not fit: a pass over 3 batches cannot go on with"),
        ("streams", "shuffle", {"bit_generator": "PCG64"}, "streams.shuffle: it does not fit"),
        ("streams", "layer 1", None, "streams.layer 1: it does not fit"),
        ("trainable", "layers", [True], "trainable.layers: it must be true or false for each of the model's"),
        ("history", "epoch", 7, "history: it does not fit"),
        ("optimizer", "steps", "many", "optimizer: it does not fit"),
    ],
)
def test_a_part_that_makes_no_sense_is_named_and_no_weight_changes(
    part: str, key: str, value: Any, message: str
) -> None:
    description, arrays = capture(run_of(trained()))
    damaged = Document({**description, part: {**description[part], key: value}}, arrays)
    model = trained()
    before = model.parameters.value.copy()
    with pytest.raises(CheckpointError, match=message):
        restore(run_of(model), damaged)
    if part != "run":
        np.testing.assert_array_equal(model.parameters.value, before)


def test_weights_that_are_no_numbers_are_refused_by_name() -> None:
    document = capture(run_of(trained()))
    document.arrays["weights/dense/bias"][1] = np.nan
    with pytest.raises(CheckpointError, match="dense/bias: it is nan at"):
        restore(run_of(trained()), document)


@pytest.mark.parametrize("dtype", ["U999999999", "O", "V8", "M8[s]", "complex64", "nonsense"])
def test_only_numbers_are_made_of_an_array_that_is_written_out(dtype: str) -> None:
    document = capture(run_of(trained()), {"one": {"array": np.zeros(2)}})
    document.description["callbacks"]["one"]["array"]["dtype"] = dtype
    with pytest.raises(CheckpointError, match="stands for no figure and no array"):
        callback_states(document)


@pytest.mark.parametrize("array", [np.array(["a"]), np.array([None]), np.array([1j])])
def test_an_array_that_could_not_be_read_back_is_not_written(array: np.ndarray) -> None:
    with pytest.raises(TypeError, match=r"callbacks/one/array is an array of .*, only those of numbers can be kept"):
        capture(run_of(trained()), {"one": {"array": array}})


def test_settings_come_back() -> None:
    run = run_of(trained())
    settings = run.settings()
    assert settings["data"]["examples"] == 6
    assert settings_of(through_json(capture(run, settings=settings))) == settings


def test_a_long_history_takes_few_characters_and_comes_back_exactly() -> None:
    model = trained()
    assert model.history is not None
    figures = [*np.random.default_rng(0).random(5000), float("nan"), -float("inf"), -0.0]
    figures = [float(figure) for figure in figures]
    model.history.history["loss"] = list(figures)
    document = capture(run_of(model))
    other = trained()
    restore(run_of(other), through_json(document))
    assert other.history is not None
    assert repr(other.history.history["loss"]) == repr(figures)
    assert len(str(document.description)) < 70_000
