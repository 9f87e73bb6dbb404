"""Where MNIST comes from: a path, Keras's cache, a download, or the sample that comes with the project."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from framework.arguments import is_whole, require
from framework.data.datasets import Data, Dataset, Examples, registry
from framework.parameters import Array

from . import fashion, files, strokes  # noqa: F401 - two of them register other datasets
from .download import DownloadError, cache_folder, download
from .files import DataError
from .held_back import hold_back

__all__ = ["DataError", "Mnist", "Source", "find", "keras_cache", "load"]

SAMPLE = Path(__file__).parent / "sample"


@dataclass(frozen=True)
class Source:
    """MNIST's examples and where they were found.

    train, test: images uint8 (n, 28, 28) and labels uint8 (n,); of the sample, `test` is its held-out part.
    description: one line for people.
    is_sample: whether this is the 5,000 digits that come with the project, and not all of MNIST.
    """

    train: Examples
    test: Examples
    description: str
    is_sample: bool = False


def load(path: str | os.PathLike[str] | None = None) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """`(x_train, y_train), (x_test, y_test)` as uint8 arrays (n, 28, 28) and (n,), as from Keras.

    `path` and the errors are those of `find`.

    >>> (x_train, y_train), (x_test, y_test) = load("sample")
    >>> x_train.shape, y_train.shape, x_test.shape, x_train.dtype
    ((4000, 28, 28), (4000,), (1000, 28, 28), dtype('uint8'))
    """
    source = find(path)
    return (source.train.x, source.train.y), (source.test.x, source.test.y)


def find(path: str | os.PathLike[str] | None = None) -> Source:
    """The first of these that there is:

    1. `path`: a folder with MNIST's four IDX files, gzipped or not, or with `mnist.npz`; an npz file;
       or the word `sample` (a folder of that name is `./sample`);
    2. the environment variable MNIST_DIR, which takes the same values;
    3. Keras's cache, `datasets/mnist.npz` in `~/.keras` or in KERAS_HOME;
    4. a download into that cache (needs pooch);
    5. the sample of 5,000 digits that comes with the project.

    A source that is there but wrong is an error and is never passed over: raises DataError, which names the
    file, the place in it and what to do.

    >>> find("sample").description
    'the 5,000 real digits that come with the project (4,000 to train, 1,000 held out)'
    """
    if path is not None:
        return _from_path(path)
    if from_environment := os.environ.get("MNIST_DIR"):
        return _from_path(from_environment, "check the environment variable MNIST_DIR, or ")
    cache = keras_cache()
    if cache.exists():
        return _from_cache(cache, f"MNIST from {cache}")
    try:
        host = download(cache)
    except DownloadError as error:
        return _sample(f"no MNIST found and no download possible ({error}): using ")
    return _from_cache(cache, f"MNIST, downloaded from {host} to {cache}")


def keras_cache() -> Path:
    """The file in which Keras keeps MNIST."""
    return cache_folder() / files.NPZ


@registry.register
class Mnist(Dataset):
    """MNIST: 70,000 handwritten digits of 28x28 grey pixels, kept as bytes and scaled by 1/255.

    path: a folder with MNIST's files, an npz file, or "sample" for the digits that come with the project; None for the
        first that `find` finds.
    validation: how many of the training images to choose by instead; the last ones, as is customary, so that the
        choice depends on no seed. The sample ignores it, and its 1,000 held-out images, which are no official
        test images, serve both to choose by and to judge by.

    `load` raises DataError for files that cannot be used, and when fewer than one image is left to train on.

    >>> data = Mnist(path="sample").load()
    >>> len(data.train), len(data.validation), len(data.test)
    (4000, 1000, 1000)

    Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".
    """

    def __init__(self, path: str | None = None, validation: int = 0) -> None:
        require(is_whole(validation, 0), self, "validation", validation, "a number of images from 0 up")
        self.path = path
        self.validation = validation

    def load(self) -> Data:
        source = find(self.path)
        train, validation = (
            (source.train, source.test)
            if source.is_sample
            else hold_back(source.train, self.validation, self.path or "MNIST")
        )
        return Data(train, validation, source.test, scale=1 / 255, source=source.description)


def _from_path(path: str | os.PathLike[str], hint: str = "") -> Source:
    if os.fspath(path) == "sample":
        return _sample()
    place = files.expanded(path)
    try:
        train, test = files.read(place)
    except DataError as error:
        raise DataError(error.place, error.problem, hint + error.remedy) from error
    return _source(f"MNIST from {place}", train, test)


def _from_cache(cache: Path, description: str) -> Source:
    try:
        train, test = files.read_npz(cache)
    except DataError as error:
        raise DataError(error.place, error.problem, "delete this file and try again") from error
    return _source(description, train, test)


def _source(description: str, train: Examples, test: Examples) -> Source:
    return Source(train, test, f"{description} ({len(train):,} training and {len(test):,} test images)")


def _sample(introduction: str = "") -> Source:
    train, test = files.read(SAMPLE)
    n = len(train) + len(test)
    parts = f"{len(train):,} to train, {len(test):,} held out"
    description = f"{introduction}the {n:,} real digits that come with the project ({parts})"
    return Source(train, test, description, is_sample=True)
