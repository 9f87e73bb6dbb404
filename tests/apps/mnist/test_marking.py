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
    margin = (pixels.shape[0] - 120) // 2
    assert pixels.shape == (120 + 2 * margin, 300 + 2 * margin, 3)
    for x, colour in zip((20, 120, 220), COLOURS, strict=True):
        place = margin + x
        assert (pixels[margin + 70, place - 10 : place] == colour).all(axis=-1).any()


def test_an_answer_at_the_edge_is_not_cut(tmp_path: Path) -> None:
    found = Located(1, np.eye(10)[1], np.ones((28, 28), np.float32), (0.0, 0.0, 4.0, 60.0))
    _, marked = save_pictures(tmp_path / "page.png", np.full((60, 40), 255, np.uint8), [[found]])
    with Image.open(marked) as image:
        coloured = (np.asarray(image) == COLOURS[0]).all(axis=-1)
    border = (coloured[0], coloured[-1], coloured[:, 0], coloured[:, -1])
    assert coloured.any()
    assert not any(side.any() for side in border)
