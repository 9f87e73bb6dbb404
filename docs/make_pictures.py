"""Makes the README's pictures of the window: `python docs/make_pictures.py`.

The real window runs without a screen, on a clock of its own, and gets the events that a hand with a mouse would
cause; so the pictures are the same wherever they are made, but for the milliseconds in them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import numpy as np
import pygame
from PIL import Image

from apps.mnist.recognizer import Recognizer
from apps.mnist.ui.events_log import EventsLog
from apps.mnist.ui.profile import Profile
from apps.mnist.ui.session import Session
from apps.mnist.ui.theme import DARK, mixed
from apps.mnist.ui.tools import Places, Tools
from apps.mnist.ui.window import Window
from apps.mnist.ui.worker import Worker

IMAGES = Path(__file__).parent / "images"
FRAME = 0.08
"""Seconds that a frame of the film lasts."""
SPEED = 0.9
"""Of the hand, in sides of the canvas a second."""
FILM_SIZE = (760, 502)
STEPS = 16
"""Shades of each colour of the film."""

Point = tuple[float, float]

THREE = [
    [
        (0.33, 0.24),
        (0.45, 0.15),
        (0.6, 0.2),
        (0.61, 0.33),
        (0.45, 0.45),
        (0.62, 0.52),
        (0.64, 0.7),
        (0.48, 0.84),
        (0.31, 0.76),
    ]
]
FOUR = [
    [(0.46, 0.14), (0.4, 0.34), (0.27, 0.57), (0.45, 0.58), (0.72, 0.55)],
    [(0.6, 0.34), (0.57, 0.56), (0.55, 0.88)],
]
NINE = [[(0.62, 0.28), (0.5, 0.17), (0.37, 0.28), (0.42, 0.44), (0.57, 0.42), (0.63, 0.27), (0.6, 0.55), (0.52, 0.86)]]
UNSURE = [[(0.37, 0.18), (0.35, 0.34), (0.42, 0.46), (0.6, 0.42)], [(0.64, 0.2), (0.61, 0.5), (0.56, 0.84)]]


TWO = [(0.02, 0.2), (0.15, 0.03), (0.36, 0.0), (0.46, 0.2), (0.3, 0.55), (0.0, 0.98), (0.25, 0.95), (0.52, 1.0)]
ZERO = [(0.28, 0.0), (0.06, 0.25), (0.0, 0.65), (0.2, 1.0), (0.45, 0.78), (0.48, 0.3), (0.26, 0.0)]
SIX = [(0.38, 0.0), (0.12, 0.3), (0.0, 0.7), (0.18, 1.0), (0.45, 0.85), (0.36, 0.58), (0.05, 0.7)]
"""In heights of the digit."""
NUMBER = [
    [(x + 0.3 * a, y + 0.3 * b) for a, b in digit]
    for digit, x, y in ((TWO, 0.08, 0.33), (ZERO, 0.32, 0.31), (TWO, 0.54, 0.33), (SIX, 0.78, 0.3))
]


class Actor:
    """Somebody who uses the window, and a camera in front of it."""

    def __init__(self, folder: Path) -> None:
        self.now = 0.0
        self.frames: list[Image.Image] = []
        self.filming = False
        self._filmed = 0.0
        self.worker = Worker()
        log = EventsLog(None)
        self.session = Session(self.worker, log, lambda: self.now)
        self.session.use(Recognizer.load())
        tools = Tools(self.session, Places(folder / "drawings", folder / "corrections.jsonl"))
        self.window = Window(self.session, tools, log, Profile(), scale=1.0)

    def wait(self, seconds: float) -> None:
        """Lets time pass, a sixtieth of a second at a time."""
        end = self.now + seconds
        while self.now < end:
            self.now += 1 / 60
            for event in pygame.event.get():
                self.window.handle(event)
            self.window.frame()
            while self.worker.busy:
                time.sleep(0.0005)
                self.window.frame()
            if self.filming and self.now - self._filmed >= FRAME:
                self._filmed = self.now
                self.frames.append(self.picture().resize(FILM_SIZE, Image.Resampling.LANCZOS))

    def press(self, key: int) -> None:
        pygame.event.post(pygame.Event(pygame.KEYDOWN, key=key, mod=0))
        pygame.event.post(pygame.Event(pygame.KEYUP, key=key, mod=0))
        self.wait(1 / 60)

    def draw(self, strokes: Sequence[Sequence[Point]], share: float = 1.0) -> None:
        """Draws curves through these points of the canvas; of the last stroke only a share, the pen staying down."""
        for number, stroke in enumerate(strokes):
            path = list(curve(stroke))
            last = number == len(strokes) - 1
            path = path[: max(1, round(share * len(path)))] if last else path
            positions = [self.pixel(*point) for point in path]
            pygame.event.post(pygame.Event(pygame.MOUSEBUTTONDOWN, pos=positions[0], button=1))
            for pos in positions[1:]:
                pygame.event.post(pygame.Event(pygame.MOUSEMOTION, pos=pos, rel=(0, 0), buttons=(1, 0, 0)))
                self.wait(1 / 60)
            if not last or share == 1:
                pygame.event.post(pygame.Event(pygame.MOUSEBUTTONUP, pos=positions[-1], button=1))
                self.wait(0.1)

    def point_at(self, x: int, y: int) -> None:
        pygame.event.post(pygame.Event(pygame.MOUSEMOTION, pos=(x, y), rel=(0, 0), buttons=(0, 0, 0)))
        self.wait(0.1)

    def pixel(self, x: float, y: float) -> tuple[int, int]:
        canvas = self.window.layout.canvas
        return round(canvas.x + x * canvas.w), round(canvas.y + y * canvas.h)

    def picture(self) -> Image.Image:
        surface = pygame.display.get_surface()
        assert surface is not None
        return Image.fromarray(pygame.surfarray.array3d(surface).swapaxes(0, 1))


def curve(points: Sequence[Point]) -> Iterator[Point]:
    """Points along a smooth curve through these ones, as a hand passes them in a sixtieth of a second each.

    Source: E. Catmull and R. Rom, "A class of local interpolating splines", 1974.
    """
    knots = np.array([points[0], *points, points[-1]])
    for before, start, end, after in zip(knots, knots[1:], knots[2:], knots[3:], strict=False):
        steps = max(1, round(60 * float(np.hypot(*(end - start))) / SPEED))
        for t in np.arange(steps) / steps:
            place = 0.5 * (
                2 * start
                + (end - before) * t
                + (2 * before - 5 * start + 4 * end - after) * t**2
                + (3 * start - before - 3 * end + after) * t**3
            )
            yield float(place[0]), float(place[1])
    yield points[-1]


@contextmanager
def actor() -> Iterator[Actor]:
    """A new window, closed in the end."""
    with TemporaryDirectory() as folder:
        person = Actor(Path(folder))
        try:
            yield person
        finally:
            person.worker.close()
            person.window.shut()


def make_stills() -> None:
    """The window with an answer, and with its inside open."""
    with actor() as person:
        for digit in (NINE, FOUR):
            person.press(pygame.K_q)
            person.draw(digit)
            person.wait(0.6)
        person.press(pygame.K_q)
        person.draw(THREE)
        person.point_at(5, 5)
        person.wait(0.6)
        save(person.picture(), "window.png")
        person.press(pygame.K_i)
        person.wait(0.4)
        view = person.window.layout.network
        person.point_at(view.x + round(0.453 * view.w), view.y + round(0.637 * view.h))
        person.wait(0.3)
        save(person.picture(), "inside.png")


def make_number() -> None:
    """The window with a number, one of its digits looked at."""
    with actor() as person:
        person.draw(THREE)
        person.wait(0.6)
        person.press(pygame.K_q)
        person.draw(NUMBER)
        person.point_at(5, 5)
        person.wait(0.6)
        person.press(pygame.K_LEFT)
        person.wait(0.3)
        save(person.picture(), "number.png")


def make_film() -> None:
    """A digit is drawn, read, and centred; another is drawn with the network in sight."""
    with actor() as person:
        person.filming = True
        person.wait(0.5)
        person.draw(THREE)
        person.wait(1.2)
        person.press(pygame.K_n)
        person.wait(2.2)
        person.press(pygame.K_q)
        person.press(pygame.K_i)
        person.draw(FOUR)
        person.wait(1.0)
        view = person.window.layout.network
        for x, y in ((0.453, 0.637), (0.45, 0.08)):  # a neuron, and the answer
            person.point_at(view.x + round(x * view.w), view.y + round(y * view.h))
            person.wait(1.4)
        palette = _palette()
        first, *others = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in person.frames]
        path = IMAGES / "window.gif"
        first.save(path, save_all=True, append_images=others, duration=round(1000 * FRAME), loop=0, optimize=True)
        print(f"{path}: {len(person.frames)} frames, {path.stat().st_size:,} bytes")


def _palette() -> Image.Image:
    """The theme's colours, and what lies between each of them and what it is drawn on."""
    shares = np.linspace(0, 1, STEPS)
    ramps = [(DARK.panel, accent) for accent in (DARK.bar, DARK.winner, DARK.negative, DARK.ok, DARK.text)]
    ramps += [(DARK.background, DARK.text), (DARK.paper, DARK.ink), (DARK.grid, DARK.border)]
    colours = [mixed(start, end, float(share)) for start, end in ramps for share in shares]
    palette = Image.new("P", (1, 1))
    palette.putpalette([channel for colour in colours for channel in colour])
    return palette


def save(picture: Image.Image, name: str) -> None:
    path = IMAGES / name
    picture.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    make_stills()
    make_number()
    make_film()
