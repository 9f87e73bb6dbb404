"""What is written can be read: the contrast of the themes."""

from __future__ import annotations

from dataclasses import fields

import pytest

from apps.mnist.ui.theme import DARK, LIGHT, Theme, contrast, mixed

THEMES = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])


@THEMES
@pytest.mark.parametrize("ground", ["background", "panel"])
@pytest.mark.parametrize("name", ["text", "muted", "ok", "warning", "error", "winner", "negative", "bar", "guess"])
def test_text_stands_out(theme: Theme, ground: str, name: str) -> None:
    assert contrast(getattr(theme, name), getattr(theme, ground)) >= 4.5


@THEMES
@pytest.mark.parametrize("ground", ["background", "panel"])
def test_borders_can_be_seen(theme: Theme, ground: str) -> None:
    assert contrast(theme.border, getattr(theme, ground)) >= 3


@THEMES
def test_the_hint_on_the_canvas_can_be_read(theme: Theme) -> None:
    assert contrast(theme.guess, theme.paper) >= 4.5
    assert contrast(theme.ink, theme.paper) == pytest.approx(21)


@THEMES
def test_the_grid_does_not_compete_with_the_ink(theme: Theme) -> None:
    assert 1.1 < contrast(theme.grid, theme.paper) < 2


@THEMES
def test_an_entry_under_the_cursor_can_be_read(theme: Theme) -> None:
    """The entries of a folder, and the folders among them, on a plate of the grid's colour."""
    assert contrast(theme.text, theme.grid) >= 4.5
    assert contrast(theme.bar, theme.grid) >= 4.5


@THEMES
def test_colours_are_bytes(theme: Theme) -> None:
    for field in fields(theme):
        colour = getattr(theme, field.name)
        if field.name != "name":
            assert len(colour) == 3
            assert all(isinstance(part, int) and 0 <= part <= 255 for part in colour)


@pytest.mark.parametrize(
    ("colour", "ratio"), [((0, 0, 0), 21), ((255, 255, 255), 1), ((119, 119, 119), 4.48), ((255, 0, 0), 4.0)]
)
def test_contrast_to_white(colour: tuple[int, int, int], ratio: float) -> None:
    """The figures of WCAG's own tools."""
    assert contrast(colour, (255, 255, 255)) == pytest.approx(ratio, abs=0.005)
    assert contrast((255, 255, 255), colour) == contrast(colour, (255, 255, 255))


def test_mixed() -> None:
    assert mixed((10, 20, 30), (110, 0, 30), 0) == (10, 20, 30)
    assert mixed((10, 20, 30), (110, 0, 30), 1) == (110, 0, 30)
    assert mixed((10, 20, 30), (110, 0, 30), 0.25) == (35, 15, 30)
