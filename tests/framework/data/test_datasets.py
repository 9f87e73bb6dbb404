"""The registry of datasets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from framework.data import Data, Dataset, Examples, datasets
from framework.registry import Registry, UnknownNameError


class Ramp(Dataset):
    def __init__(self, size: int = 4) -> None:
        self.size = size

    def load(self) -> Data:
        return Data(train=Examples(np.arange(self.size), np.zeros(self.size)))


@pytest.fixture
def registry() -> Iterator[Registry[Dataset]]:
    own: Registry[Dataset] = Registry("dataset", Dataset)
    own.register(Ramp)
    yield own
    del Ramp.registered_name


def test_a_dataset_is_named_in_the_grammar_of_all_components(registry: Registry[Dataset]) -> None:
    assert len(registry.create("ramp").load().train) == 4
    assert len(registry.create({"ramp": 7}).load().train) == 7
    assert len(registry.create({"type": "Ramp", "size": 2}).load().train) == 2


def test_what_is_not_said_is_left_out() -> None:
    data = Ramp().load()
    assert (data.validation, data.test, data.scale, data.source) == (None, None, 1.0, "")


def test_a_dataset_without_load_says_what_is_missing() -> None:
    with pytest.raises(NotImplementedError, match=r"Dataset must define load\(\)"):
        Dataset().load()


def test_an_unknown_dataset_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="unknown dataset 'no such data'"):
        datasets.registry.create("no such data")
