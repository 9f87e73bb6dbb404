"""The switches of the window: each changes its setting, stays within its limits, and leaves the drawing alone."""

from apps.mnist.ui.settings import THICKEST, THINNEST, VIEWS
from apps.mnist.ui.theme import DARK, LIGHT

from .conftest import SEVEN, Desk


def test_the_brush_stays_within_its_limits(desk: Desk) -> None:
    for _ in range(30):
        desk.switches.thicker()
    assert desk.session.settings.brush == THICKEST == 5.0
    for _ in range(30):
        desk.switches.thinner()
    assert desk.session.settings.brush == THINNEST == 1.0
    desk.switches.thicker()
    assert desk.session.settings.brush == 1.2
    assert desk.said[1].startswith("brush 1.2 cells")


def test_views_take_turns(desk: Desk) -> None:
    seen = [desk.session.settings.view]
    for _ in range(3):
        desk.switches.view()
        seen.append(desk.session.settings.view)
    assert seen == [*VIEWS, VIEWS[0]]


def test_switches_go_on_and_off(desk: Desk) -> None:
    settings = desk.session.settings
    for name in ("live", "as_drawn", "eraser", "inside"):
        before = getattr(settings, name)
        getattr(desk.switches, name)()
        assert getattr(settings, name) is not before
        getattr(desk.switches, name)()
        assert getattr(settings, name) is before
    assert settings.theme is DARK
    desk.switches.theme()
    assert settings.theme is LIGHT


def test_looks_are_no_change_of_the_document(desk: Desk) -> None:
    desk.draw(SEVEN)
    page = desk.session.page
    for name in ("thicker", "view", "as_drawn", "eraser", "theme", "inside", "live"):
        getattr(desk.switches, name)()
    assert desk.session.page is page
