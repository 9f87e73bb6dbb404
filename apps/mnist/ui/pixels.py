"""Grey levels as an image on the screen."""

from __future__ import annotations

from functools import lru_cache

import pygame

from framework.parameters import Array

from .layout import Rect
from .theme import Colour, mixed


def show(surface: pygame.Surface, levels: Array, place: Rect, paper: Colour, ink: Colour) -> None:
    """Draws levels (h, w) uint8, 0 the paper and 255 the ink, over the whole place, each a sharp rectangle."""
    image = pygame.Surface(levels.shape[::-1], depth=8)
    image.set_palette(_palette(paper, ink))
    pygame.surfarray.blit_array(image, levels.T)
    if image.get_size() != (place.w, place.h):
        image = pygame.transform.scale(image, (place.w, place.h))
    surface.blit(image, (place.x, place.y))


@lru_cache(maxsize=8)
def _palette(paper: Colour, ink: Colour) -> tuple[Colour, ...]:
    """The colours of the 256 levels."""
    return tuple(mixed(paper, ink, level / 255) for level in range(256))
