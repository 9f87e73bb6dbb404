"""Pages of digits: found, put together, and in the order in which they are read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from apps.mnist import data
from apps.mnist.preprocess import image_from_pixels
from apps.mnist.scan import find_digits
from framework.parameters import Array

PAPER, INK = 230, 30


@pytest.fixture(scope="module")
def digits() -> Array:
    """Images of the sample, three times as large, each of a single piece, with no margin to speak of."""
    return data.find("sample").test.x.repeat(3, axis=1).repeat(3, axis=2)


def page(digits: Array, places: Sequence[tuple[int, int]], shape: tuple[int, int] = (400, 700)) -> Array:
    """Dark digits, one at each place (x, y), on light paper."""
    levels = np.full(shape, PAPER, float)
    for digit, (x, y) in zip(digits, places, strict=False):
        there = levels[y : y + 84, x : x + 84]
        np.minimum(there, PAPER - (PAPER - INK) * (digit / 255.0), out=there)
    return levels


def centres(picture: Array) -> list[list[tuple[int, int]]]:
    """Of each digit's box, line by line, in steps of 20 pixels."""
    return [
        [(round((s.box[0] + s.box[2] / 2) / 20), round((s.box[1] + s.box[3] / 2) / 20)) for s in line]
        for line in find_digits(picture.astype(np.uint8))
    ]


ROWS = [(20, 20), (120, 20), (260, 20), (20, 150), (160, 150), (20, 290), (110, 290), (210, 290), (400, 290)]


def expected(places: Sequence[tuple[int, int]]) -> list[int]:
    return [sum(y == row for _, y in places) for row in sorted({y for _, y in places})]


class TestLines:
    def test_come_from_top_to_bottom_and_their_digits_from_left_to_right(self, digits: Array) -> None:
        found = find_digits(page(digits, ROWS).astype(np.uint8))
        assert [len(line) for line in found] == expected(ROWS) == [3, 2, 4]
        for line in found:
            assert [spot.box[0] for spot in line] == sorted(spot.box[0] for spot in line)
        tops = [np.mean([spot.box[1] for spot in line]) for line in found]
        assert tops == sorted(tops)

    @pytest.mark.parametrize("slope", [-0.087, 0.087])
    def test_may_rise_and_fall_by_five_degrees(self, digits: Array, slope: float) -> None:
        places = [(20 + 90 * n, round(100 + 120 * row + slope * 90 * n)) for row in range(3) for n in range(12)]
        picture = page(digits, places, (560, 1150))
        assert [len(line) for line in find_digits(picture.astype(np.uint8))] == [12, 12, 12]

    def test_that_begin_further_right(self, digits: Array) -> None:
        places = [(500, 20), (590, 20), (20, 150), (110, 150), (500, 150)]
        assert [len(line) for line in find_digits(page(digits, places).astype(np.uint8))] == [2, 3]


class TestPhotos:
    @pytest.fixture
    def picture(self, digits: Array) -> Array:
        return page(digits, ROWS)

    def test_light_on_dark_is_the_same(self, picture: Array) -> None:
        assert centres(255 - picture) == centres(picture)

    def test_uneven_light_and_noise(self, picture: Array) -> None:
        height, width = picture.shape
        shade = np.linspace(0, 60, width) + np.linspace(0, 30, height)[:, None]
        noisy = 0.8 * picture - shade + 40 + np.random.default_rng(0).normal(0, 5, picture.shape)
        assert centres(noisy.clip(0, 255)) == centres(picture)

    def test_specks(self, picture: Array) -> None:
        rng = np.random.default_rng(0)
        dirty = picture.copy()
        for y, x in zip(rng.integers(0, 398, 60), rng.integers(0, 698, 60), strict=True):
            dirty[y : y + 2, x : x + 2] = INK
        assert [len(line) for line in centres(dirty)] == [3, 2, 4]

    def test_rules_that_touch_digits_and_a_margin(self, picture: Array) -> None:
        ruled = picture.copy()
        for y in (95, 225, 365):
            ruled[y : y + 2] = INK
        ruled[:, 8:10] = INK
        assert [len(line) for line in centres(ruled)] == [3, 2, 4]

    def test_a_large_page_is_reduced_and_its_boxes_are_not(self, digits: Array) -> None:
        small = page(digits, [(30, 30), (150, 30)], (160, 300))
        large = small.repeat(8, axis=0).repeat(8, axis=1)
        for a, b in zip(find_digits(small.astype(np.uint8))[0], find_digits(large.astype(np.uint8))[0], strict=True):
            np.testing.assert_allclose(b.box, 8 * np.array(a.box), atol=16)


class TestPieces:
    def test_a_digit_that_is_broken_is_put_together(self) -> None:
        levels = np.full((120, 200), PAPER, np.uint8)
        levels[20:100, 30:36] = INK
        levels[58:61, 30:36] = PAPER
        levels[20:100, 120:126] = INK
        assert [len(line) for line in find_digits(levels)] == [2]

    def test_the_bar_of_a_five_belongs_to_it(self) -> None:
        levels = np.full((140, 240), PAPER, np.uint8)
        for x in (30, 140):
            levels[40:120, x : x + 6] = INK  # a long stroke ...
            levels[26:32, x + 4 : x + 40] = INK  # ... and a bar above it, apart
        assert [len(line) for line in find_digits(levels)] == [2]

    def test_what_is_wide_is_cut_into_pieces_where_there_is_little_ink(self) -> None:
        levels = np.full((140, 240), PAPER, np.uint8)
        levels[30:110, 30:40] = levels[30:110, 90:100] = INK
        levels[30:110, 140:150] = INK
        levels[68:72, 30:150] = INK
        ((spot,),) = find_digits(levels)
        assert spot.box == (30.0, 30.0, 120.0, 80.0)
        assert len(spot.pieces) == 2
        first, second = spot.pieces
        assert 40 <= first.box[0] + first.box[2] <= second.box[0] <= 90
        assert (first.pieces, first.box[1], first.box[3]) == ((), 30, 80)

    def test_what_is_narrow_has_no_pieces(self, digits: Array) -> None:
        narrow = [s for line in find_digits(page(digits, ROWS).astype(np.uint8)) for s in line if s.box[2] < s.box[3]]
        assert narrow
        assert not any(spot.pieces for spot in narrow)

    def test_digits_that_touch_are_no_reason_to_fail(self, digits: Array) -> None:
        places = [(20 + 30 * n, 20) for n in range(8)]
        assert find_digits(page(digits, places).astype(np.uint8))

    def test_a_digit_alone_is_seen_as_without_others(self, digits: Array) -> None:
        picture = page(digits, [(50, 50)], (200, 200)).astype(np.uint8)
        ((spot,),) = find_digits(picture)
        alone = image_from_pixels(picture)
        assert alone is not None
        np.testing.assert_allclose(spot.image, alone, atol=0.2)
        assert (spot.image.shape, spot.image.dtype, spot.image.max()) == ((28, 28), np.float32, 1)


def test_a_page_full_of_digits() -> None:
    levels = np.full((800, 800), PAPER, np.uint8)
    for y in range(20, 780, 40):
        for x in range(20, 780, 25):
            levels[y : y + 24, x : x + 4] = INK
    assert [len(line) for line in find_digits(levels)] == [31] * 19


def test_print_is_refused() -> None:
    levels = np.full((1000, 1000), PAPER, np.uint8)
    levels[20:980:10, 20:980:10] = levels[21:981:10, 20:980:10] = INK
    with pytest.raises(ValueError, match="a page with 9,216 marks as large as digits cannot be read: more than 3,000"):
        find_digits(levels)


@pytest.mark.parametrize("shape", [(50, 40), (1, 1), (3000, 2), (40, 50, 3)])
def test_a_blank_page_has_no_digits(shape: tuple[int, ...]) -> None:
    assert find_digits(np.full(shape, 200, np.uint8)) == []


def test_noise_is_hardly_ever_taken_for_digits() -> None:
    page = np.random.default_rng(0).normal(200, 8, (300, 300)).clip(0, 255).astype(np.uint8)
    assert sum(map(len, find_digits(page))) <= 1


@pytest.mark.parametrize("seed", range(3))
def test_nothing_makes_it_fail(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for shape in ((1, 7), (9, 9), (60, 200), (200, 60)):
        for picture in (rng.integers(0, 256, shape), 255 * (rng.random(shape) < 0.1), 255 * (rng.random(shape) < 0.6)):
            for line in find_digits(picture.astype(np.uint8)):
                assert all(spot.image.max() == 1 for spot in line)
