"""Text that always fits its place."""

from __future__ import annotations

from collections.abc import Iterator

import pygame
import pytest

from apps.mnist.ui import text
from apps.mnist.ui.layout import Rect

WHITE = (255, 255, 255)


@pytest.fixture
def surface() -> Iterator[pygame.Surface]:
    pygame.font.init()
    yield pygame.Surface((400, 100))
    text.forget()
    pygame.font.quit()


def ink(surface: pygame.Surface) -> Rect:
    """The box of what is not black."""
    mask = pygame.mask.from_threshold(surface, WHITE, (200, 200, 200))
    boxes = mask.get_bounding_rects()
    return Rect(*boxes[0].unionall(boxes[1:])) if boxes else Rect(0, 0, 0, 0)


@pytest.mark.parametrize("align", ["left", "centre", "right"])
def test_it_stands_where_it_should(surface: pygame.Surface, align: text.Align) -> None:
    place = Rect(50, 20, 300, 60)
    rect = text.write(surface, "1234", place, 30, WHITE, align)
    before, behind = rect.x - place.x, place.right - rect.right
    assert {"left": before == 0, "centre": abs(before - behind) <= 1, "right": behind == 0}[align]
    seen = ink(surface)
    assert rect.x <= seen.x < seen.right <= rect.right
    assert abs((seen.y + seen.bottom) / 2 - 50) <= 4


def test_the_size_is_its_height(surface: pygame.Surface) -> None:
    for size in (12, 24, 48):
        surface.fill((0, 0, 0))
        rect = text.write(surface, "8", Rect(0, 0, 400, 100), size, WHITE)
        assert rect.h == pytest.approx(size, rel=0.15)
        assert 0.5 * size < ink(surface).h < size


def test_a_low_place_makes_it_smaller(surface: pygame.Surface) -> None:
    assert text.write(surface, "8", Rect(0, 0, 400, 12), 48, WHITE) == text.write(
        surface, "8", Rect(0, 0, 400, 12), 12, WHITE
    )


def test_too_long_is_shrunk_first(surface: pygame.Surface, rendered: list[str]) -> None:
    full = text.write(surface, "a long line", Rect(0, 0, 400, 40), 20, WHITE)
    shrunk = text.write(surface, "a long line", Rect(0, 0, round(0.85 * full.w), 40), 20, WHITE)
    assert shrunk.w <= 0.85 * full.w + 1
    assert shrunk.h < full.h
    assert rendered == ["a long line", "a long line"]


def test_much_too_long_is_cut(surface: pygame.Surface, rendered: list[str]) -> None:
    for width in range(150, 4, -1):
        place = Rect(100, 0, width, 40)
        surface.fill((0, 0, 0))
        rect = text.write(surface, "a much longer line of words", place, 20, WHITE)
        assert rect.w <= width
        assert place.x <= rect.x
        assert rect.right <= place.right
        if rect.w:
            start, end = rendered[-1].split("…")
            assert "a much longer line of words".startswith(start)
            assert "a much longer line of words".endswith(end)
            assert 0 <= len(start) - len(end) <= 1
    assert len(rendered[-1]) < len(rendered[0])


@pytest.mark.parametrize(
    ("words", "place", "size"),
    [
        ("", Rect(10, 10, 100, 20), 20),
        ("8", Rect(10, 10, 0, 20), 20),
        ("8", Rect(10, 10, 100, 0), 20),
        ("8", Rect(10, 10, 100, 20), text.SMALLEST - 1),
        ("8", Rect(10, 10, 2, 20), 20),
    ],
)
def test_nothing_is_written_where_nothing_can_be_read(
    surface: pygame.Surface, words: str, place: Rect, size: float
) -> None:
    rect = text.write(surface, words, place, size, WHITE)
    assert rect == place.left(0)
    assert ink(surface).w == 0


def test_it_is_rendered_once(surface: pygame.Surface, rendered: list[str]) -> None:
    for _ in range(5):
        text.write(surface, "once", Rect(0, 0, 400, 40), 20, WHITE)
    assert rendered == ["once"]


def test_after_pygame_has_quit_and_begun_again(surface: pygame.Surface) -> None:
    before = text.write(surface, "again", Rect(0, 0, 400, 40), 20, WHITE)
    text.forget()
    pygame.font.quit()
    pygame.font.init()
    assert text.write(surface, "again", Rect(0, 0, 400, 40), 20, WHITE) == before


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What has been rendered, in full or cut."""
    found: list[str] = []
    original = text._rendered

    def render(said: str, height: int, colour: tuple[int, int, int]) -> pygame.Surface:
        found.append(said)
        return original(said, height, colour)

    monkeypatch.setattr(text, "_rendered", render)
    return found


@pytest.mark.parametrize("odd", ["a\nb", "a\0b", "a\udcffb", "a\tb"])
def test_letters_that_cannot_be_written_end_nothing(surface: pygame.Surface, rendered: list[str], odd: str) -> None:
    assert text.write(surface, odd, Rect(0, 0, 400, 40), 20, WHITE).w > 0
    assert rendered[-1] in ("a b", "a?b")
