"""The pictures of a page that was read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from apps.mnist.marking import COLOURS, ENLARGED, GAP, save_pictures, sheet
from apps.mnist.recognizer import Located


def located(x: float, probability: float) -> Located:
    shares = np.full(10, (1 - probability) / 9)
    shares[3] = probability
    image = np.zeros((28, 28), np.float32)
    image[4:24, 12:16] = 1
    return Located(3, shares, image, (x, 40.0, 30.0, 60.0))


def test_the_sheet_has_a_row_for_each_line() -> None:
    levels = sheet([[located(0, 1), located(50, 1)], [located(0, 1)]])
    cell = 28 * ENLARGED + GAP
    assert levels.shape == (2 * cell + GAP, 2 * cell + GAP)
    assert [int(levels[GAP + row * cell + 28, GAP + column * cell + 28]) for row in (0, 1) for column in (0, 1)] == [
        255,
        255,
        255,
        96,
    ]


def test_the_page_is_marked_by_how_sure_the_answers_are(tmp_path: Path) -> None:
    picture = np.full((120, 300), 255, np.uint8)
    lines = [[located(20, 0.99), located(120, 0.7), located(220, 0.4)]]
    seen, marked = save_pictures(tmp_path / "page.jpg", picture, lines)
    assert (seen.name, marked.name) == ("page.seen.png", "page.marked.png")
    with Image.open(marked) as image:
        pixels = np.asarray(image)
    assert pixels.shape == (120, 300, 3)
    for x, colour in zip((20, 120, 220), COLOURS, strict=True):
        assert (pixels[70, x - 10 : x] == colour).all(axis=-1).any()
