"""What the tests of experiments share: a small file and a dataset for it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from framework.data.datasets import Data, Dataset, Examples, registry

GOOD = """\
seed: 42
data: {stripes: {size: 64}}
model:
  name: small
  input: [4, 4]
  layers:
    - flatten
    - dense: {units: 16, kernel_initializer: he_normal}
    - relu
    - dense: 8
    - relu
    - dense: 2
    - softmax
loss: sparse_categorical_crossentropy
optimizer: {sgd: {learning_rate: 0.1, momentum: 0.9}}
metrics: [accuracy]
train: {epochs: 2, batch_size: 16, verbose: 0}
callbacks:
  - early_stopping: {monitor: val_loss, patience: 3, restore_best_weights: true}
"""


class Stripes(Dataset):
    """Images of 4x4 bytes with a bright row (class 0) or column (class 1)."""

    loads = 0

    def __init__(self, size: int = 32, validation: int = 16) -> None:
        self.size = size
        self.validation = validation

    def load(self) -> Data:
        Stripes.loads += 1
        rng = np.random.default_rng(0)
        x = np.zeros((self.size, 4, 4), np.uint8)
        y = rng.integers(0, 2, self.size)
        for image, label, line in zip(x, y, rng.integers(0, 4, self.size), strict=True):
            (image if label == 0 else image.T)[line] = 255
        n = self.size - self.validation
        validation = Examples(x[n:], y[n:]) if self.validation else None
        return Data(Examples(x[:n], y[:n]), validation, scale=1 / 255, source="stripes")


@pytest.fixture(autouse=True)
def stripes() -> Iterator[None]:
    """Registers the dataset for one test; the registry is as it was before, afterwards."""
    classes, names = dict(registry._classes), dict(registry._names)
    registry._classes.clear()
    registry._names.clear()
    registry.register(Stripes)
    Stripes.loads = 0
    yield
    registry._classes, registry._names = classes, names


@pytest.fixture
def good() -> str:
    return GOOD
