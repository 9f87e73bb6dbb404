"""What `fit` takes: arrays, iterables and generators, an epoch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from framework.data import Batches
from framework.data.sources import as_source, checked_class_weight, is_array, weights_of_classes

X, Y = np.arange(10, dtype=np.float32)[:, None], np.arange(10) % 3


def firsts(source: Any, epochs: int) -> list[list[int]]:
    """The number at the front of each batch, by epoch."""
    return [[int(x[0, 0]) for x, _, _ in source.epoch()] for _ in range(epochs)]


def pairs(count: int | None = None) -> Iterator[Any]:
    i = 0
    while i != count:
        yield X[2 * i % 10 :][:2], Y[2 * i % 10 :][:2]
        i += 1


class Sized:
    """A dataset as Keras knows it: `__len__` and `__getitem__`."""

    def __len__(self) -> int:
        return 5

    def __getitem__(self, i: int) -> Any:
        return X[2 * i : 2 * i + 2], Y[2 * i : 2 * i + 2]


class Anew:
    """An iterable of unknown length."""

    def __iter__(self) -> Iterator[Any]:
        return pairs(5)


ALL = [0, 2, 4, 6, 8]


@pytest.mark.parametrize(
    "data",
    [
        {"x": X, "y": Y, "batch_size": 2},
        {"x": X.tolist(), "y": Y.tolist(), "batch_size": 2},
        {"x": Batches(X, Y, batch_size=2)},
        {"x": list(pairs(5))},
        {"x": Sized()},
        {"x": Anew()},
    ],
    ids=["arrays", "lists", "Batches", "list of tuples", "len and getitem", "iterable"],
)
class TestWhatCanBeginAnew:
    def test_every_epoch_is_one_pass(self, data: Any) -> None:
        assert firsts(as_source(**data), 2) == [ALL, ALL]

    def test_steps_cap_an_epoch_which_begins_anew(self, data: Any) -> None:
        assert firsts(as_source(**data, steps=2), 3) == [[0, 2]] * 3

    def test_continued_epochs_go_on_until_the_pass_is_over_as_in_keras(self, data: Any) -> None:
        assert firsts(as_source(**data, steps=2, continued=True), 5) == [[0, 2], [4, 6], [8], [0, 2], [4, 6]]

    def test_continued_epochs_that_end_with_the_pass_begin_a_new_one(self, data: Any) -> None:
        assert firsts(as_source(**data, steps=5, continued=True), 2) == [ALL, ALL]

    def test_more_steps_than_batches_are_as_many_as_there_are(self, data: Any) -> None:
        assert firsts(as_source(**data, steps=7, continued=True), 2) == [ALL, ALL]


def test_a_generator_with_steps_goes_on_from_epoch_to_epoch() -> None:
    assert firsts(as_source(pairs(), steps=2), 3) == [[0, 2], [4, 6], [8, 0]]
    assert firsts(as_source(pairs(5), steps=2), 3) == [[0, 2], [4, 6], [8]]


def test_a_generator_without_steps_lasts_for_one_epoch() -> None:
    source = as_source(pairs(5))
    assert firsts(source, 1) == [ALL]
    with pytest.raises(ValueError, match=r"the data ran out: .*; pass steps_per_epoch, or more data"):
        firsts(source, 1)


@pytest.mark.parametrize(
    ("data", "steps", "expected"),
    [({"x": X}, None, 1), ({"x": X, "batch_size": 3}, None, 4), ({"x": X, "batch_size": 3}, 2, 2), ({"x": X}, 5, 5)],
)
def test_the_number_of_steps_of_arrays_is_known(data: Any, steps: int | None, expected: int) -> None:
    assert as_source(**data, steps=steps).steps == expected


def test_the_number_of_steps_of_an_iterable_is_known_if_it_says_so() -> None:
    assert (as_source(Sized()).steps, as_source(Anew()).steps, as_source(pairs()).steps) == (5, None, None)


def test_batches_are_cast_and_parts_that_are_missing_are_none() -> None:
    [(x, y, weight)] = as_source([(X.astype(np.float64),)]).epoch()
    assert (x.dtype, y, weight) == (np.dtype(np.float32), None, None)


def test_all_of_the_arrays_are_known_in_advance_and_of_an_iterable_nothing() -> None:
    assert as_source(X, Y).arrays is not None
    assert as_source(Batches(X, Y)).arrays is not None
    assert as_source(Sized()).arrays is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": None}, "x must be an array or an iterable of batches, got None"),
        ({"x": 3}, r"x must be an array or an iterable of batches, got 3 \(int\)"),
        ({"x": "images"}, "x must be an array or an iterable of batches, got 'images'"),
        ({"x": {"a": 1}}, "x must be an array or an iterable of batches, got"),
        ({"x": pairs(), "y": Y}, "y goes with arrays: an iterable of batches brings its own"),
        ({"x": pairs(), "batch_size": 3}, "batch_size goes with arrays"),
        ({"x": X, "y": Y, "steps": 0}, "the number of steps must be a positive whole number, got 0"),
        (
            {"x": X, "y": Y, "class_weight": {0: 1}, "sample_weight": np.ones(10)},
            "either class_weight or sample_weight",
        ),
        ({"x": X, "class_weight": {0: 1}}, "class_weight needs targets y"),
        ({"x": X[:0], "steps": 2}, "x holds no examples"),
    ],
)
def test_arguments_that_contradict_each_other_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        as_source(**arguments)


@pytest.mark.parametrize(
    ("batch", "class_weight", "message"),
    [
        ((X, Y, Y, Y), None, "a batch must be .* got 4 parts"),
        ((X, Y, np.ones(10)), {0: 2.0}, "either class_weight or sample_weight"),
        ((X,), {0: 2.0}, "class_weight needs targets y"),
    ],
)
def test_batches_that_make_no_sense_are_refused(batch: Any, class_weight: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        next(as_source([batch], class_weight=class_weight).epoch())


@pytest.mark.parametrize("targets", [Y, Y[:, None], Y.astype(np.float32), np.eye(3)[Y]])
def test_class_weights_weigh_by_class_and_those_left_out_by_1(targets: Any) -> None:
    expected = [{0: 2.0, 1: 1.0, 2: 0.5}[c] for c in Y]
    assert weights_of_classes(targets, {0: 2.0, 2: 0.5}).tolist() == expected
    for data in ({"x": X, "y": targets}, {"x": [(X, targets)]}):
        [(_, _, weight)] = as_source(**data, class_weight={"0": 2, 2: 0.5}).epoch()  # type: ignore[arg-type]
        assert weight is not None
        assert weight.tolist() == expected


@pytest.mark.parametrize("wrong", [{"cat": 1.0}, {0: "heavy"}, {0.5: 1.0}, [1.0, 2.0], {None: 1.0}])
def test_class_weights_with_other_keys_are_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="class_weight must map class numbers to weights, got"):
        checked_class_weight(wrong)


@pytest.mark.parametrize(
    ("x", "expected"),
    [(X, True), (X.tolist(), True), ([], True), (list(pairs(2)), False), (Batches(X), False), (pairs(), False)],
)
def test_a_list_of_tuples_is_batches_and_a_list_of_numbers_an_array(x: Any, expected: bool) -> None:
    assert is_array(x) is expected


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ([(0, 0), (0, 1)], True),
        (((0, 0), (0, 1)), True),
        ([[0.5], [1.0]], True),
        ([1.0, 2.0], True),
        ([(X[:2], Y[:2]), (X[2:4], Y[2:4])], False),
        ((X[:2], Y[:2]), False),
    ],
)
def test_tuples_of_numbers_are_examples_and_tuples_of_arrays_are_batches(x: Any, expected: bool) -> None:
    assert is_array(x) is expected
