"""A hand for the tests of the window: it uses a real one, without a screen, by posting events to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pygame
import pytest

from apps.mnist.ui import text
from apps.mnist.ui.layout import Rect
from apps.mnist.ui.profile import Profile
from apps.mnist.ui.widgets import base
from apps.mnist.ui.widgets.base import Widget
from apps.mnist.ui.window import Window

from .conftest import ONE, Desk

MODIFIERS = {"ctrl": pygame.KMOD_LCTRL, "alt": pygame.KMOD_LALT, "shift": pygame.KMOD_LSHIFT, "meta": pygame.KMOD_LMETA}
KEY_CODES = {"enter": pygame.K_KP_ENTER} | {f"[{digit}]": getattr(pygame, f"K_KP{digit}") for digit in range(10)}
"""Of the number pad: `pygame.key.key_code` finds those of the others."""

NEARLY = 8
"""Levels by which the colour of a letter may differ from what it should be."""


class Written(NamedTuple):
    """A line of text in the window: where its letters are, and the room that they must not leave."""

    text: str
    ink: Rect
    room: Rect
    cut: bool


class Hand:
    """Somebody at the window of a desk. Each thing that is done is followed by two frames, in which it is shown."""

    def __init__(self, desk: Desk, window: Window) -> None:
        self.desk = desk
        self.session = desk.session
        self.tools = desk.tools
        self.window = window

    # Time.

    def frame(self, seconds: float = 0.01) -> None:
        """Lets time pass, hands over what was posted, and shows the result."""
        self.desk.clock.now += seconds
        for event in pygame.event.get():
            self.window.handle(event)
        self.window.frame()
        self.window.frame()

    def rest(self) -> None:
        """Waits for the answer."""
        self.frame(0.5)
        self.frame()

    def post(self, kind: int, **fields: Any) -> None:
        pygame.event.post(pygame.Event(kind, **fields))

    def send(self, kind: int, **fields: Any) -> None:
        """Posts one event, and shows what comes of it."""
        self.post(kind, **fields)
        self.frame()

    # Keys.

    def hold(self, chord: str) -> None:
        """Presses a key and keeps it down: `ctrl+z`."""
        *held, name = chord.split("+")
        code = KEY_CODES.get(name) or pygame.key.key_code(name)
        self.send(pygame.KEYDOWN, key=code, mod=sum(MODIFIERS[modifier] for modifier in held), unicode="")

    def key(self, *chords: str) -> None:
        """Presses and releases keys."""
        for chord in chords:
            self.hold(chord)
            self.send(pygame.KEYUP, key=0, mod=0)

    # The mouse.

    def at(self, x: float, y: float) -> tuple[int, int]:
        """The pixel of a place in units of the canvas."""
        canvas = self.window.layout.canvas
        return round(canvas.x + x * canvas.w), round(canvas.y + y * canvas.h)

    def press(self, pos: tuple[int, int], button: int = 1, touch: bool = False) -> None:
        self.send(pygame.MOUSEBUTTONDOWN, pos=pos, button=button, touch=touch)

    def move(self, pos: tuple[int, int], *buttons: int) -> None:
        """Moves the mouse with these buttons held."""
        self.send(pygame.MOUSEMOTION, pos=pos, rel=(0, 0), buttons=tuple(int(n in buttons) for n in (1, 2, 3)))

    def release(self, pos: tuple[int, int], button: int = 1) -> None:
        self.send(pygame.MOUSEBUTTONUP, pos=pos, button=button, touch=False)

    def click(self, rect: Rect, button: int = 1) -> None:
        """Clicks into the middle of a part of the window."""
        pos = rect.x + rect.w // 2, rect.y + rect.h // 2
        self.press(pos, button)
        self.release(pos, button)

    def wheel(self, steps: int) -> None:
        self.send(pygame.MOUSEWHEEL, x=0, y=steps, flipped=False)

    def draw(self, points: Sequence[tuple[float, float]] = ONE, button: int = 1, up: bool = True) -> None:
        """Drags the mouse over these places of the canvas."""
        places = [self.at(*point) for point in points]
        self.press(places[0], button)
        for pos in places[1:]:
            self.move(pos, button)
        if up:
            self.release(places[-1], button)

    # The window.

    def resize(self, width: int, height: int) -> None:
        self.send(pygame.VIDEORESIZE, size=(width, height), w=width, h=height)

    def drop(self, path: Path) -> None:
        self.send(pygame.DROPFILE, file=str(path))

    def widget(self, kind: type[Widget]) -> Any:
        """The window's part of this class."""
        parts = [*self.window.widgets, self.window.help_page, self.window.files]
        return next(part for part in parts if isinstance(part, kind))

    def picture(self, place: Rect | None = None) -> np.ndarray:
        """What the screen shows there, (h, w, 3)."""
        surface = pygame.display.get_surface()
        assert surface is not None
        pixels = pygame.surfarray.array3d(surface).swapaxes(0, 1)
        return pixels if place is None else pixels[place.y : place.bottom, place.x : place.right]

    def shows(self, colour: tuple[int, int, int], place: Rect) -> bool:
        """Whether something there has this colour, as nearly as letters have one."""
        return bool((np.abs(self.picture(place).astype(int) - colour) <= NEARLY).all(axis=-1).any())

    def written(self, monkeypatch: pytest.MonkeyPatch) -> list[Written]:
        """All the lines of text in the window as it is."""
        found: dict[Written, None] = {}
        rendered: list[tuple[str, pygame.Rect]] = []

        def render(said: str, *arguments: Any) -> pygame.Surface:
            label = render_text(said, *arguments)
            rendered.append((said, label.get_bounding_rect(min_alpha=64)))
            return label

        def write(surface: pygame.Surface, said: str, *arguments: Any) -> Rect:
            text.forget()
            rendered.clear()
            rect = write_text(surface, said, *arguments)
            if said:
                shown, ink = rendered[0] if rendered else ("", pygame.Rect(0, 0, 0, 0))
                place = Rect(rect.x + ink.x, rect.y + ink.y, ink.w, ink.h)
                found[Written(said, place, Rect(*surface.get_clip()), shown != said)] = None
            return rect

        render_text, write_text = text._rendered, text.write
        with monkeypatch.context() as patch:
            patch.setattr(text, "_rendered", render)
            patch.setattr(base, "write", write)
            self.send(pygame.WINDOWEXPOSED)
        return list(found)


@contextmanager
def opened(desk: Desk, monkeypatch: pytest.MonkeyPatch, scale: float | None = 1.0) -> Iterator[Hand]:
    """A hand at a new window without a screen; closes the window in the end."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    desk.session.settings.animation = False
    window = Window(desk.session, desk.tools, desk._log, Profile(), scale)
    pygame.event.clear()
    try:
        window.frame()
        yield Hand(desk, window)
    finally:
        window.shut()
