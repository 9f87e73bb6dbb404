"""What the parts of the window have in common."""

from __future__ import annotations

from collections.abc import Hashable

import pygame
import pytest

from apps.mnist.ui.layout import DESIGN, Layout, Rect, arrange
from apps.mnist.ui.settings import Switches
from apps.mnist.ui.widgets.base import Widget

from ..conftest import SEVEN, Desk
from ..hand import Hand


class Part(Widget):
    """Counts how often it is drawn, and draws beyond its place."""

    seen: Hashable = 0
    drawn = 0
    room: Rect | None = Rect(10, 10, 20, 20)

    def locate(self, layout: Layout) -> Rect | None:
        return self.room

    def state(self) -> Hashable:
        return self.seen

    def draw(self, surface: pygame.Surface, place: Rect) -> None:
        self.drawn += 1
        surface.fill((200, 0, 0), (0, 0, 20, 100))


@pytest.fixture
def part(desk: Desk) -> Part:
    part = Part(desk.session)
    part.arrange(arrange(1000, 660))
    return part


@pytest.fixture
def surface() -> pygame.Surface:
    return pygame.Surface((100, 100))


def test_it_is_drawn_when_its_state_changes(part: Part, surface: pygame.Surface) -> None:
    assert [part.show(surface) for _ in range(3)] == [True, False, False]
    part.seen = 1
    assert [part.show(surface) for _ in range(3)] == [True, False, False]
    assert part.drawn == 2


def test_it_is_drawn_anew_in_another_theme_and_in_another_layout(part: Part, surface: pygame.Surface) -> None:
    part.show(surface)
    Switches(part.session).theme()
    assert part.show(surface)
    part.arrange(arrange(500, 330))
    assert part.unit == 0.5
    assert part.show(surface)


def test_it_stays_in_its_place(part: Part, surface: pygame.Surface) -> None:
    part.show(surface)
    assert surface.get_at((15, 15))[:3] == (200, 0, 0)
    assert surface.get_at((25, 15))[:3] == part.theme.background
    assert surface.get_at((5, 15))[:3] == surface.get_at((15, 35))[:3] == (0, 0, 0)
    assert surface.get_clip() == surface.get_rect()


@pytest.mark.parametrize("room", [None, Rect(0, 0, 0, 10), Rect(0, 0, 10, 0)])
def test_without_room_it_is_not_drawn(part: Part, surface: pygame.Surface, room: Rect | None) -> None:
    part.room = room
    part.arrange(arrange(1000, 660))
    assert not part.show(surface)
    assert part.drawn == 0


def test_lengths_are_whole_pixels_and_never_none(part: Part) -> None:
    part.unit = 1.3
    assert part.px(10) == 13
    part.unit = 0.01
    assert part.px(10) == 1


def test_by_itself_it_has_no_use_for_the_mouse(part: Part) -> None:
    part.hover(15, 15)
    assert part.press(15, 15, 1) is False


def test_all_parts_of_the_window_lie_in_it_and_show_nothing_twice(hand: Hand) -> None:
    hand.draw(SEVEN)
    hand.rest()
    hand.frame(10)
    surface = pygame.display.get_surface()
    assert surface is not None
    assert len(hand.window.widgets) == 9
    for widget in hand.window.widgets:
        if widget.place is not None:
            assert surface.get_rect().contains(pygame.Rect(widget.place))
            assert not widget.show(surface)
    assert surface.get_size() == DESIGN
