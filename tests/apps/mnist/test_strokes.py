"""Pen strokes as training data: whose digits are where, and how they are drawn."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from apps.mnist import strokes
from apps.mnist.download import DownloadError
from apps.mnist.files import DataError
from apps.mnist.preprocess import image_from_strokes
from apps.mnist.strokes import Pendigits, drawn, find, trembling
from apps.mnist.unipen import FILE, TEST_FILE, PenDigit, read_pen_digits
from framework.data import datasets
from framework.registry import ArgumentError

REAL = os.environ.get("PENDIGITS_DIR")
EACH = 4
"""How many digits a writer of the files below has."""


def write(path: Path, writers: int, first: int = 0) -> Path:
    """A file of digits, all of them different: a hook to the right or the left whose height is new each time."""
    lines, number = [], first
    for writer in range(1, writers + 1):
        for label in range(EACH):
            lines += [f'.SEGMENT DIGIT {number} ? "{label}"', f".COMMENT {label} {writer} {number}", ".PEN_DOWN"]
            lines += ["100 400", f"{200 + number} 100", f"{300 + label} 100", ".PEN_UP"]
            number += 1
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(autouse=True)
def nothing_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No pen digits on this machine, and no network."""

    def no_download(cache: Path) -> str:
        raise DownloadError("no network")

    monkeypatch.delenv("PENDIGITS_DIR", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(strokes, "download_pen_digits", no_download)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six writers to train on."""
    write(tmp_path / "pens" / FILE, 6)
    return tmp_path / "pens"


def writers(digits: list[PenDigit]) -> set[int]:
    return {digit.writer for digit in digits}


class TestWriters:
    def test_no_writer_is_in_two_parts(self, folder: Path) -> None:
        digits = read_pen_digits(folder)
        for fold in range(10):
            parts = Pendigits(validation=2, test=1, fold=fold).split(digits)
            assert [len(writers(part)) for part in parts] == [3, 2, 1]
            assert set.union(*map(writers, parts)) == set(range(1, 7))
            assert sum(map(len, parts)) == len(digits)

    def test_images_are_of_the_writers_of_their_part(self, folder: Path) -> None:
        dataset = Pendigits(str(folder), validation=2, test=1)
        parts, data = dataset.split(read_pen_digits(folder)), dataset.load()
        assert data.validation is not None
        assert data.test is not None
        for digits, examples in zip(parts, (data.train, data.validation, data.test), strict=True):
            assert examples.y.tolist() == [digit.label for digit in digits]
            assert examples.groups is not None
            assert examples.groups.tolist() == [digit.writer for digit in digits]
            for digit, image in zip(digits, examples.x, strict=True):
                pixels = image_from_strokes(digit.strokes)
                assert pixels is not None
                np.testing.assert_array_equal(image, np.rint(255 * pixels))
        whole = {image.tobytes() for examples in (data.train, data.validation, data.test) for image in examples.x}
        assert len(whole) == 6 * EACH  # they do all differ

    def test_folds_go_through_all_writers(self, folder: Path) -> None:
        digits = read_pen_digits(folder)
        chosen = [writers(Pendigits(validation=2, fold=fold).split(digits).validation) for fold in range(4)]
        assert set.union(*chosen[:3]) == set(range(1, 7))
        assert chosen[3] == chosen[0]

    def test_the_order_is_fixed_and_no_matter_of_the_seed(self, folder: Path) -> None:
        digits = read_pen_digits(folder)
        for seed in (0, 1):
            order = [
                writers(Pendigits(validation=1, fold=fold, seed=seed).split(digits).validation) for fold in range(6)
            ]
            assert order == [{4}, {3}, {1}, {2}, {6}, {5}]

    def test_the_others_file_is_to_judge_by(self, folder: Path) -> None:
        assert Pendigits(str(folder), validation=1).load().test is None
        write(folder / TEST_FILE, 2, first=100)
        for path in (folder, folder / FILE):
            data = Pendigits(str(path), validation=1).load()
            assert data.test is not None
            assert [len(data.train), len(data.test)] == [5 * EACH, 2 * EACH]
        given = Pendigits(str(folder), validation=1, test=1).load()
        assert given.test is not None
        assert [len(given.train), len(given.test)] == [4 * EACH, EACH]
        assert Pendigits(str(folder), validation=1, test=0).load().test is None

    def test_the_others_file_does_not_judge_itself(self, folder: Path) -> None:
        data = Pendigits(str(write(folder / TEST_FILE, 2)), validation=0).load()
        assert (len(data.train), data.validation, data.test) == (2 * EACH, None, None)

    def test_somebody_is_left_to_train_on(self, folder: Path) -> None:
        with pytest.raises(DataError, match=f"{FILE}: leaves no writer to train on; choose fewer for validation"):
            Pendigits(str(folder), validation=4, test=2).load()

    def test_the_source_says_how_many_are_for_what(self, folder: Path) -> None:
        assert Pendigits(str(folder), copies=3, validation=2, test=1).load().source == (
            f"pen digits from {folder}: 12 digits by 3 writers to train on, each drawn 3 times, "
            f"8 digits by 2 writers to choose by, 4 digits by 1 writer to judge by"
        )


class TestDrawing:
    def test_bytes_to_be_scaled(self, folder: Path) -> None:
        data = Pendigits(str(folder)).load()
        assert (data.train.x.dtype, data.train.y.dtype, data.scale) == (np.uint8, np.uint8, 1 / 255)
        assert data.train.x.shape == (3 * EACH, 28, 28)
        assert data.train.x.max(axis=(1, 2)).min() == 255

    def test_copies_stand_behind_each_other_and_differ(self, folder: Path) -> None:
        data = Pendigits(str(folder), width=[1.6, 3.2], copies=3).load()
        x, y = data.train.x.reshape(3, 3 * EACH, -1), data.train.y.reshape(3, -1)
        assert (y == y[0]).all()
        assert (x[0] != x[1]).any(axis=1).all()
        assert (x[1] != x[2]).any(axis=1).all()

    @pytest.mark.parametrize(
        "settings",
        [{"width": [1.6, 3.2]}, {"slant": 20}, {"rotation": 20}, {"stretch": 0.5}, {"jitter": 0.05}],
        ids=str,
    )
    def test_only_training_digits_are_varied(self, folder: Path, settings: dict[str, Any]) -> None:
        plain, varied = Pendigits(str(folder), test=1).load(), Pendigits(str(folder), test=1, **settings).load()
        assert (plain.train.x != varied.train.x).any(axis=(1, 2)).mean() > 0.9
        for part in ("validation", "test"):
            np.testing.assert_array_equal(getattr(plain, part).x, getattr(varied, part).x)

    def test_the_seed_decides(self, folder: Path) -> None:
        def images(seed: int) -> bytes:
            return Pendigits(str(folder), width=[1, 4], jitter=0.02, seed=seed).load().train.x.tobytes()

        assert images(1) == images(1)
        assert images(1) != images(2)

    def test_widths_are_even_between_the_two(self) -> None:
        digit = PenDigit(1, 1, [np.array([[0.0, 0.0], [0.0, 9.0]])])
        widths = [width for _, width in Pendigits(width=[1.6, 3.2])._drawings([digit] * 2000)]
        assert min(widths) >= 1.6
        assert max(widths) <= 3.2
        assert np.mean(widths) == pytest.approx(2.4, abs=0.05)
        assert np.std(widths) == pytest.approx(1.6 / np.sqrt(12), abs=0.03)

    def test_slants_lean_to_both_sides_and_keep_the_height(self) -> None:
        digit = PenDigit(1, 1, [np.array([[0.0, 0.0], [0.0, 100.0]])])
        tips = np.array([points[0][-1] for points, _ in Pendigits(slant=45)._drawings([digit] * 500)])
        assert tips[:, 1].tolist() == [100.0] * 500
        assert -100 <= tips[:, 0].min() < -90
        assert 90 < tips[:, 0].max() <= 100

    def test_rotations_keep_lengths(self) -> None:
        digit = PenDigit(1, 1, [np.array([[0.0, 0.0], [0.0, 100.0]])])
        tips = np.array([points[0][-1] for points, _ in Pendigits(rotation=30)._drawings([digit] * 500)])
        np.testing.assert_allclose(np.hypot(*tips.T), 100)
        angles = np.degrees(np.arctan2(tips[:, 0], tips[:, 1]))
        assert -30 <= angles.min() < -27
        assert 27 < angles.max() <= 30

    def test_stretching_is_of_the_width_alone(self) -> None:
        digit = PenDigit(1, 1, [np.array([[0.0, 0.0], [100.0, 100.0]])])
        tips = np.array([points[0][-1] for points, _ in Pendigits(stretch=0.25)._drawings([digit] * 500)])
        np.testing.assert_allclose(tips[:, 1], 100)
        assert 80 <= tips[:, 0].min() < 82
        assert 123 < tips[:, 0].max() <= 125

    def test_trembling_is_small_and_smooth_and_keeps_the_strokes(self) -> None:
        line = np.stack([np.zeros(500), np.linspace(0, 200, 500)], axis=1)
        given = [line, line[:1] + 50, line + np.array([30, 0])]
        moved = trembling(given, 0.02, np.random.default_rng(1))
        assert [len(stroke) for stroke in moved] == [500, 1, 500]
        away = np.concatenate(moved) - np.concatenate(given)
        assert 2.0 < away.std() < 4.5  # 0.02 * 200 at the knots, and less between them
        assert np.abs(np.diff(away[:500], axis=0)).max() < 0.3

    def test_a_dot_may_tremble(self) -> None:
        [moved] = trembling([np.array([[5.0, 5.0]])], 0.5, np.random.default_rng(1))
        assert moved.shape == (1, 2)
        assert np.isfinite(moved).all()

    def test_each_drawing_needs_a_digit(self) -> None:
        digit = PenDigit(1, 1, [np.array([[0.0, 0.0], [0.0, 9.0]])])
        with pytest.raises(ValueError, match=r"shorter|longer"):
            drawn([digit, digit], [(digit.strokes, 2.0)])


class TestFind:
    def test_the_order(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        cache = tmp_path / "keras" / "datasets" / "pendigits"
        places = {name: write(tmp_path / name / FILE, 1) for name in ("given", "variable")}

        def downloaded(to: Path) -> str:
            assert to == cache
            write(cache / FILE, 1)
            return "uci.example"

        monkeypatch.setattr(strokes, "download_pen_digits", downloaded)
        assert find() == (cache / FILE, f"pen digits, downloaded from uci.example to {cache}")
        assert find() == (cache / FILE, f"pen digits from {cache}")
        monkeypatch.setenv("PENDIGITS_DIR", str(tmp_path / "variable"))
        assert find() == (places["variable"], f"pen digits from {tmp_path / 'variable'}")
        assert find(tmp_path / "given") == (places["given"], f"pen digits from {tmp_path / 'given'}")
        assert find(places["given"])[0] == places["given"]

    def test_says_what_was_tried_and_what_to_do(self, tmp_path: Path) -> None:
        with pytest.raises(DataError) as error:
            Pendigits().load()
        assert str(error.value) == (
            f"{FILE}: is not found: no path is given, PENDIGITS_DIR is not set, {tmp_path}/keras/datasets/pendigits is "
            f"not there, and no download is possible (no network); fetch UCI's pen digits "
            f"(archive.ics.uci.edu/dataset/81), and give their folder as path of pendigits or as PENDIGITS_DIR"
        )

    def test_a_wrong_path_is_not_passed_over(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(tmp_path / "keras" / "datasets" / "pendigits" / FILE, 1)
        with pytest.raises(DataError, match="nowhere: no such file or folder"):
            Pendigits(str(tmp_path / "nowhere")).load()
        monkeypatch.setenv("PENDIGITS_DIR", str(tmp_path))
        with pytest.raises(DataError, match=f"has no file {FILE}"):
            Pendigits().load()
        monkeypatch.setenv("PENDIGITS_DIR", "~nosuchuser")
        with pytest.raises(DataError, match=r"^~nosuchuser: no such .*; check the environment variable PENDIGITS_DIR$"):
            Pendigits().load()
        monkeypatch.chdir(tmp_path)
        with pytest.raises(DataError, match=f"has no file {FILE}"):
            Pendigits(path="").load()


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("width", 0.4),
        ("width", [3.2, 1.6]),
        ("width", [2.0]),
        ("width", "2"),
        ("slant", -1),
        ("slant", 61),
        ("rotation", 181),
        ("stretch", -0.1),
        ("jitter", float("nan")),
        ("copies", 0),
        ("validation", -1),
        ("validation", 30),
        ("test", -1),
        ("fold", -1),
        ("seed", -1),
    ],
)
def test_what_no_argument_can_be(argument: str, value: Any) -> None:
    with pytest.raises(ArgumentError, match=f"Pendigits: {argument} must be") as error:
        Pendigits(**{argument: value})
    assert error.value.argument == argument


def test_is_known_by_name() -> None:
    assert isinstance(datasets.registry.create({"pendigits": {"width": [1.6, 3.2]}}), Pendigits)


@pytest.mark.slow
def test_all_of_the_writers() -> None:
    if not REAL:
        pytest.skip(f"needs UCI's pen digits: set PENDIGITS_DIR to a folder with {FILE} or {FILE}.gz")
    data = Pendigits(REAL, test=0).load()
    assert data.validation is not None
    assert len(data.train) + len(data.validation) == 7494
    assert len(data.validation) > 600
