"""Where Fashion-MNIST is looked for, in which order, and what it comes to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import apps.mnist.data  # noqa: F401 - registers the datasets
from apps.mnist import fashion
from apps.mnist.download import FASHION_SUMS, DownloadError
from apps.mnist.fashion import CLASSES, FashionMnist, find
from apps.mnist.files import FILES, DataError, write_idx
from framework import config
from framework.data import datasets
from framework.registry import ArgumentError


@pytest.fixture(autouse=True)
def nothing_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No Fashion-MNIST on this machine, and no network."""

    def no_download(cache: Path) -> str:
        raise DownloadError("no network")

    monkeypatch.delenv("FASHION_MNIST_DIR", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(fashion, "DEBIANS", tmp_path / "debian")
    monkeypatch.setattr(fashion, "download_fashion", no_download)


def write(folder: Path, train: int, test: int = 2) -> Path:
    """Fashion-MNIST's four files, small; the first pixel of each training image is its number."""
    folder.mkdir(parents=True)
    for prefix, n in (("train", train), ("t10k", test)):
        x = np.zeros((n, 28, 28), np.uint8)
        x[:, 0, 0] = np.arange(n)
        write_idx(folder / f"{prefix}-images-idx3-ubyte.gz", x)
        write_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", (np.arange(n) % 10).astype(np.uint8))
    return folder


def test_it_is_looked_for_in_the_order_that_is_promised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "keras" / "datasets" / "fashion-mnist"

    def downloaded(folder: Path) -> str:
        write(folder, 11)
        return "mirror.example"

    monkeypatch.setattr(fashion, "download_fashion", downloaded)
    train, test, source = find()
    assert (len(train), len(test)) == (11, 2)
    assert source == f"Fashion-MNIST, downloaded from mirror.example to {cache} (11 training and 2 test images)"
    assert find()[2] == f"Fashion-MNIST from {cache} (11 training and 2 test images)"

    write(tmp_path / "debian", 12)
    assert len(find()[0]) == 12
    monkeypatch.setenv("FASHION_MNIST_DIR", str(write(tmp_path / "b", 13)))
    assert len(find()[0]) == 13
    assert len(find(write(tmp_path / "a", 14))[0]) == 14


def test_a_cache_that_lacks_a_file_is_downloaded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = write(tmp_path / "keras" / "datasets" / "fashion-mnist", 3)
    (cache / "t10k-labels-idx1-ubyte.gz").unlink()
    asked = []

    def downloaded(folder: Path) -> str:
        asked.append(folder)
        write(tmp_path / "fresh", 3)
        (tmp_path / "fresh" / "t10k-labels-idx1-ubyte.gz").replace(folder / "t10k-labels-idx1-ubyte.gz")
        return "mirror.example"

    monkeypatch.setattr(fashion, "download_fashion", downloaded)
    assert len(find()[0]) == 3
    assert asked == [cache]


def test_without_any_the_remedies_are_named() -> None:
    with pytest.raises(
        DataError, match=r"no download possible \(no network\); .*dataset-fashion-mnist, or set FASHION"
    ):
        FashionMnist().load()


def test_a_wrong_place_is_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "debian", 3)
    with pytest.raises(DataError, match=r"nowhere: no such file or folder; check the path$"):
        find(tmp_path / "nowhere")
    monkeypatch.setenv("FASHION_MNIST_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match=r"nowhere: no such .*; check the environment variable FASHION_MNIST_DIR, or"):
        find()


def test_damaged_files_of_the_package_and_of_the_cache_say_what_to_do(tmp_path: Path) -> None:
    cache = write(tmp_path / "keras" / "datasets" / "fashion-mnist", 3)
    (cache / "train-labels-idx1-ubyte.gz").write_bytes(b"damaged")
    with pytest.raises(DataError, match=r"train-labels-idx1-ubyte.gz: .*; delete this folder and try again, or"):
        find()
    (write(tmp_path / "debian", 3) / "train-labels-idx1-ubyte.gz").write_bytes(b"")
    with pytest.raises(DataError, match="install the package dataset-fashion-mnist again, or"):
        find()


def test_the_last_images_are_chosen_by_and_the_classes_have_names(tmp_path: Path) -> None:
    loaded = FashionMnist(str(write(tmp_path / "a", 10)), validation=3).load()
    assert loaded.validation is not None
    assert loaded.test is not None
    assert loaded.train.x[:, 0, 0].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert loaded.validation.x[:, 0, 0].tolist() == [7, 8, 9]
    assert len(loaded.test) == 2
    assert (loaded.scale, loaded.train.x.dtype) == (1 / 255, np.uint8)
    assert loaded.classes == CLASSES
    assert len(CLASSES) == 10
    assert CLASSES[9] == "Ankle boot"


def test_validation_must_leave_something(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="validation = 10 leaves nothing of the 10 training images"):
        FashionMnist(str(write(tmp_path / "a", 10)), validation=10).load()
    with pytest.raises(ArgumentError, match=r"validation must be a number of images from 0 up, got -1"):
        FashionMnist(validation=-1)


def test_it_is_registered_with_the_other_datasets() -> None:
    assert isinstance(datasets.registry.create({"fashion_mnist": {"validation": 5}}), FashionMnist)


def test_the_sums_are_of_the_files_that_are_read() -> None:
    assert sorted(FASHION_SUMS) == sorted(f"{name}.gz" for name in FILES)


def test_its_recipe_is_that_for_digits_with_other_data() -> None:
    configs = Path(__file__).parents[3] / "configs"
    digits, clothes = (config.load(configs / f"{name}_mlp.yaml").settings for name in ("mnist", "fashion"))
    assert clothes.data == {"fashion_mnist": {"validation": 5000}} or isinstance(clothes.data, FashionMnist)
    assert clothes.model.layers == digits.model.layers
    assert clothes.loss == digits.loss
    assert clothes.augment == digits.augment
    assert clothes.train.batch_size == digits.train.batch_size


@pytest.mark.skipif(not Path("/usr/share/datasets/fashion-mnist").exists(), reason="needs dataset-fashion-mnist")
def test_debians_package_is_read() -> None:
    loaded = FashionMnist("/usr/share/datasets/fashion-mnist", validation=5000).load()
    assert loaded.validation is not None
    assert (len(loaded.train), len(loaded.validation)) == (55_000, 5_000)
    assert np.bincount(loaded.test.y if loaded.test else []).tolist() == [1000] * 10
