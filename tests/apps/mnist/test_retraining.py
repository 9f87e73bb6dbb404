"""Corrections among the training examples, and the models before and after."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from apps.mnist.command import UsageError
from apps.mnist.retraining import Retraining
from framework import Input, Sequential
from framework.data import Examples
from framework.data.datasets import Data
from framework.layers import Dense, Flatten, Softmax


def images(n: int, label: int, value: int = 0) -> Examples:
    return Examples(np.full((n, 28, 28), value, np.uint8), np.full(n, label, np.uint8))


def always(digit: int) -> Sequential:
    """A model that says the same whatever it sees."""
    model = Sequential([Input((28, 28)), Flatten(), Dense(10), Softmax()], seed=0)
    bias = np.zeros(10, np.float32)
    bias[digit] = 1
    model.set_weights([np.zeros((784, 10), np.float32), bias])
    return model


def retraining(n: int = 3) -> Retraining:
    return Retraining(images(n, label=7, value=200), always(1))


def data(n: int = 1000, **changes: Any) -> Data:
    return replace(Data(images(n, label=1), scale=1 / 255, source="here"), **changes)


class TestMixed:
    @pytest.mark.parametrize(
        ("n", "corrections", "times"), [(1000, 3, 7), (1000, 1, 21), (1000, 20, 2), (1000, 900, 1)]
    )
    def test_they_are_at_least_two_percent(self, n: int, corrections: int, times: int) -> None:
        given = data(n)
        mixed, line = retraining(corrections).mixed(given)
        added = len(mixed.train) - n
        assert added == times * corrections
        assert added / len(mixed.train) >= 0.02
        np.testing.assert_array_equal(mixed.train.x[:n], given.train.x)
        assert (mixed.train.x[n:] == 200).all()
        assert mixed.train.y.tolist() == [1] * n + [7] * added
        often = "1 time" if times == 1 else f"{times} times"
        assert line.startswith(f"Corrections: {corrections}, each taken {often}, are ")
        assert f"{n + added:,} training images" in line

    def test_each_is_taken_as_often_as_the_others(self) -> None:
        corrections = Examples(np.arange(3 * 784).reshape(3, 28, 28).astype(np.uint8), np.array([5, 6, 7], np.uint8))
        mixed, _ = Retraining(corrections, always(1)).mixed(data(1000))
        assert np.bincount(mixed.train.y)[5:].tolist() == [7, 7, 7]
        np.testing.assert_array_equal(mixed.train.x[-1], corrections.x[2])

    def test_nothing_else_changes(self) -> None:
        given = data(validation=images(5, 2), test=images(6, 3), train=Examples(images(9, 1).x, np.ones(9, np.int64)))
        mixed, _ = retraining().mixed(given)
        assert (mixed.validation, mixed.test, mixed.scale, mixed.source) == (
            given.validation, given.test, given.scale, given.source,
        )  # fmt: skip
        assert mixed.train.y.dtype == np.int64

    @pytest.mark.parametrize(
        ("changes", "found"),
        [
            ({"scale": 1.0}, r"are uint8 of shape \(28, 28\), to be scaled by 1;"),
            ({"train": Examples(np.zeros((5, 28, 28), np.float32), np.zeros(5, int))}, "are float32 of shape"),
            ({"train": Examples(np.zeros((5, 784), np.uint8), np.zeros(5, int))}, r"are uint8 of shape \(784,\)"),
            ({"train": Examples(images(5, 1).x, np.eye(5))}, r"but the training examples by float64 of shape \(5,\);"),
        ],
    )
    def test_other_data_is_refused(self, changes: dict[str, Any], found: str) -> None:
        with pytest.raises(UsageError, match=f"^--corrections .* {found}.* choose data like MNIST's$"):
            retraining().mixed(data(**changes))


class TestComparison:
    def test_on_corrections_and_test_images(self) -> None:
        test = Examples(np.zeros((1000, 28, 28), np.uint8), np.array([1] * 900 + [7] * 100, np.uint8))
        table = retraining().comparison(always(7), data(test=test, validation=images(5, 1))).splitlines()
        assert table[:3] == [
            "Accuracy             before     after",
            "    3 corrections    0.00 %  100.00 %",
            "1,000 test images   90.00 %   10.00 %",
        ]
        assert "It was trained on the corrections" in table[4]
        assert len(table) == 5

    def test_says_when_the_images_are_no_test(self) -> None:
        held_out = images(10, 1)
        table = retraining().comparison(always(7), data(test=held_out, validation=held_out)).splitlines()
        assert table[2] == "10 validation images  100.00 %    0.00 %"
        assert table[-1] == "The model before may have been trained on the validation images."


def test_a_file_without_any_is_refused(tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").touch()
    with pytest.raises(UsageError, match=r"none\.jsonl holds no corrections; correct a digit first"):
        Retraining.read(tmp_path / "none.jsonl")
