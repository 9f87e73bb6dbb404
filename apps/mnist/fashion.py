"""Fashion-MNIST: photos of clothes in MNIST's files, to show that nothing here is tied to digits."""

from __future__ import annotations

import os
from pathlib import Path

from framework.arguments import is_whole, require
from framework.data.datasets import Data, Dataset, Examples, registry

from . import files
from .download import DownloadError, cache_folder, download_fashion
from .files import DataError
from .held_back import hold_back

DEBIANS = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's package `dataset-fashion-mnist` puts the files."""
CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


@registry.register
class FashionMnist(Dataset):
    """Fashion-MNIST: 70,000 photos of clothes in ten classes, 28x28 grey pixels, kept as bytes and scaled by 1/255.

    path: a folder with its four files, which are named as MNIST's; None for the first that there is of the folder in
        the environment variable FASHION_MNIST_DIR, that of Debian's package `dataset-fashion-mnist`, Keras's cache
        `datasets/fashion-mnist`, and a download into that cache (which needs pooch).
    validation: how many of the training images to choose by instead; the last ones, so that the choice depends on no
        seed.

    `load` raises DataError for files that cannot be used, where there are none and none can be downloaded, and when
    fewer than one image is left to train on.

    >>> FashionMnist(validation=5000)
    FashionMnist(validation=5000)

    Source: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
    Algorithms", 2017.
    """

    def __init__(self, path: str | None = None, validation: int = 0) -> None:
        require(is_whole(validation, 0), self, "validation", validation, "a number of images from 0 up")
        self.path = path
        self.validation = validation

    def load(self) -> Data:
        train, test, source = find(self.path)
        train, validation = hold_back(train, self.validation, self.path or "Fashion-MNIST")
        return Data(train, validation, test, scale=1 / 255, source=source, classes=CLASSES)


def find(path: str | os.PathLike[str] | None = None) -> tuple[Examples, Examples, str]:
    """Training and test examples from where FashionMnist looks for them, and one line that says where that was.

    A source that is there but wrong is an error and is never passed over: raises DataError, which names the file, the
    place in it and what to do.
    """
    if path is not None:
        return _read(files.expanded(path))
    if from_environment := os.environ.get("FASHION_MNIST_DIR"):
        return _read(files.expanded(from_environment), "check the environment variable FASHION_MNIST_DIR, or ")
    if DEBIANS.exists():
        return _read(DEBIANS, "install the package dataset-fashion-mnist again, or ")
    cache = cache_folder() / "fashion-mnist"
    how = " from"
    if not all((cache / f"{name}.gz").exists() for name in files.FILES):
        try:
            how = f", downloaded from {download_fashion(cache)} to"
        except DownloadError as error:
            remedy = "apt-get install dataset-fashion-mnist, or set FASHION_MNIST_DIR to the folder of its four files"
            raise DataError("Fashion-MNIST", f"not found, and no download possible ({error})", remedy) from error
    return _read(cache, "delete this folder and try again, or ", how)


def _read(folder: Path, hint: str = "", how: str = " from") -> tuple[Examples, Examples, str]:
    try:
        train, test = files.read(folder)
    except DataError as error:
        raise DataError(error.place, error.problem, hint + error.remedy) from error
    counts = f"({len(train):,} training and {len(test):,} test images)"
    return train, test, f"Fashion-MNIST{how} {folder} {counts}"
