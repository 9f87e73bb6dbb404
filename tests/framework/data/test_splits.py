"""Examples held back for validation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential
from framework.data import splits, stratified_split
from framework.data.splits import are_classes, class_numbers, missing_classes, split

X = np.arange(10.0)[:, None]
Y = np.arange(10) % 3


@pytest.mark.parametrize(("share", "at"), [(0.25, 7), (0.2, 8), (0.99, 0), (0.01, 9)])
def test_a_split_takes_the_last_part_for_validation_as_keras_rounds(share: float, at: int) -> None:
    if at == 0:
        with pytest.raises(ValueError, match="leaves 0 of 10 examples for training and 10 for validation"):
            split((X, Y, None), share)
    else:
        (x, y, weight), (x_last, y_last, weight_last) = split((X, Y.tolist(), None), share)
        assert (len(x), len(y), weight) == (at, at, None)
        assert np.array_equal(np.concatenate([x, x_last]), X)
        assert (list(y) + list(y_last), weight_last) == (Y.tolist(), None)


@pytest.mark.parametrize("share", [-0.1, 1.5, "half", True])
def test_a_split_by_no_share_is_refused(share: Any) -> None:
    with pytest.raises(ValueError, match="a validation split must be a share between 0 and 1, got"):
        split((X, Y, None), share)


def test_a_split_of_different_lengths_names_the_whole_lengths() -> None:
    with pytest.raises(ValueError, match="x has 10, y has 9"):
        split((X, Y[:9], None), 0.2)


class TestStratified:
    y = np.repeat([0, 1, 2], [40, 8, 2])
    x = np.arange(50)

    @pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
    def test_every_class_has_its_share_on_both_sides(self, share: float) -> None:
        (x, y), (x_last, y_last) = stratified_split(self.x, self.y, share, seed=1)
        assert sorted([*x, *x_last]) == self.x.tolist()
        assert (self.y[x] == y).all()
        assert (self.y[x_last] == y_last).all()
        assert [int((y_last == c).sum()) for c in range(3)] == [round(40 * share), max(1, round(8 * share)), 1]

    def test_both_sides_are_shuffled_the_same_way_for_a_seed(self) -> None:
        first, again = (stratified_split(self.x, self.y, 0.2, seed=3) for _ in range(2))
        other = stratified_split(self.x, self.y, 0.2, seed=4)
        np.testing.assert_array_equal(first[0][0], again[0][0])
        assert first[0][0].tolist() != other[0][0].tolist()
        assert first[0][0].tolist() != sorted(first[0][0])

    def test_one_hot_rows_are_classes_too(self) -> None:
        _, (_, y_last) = stratified_split(self.x, np.eye(3)[self.y], 0.25)
        assert y_last.sum(axis=0).tolist() == [10, 2, 1]

    def test_a_side_without_examples_is_refused(self) -> None:
        with pytest.raises(ValueError, match="both sides need some"):
            stratified_split([1.0, 2.0], [0, 1], 0.5)  # a class with one example stays in training


def test_classes_on_one_side_are_found() -> None:
    assert missing_classes([0] * 20 + [1], [2] * 10 + [1]) == ([2], [0])
    assert missing_classes(np.eye(3)[[0, 1]], np.eye(3)[[1, 0]]) == ([], [])


def test_a_class_that_chance_may_leave_out_of_validation_is_not_suspicious() -> None:
    assert missing_classes([0] * 20 + [1, 1], [0] * 5) == ([], [])


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_targets_that_are_looked_at_in_parts_are_the_same_as_a_whole(
    chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splits, "CHUNK", chunk)
    y = np.array([0] * 20 + [1, 2] * 3)
    assert missing_classes(y, [2] * 10) == ([], [0])
    assert missing_classes(np.eye(3)[y], np.eye(3)[[2] * 10]) == ([], [0])
    assert [are_classes(y, outputs) for outputs in (2, 3)] == [False, True]
    one_hot = np.eye(3)[y]
    assert are_classes(one_hot, 3)
    one_hot[-1] = 0.5
    assert not are_classes(one_hot, 3)
    assert not are_classes(y.astype(float), 3)
    assert not are_classes(y[:0], 3)


@pytest.mark.parametrize("form", [Y, np.eye(3, dtype=np.float32)[Y]])
def test_a_split_of_arrays_is_two_views(form: Any) -> None:
    for part in split((X, form, None), 0.2):
        assert np.shares_memory(part[0], X)
        assert np.shares_memory(part[1], form)


def test_class_numbers_may_stand_in_a_column() -> None:
    assert class_numbers(np.array([[1], [0]])).tolist() == [1, 0]


class TestInFit:
    """Keras takes the last examples as they lie; where that leaves a class out, `fit` says so."""

    x, y = np.linspace(0, 1, 60)[:, None], np.repeat([0, 1, 2], 20)

    def model(self, units: int = 3, loss: str = "sparse_categorical_crossentropy") -> Sequential:
        model = Sequential([Input((1,)), {"dense": {"units": units}}])
        model.compile("sgd", loss)
        return model

    def test_sorted_classes_are_warned_of(self) -> None:
        with pytest.warns(UserWarning, match="no example of class") as caught:
            self.model().fit(self.x, self.y, validation_split=0.35, verbose=0)
        texts = [str(warning.message) for warning in caught]
        assert "leaves no example of class 2 for training: shuffle the data first" in texts[0]
        assert "leaves no example of class 0 for validation" in texts[1]

    def test_one_hot_rows_are_looked_at_too(self) -> None:
        with (
            pytest.warns(UserWarning, match="no example of class 2 for training"),
            pytest.warns(UserWarning, match="no example of class 0, 1 for validation"),
        ):
            self.model(loss="categorical_crossentropy").fit(
                self.x, np.eye(3)[self.y], validation_split=1 / 3, verbose=0
            )

    def test_mixed_classes_and_plain_numbers_are_not(self) -> None:
        self.model().fit(X, Y, validation_split=0.3, verbose=0)
        self.model(1, "mse").fit(X, np.arange(10), validation_split=0.3, verbose=0)
        self.model(1, "mse").fit(X, X, validation_split=0.3, verbose=0)
