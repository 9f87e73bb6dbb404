"""Text that always fits: in the bundled font, shrunk or shortened to its place, and rendered once."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Literal

import pygame

from .layout import Rect
from .theme import Colour

Align = Literal["left", "centre", "right"]
SHRUNK = 0.75
"""Text that is too wide is first shrunk, down to this share of its size, and then what is in its middle is left out."""
SMALLEST = 6
"""Pixels of height below which nothing can be read, and nothing is written."""
FINER = 3
POINTS = 1.45
"""The size by which the font is called, for each pixel of its height."""


def write(surface: pygame.Surface, text: str, place: Rect, size: float, colour: Colour, align: Align = "left") -> Rect:
    """Writes one line into a place, vertically in its middle; returns the rectangle that it takes.

    size: height of the line in pixels; lower places make the text smaller.
    """
    text = "".join(c if c.isprintable() else " " for c in text.encode("utf-8", "replace").decode())
    label = _fitted(text, place.w, min(round(size), place.h), colour)
    if label is None:
        return place.left(0)
    free = place.w - label.get_width()
    x = place.x + {"left": 0, "centre": free // 2, "right": free}[align]
    y = place.y + (place.h - label.get_height()) // 2
    surface.blit(label, (x, y))
    return Rect(x, y, *label.get_size())


@lru_cache(maxsize=2048)
def _fitted(text: str, width: int, size: int, colour: Colour) -> pygame.Surface | None:
    """The text as an image of at most this width; None when not even a letter fits."""
    if size < SMALLEST or not text:
        return None
    for smaller in range(size, max(SMALLEST, int(size * SHRUNK)) - 1, -1):
        if _width(text, smaller) <= width:
            return _rendered(text, smaller, colour)
    for kept in range(len(text) - 1, 0, -1):
        short = f"{text[: (kept + 1) // 2]}…{text[len(text) - kept // 2 :]}"
        if _width(short, smaller) <= width:
            return _rendered(short, smaller, colour)
    return None


def _width(text: str, height: int) -> int:
    return math.ceil(_font(FINER * height).size(text)[0] / FINER)


def _rendered(text: str, height: int, colour: Colour) -> pygame.Surface:
    """The text, drawn large and reduced: letters drawn small are moved to whole pixels, which tears words apart."""
    large = _font(FINER * height).render(text, True, colour)
    return pygame.transform.smoothscale(large, (_width(text, height), math.ceil(large.get_height() / FINER)))


@lru_cache(maxsize=64)
def _font(height: int) -> pygame.font.Font:
    """The font that comes with Pygame: there on every system, and quick to load."""
    return pygame.font.Font(None, round(height * POINTS))


def forget() -> None:
    """Lets go of all fonts, which Pygame invalidates when it quits."""
    _fitted.cache_clear()
    _font.cache_clear()
