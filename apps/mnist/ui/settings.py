"""What can be switched in the window, and the switches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .reading import LINE
from .theme import DARK, LIGHT, Theme

if TYPE_CHECKING:
    from .session import Session

THINNEST, THICKEST = 1.0, 5.0
"""Of the brush, in cells of the canvas."""
BRUSH_STEP = 0.2
VIEWS = ("cells", "smooth", "smooth with grid")


@dataclass
class Settings:
    """What can be switched. brush: width in cells of the canvas."""

    theme: Theme = DARK
    brush: float = LINE
    view: str = VIEWS[0]
    live: bool = True
    as_drawn: bool = False
    eraser: bool = False
    inside: bool = False
    animation: bool = True


class Switches:
    """The commands that change a session's settings; each says what it did."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._settings = session.settings

    def thinner(self) -> None:
        self._set_brush(self._settings.brush - BRUSH_STEP)

    def thicker(self) -> None:
        self._set_brush(self._settings.brush + BRUSH_STEP)

    def _set_brush(self, width: float) -> None:
        self._settings.brush = round(min(THICKEST, max(THINNEST, width)), 1)
        looks_only = "" if self._settings.as_drawn else "; the model sees its own line width (A changes that)"
        self._session.say(f"brush {self._settings.brush} cells{looks_only}")
        if self._settings.as_drawn:
            self._session.reread()

    def live(self) -> None:
        self._session.stop_playback()
        self._settings.live = not self._settings.live
        self._session.say("answers come by themselves" if self._settings.live else "no guesses: P asks for the answer")

    def view(self) -> None:
        self._settings.view = VIEWS[(VIEWS.index(self._settings.view) + 1) % len(VIEWS)]
        self._session.say(f"canvas: {self._settings.view}")

    def as_drawn(self) -> None:
        self._settings.as_drawn = not self._settings.as_drawn
        said = "the brush as wide as it is" if self._settings.as_drawn else "lines of its own width, as MNIST's are"
        self._session.say(f"the model sees {said}")
        self._session.reread()

    def eraser(self) -> None:
        self._settings.eraser = not self._settings.eraser
        self._session.say("eraser: a stroke that is touched goes" if self._settings.eraser else "pen")

    def inside(self) -> None:
        self._settings.inside = not self._settings.inside

    def theme(self) -> None:
        self._settings.theme = LIGHT if self._settings.theme is DARK else DARK
