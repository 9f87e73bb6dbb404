"""Where MNIST is looked for, in which order, and what is said about it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from apps.mnist import data, train
from apps.mnist.data import DataError, Mnist, find, keras_cache, load
from apps.mnist.download import DownloadError
from apps.mnist.files import read, write_idx, write_npz
from apps.mnist.recognizer import Recognizer
from apps.mnist.retraining import Retraining
from framework.data import Mix, datasets
from framework.data.datasets import Data, Examples
from framework.registry import ArgumentError

SAMPLE = "the 5,000 real digits that come with the project (4,000 to train, 1,000 held out)"


@pytest.fixture(autouse=True)
def nothing_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No MNIST on this machine, and no network."""

    def no_download(cache: Path) -> str:
        raise DownloadError("no network")

    monkeypatch.delenv("MNIST_DIR", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(data, "download", no_download)


def some(n: int, first: int = 0) -> Examples:
    """n images; the first pixel of each is its number."""
    x = np.zeros((n, 28, 28), np.uint8)
    x[:, 0, 0] = np.arange(first, first + n)
    return Examples(x, (np.arange(n) % 10).astype(np.uint8))


def write_folder(folder: Path, train: int, test: int = 2) -> Path:
    folder.mkdir(parents=True)
    for prefix, part in (("train", some(train)), ("t10k", some(test, 100))):
        write_idx(folder / f"{prefix}-images-idx3-ubyte.gz", part.x)
        write_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", part.y)
    return folder


def write_cache(train: int) -> Path:
    cache = keras_cache()
    cache.parent.mkdir(parents=True)
    write_npz(cache, some(train), some(2))
    return cache


class TestFind:
    def test_a_folder(self, tmp_path: Path) -> None:
        source = find(write_folder(tmp_path / "a", 5))
        assert (len(source.train), len(source.test), source.is_sample) == (5, 2, False)
        assert source.description == f"MNIST from {tmp_path / 'a'} (5 training and 2 test images)"

    def test_an_npz_file(self, tmp_path: Path) -> None:
        write_npz(tmp_path / "mine.npz", some(3), some(1))
        assert len(find(str(tmp_path / "mine.npz")).train) == 3

    def test_a_path_in_the_home_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("USERPROFILE", str(tmp_path))
        write_folder(tmp_path / "a", 5)
        assert len(find("~/a").train) == 5

    def test_the_home_folder_of_a_stranger(self) -> None:
        with pytest.raises(DataError, match=r"^~nosuchuser/a: no such file or folder; check the path$"):
            find("~nosuchuser/a")

    def test_the_word_sample(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        write_folder(tmp_path / "sample", 5)
        assert find("sample").description == SAMPLE
        assert find("sample").is_sample
        assert len(find("./sample").train) == 5
        assert len(find(Path.cwd() / "sample").train) == 5

    def test_the_order(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        explicit = write_folder(tmp_path / "a", 11)
        assert find().is_sample

        def downloaded(cache: Path) -> str:
            write_cache(14)
            return "mirror.example"

        monkeypatch.setattr(data, "download", downloaded)
        source = find()
        assert len(source.train) == 14
        assert source.description.startswith(f"MNIST, downloaded from mirror.example to {keras_cache()} (14")

        source = find()
        assert source.description.startswith(f"MNIST from {keras_cache()} (14")

        monkeypatch.setenv("MNIST_DIR", str(write_folder(tmp_path / "b", 12)))
        assert len(find().train) == 12
        assert len(find(explicit).train) == 11

        monkeypatch.setenv("MNIST_DIR", "sample")
        assert find().is_sample

    def test_without_anything_the_sample_and_why(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MNIST_DIR", "")
        source = find()
        assert source.is_sample
        assert source.description == f"no MNIST found and no download possible (no network): using {SAMPLE}"
        assert "\n" not in source.description


class TestErrors:
    def test_a_wrong_path_is_not_passed_over(self, tmp_path: Path) -> None:
        write_cache(3)
        with pytest.raises(DataError, match=r"nowhere: no such file or folder; check the path$"):
            find(tmp_path / "nowhere")

    def test_an_empty_path(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(DataError, match="has no file train-images"):
            find("")

    def test_a_wrong_variable_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write_cache(3)
        monkeypatch.setenv("MNIST_DIR", str(tmp_path / "nowhere"))
        with pytest.raises(DataError, match=r"nowhere: no such .*; check the environment variable MNIST_DIR, or"):
            find()

    def test_a_damaged_file(self, tmp_path: Path) -> None:
        folder = write_folder(tmp_path / "a", 3)
        labels = folder / "t10k-labels-idx1-ubyte.gz"
        labels.write_bytes(labels.read_bytes()[:-4])
        with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte.gz: cannot be read .*; fetch the file again"):
            find(folder)

    def test_a_damaged_cache_is_refused_by_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        cache = write_cache(3)
        cache.write_bytes(cache.read_bytes()[:500])
        with pytest.raises(DataError, match=r"mnist.npz: cannot be .*; delete this file and try again") as caught:
            find()
        assert str(cache) in str(caught.value)

    def test_it_is_a_value_error(self) -> None:
        assert issubclass(DataError, ValueError)


def test_kerass_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert keras_cache() == tmp_path / "keras" / "datasets" / "mnist.npz"
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert keras_cache() == tmp_path / ".keras" / "datasets" / "mnist.npz"


def test_load_gives_kerass_tuples(tmp_path: Path) -> None:
    (x_train, y_train), (x_test, y_test) = load(write_folder(tmp_path / "a", 5))
    assert (x_train.shape, y_train.shape, x_test.shape, y_test.shape) == ((5, 28, 28), (5,), (2, 28, 28), (2,))
    assert {array.dtype for array in (x_train, y_train, x_test, y_test)} == {np.dtype("uint8")}
    x_train[0] = 1  # may be written to


class TestMnist:
    def test_is_registered(self) -> None:
        dataset = datasets.registry.create({"mnist": {"path": "sample", "validation": 10}})
        assert isinstance(dataset, Mnist)
        assert dataset.get_config() == {"path": "sample", "validation": 10}
        assert repr(datasets.registry.create({"mnist": "sample"})) == "Mnist(path='sample')"

    def test_the_last_images_are_chosen_by(self, tmp_path: Path) -> None:
        loaded = Mnist(str(write_folder(tmp_path / "a", 10)), validation=3).load()
        assert loaded.validation is not None
        assert loaded.test is not None
        assert loaded.train.x[:, 0, 0].tolist() == [0, 1, 2, 3, 4, 5, 6]
        assert loaded.validation.x[:, 0, 0].tolist() == [7, 8, 9]
        assert loaded.validation.y.tolist() == [7, 8, 9]
        assert loaded.test.x[:, 0, 0].tolist() == [100, 101]
        assert loaded.scale == 1 / 255
        assert loaded.train.x.dtype == np.uint8
        assert loaded.source.startswith("MNIST from ")

    def test_no_validation(self, tmp_path: Path) -> None:
        loaded = Mnist(str(write_folder(tmp_path / "a", 10))).load()
        assert len(loaded.train) == 10
        assert loaded.validation is None

    def test_the_sample_has_its_own(self) -> None:
        loaded = Mnist("sample", validation=5000).load()
        assert loaded.validation is loaded.test
        assert loaded.test is not None
        assert (len(loaded.train), len(loaded.test)) == (4000, 1000)
        assert loaded.source == SAMPLE

    @pytest.mark.parametrize("validation", [10, 11])
    def test_too_many(self, tmp_path: Path, validation: int) -> None:
        dataset = Mnist(str(write_folder(tmp_path / "a", 10)), validation)
        with pytest.raises(DataError, match=rf"validation = {validation} leaves nothing of the 10 training images"):
            dataset.load()

    @pytest.mark.parametrize("validation", [-1, 2.5])
    def test_no_number_of_images(self, validation: Any) -> None:
        with pytest.raises(ArgumentError, match="validation must be a number of images from 0 up, got") as caught:
            Mnist(validation=validation)
        assert caught.value.argument == "validation"


def test_the_sample_is_found_where_the_package_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read(data.SAMPLE)
    shutil.copytree(data.SAMPLE, tmp_path / "copy")
    (tmp_path / "copy" / "train-labels-idx1-ubyte.gz").unlink()
    monkeypatch.setattr(data, "SAMPLE", tmp_path / "copy")
    with pytest.raises(DataError, match="train-labels-idx1-ubyte"):
        find()


class TestMixtures:
    """MNIST among other datasets."""

    def mixed(self, tmp_path: Path) -> Data:
        a, b = (Mnist(str(write_folder(tmp_path / name, 10)), validation=4) for name in "ab")
        return Mix([a, b]).load()

    def test_what_is_judged_of_each_part_is_copied_and_nothing_else_is_kept(self, tmp_path: Path) -> None:
        given = self.mixed(tmp_path)
        by = replace(given.parts["mnist_2"], test=None)
        judged = train._to_judge(replace(given, parts={**given.parts, "mnist_2": by}))
        assert (len(judged.train), judged.validation) == (0, None)
        assert judged.test is not None
        assert len(judged.test) == 4
        kept = [judged.test, judged.parts["mnist"].test, judged.parts["mnist_2"].validation]
        assert [examples and examples.x[:, 0, 0].tolist() for examples in kept] == [
            [100, 101, 100, 101],
            [100, 101],
            [6, 7, 8, 9],
        ]
        for examples in kept:
            assert examples is not None
            assert examples.x.base is None

    def test_corrections_are_learned_from(self, tmp_path: Path) -> None:
        given = self.mixed(tmp_path)
        mixed, _ = Retraining(some(1, 50), Recognizer.load().model).mixed(given)
        assert mixed.train.x[:, 0, 0].tolist() == [*range(6), *range(6), 50]
        assert mixed.parts is given.parts
