"""What keys and the mouse mean: their events become commands, and strokes of the pen."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pygame

from .commands import REPEATED, command_for
from .widgets.canvas import LEFT, RIGHT

if TYPE_CHECKING:
    from .window import Window

REPEAT_AFTER, REPEAT_EVERY = 0.35, 0.06
GHOST_SECONDS, GHOST_PIXELS = 0.06, 5
"""Some systems send a second click for a touch: this soon after it, this near to it."""
COMMAND = pygame.KMOD_CTRL | (pygame.KMOD_META if sys.platform == "darwin" else 0)
"""What is held for undo and the like: Ctrl, on a Mac Command, too."""
OTHERS = (pygame.KMOD_ALT | pygame.KMOD_META) & ~COMMAND
MODIFIERS = (COMMAND, OTHERS, pygame.KMOD_SHIFT)
SILENT_KEYS = tuple(f"{side} {name}" for side in ("left", "right") for name in ("shift", "ctrl", "alt", "meta"))
"""They do nothing by themselves."""
PAGE = 10
"""Entries by which Page Up and Page Down move."""


class Controls:
    """Keyboard, mouse and touch of a window. held: the key that is held down and repeats, its command, and when."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.held: tuple[str, str, float] | None = None
        self._erasing = False
        self._touch: tuple[float, tuple[int, int]] = (float("-inf"), (0, 0))

    def handle(self, event: pygame.Event) -> None:
        """Does what an event of theirs asks for; others mean nothing."""
        if event.type == pygame.KEYDOWN:
            self._key(_key_name(event), getattr(event, "mod", 0))
        elif event.type == pygame.KEYUP:
            self.held = None
        elif event.type == pygame.MOUSEBUTTONDOWN:
            self._press(event.pos, event.button, getattr(event, "touch", False))
        elif event.type == pygame.MOUSEMOTION:
            self._move(event.pos, getattr(event, "buttons", (1, 0, 0)))
        elif event.type == pygame.MOUSEBUTTONUP:
            self._release(event.pos, event.button)
        elif event.type == pygame.MOUSEWHEEL:
            self._wheel(event.y)
        elif event.type == pygame.WINDOWFOCUSLOST:
            self.held = None
            self._let_go()
        elif event.type == pygame.WINDOWLEAVE:
            self._hover(-1, -1)

    def _key(self, key: str, mod: int) -> None:
        ctrl, alt, shift = (bool(mod & modifier) for modifier in MODIFIERS)
        command = command_for(key, ctrl, alt, shift)
        if command is not None and command.name == "quit":
            self._window.quit()
        elif key in SILENT_KEYS:
            return
        elif self._window.help_page.open:
            self._window.help_page.open = False
        elif self._window.tools.chooser is not None:
            self._choose(key)
        elif self._window.tools.asking and not (ctrl or alt) and key.strip("[]").isdigit():
            self._window.tools.give_label(int(key.strip("[]")))  # keys of the number pad are called [0] to [9]
        elif command is not None:
            self._window.do(command.name)
            if command.name in REPEATED:
                self.held = (key, command.name, self._window.session.clock() + REPEAT_AFTER)

    def _choose(self, key: str) -> None:
        assert self._window.tools.chooser is not None
        steps = {"up": -1, "down": 1, "page up": -PAGE, "page down": PAGE}
        if key in steps:
            self._window.tools.chooser.move(steps[key])
        elif key in ("return", "enter", "space"):
            self._window.tools.choose()
        elif key == "escape":
            self._window.tools.close_chooser()

    def repeat(self) -> None:
        """Goes on with what the key that is held does."""
        if self.held is not None and self._window.session.clock() >= self.held[2]:
            key, name, _ = self.held
            self.held = (key, name, self._window.session.clock() + REPEAT_EVERY)
            self._window.do(name)

    def _press(self, pos: tuple[int, int], button: int, touch: bool) -> None:
        if self._is_ghost(pos, touch) or not self._counts(button):
            return
        if self._window.help_page.open:
            self._window.help_page.open = False
            return
        self._window.session.stop_playback()
        if self._window.layout.canvas.holds(*pos):
            self._window.tools.cancel_label()
        for widget in self._window.visible():
            if widget.place is not None and widget.place.holds(*pos):
                widget.press(*pos, button)
                if widget is self._window.canvas:
                    self._erasing = self._window.session.pen is None
                break

    def _is_ghost(self, pos: tuple[int, int], touch: bool) -> bool:
        """Whether this click is the echo of a touch."""
        now = self._window.session.clock()
        if touch:
            self._touch = (now, pos)
            return False
        when, where = self._touch
        near = max(abs(pos[0] - where[0]), abs(pos[1] - where[1])) <= GHOST_PIXELS
        return near and now - when <= GHOST_SECONDS

    def _move(self, pos: tuple[int, int], buttons: tuple[int, ...]) -> None:
        self._hover(*pos)
        if not any(buttons):
            self._let_go()  # the release was never told
        elif self._window.session.pen is not None:
            self._window.session.pen_move(*self._window.canvas.position(*pos))
        elif self._erasing and self._window.layout.canvas.holds(*pos):
            self._window.session.erase(*self._window.canvas.position(*pos))

    def _release(self, pos: tuple[int, int], button: int) -> None:
        if not self._counts(button):
            return
        if self._window.session.pen is not None:
            self._window.session.pen_move(*self._window.canvas.position(*pos))
        self._let_go()

    def _counts(self, button: int) -> bool:
        """Whether this button is of use: while a stroke is drawn only the left one is. Wheels have buttons, too."""
        return button == LEFT or (button == RIGHT and self._window.session.pen is None)

    def _let_go(self) -> None:
        self._window.session.pen_up()
        self._erasing = False

    def _hover(self, x: int, y: int) -> None:
        for widget in self._window.visible():
            widget.hover(x, y)

    def _wheel(self, steps: int) -> None:
        if self._window.tools.chooser is not None:
            self._window.tools.chooser.move(-steps)
        elif not self._window.help_page.open:
            for _ in range(abs(steps)):
                self._window.do("thicker" if steps > 0 else "thinner")


def _key_name(event: pygame.Event) -> str:
    """What Pygame calls the key; it has no names for letters that are not Latin, which get their place's name."""
    letter = getattr(event, "scancode", 0) - pygame.KSCAN_A
    return pygame.key.name(event.key) or (chr(ord("a") + letter) if 0 <= letter < 26 else "")
