"""Ink is found in drawings, scans and photos, and on blank pages none."""

from __future__ import annotations

import numpy as np
import pytest

from apps.mnist import data
from apps.mnist.ink import as_grey, components, ink_from_pixels, otsu_threshold
from apps.mnist.preprocess import image_from_pixels

DIGITS = data.load("sample")[1][0][:24]


def enlarged(digit: np.ndarray, factor: int) -> np.ndarray:
    """Ink from 0 to 1, interpolated between the pixels' centres."""
    places = np.clip((np.arange(28 * factor) + 0.5) / factor - 0.5, 0, 27)
    low = np.minimum(places.astype(int), 26)
    weights = np.zeros((28 * factor, 28))
    weights[np.arange(28 * factor), low] = 1 - (places - low)
    weights[np.arange(28 * factor), low + 1] = places - low
    return weights @ (digit / 255) @ weights.T


def page_with(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Ink somewhere on a page of one and a half to twice its size."""
    height, width = ink.shape
    page = np.zeros(rng.integers([height * 3 // 2, width * 3 // 2], [height * 2, width * 2]))
    y, x = rng.integers(0, np.array(page.shape) - ink.shape + 1)
    page[y : y + height, x : x + width] = ink
    return page


def photo(ink: np.ndarray, rng: np.random.Generator, noise: float = 0.02) -> np.ndarray:
    """Grey ink on greyish paper, a third of the light gone from one side to the other, and noise."""
    page = page_with(ink, rng)
    y, x = (np.linspace(0, 1, n) for n in page.shape)
    light = 1 - 0.35 * (0.6 * y[:, None] + 0.4 * x)
    grey = (0.8 - 0.6 * page) * light + rng.normal(0, noise, page.shape)
    return np.clip(255 * grey, 0, 255).astype(np.uint8)


def difference(image: np.ndarray | None, digit: np.ndarray) -> float:
    """Mean absolute difference to the original, wherever the image may lie within a pixel of it."""
    assert image is not None
    moved = (np.roll(image, (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1))
    return min(float(np.abs(other - digit / 255).mean()) for other in moved)


class TestPictures:
    def test_a_drawing_enlarged(self) -> None:
        rng = np.random.default_rng(0)
        found = [difference(image_from_pixels(1 - page_with(enlarged(d, 10), rng)), d) for d in DIGITS]
        assert np.mean(found) < 0.03
        assert np.max(found) < 0.05

    @pytest.mark.parametrize("negative", [False, True])
    @pytest.mark.parametrize("factor", [4, 10])
    def test_a_photo(self, factor: int, negative: bool) -> None:
        rng = np.random.default_rng(factor)
        found = []
        for digit in DIGITS:
            picture = photo(enlarged(digit, factor), rng)
            found.append(difference(image_from_pixels(255 - picture if negative else picture), digit))
        assert np.mean(found) < 0.03
        assert np.max(found) < 0.06

    def test_a_scan_with_dust(self) -> None:
        rng = np.random.default_rng(0)
        found = []
        for digit in DIGITS:
            page = page_with((enlarged(digit, 12) > 0.5).astype(float), rng)
            for y, x in rng.integers(0, np.array(page.shape) - 4, (20, 2)):
                page[y : y + rng.integers(1, 5), x : x + rng.integers(1, 5)] = 1
            found.append(difference(image_from_pixels(1 - page), digit))
        assert np.mean(found) < 0.03

    def test_colours(self) -> None:
        rng = np.random.default_rng(0)
        page = page_with(enlarged(DIGITS[0], 6), rng)
        paper, ink = np.array([250, 245, 220]), np.array([20, 40, 160])
        picture = (paper + page[:, :, None] * (ink - paper)).astype(np.uint8)
        assert difference(image_from_pixels(picture), DIGITS[0]) < 0.03

    def test_a_thin_line_on_a_large_page(self) -> None:
        rng = np.random.default_rng(0)
        page = np.full((900, 900), 0.8)
        page[300:480, 500:503] = 0.2
        image = image_from_pixels(np.clip(page + rng.normal(0, 0.02, page.shape), 0, 1))
        assert image is not None
        rows, columns = np.nonzero(image > 0.1)
        assert np.ptp(rows) == 19
        assert np.ptp(columns) <= 1

    def test_a_picture_of_many_megapixels_is_reduced(self) -> None:
        page = np.kron(page_with(enlarged(DIGITS[3], 8), np.random.default_rng(0)), np.ones((8, 8)))
        picture = np.round(255 * (1 - page)).astype(np.uint8)
        assert max(picture.shape) > 2048
        ink = ink_from_pixels(picture)
        assert ink is not None
        assert max(ink.shape) <= 1024
        assert difference(image_from_pixels(picture), DIGITS[3]) < 0.03

    def test_ink_at_the_edges(self) -> None:
        """An upright bar from the top of the picture to its bottom."""
        picture = np.full((60, 60), 255, np.uint8)
        picture[:, 25:33] = 0
        image = image_from_pixels(picture)
        assert image is not None
        assert np.count_nonzero(image.any(axis=1)) == 20
        assert np.count_nonzero(image.any(axis=0)) <= 4

    def test_separate_parts_of_a_digit_are_kept(self) -> None:
        picture = np.full((100, 100), 255, np.uint8)
        picture[20:80, 30:36] = 0
        picture[20:26, 50:70] = 0
        ink = ink_from_pixels(picture)
        assert ink is not None
        assert np.count_nonzero(ink) == 60 * 6 + 6 * 20


class TestBlank:
    @pytest.mark.parametrize("level", [0, 128, 255])
    @pytest.mark.parametrize("shape", [(1, 1), (28, 28), (300, 200), (40, 40, 3)])
    def test_one_grey(self, level: int, shape: tuple[int, ...]) -> None:
        assert image_from_pixels(np.full(shape, level, np.uint8)) is None

    @pytest.mark.parametrize("size", [40, 200, 900])
    def test_a_page_in_uneven_light(self, size: int) -> None:
        rng = np.random.default_rng(size)
        assert image_from_pixels(photo(np.zeros((size // 2, size // 2)), rng)) is None

    def test_traces_of_compression(self) -> None:
        page = np.full((100, 100), 255, np.uint8)
        page[40:48, 40:48] = 252
        assert image_from_pixels(page) is None

    def test_noise(self) -> None:
        assert image_from_pixels(np.random.default_rng(0).random((100, 100))) is None

    def test_all_transparent(self) -> None:
        assert image_from_pixels(np.zeros((30, 30, 4), np.uint8)) is None


class TestAsGrey:
    @pytest.mark.parametrize(
        "picture",
        [
            np.array([[0, 255]], np.uint8),
            np.array([[0, 255]], np.int64),
            np.array([[0, 65535]], np.uint16),
            np.array([[0.0, 1.0]], np.float32),
            np.array([[0.0, 255.0]]),
            np.array([[False, True]]),
            np.array([[[0], [255]]], np.uint8),
            np.array([[[0, 255], [0, 0]]], np.uint8),
            np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8),
            np.array([[[0, 0, 0, 255], [9, 9, 9, 0]]], np.uint8),
        ],
        ids=["uint8", "int64", "uint16", "float32", "float255", "bool", "one", "grey+alpha", "rgb", "rgba"],
    )
    def test_types(self, picture: np.ndarray) -> None:
        np.testing.assert_allclose(as_grey(picture), [[0.0, 1.0]], atol=1e-12)

    def test_half_transparent_lies_on_white(self) -> None:
        np.testing.assert_allclose(as_grey(np.array([[[0.0, 0.0, 0.0, 0.25]]])), [[0.75]])

    @pytest.mark.parametrize(
        ("picture", "problem"),
        [
            (np.zeros(784), r"shape \(784,\) cannot be read: give \(h, w\)"),
            (np.zeros((2, 28, 28)), r"shape \(2, 28, 28\)"),
            (np.zeros((0, 28)), r"shape \(0, 28\)"),
            (np.full((28, 28), np.nan), "values from nan to nan"),
            (np.array([[0.0, np.inf]]), "values from 0 to inf"),
            (np.array([[-1, 5]]), "values from -1 to 5"),
            (np.array([[0, 70000]]), "values from 0 to 70000"),
            (np.array([["a"]]), "type <U1"),
            (np.array([[1j]]), "type complex128"),
        ],
    )
    def test_what_is_no_picture(self, picture: np.ndarray, problem: str) -> None:
        with pytest.raises(ValueError, match=problem):
            image_from_pixels(picture)

    def test_input_is_left_alone(self) -> None:
        picture = photo(enlarged(DIGITS[0], 3), np.random.default_rng(0))
        before = picture.copy()
        image_from_pixels(picture)
        np.testing.assert_array_equal(picture, before)


class TestOtsu:
    def test_between_two_heaps(self) -> None:
        rng = np.random.default_rng(0)
        values = np.concatenate([rng.normal(1, 0.1, 900), rng.normal(3, 0.1, 100)])
        assert np.count_nonzero(values >= otsu_threshold(values)) == 100

    def test_equal_values(self) -> None:
        assert otsu_threshold(np.full(5, 0.25)) == 0.25

    def test_two_values(self) -> None:
        assert 0 < otsu_threshold(np.array([0.0, 1.0])) <= 1


class TestComponents:
    def flood(self, mask: np.ndarray) -> np.ndarray:
        """The plain way: fill from each pixel that has no number yet."""
        numbers = np.full(mask.shape, -1)
        n = 0
        for start in zip(*np.nonzero(mask), strict=True):
            if numbers[start] >= 0:
                continue
            stack = [start]
            while stack:
                y, x = stack.pop()
                inside = 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1]
                if inside and mask[y, x] and numbers[y, x] < 0:
                    numbers[y, x] = n
                    stack += [(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
            n += 1
        return numbers[mask]

    @pytest.mark.parametrize("density", [0.0, 0.1, 0.3, 0.45, 0.6, 1.0])
    @pytest.mark.parametrize("shape", [(1, 1), (1, 20), (20, 1), (13, 17), (40, 40)])
    def test_agrees_with_filling(self, shape: tuple[int, int], density: float) -> None:
        mask = np.random.default_rng(0).random(shape) < density
        np.testing.assert_array_equal(components(mask), self.flood(mask))

    def test_a_spiral(self) -> None:
        mask = np.zeros((41, 41), bool)
        for k in range(0, 20, 2):  # rings, each opened and joined to the next
            mask[k, k : 41 - k] = mask[40 - k, k : 41 - k] = mask[k : 41 - k, k] = mask[k : 41 - k, 40 - k] = True
            mask[k + 1, k] = False
            mask[k + 2, k + 1] = True
        np.testing.assert_array_equal(components(mask), self.flood(mask))
