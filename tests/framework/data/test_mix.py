"""Several datasets as one: what is where, what goes together, and how it is written in a file."""

from __future__ import annotations

import tracemalloc
import weakref
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from framework.config import ConfigError, loads
from framework.data import Data, Dataset, Examples, Mix, datasets
from framework.registry import ArgumentError

MODEL = "model: {layers: [{dense: 2}]}\nloss: mse"


def some(n: int, first: int = 0) -> Examples:
    x = np.arange(first, first + n, dtype=np.uint8)[:, None]
    return Examples(x, x[:, 0] % 3)


class Fixed(Dataset):
    """What it is given."""

    def __init__(self, data: Any) -> None:
        self.data = data

    def load(self) -> Data:
        return self.data


BOTH = Data(some(4), some(2, 10), some(3, 20), scale=0.5, source="one")
LAST = Data(some(2, 30), None, some(1, 40), scale=0.5, source="two")


@pytest.fixture
def numbers() -> Iterator[type[Dataset]]:
    """A dataset that files can name."""
    before = dict(datasets.registry._classes), dict(datasets.registry._names)

    @datasets.registry.register
    class Numbers(Dataset):
        """0, 1, 2, ..."""

        def __init__(self, size: int = 3) -> None:
            if size < 1:
                raise ArgumentError("size must be at least 1", "size")
            self.size = size

        def load(self) -> Data:
            raise AssertionError("looked for data")

    yield Numbers
    datasets.registry._classes, datasets.registry._names = before


def told(data: Data) -> list[list[int] | None]:
    """The first values of its examples."""
    return [
        None if examples is None else examples.x[:, 0].tolist() for examples in (data.train, data.validation, data.test)
    ]


class TestLoad:
    def test_each_kind_is_one_behind_the_other(self) -> None:
        data = Mix([Fixed(BOTH), Fixed(LAST)]).load()
        assert told(data) == [[0, 1, 2, 3, 30, 31], [10, 11], [20, 21, 22, 40]]
        assert data.train.y.tolist() == [0, 1, 2, 0, 0, 1]
        assert (data.scale, data.source, data.classes) == (0.5, "one + two", ())
        assert data.train.x.dtype == data.train.y.dtype == np.uint8

    def test_what_nobody_has_is_not_there(self) -> None:
        data = Mix([Fixed(LAST), Fixed(LAST)]).load()
        assert data.validation is None
        assert data.test is not None

    def test_parts_are_what_was_mixed(self) -> None:
        data = Mix([Fixed(BOTH), Fixed(LAST), Fixed(BOTH)]).load()
        assert list(data.parts) == ["fixed", "fixed_2", "fixed_3"]
        for part, given in zip(data.parts.values(), (BOTH, LAST, BOTH), strict=True):
            assert told(part) == told(given)
            assert (part.scale, part.source) == (given.scale, given.source)

    def test_parts_are_views(self) -> None:
        data = Mix([Fixed(BOTH), Fixed(LAST)]).load()
        for part in data.parts.values():
            assert np.shares_memory(part.train.x, data.train.x)
            assert np.shares_memory(part.train.y, data.train.y)

    def test_groups_are_those_of_the_parts(self) -> None:
        grouped = replace(BOTH, train=replace(BOTH.train, groups=np.arange(len(BOTH.train))))
        data = Mix([Fixed(LAST), Fixed(grouped)]).load()
        assert data.train.groups is None
        assert data.parts["fixed"].train.groups is None
        assert data.parts["fixed_2"].train.groups is grouped.train.groups

    def test_a_mix_in_a_mix_is_flat(self) -> None:
        data = Mix([Fixed(BOTH), Mix([Fixed(LAST), Fixed(BOTH)])]).load()
        assert list(data.parts) == ["fixed", "fixed_2", "fixed_3"]
        assert told(data)[0] == [0, 1, 2, 3, 30, 31, 0, 1, 2, 3]
        assert data.source == "one + two + one"
        assert told(data.parts["fixed_2"]) == told(LAST)

    def test_classes_are_kept(self) -> None:
        data = Mix([Fixed(replace(BOTH, classes=("a", "b", "c")))] * 2).load()
        assert data.classes == data.parts["fixed_2"].classes == ("a", "b", "c")

    def test_nothing_is_there_twice_but_the_dataset_that_is_copied(self) -> None:
        size = 1 << 20

        class Large(Dataset):
            def load(self) -> Data:
                x = np.ones((size, 1), np.uint8)
                return Data(Examples(x, x[:, 0]))

        tracemalloc.start()
        try:
            data = Mix([Large()] * 4).load()
            now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert len(data.train) == 4 * size
        assert now < 8.5 * size
        assert peak < 13 * size  # the sources have one array for x and y

    def test_each_dataset_is_let_go_as_soon_as_it_is_copied(self) -> None:
        there: dict[int, Watched] = weakref.WeakValueDictionary()  # type: ignore[assignment]
        when_copied = []

        class Watched:
            """Like an array; it notes which others are there when it is copied."""

            shape, dtype = (5, 1), np.dtype(np.uint8)

            def __init__(self) -> None:
                self.number = len(there)
                there[self.number] = self

            def __len__(self) -> int:
                return 5

            def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray[Any, Any]:
                when_copied.append((self.number, sorted(there)))
                return np.ones(self.shape, dtype or self.dtype)

        class Brought(Dataset):
            def load(self) -> Data:
                return Data(Examples(Watched(), np.zeros(5)))  # type: ignore[arg-type]

        assert len(Mix([Brought()] * 3).load().train) == 15
        assert dict(when_copied) == {0: [0, 1, 2], 1: [1, 2], 2: [2]}


class TestWhatDoesNotGoTogether:
    @pytest.mark.parametrize(
        ("other", "message"),
        [
            (Data(Examples(np.zeros((1, 2), np.uint8), some(1).y)), r"of shape \(2,\), but .* of shape \(1,\)"),
            (Data(Examples(np.zeros((1, 1), np.float32), some(1).y)), "examples of type float32, but .* type uint8"),
            (Data(some(1), scale=0.25), "the scale 0.25, but first the scale 1"),
            (Data(Examples(some(1).x, np.zeros(1))), "labels of type float64, but first labels of type uint8"),
            (Data(Examples(some(1).x, np.zeros((1, 2), np.uint8))), r"labels of shape \(2,\), but .* shape \(\)"),
            (Data(some(1), classes=("shoe", "shirt")), "the classes shoe, shirt, but first classes without names"),
        ],
    )
    def test_names_the_culprit(self, other: Data, message: str) -> None:
        class First(Dataset):
            def load(self) -> Data:
                return Data(some(1))

        with pytest.raises(ArgumentError, match=f"Mix: fixed has .*{message}; mix datasets that are alike"):
            Mix([First(), First(), Fixed(other)]).load()

    @pytest.mark.parametrize("given", [[], (), "mnist", {"mnist": {}}, None, 3])
    def test_is_a_list_of_at_least_one(self, given: Any) -> None:
        with pytest.raises(ArgumentError, match="Mix: datasets must be a list of at least one dataset, got"):
            Mix(given)


@pytest.mark.usefixtures("numbers")
class TestInAFile:
    def test_is_written_as_a_list(self) -> None:
        experiment = loads("data: {mix: [numbers, {numbers: {size: 5}}, numbers: 7]}\n" + MODEL)
        mix = datasets.registry.create(experiment.settings.data)
        assert isinstance(mix, Mix)
        assert [dataset.get_config() for dataset in mix.datasets] == [{"size": 3}, {"size": 5}, {"size": 7}]
        again = loads(experiment.to_yaml())
        assert repr(datasets.registry.create(again.settings.data)) == repr(mix)

    def test_can_be_overridden(self) -> None:
        text = "data: {mix: [numbers, {numbers: {size: 5}}]}\n" + MODEL
        mix = datasets.registry.create(loads(text, ["data.datasets.1.size=9"]).settings.data)
        assert isinstance(mix, Mix)
        assert [dataset.get_config()["size"] for dataset in mix.datasets] == [3, 9]

    @pytest.mark.parametrize(
        ("written", "place", "message"),
        [
            ("{mix: [numbers, numbrs]}", "1:23", "unknown dataset 'numbrs'; did you mean 'numbers'?"),
            ("{mix: [{numbers: {sise: 5}}]}", "1:25", "unknown key 'sise' in numbers; did you mean 'size'?"),
            ("{mix: [{numbers: {size: 0}}]}", "1:31", "size must be at least 1"),
            ("{mix: [{numbers: {size: x}}]}", "1:31", "size of numbers must be an integer, got 'x'"),
            ("{mix: [{mix: [{numbers: {size: 0}}]}]}", "1:38", "size must be at least 1"),
            ("{mix: []}", "1:13", "datasets must be a list of at least one dataset, got []"),
            ("{mix: [3]}", "1:14", "item 1 of datasets of mix must be a dataset, got 3"),
            ("mix", "1:7", "missing key 'datasets' in mix"),
        ],
    )
    def test_mistakes_have_their_place(self, written: str, place: str, message: str) -> None:
        with pytest.raises(ConfigError) as error:
            loads(f"data: {written}\n{MODEL}")
        assert str(error.value).startswith(f"<text>:{place}: error: ")
        assert message in str(error.value)
