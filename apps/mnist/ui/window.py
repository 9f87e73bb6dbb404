"""The window and its loop: hands events on, and shows what has changed. It decides nothing itself."""

from __future__ import annotations

import os
import sys
import time
import warnings
from pathlib import Path

import pygame

from .controls import Controls
from .layout import DESIGN, Layout, arrange
from .profile import Profile
from .session import Log, Session
from .settings import Switches
from .storage import png, save_beside
from .text import forget
from .tools import Tools
from .widgets.answer import Answer
from .widgets.bars import Bars
from .widgets.base import Widget
from .widgets.buttons import Buttons
from .widgets.canvas import Canvas
from .widgets.files import Files
from .widgets.help import Help
from .widgets.history import History
from .widgets.inside import InsideView
from .widgets.lines import Status, Title
from .widgets.preview import Preview

ACTIVE, IDLE, WAITING = 60, 30, 250
"""Frames a second: while something happens, while nothing does, and while an answer is on its way."""
STAYS_ACTIVE = 1.0
"""Seconds after the last event in which the next is expected."""


class Window:
    """A window on a session. Only fields of events are read, never the state of mouse or keyboard, so events that a
    test posts are as good as real ones.

    scale: of the design's 1000x660 pixels; None chooses one for the screen.
    """

    def __init__(self, session: Session, tools: Tools, log: Log, profile: Profile, scale: float | None = None) -> None:
        _see_real_pixels()
        pygame.display.init()
        _show_without_detour()
        pygame.font.init()
        pygame.key.stop_text_input()
        pygame.display.set_caption("Digits")
        self.session = session
        self.tools = tools
        self.switches = Switches(session)
        tools.clipboard = pygame.scrap.put_text
        self.running = True
        self._log = log
        self._profile = profile
        self._size = _initial_size(scale)
        self._surface = _set_mode(self._size)
        self._asked_size: tuple[int, int] | None = None
        self._fullscreen = False
        self._last_event = 0.0
        self.canvas = Canvas(session)
        self.help_page = Help(session, tools)
        self.files = Files(session, tools)
        self._bars = Bars(session)
        self.widgets: list[Widget] = [
            Title(session),
            self.canvas,
            Answer(session, tools),
            self._bars,
            Preview(session),
            History(session, tools),
            InsideView(session),
            Buttons(session, tools, self.do),
            Status(session),
        ]
        self._controls = Controls(self)
        self._arranged: tuple[object, ...] = ()
        self.layout = self._arrange()

    # The loop.

    def run(self, problem: str | None = None) -> None:
        """Shows the window until it is closed. problem: what went wrong before there was one."""
        clock = pygame.time.Clock()
        self.frame()
        self._log("ready", **self._geometry())
        print("READY", flush=True)
        if problem is not None:
            self.session.fail(problem)
        while self.running:
            begin = time.perf_counter()
            for event in pygame.event.get():
                self.handle(event)
            self._profile.add("events", time.perf_counter() - begin)
            self.frame()
            self._profile.add("frame while drawing" if self.session.pen else "frame", time.perf_counter() - begin)
            clock.tick(self._rate())
        self.session.finish()
        self._log("quit")

    def _rate(self) -> int:
        if self.session.worker.busy:
            return WAITING
        recent = self.session.clock() - self._last_event < STAYS_ACTIVE
        return ACTIVE if recent or self.session.busy or self._bars.moving or self._controls.held else IDLE

    def shut(self) -> None:
        """Gives everything back to the system."""
        forget()
        pygame.display.quit()
        pygame.font.quit()

    def frame(self) -> None:
        """One frame: takes results, draws what has changed."""
        self._resize()
        self._controls.repeat()
        with self._profile.measure("session"):
            self.session.tick()
        whole = self._arranged != self._arrangement()
        if whole:
            self.layout = self._arrange()
        drawn = []
        for widget in self.visible():
            begin = time.perf_counter()
            if widget.show(self._surface) and widget.place is not None:
                drawn.append(pygame.Rect(widget.place))
                self._profile.add(f"draw {type(widget).__name__.lower()}", time.perf_counter() - begin)
        if whole:
            pygame.display.flip()
        elif drawn:
            with self._profile.measure("show"):
                pygame.display.update(drawn)

    def visible(self) -> list[Widget]:
        """The parts that are shown: all, or the one that covers them."""
        if self.help_page.open:
            return [self.help_page]
        return self.widgets if self.tools.chooser is None else [self.files]

    # Sizes.

    def _arrangement(self) -> tuple[object, ...]:
        settings = self.session.settings
        return self._size, settings.theme.name, settings.inside, self.help_page.open, self.tools.chooser is not None

    def _arrange(self) -> Layout:
        self._arranged = self._arrangement()
        layout = arrange(*self._size)
        self._surface.fill(self.session.settings.theme.background)
        for widget in (*self.widgets, self.help_page, self.files):
            widget.arrange(layout)
        return layout

    def _resize(self) -> None:
        """Follows a change of the window's size; of several, the last."""
        asked, self._asked_size = self._asked_size, None
        if asked is None:
            return
        surface = pygame.display.get_surface()
        if surface is None or surface.get_size() != asked:
            surface = _set_mode(asked)
        changed = surface.get_size() != self._size
        self._surface, self._size = surface, surface.get_size()
        self.layout = self._arrange()
        self._arranged = ()  # all of it is to be shown
        if changed:
            self._log("resize", **self._geometry())

    def _geometry(self) -> dict[str, list[int]]:
        canvas = self.layout.canvas
        return {"window": list(self._size), "canvas": [canvas.x, canvas.y, canvas.w]}

    # Events.

    def handle(self, event: pygame.Event) -> None:
        """Does what an event asks for."""
        self._last_event = self.session.clock()
        if event.type == pygame.QUIT:
            self.quit()
        elif event.type == pygame.VIDEORESIZE:
            self._asked_size = (event.w, event.h)
        elif event.type == pygame.WINDOWSIZECHANGED:
            self._asked_size = (event.x, event.y)
        elif event.type == pygame.WINDOWEXPOSED:
            self._arranged = ()
        elif event.type == pygame.DROPFILE:
            self.help_page.open = False
            self.tools.open_file(Path(event.file))
        else:
            self._controls.handle(event)

    # Commands that concern the window itself.

    def do(self, name: str) -> None:
        """Carries out a command: one of the window's own, a tool, a switch, or one of the session's."""
        skipped = self.session.playback
        self.session.stop_playback()
        if name == "animate" and skipped is not None and not skipped.grows:
            return
        if name != "label":
            self.tools.cancel_label()
        target = next(target for target in (self, self.tools, self.switches, self.session) if hasattr(target, name))
        getattr(target, name)()

    def help(self) -> None:
        self.help_page.open = True

    def close(self) -> None:
        """Closes what is open; without anything open there is nothing to do."""

    def quit(self) -> None:
        self.running = False

    def fullscreen(self) -> None:
        self._fullscreen = not self._fullscreen
        if self._fullscreen:
            self._windowed = self._size
            self._asked_size = _set_mode((0, 0), pygame.FULLSCREEN).get_size()
        else:
            _set_mode(self._windowed)
            self._asked_size = self._windowed  # X without a window manager obeys only when it is asked again

    def screenshot(self) -> None:
        """Saves a picture of the window as it is."""
        picture = pygame.surfarray.array3d(self._surface).swapaxes(0, 1)
        stem = f"window-{time.strftime('%Y%m%d-%H%M%S')}"
        self.session.worker.submit(
            lambda: save_beside(self.tools.places.drawings, stem, {".png": png(picture)}),
            lambda paths: self.session.say(f"saved {paths[0]}", "ok"),
            self.session.failed,
        )


def _set_mode(size: tuple[int, int], flags: int = pygame.RESIZABLE) -> pygame.Surface:
    """Opens or changes the window. That it may get another size is no reason for a warning: the surface tells it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return pygame.display.set_mode(size, flags)


def _initial_size(scale: float | None) -> tuple[int, int]:
    """The design's size, enlarged on very large screens and reduced to fit small ones."""
    if scale is None:
        width, height = pygame.display.get_desktop_sizes()[0]
        room = min(width / DESIGN[0], height / DESIGN[1])
        scale = room / 2 if room > 3 else 1.0 if room >= 1 else 0.95 * room
    return round(scale * DESIGN[0]), round(scale * DESIGN[1])


def _show_without_detour() -> None:
    """Has SDL hand its pixels to X itself; by way of a texture, its default, each frame takes ten times as long."""
    if pygame.display.get_driver() == "x11":
        os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")


def _see_real_pixels() -> None:
    """Asks Windows not to enlarge the window itself, which blurs it."""
    if sys.platform == "win32" and "SDL_VIDEODRIVER" not in os.environ:
        import ctypes

        try:
            ctypes.windll.shcore.SetProcessDpiAwareness(1)
        except (AttributeError, OSError):  # Windows before 8.1
            return
