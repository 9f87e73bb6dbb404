"""Streams of events to the window: mouse, keyboard, sizes, dropped files and the end of it all, in any order."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import numpy as np
import pygame
from hypothesis import strategies as st

from apps.mnist.recognizer import Recognizer
from apps.mnist.ui.commands import COMMANDS
from apps.mnist.ui.profile import Profile
from apps.mnist.ui.window import Window
from framework.checkpoint import CheckpointError
from tests.apps.mnist.ui.conftest import Desk

from ..target import Target
from . import images, records

MODIFIERS = {"ctrl": pygame.KMOD_LCTRL, "shift": pygame.KMOD_LSHIFT, "alt": pygame.KMOD_LALT, "meta": pygame.KMOD_LMETA}
DROPS = (
    "digit.png",
    "digit.json",
    "damaged.png",
    "damaged.json",
    "model.safetensors",
    "folder",
    "missing.png",
    "",
    "\0",
)
"""What is dropped on the window; all but the last three are there."""
SILENT = (
    *(pygame.WINDOWFOCUSLOST, pygame.WINDOWFOCUSGAINED, pygame.WINDOWLEAVE, pygame.WINDOWENTER, pygame.WINDOWEXPOSED),
    *(pygame.WINDOWMINIMIZED, pygame.WINDOWRESTORED, pygame.WINDOWCLOSE, pygame.ACTIVEEVENT, pygame.USEREVENT),
)
"""Events without fields that matter."""

Step = list[Any]

X = st.one_of(st.integers(0, 999), st.sampled_from((-1, -32768, 999, 1000, 5000, 2**31 - 1)))
Y = st.one_of(st.integers(0, 659), st.sampled_from((-1, -32768, 659, 660, 5000, 2**31 - 1)))
SIDES = st.one_of(st.integers(0, 1200), st.sampled_from((0, 1, 2, 30, 2500)))
CHORDS = tuple(chord for command in COMMANDS for chord in command.keys if chord != "ctrl+q")


def steps() -> st.SearchStrategy[Step]:
    button = st.sampled_from((1, 1, 1, 3, 2, 4, 0, 255))
    return st.one_of(
        st.builds(lambda x, y, n, touch: ["down", x, y, n, touch], X, Y, button, st.booleans()),
        st.builds(lambda x, y, n: ["move", x, y, n], X, Y, st.integers(0, 7)),
        st.builds(lambda x, y, n: ["move", x, y, n], X, Y, st.just(1)),
        st.builds(lambda x, y, n: ["up", x, y, n], X, Y, button),
        st.builds(lambda chord: ["key", chord], st.sampled_from(CHORDS)),
        st.builds(lambda chord: ["key", chord], st.sampled_from((*"0123456789", "[5]", "up", "down", "tab"))),
        st.builds(lambda code, mod: ["code", code, mod], st.integers(0, 400), st.integers(0, 0xFFFF)),
        st.just(["released"]),
        st.builds(lambda by: ["wheel", by], st.sampled_from((-1, 1, -3, 40))),
        st.builds(lambda w, h, kind: ["size", w, h, kind], SIDES, SIDES, st.booleans()),
        st.builds(lambda index: ["drop", index], st.integers(0, len(DROPS) - 1)),
        st.builds(lambda kind: ["event", kind], st.integers(0, len(SILENT) - 1)),
        st.builds(lambda seconds: ["wait", seconds], st.sampled_from((0.0, 0.01, 0.1, 0.5, 3.0, 1e6))),
        st.builds(lambda seconds: ["wait", seconds], st.sampled_from((0.01, 0.5))),
        st.just(["quit"]),
    )  # fmt: skip


def gestures() -> st.SearchStrategy[list[Step]]:
    """What a hand does on purpose: a stroke on a coarse grid, so that one hits another; mostly with the left button."""
    place = st.tuples(st.integers(1, 12), st.integers(3, 13)).map(lambda cell: [40 * cell[0], 40 * cell[1]])

    def drawn(button: int, places: list[list[int]], rest: float) -> list[Step]:
        moves = [["move", *at, 1 if button == 1 else 4] for at in places[1:]]
        return [["down", *places[0], button, False], *moves, ["up", *places[-1], button], ["wait", rest]]

    places = st.lists(place, min_size=1, max_size=5)
    return st.builds(drawn, st.sampled_from((1, 1, 3)), places, st.sampled_from((0.01, 0.5)))


def inputs() -> st.SearchStrategy[bytes]:
    parts = st.one_of(steps().map(lambda step: [step]), gestures())
    return st.lists(parts, min_size=1, max_size=25).map(
        lambda found: json.dumps([step for part in found for step in part]).encode()
    )


def seeds() -> list[bytes]:
    """A digit is drawn, read, labelled and saved."""
    lines = [["down", 200, 200, 1, False], ["move", 260, 210, 1], ["move", 220, 400, 1], ["up", 220, 400, 1]]
    return [json.dumps([*lines, ["wait", 0.5], ["key", "w"], ["key", "7"], ["key", "s"], ["quit"]]).encode()]


def event_of(step: Step, folder: Path) -> pygame.Event | None:
    """The event that a step posts; None for a step that lets time pass."""
    kind, *said = step
    if kind in ("down", "up"):
        type_of = pygame.MOUSEBUTTONDOWN if kind == "down" else pygame.MOUSEBUTTONUP
        return pygame.Event(type_of, pos=(said[0], said[1]), button=said[2], touch=kind == "down" and said[3])
    if kind == "move":
        buttons = tuple(said[2] >> place & 1 for place in range(3))
        return pygame.Event(pygame.MOUSEMOTION, pos=(said[0], said[1]), rel=(0, 0), buttons=buttons)
    if kind == "key":
        *held, name = said[0].split("+") if said[0] != "+" else [said[0]]
        codes = {"enter": pygame.K_KP_ENTER, "[5]": pygame.K_KP5}
        code = codes.get(name) or pygame.key.key_code(name)
        return pygame.Event(pygame.KEYDOWN, key=code, mod=sum(MODIFIERS[one] for one in held), unicode="")
    if kind == "code":
        return pygame.Event(pygame.KEYDOWN, key=said[0], mod=said[1], unicode="", scancode=said[0])
    if kind == "released":
        return pygame.Event(pygame.KEYUP, key=0, mod=0)
    if kind == "wheel":
        return pygame.Event(pygame.MOUSEWHEEL, x=0, y=said[0], flipped=False)
    if kind == "size" and said[2]:
        return pygame.Event(pygame.VIDEORESIZE, size=(said[0], said[1]), w=said[0], h=said[1])
    if kind == "size":
        return pygame.Event(pygame.WINDOWSIZECHANGED, x=said[0], y=said[1])
    if kind == "drop":
        return pygame.Event(pygame.DROPFILE, file=str(folder / DROPS[said[0]]))
    if kind == "event":
        return pygame.Event(SILENT[said[0]])
    return pygame.Event(pygame.QUIT) if kind == "quit" else None


@cache
def recognizer() -> Recognizer:
    return Recognizer.load()


def check(content: bytes, folder: Path) -> bool:
    """Hands the events to a window of its own; whatever they are, it goes on until it is told to quit."""
    stream = json.loads(content)
    for name, data in zip(
        DROPS, (images.seeds()[0], json.dumps(records.DRAWING).encode(), b"\x89PNG", b"{"), strict=False
    ):
        (folder / name).write_bytes(data)
    (folder / DROPS[4]).write_bytes(bytes(16))
    (folder / DROPS[5]).mkdir()
    environment = {"SDL_VIDEODRIVER": "dummy", "KERAS_HOME": str(folder), "MNIST_DIR": ""}
    with mock.patch.dict(os.environ, environment), contextlib.chdir(folder):
        desk = Desk(folder, recognizer())
        desk.tools._rng = np.random.default_rng(0)
        failures = _kept_failures(desk)
        window = Window(desk.session, desk.tools, desk._log, Profile(), 1.0)
        try:
            pygame.event.clear()
            window.frame()
            quits = _play(stream, desk, window, folder)
            pygame.event.clear()
            for _ in range(3):
                desk.clock.now += 0.5
                window.handle(pygame.Event(pygame.MOUSEBUTTONUP, pos=(0, 0), button=1))
                window.frame()
            surface = pygame.display.get_surface()
            assert surface is not None
            assert desk.session.pen is None
            assert not quits or not window.running
        finally:
            window.shut()
    for failure in failures:  # told in the status line; what is no mistake of the user must not be told as one
        if not isinstance(failure, OSError | CheckpointError | pygame.error) and type(failure).__name__ not in USERS:
            raise failure
    return True


USERS = ("DataError", "UsageError", "ValueError")
"""What a job of the window may raise beside the above: things that the user can put right."""


def _play(stream: list[Step], desk: Desk, window: Window, folder: Path) -> bool:
    """Posts the events, a frame after each; tells whether one of them was the end."""
    quits = False
    for step in stream:
        desk.clock.now += step[1] if step[0] == "wait" else 0.01
        event = event_of(step, folder)
        if event is not None:
            pygame.event.post(event)
        for posted in pygame.event.get():
            window.handle(posted)
        window.frame()
        quits = quits or step[0] == "quit"
    return quits


def _kept_failures(desk: Desk) -> list[Exception]:
    """The list of all errors that jobs raise from now on."""
    failures: list[Exception] = []
    submit: Callable[..., None] = desk.worker.submit

    def kept(job: Any, done: Any, failed: Any, replaces: str | None = None) -> None:
        def both(error: Exception) -> None:
            failures.append(error)
            failed(error)

        submit(job, done, both, replaces)

    desk.worker.submit = kept  # type: ignore[method-assign]
    return failures


TARGETS = (Target("window", seeds, inputs, check, writes=True),)
