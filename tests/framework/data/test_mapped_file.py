"""Arrays on disk: found, read batch by batch, and given back."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.data import Batches, mapped_file
from framework.data.mapped_file import MappedFile

MB = 1 << 20
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def resident(kind: str) -> int:
    """The resident memory of this process of one kind, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(kind))


def on_disk(folder: Path, rows: int, columns: int, mode: Any = "r") -> Any:
    """Zeros in a file that takes no room on the disk."""
    path = folder / "x.dat"
    with path.open("wb") as file:
        file.truncate(rows * columns * 4)
    return np.memmap(path, np.float32, mode, shape=(rows, columns))


@pytest.fixture
def small(tmp_path: Path) -> Any:
    return on_disk(tmp_path, 6, 2, "r+")


def test_maps_and_their_views_are_found_and_other_arrays_are_none(small: Any) -> None:
    for array in (small, small[2:], np.asarray(small)[:, 1], small.reshape(2, 6), small.view(np.int32)):
        assert MappedFile.of(array) is not None
    for array in (np.zeros(3), small + 1, small[[1, 2]], np.array(small)):
        assert MappedFile.of(array) is None


@pytest.mark.parametrize("shuffle", [False, True])
def test_batches_are_copies_that_need_the_file_no_more(small: Any, shuffle: bool) -> None:
    for (x,) in Batches(small, batch_size=4, shuffle=shuffle):
        assert MappedFile.of(x) is None


@linux
@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("prefetch", [False, True])
def test_what_was_read_of_a_large_file_is_given_back(
    tmp_path: Path, shuffle: bool, prefetch: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapped_file, "ENOUGH", 4 * MB)
    x = on_disk(tmp_path, 64 * 1024, 256)  # 64 MB
    before, most = resident("RssFile"), 0
    for _ in Batches(x, batch_size=512, shuffle=shuffle, prefetch=prefetch):
        most = max(most, resident("RssFile") - before)
    assert most < 48 * MB


@linux
def test_a_small_file_stays_in_memory(tmp_path: Path) -> None:
    x = on_disk(tmp_path, 8 * 1024, 256)  # 8 MB
    before = resident("RssFile")
    for _ in Batches(x, batch_size=512):
        pass
    assert resident("RssFile") - before >= 8 * MB


def test_what_was_written_to_a_private_map_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped_file, "ENOUGH", 1)
    x = on_disk(tmp_path, 1000, 16, "c")
    x[:] = np.arange(1000)[:, None]
    for _ in range(2):
        seen = np.concatenate([part[:, 0].copy() for (part,) in Batches(x, batch_size=100)])
        assert seen.tolist() == list(range(1000))


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@linux
@pytest.mark.parametrize("shuffle", [False, True])
def test_training_on_a_large_file_takes_no_memory_of_its_size(tmp_path: Path, shuffle: bool, traced: None) -> None:
    x, y = on_disk(tmp_path, 64 * 1024, 784), np.zeros(64 * 1024, np.uint8)  # 196 MB
    y[::2] = 1
    model = Sequential([Input((784,)), layers.Dense(2, "softmax")], seed=1)
    model.compile("sgd", "sparse_categorical_crossentropy", ["accuracy"])
    anonymous = resident("RssAnon")
    tracemalloc.reset_peak()
    held = tracemalloc.get_traced_memory()[0]
    history = model.fit(x, y, batch_size=512, verbose=0, shuffle=shuffle, validation_split=0.25)
    model.evaluate(x, y, batch_size=512, verbose=0)
    assert tracemalloc.get_traced_memory()[1] - held < 24 * MB
    assert resident("RssAnon") - anonymous < 64 * MB
    assert history.history["accuracy"][0] == pytest.approx(0.5, abs=0.1)
