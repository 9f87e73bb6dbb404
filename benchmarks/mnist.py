"""The images that every peer learns from, read by the same few lines for all of them."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

IMAGES = {"train": "train-images-idx3-ubyte", "test": "t10k-images-idx3-ubyte"}
LABELS = {"train": "train-labels-idx1-ubyte", "test": "t10k-labels-idx1-ubyte"}
SAMPLE = Path(__file__).parents[1] / "apps" / "mnist" / "sample"


def place(given: str | None = None) -> tuple[Path, str]:
    """The folder or npz file with MNIST, and what it is in a few words: what was given, $MNIST_DIR, Keras's cache,
    or else the sample that comes with the project. Raises FileNotFoundError for a place that has no MNIST.
    """
    cache = Path(os.environ.get("KERAS_HOME") or Path("~", ".keras").expanduser(), "datasets", "mnist.npz")
    wanted = given or os.environ.get("MNIST_DIR")
    if wanted == "sample" or (wanted is None and not cache.exists()):
        return SAMPLE, "the sample of MNIST that comes with the project, repeated to 60,000 images"
    path = Path(wanted).expanduser().resolve() if wanted else cache
    if path.suffix != ".npz":
        for name in (*IMAGES.values(), *LABELS.values()):
            _file(path, name)
    elif not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    return path, "MNIST"


def load(path: str | Path) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """`(x_train, y_train), (x_test, y_test)`: uint8 images (n, 28, 28) and labels (n,).

    Of the sample, training images and labels are repeated until there are as many as in MNIST.
    """
    import numpy as np

    path = Path(path)
    if path.suffix == ".npz":
        with np.load(path) as arrays:
            return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])
    parts = []
    for part in ("train", "test"):
        labels = np.frombuffer(_bytes(path, LABELS[part]), np.uint8, offset=8)
        parts.append((np.frombuffer(_bytes(path, IMAGES[part]), np.uint8, offset=16).reshape(-1, 28, 28), labels))
    if path == SAMPLE:
        rows = np.arange(60_000) % len(parts[0][1])
        parts[0] = (parts[0][0][rows], parts[0][1][rows])
    return parts[0], parts[1]


def _bytes(folder: Path, name: str) -> bytes:
    path = _file(folder, name)
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def _file(folder: Path, name: str) -> Path:
    for path in (folder / f"{name}.gz", folder / name):
        if path.exists():
            return path
    raise FileNotFoundError(f"{folder} has no {name}.gz: give the folder with MNIST's four files, or mnist.npz")


def as_examples(images: Any, labels: Any, net: str) -> tuple[Any, Any]:
    """Images and labels as the peers get them: float32 from 0 to 1, and int64.

    The images are (n, 784) for an `mlp` and (n, 28, 28, 1) for a `conv`.
    """
    import numpy as np

    shape = (len(images), 784) if net == "mlp" else (len(images), 28, 28, 1)
    return np.multiply(images, np.float32(1 / 255), dtype=np.float32).reshape(shape), labels.astype(np.int64)
