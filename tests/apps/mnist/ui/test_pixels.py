"""Grey levels on the screen."""

from __future__ import annotations

import numpy as np
import pygame
import pytest

from apps.mnist.ui.layout import Rect
from apps.mnist.ui.pixels import show

PAPER, INK = (10, 20, 30), (210, 120, 30)


@pytest.fixture
def levels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (28, 28)).astype(np.uint8)


@pytest.mark.parametrize("cell", [1, 2, 7])
def test_each_level_is_a_sharp_square_of_its_colour(levels: np.ndarray, cell: int) -> None:
    surface = pygame.Surface((210, 220))
    surface.fill((1, 2, 3))
    show(surface, levels, Rect(5, 9, 28 * cell, 28 * cell), PAPER, INK)
    seen = pygame.surfarray.array3d(surface).swapaxes(0, 1)
    share = levels.repeat(cell, axis=0).repeat(cell, axis=1)[..., None] / 255
    expected = np.rint(np.array(PAPER) + share * (np.array(INK) - PAPER))
    assert np.abs(seen[9 : 9 + 28 * cell, 5 : 5 + 28 * cell] - expected).max() <= 1
    seen[9 : 9 + 28 * cell, 5 : 5 + 28 * cell] = (1, 2, 3)
    assert (seen == (1, 2, 3)).all()


def test_paper_and_ink_are_exact() -> None:
    surface = pygame.Surface((4, 2))
    show(surface, np.array([[0, 255]], np.uint8), Rect(0, 0, 4, 2), PAPER, INK)
    assert pygame.surfarray.array3d(surface)[:, 0].tolist() == [list(PAPER)] * 2 + [list(INK)] * 2


def test_any_size(levels: np.ndarray) -> None:
    surface = pygame.Surface((50, 50))
    for side in (1, 13, 41, 50):
        show(surface, levels, Rect(0, 0, side, side), PAPER, INK)
    assert np.unique(pygame.surfarray.array3d(surface)[..., 0]).size > 50
