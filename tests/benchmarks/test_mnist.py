"""Where the images come from, and in which form they go out."""

from __future__ import annotations

import gzip
import shutil

import numpy as np
import pytest

from apps.mnist import data
from benchmarks import mnist


def test_the_sample_is_repeated_to_sixty_thousand_and_says_so(monkeypatch, tmp_path) -> None:
    monkeypatch.delenv("MNIST_DIR", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    place, description = mnist.place()
    assert place == mnist.SAMPLE
    assert "sample" in description
    assert "repeated to 60,000" in description
    (x, y), (x_test, y_test) = mnist.load(place)
    (ours, labels), (ours_test, labels_test) = data.load("sample")
    assert x.shape == (60_000, 28, 28)
    np.testing.assert_array_equal(x[4000:8000], ours)
    np.testing.assert_array_equal(y[-4000:], labels)
    np.testing.assert_array_equal(x_test, ours_test)
    np.testing.assert_array_equal(y_test, labels_test)


def test_a_folder_a_file_and_the_cache_are_found(monkeypatch, tmp_path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    for path in mnist.SAMPLE.glob("*.gz"):
        (folder / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
    assert mnist.place(str(folder)) == (folder, "MNIST")
    (x, y), (x_test, y_test) = mnist.load(folder)
    assert len(x) == 4000

    cache = tmp_path / "datasets" / "mnist.npz"
    cache.parent.mkdir()
    np.savez(cache, x_train=x, y_train=y, x_test=x_test, y_test=y_test)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("MNIST_DIR", str(folder))
    assert mnist.place()[0] == folder  # before the cache
    monkeypatch.delenv("MNIST_DIR")
    assert mnist.place()[0] == cache
    np.testing.assert_array_equal(mnist.load(cache)[0][0], x)


def test_a_place_without_mnist_is_named(tmp_path) -> None:
    with pytest.raises(FileNotFoundError, match=r"has no train-images-idx3-ubyte\.gz"):
        mnist.place(str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"none\.npz does not exist"):
        mnist.place(str(tmp_path / "none.npz"))
    for path in list(mnist.SAMPLE.glob("*.gz"))[:3]:
        shutil.copy(path, tmp_path)
    with pytest.raises(FileNotFoundError, match="has no"):
        mnist.place(str(tmp_path))


@pytest.mark.parametrize(("net", "shape"), [("mlp", (3, 784)), ("conv", (3, 28, 28, 1))])
def test_examples_are_float32_between_zero_and_one(net, shape) -> None:
    images = np.full((3, 28, 28), 255, np.uint8)
    x, y = mnist.as_examples(images, np.array([1, 2, 3], np.uint8), net)
    assert (x.shape, x.dtype, y.dtype) == (shape, np.float32, np.int64)
    np.testing.assert_allclose(x, 1.0, rtol=1e-6)
