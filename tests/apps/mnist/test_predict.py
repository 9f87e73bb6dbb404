"""`python -m apps.mnist.predict`: pictures of every kind, and files that are none."""

from __future__ import annotations

import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from apps.mnist import data, predict
from apps.mnist.command import UsageError
from apps.mnist.predict import describe, read_image, save_seen
from apps.mnist.recognizer import Prediction, Recognizer

Picture = Image.Image


@pytest.fixture(scope="module")
def digit(run_folder: Path) -> tuple[np.ndarray, int]:
    """An image that the short run's model is sure of, and what it shows."""
    test, recognizer = data.find("sample").test, Recognizer.load(run_folder)
    shares = [prediction.probability for image in test.x[:50] if (prediction := recognizer.predict_image(image))]
    surest = recognizer.predict_image(test.x[int(np.argmax(shares))])
    assert surest is not None
    return np.rint(255 * surest.image).astype(np.uint8), surest.digit


def enlarged(image: np.ndarray, side: int = 280) -> Picture:
    return Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC)


def inverted(image: np.ndarray) -> Picture:
    return enlarged(255 - image)


def transparent(image: np.ndarray) -> Picture:
    """Black ink on nothing."""
    alpha = np.asarray(enlarged(image))
    return Image.fromarray(np.dstack([np.zeros((*alpha.shape, 3), np.uint8), alpha]))


def palette_with_transparency(image: np.ndarray) -> Picture:
    picture = Image.fromarray((np.asarray(enlarged(image)) > 100).astype(np.uint8), "L").convert("P")
    picture.putpalette([0, 0, 0] * 256)
    picture.info["transparency"] = 0
    return picture


def photo(image: np.ndarray) -> Picture:
    """Grey paper under uneven light, with noise, the digit small in a corner of it."""
    page = np.linspace(230, 170, 900)[:, None] + np.random.default_rng(0).normal(0, 5, (900, 2400))
    page[300:580, 1500:1780] -= 0.6 * np.asarray(enlarged(image))
    return Image.fromarray(page.clip(0, 255).astype(np.uint8)).convert("RGB")


def turned(image: np.ndarray) -> Picture:
    """As a camera that was held upright saves it: lying down, with a note."""
    picture = inverted(image).rotate(90, expand=True)
    picture.getexif()[0x0112] = 6
    return picture


def claiming(png: bytes, side: int) -> bytes:
    """A PNG file whose header promises a picture of this width and height."""
    header = b"IHDR" + struct.pack(">II", side, side) + png[24:29]
    return png[:12] + header + struct.pack(">I", zlib.crc32(header)) + png[33:]


PICTURES: list[tuple[str, Callable[[np.ndarray], Picture]]] = [
    ("mnist.png", Image.fromarray),
    ("mnist.jpg", Image.fromarray),
    ("white_on_black.png", enlarged),
    ("black_on_white.png", inverted),
    ("black_on_white.jpg", inverted),
    ("alpha.png", transparent),
    ("grey_alpha.png", lambda image: transparent(image).convert("LA")),
    ("palette.png", lambda image: inverted(image).convert("P")),
    ("palette_alpha.png", palette_with_transparency),
    ("bilevel.png", lambda image: enlarged(image).point(lambda v: 255 * (v > 100)).convert("1")),
    ("grey16.png", lambda image: Image.fromarray(np.asarray(enlarged(image)).astype(np.uint16) * 257)),
    ("grey16_inverted.tif", lambda image: Image.fromarray(np.asarray(inverted(image)).astype(np.uint16) * 200 + 900)),
    ("float.tif", lambda image: Image.fromarray(np.asarray(enlarged(image), np.float32) / 255)),
    ("cmyk.jpg", lambda image: inverted(image).convert("CMYK")),
    ("photo.jpg", photo),
    ("turned.jpg", turned),
    ("animated.gif", inverted),
]


@pytest.mark.parametrize(("name", "draw"), PICTURES, ids=[name for name, _ in PICTURES])
def test_reads_the_digit(
    call: Any, run_folder: Path, tmp_path: Path, digit: tuple[np.ndarray, int], name: str, draw: Any
) -> None:
    image, expected = digit
    picture = draw(image)
    picture.save(tmp_path / name, exif=picture.getexif())
    status, out, err = call(predict.main, run_folder, tmp_path / name)
    assert (status, err) == (0, "")
    assert out.startswith(f"{tmp_path / name}: {expected}  ({expected}: ")


def test_a_blank_page_has_no_ink(call: Any, run_folder: Path, tmp_path: Path) -> None:
    Image.new("RGB", (300, 200), "white").save(tmp_path / "blank.png")
    outcome = call(predict.main, run_folder, tmp_path / "blank.png", "--show")
    assert outcome == (0, f"{tmp_path / 'blank.png'}: no ink found\n", "")


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory, digit: tuple[np.ndarray, int]) -> Path:
    """A folder of files that cannot be read, and two that can."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "text.png").write_text("hello")
    (folder / "empty.png").touch()
    (folder / "folder.png").mkdir()
    for name in ("good.png", "good.jpg"):
        inverted(digit[0]).save(folder / name)
        content = (folder / name).read_bytes()
        (folder / name.replace("good", "cut")).write_bytes(content[: len(content) // 2])
    for name, side in (("bomb.png", 30_000), ("large.png", 9_900)):
        (folder / name).write_bytes(claiming((folder / "good.png").read_bytes(), side))
    return folder


class TestBadFiles:
    @pytest.mark.parametrize(
        ("name", "problem"),
        [
            ("text.png", "not an image file that can be read; save it as PNG or JPG"),
            ("empty.png", "not an image file that can be read; save it as PNG or JPG"),
            ("cut.png", "the image is damaged ("),
            ("cut.jpg", "the image is damaged ("),
            ("missing.png", "no such file or directory"),
            ("folder.png", "is a directory"),
            ("bomb.png", "far too many pixels; scale it down"),
            ("large.png", "9900x9900 pixels are too many; scale it down"),
        ],
    )
    def test_is_told_and_the_others_are_answered(
        self, call: Any, run_folder: Path, bad: Path, digit: tuple[np.ndarray, int], name: str, problem: str
    ) -> None:
        status, out, err = call(predict.main, run_folder, bad / "good.png", bad / name, bad / "good.jpg")
        assert status == 2
        assert err.startswith(f"error: {bad / name}: {problem}")
        assert err.count("\n") == 1
        assert [line.split("  ")[0] for line in out.splitlines()] == [
            f"{bad / 'good.png'}: {digit[1]}",
            f"{bad / 'good.jpg'}: {digit[1]}",
        ]

    def test_formats_that_need_other_programs_are_not_read(self, tmp_path: Path) -> None:
        path = tmp_path / "digit.eps"
        path.write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 20 20\n%%EndComments\n%%EOF\n")
        with pytest.raises(UsageError, match="not an image file that can be read"):
            predict.read_image(path)

    def test_a_jpeg_file_of_very_many_scans_is_not_decoded(self, tmp_path: Path) -> None:
        path = tmp_path / "digit.jpg"
        Image.new("L", (8, 8)).save(path, progressive=True)
        good = path.read_bytes()
        begin = good.rindex(b"\xff\xda")
        path.write_bytes(good[:begin] + good[begin : begin + 12] * 200 + good[begin:])
        with pytest.raises(UsageError, match="very many scans"):
            predict.read_image(path)

    def test_a_file_that_is_too_large_is_not_opened(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "digit.png"
        Image.new("L", (8, 8)).save(path)
        monkeypatch.setattr(predict, "LARGEST_FILE", path.stat().st_size - 1)
        with pytest.raises(UsageError, match="too many bytes for an image"):
            predict.read_image(path)

    def test_a_bad_model_is_told_once(self, call: Any, bad: Path) -> None:
        status, out, err = call(predict.main, bad / "none.json", bad / "good.png", bad / "good.jpg")
        assert (status, out, err) == (2, "", f"error: {bad / 'none.json'}: no such file or directory\n")

    def test_without_pillow_it_says_how_to_get_it(
        self, call: Any, run_folder: Path, bad: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "PIL", None)
        outcome = call(predict.main, run_folder, bad / "good.png")
        assert outcome == (2, "", "error: reading images needs Pillow: pip install 'numpy-sequential[mnist]'\n")


class TestShow:
    def test_saves_what_the_model_saw(
        self, call: Any, run_folder: Path, tmp_path: Path, digit: tuple[np.ndarray, int]
    ) -> None:
        inverted(digit[0]).save(tmp_path / "four.jpg")
        out = call(predict.main, run_folder, tmp_path / "four.jpg", "--show").out
        assert out.splitlines()[1] == f"  the model saw {tmp_path / 'four.seen.png'}"
        with Image.open(tmp_path / "four.seen.png") as seen:
            assert (seen.mode, seen.size) == ("L", (280, 280))

    def test_a_pixel_is_a_square(self, tmp_path: Path) -> None:
        image = np.random.default_rng(0).random((28, 28), np.float32)
        seen = np.asarray(Image.open(save_seen(tmp_path / "a.png", Prediction(1, np.full(10, 0.1), image))))
        np.testing.assert_array_equal(seen[::10, ::10], np.rint(255 * image))
        np.testing.assert_array_equal(seen, seen[::10, ::10].repeat(10, axis=0).repeat(10, axis=1))


def test_a_huge_photo_is_reduced_when_it_is_read(tmp_path: Path) -> None:
    Image.new("RGB", (5000, 1000), (200, 100, 0)).save(tmp_path / "wide.png")
    pixels = read_image(tmp_path / "wide.png")
    assert pixels.shape == (334, 1667, 3)
    assert (pixels == (200, 100, 0)).all()


def test_describe_names_the_likeliest_three() -> None:
    probabilities = np.array([0, 0.004, 0, 0, 0.9, 0, 0, 0, 0, 0.096])
    prediction = Prediction(4, probabilities, np.zeros((28, 28), np.float32))
    assert describe(prediction) == "4  (4: 90.0 %, 9: 9.6 %, 1: 0.4 %)"


class TestManyDigits:
    @pytest.fixture
    def page(self, tmp_path: Path, digit: tuple[np.ndarray, int]) -> Path:
        """Three of the digit in a line, and one below."""
        levels = np.full((260, 400), 235, np.uint8)
        for y, x in ((20, 20), (24, 140), (20, 270), (140, 60)):
            levels[y : y + 84, x : x + 84] -= (digit[0].repeat(3, axis=0).repeat(3, axis=1) * 0.8).astype(np.uint8)
        Image.fromarray(levels).save(tmp_path / "page.png")
        return tmp_path / "page.png"

    def test_a_line_of_text_for_each_line(
        self, call: Any, run_folder: Path, page: Path, digit: tuple[np.ndarray, int]
    ) -> None:
        status, out, err = call(predict.main, run_folder, page, "--digits", "many")
        assert (status, err) == (0, "")
        assert out == f"{page}: 4 digits in 2 lines\n{str(digit[1]) * 3}\n{digit[1]}\n"

    def test_a_table(self, call: Any, run_folder: Path, page: Path, digit: tuple[np.ndarray, int]) -> None:
        out = call(predict.main, run_folder, page, "--digits", "many", "--table").out
        head, *rows = out.splitlines()[3:]
        assert head.split() == ["line", "place", "digit", "probability", "x", "y", "width", "height"]
        assert [row.split()[:3] for row in rows] == [
            [line, place, str(digit[1])] for line, place in (("1", "1"), ("1", "2"), ("1", "3"), ("2", "1"))
        ]
        assert {len(row) for row in rows} == {len(head)}

    def test_pictures(self, call: Any, run_folder: Path, page: Path) -> None:
        out = call(predict.main, run_folder, page, "--digits", "many", "--show").out
        seen, marked = page.with_name("page.seen.png"), page.with_name("page.marked.png")
        assert out.splitlines()[-1] == f"  the model saw {seen}, at these places: {marked}"
        with Image.open(marked) as image:
            assert image.mode == "RGB"
            assert image.width - 400 == image.height - 260 > 0  # the page, and a margin around it
        assert seen.exists()

    def test_a_blank_page(self, call: Any, run_folder: Path, tmp_path: Path) -> None:
        Image.new("RGB", (300, 200), "white").save(tmp_path / "blank.png")
        outcome = call(predict.main, run_folder, tmp_path / "blank.png", "--show", "--table", "--digits", "many")
        assert outcome == (0, f"{tmp_path / 'blank.png'}: no ink found\n", "")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["blank.png"]
