"""What the tests of the window's logic share: a session without a window, whose clock and worker the tests drive."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from apps.mnist.recognizer import Recognizer
from apps.mnist.ui.session import Session
from apps.mnist.ui.settings import Switches
from apps.mnist.ui.tools import Places, Tools
from framework.parameters import Array

if TYPE_CHECKING:
    from .hand import Hand

ONE = ((0.5, 0.1), (0.5, 0.4), (0.5, 0.9))
SEVEN = ((0.2, 0.2), (0.8, 0.2), (0.5, 0.5), (0.4, 0.9))
DASH = ((0.3, 0.5), (0.7, 0.5))
SMALL_ONE = ((0.15, 0.3), (0.15, 0.45), (0.15, 0.7))
SMALL_SEVEN = ((0.4, 0.3), (0.65, 0.3), (0.55, 0.5), (0.5, 0.7))
SECOND_ONE = ((0.9, 0.3), (0.9, 0.45), (0.9, 0.7))
"""Beside each other they are the number 171."""


def one_as_a_picture() -> Array:
    """A 1 as an image of 28x28, in the middle."""
    picture = np.zeros((28, 28), np.float32)
    picture[4:24, 13:15] = 1
    return picture


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class InlineWorker:
    """Does a job when it is given, and hands the result over when it is collected; it has no thread."""

    def __init__(self) -> None:
        self._finished: list[Callable[[], None]] = []
        self.jobs = 0

    def submit(
        self,
        job: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        replaces: str | None = None,
    ) -> None:
        self.jobs += 1
        try:
            result = job()
        except Exception as error:
            problem = error
            self._finished.append(lambda: failed(problem))
        else:
            self._finished.append(lambda: done(result))

    def collect(self) -> None:
        while self._finished:
            self._finished.pop(0)()

    def close(self) -> None:
        """There is nothing to end."""

    @property
    def busy(self) -> bool:
        return bool(self._finished)


class Desk:
    """A session, its tools and all that a test wants to know of them.

    logged: the events. folder: where drawings and corrections are kept.
    """

    def __init__(self, folder: Path, recognizer: Recognizer | None) -> None:
        self.clock = Clock()
        self.worker = InlineWorker()
        self.logged: list[dict[str, Any]] = []
        self.folder = folder
        self.session = Session(self.worker, self._log, self.clock)  # type: ignore[arg-type]
        self.switches = Switches(self.session)
        self.places = Places(folder / "drawings", folder / "corrections.jsonl")
        self.tools = Tools(self.session, self.places)
        if recognizer is not None:
            self.session.use(recognizer)

    def _log(self, event: str, **fields: Any) -> None:
        self.logged.append({"event": event, **fields})

    def events(self, *names: str) -> list[dict[str, Any]]:
        """What was logged under these names."""
        return [entry for entry in self.logged if entry["event"] in names]

    @property
    def said(self) -> tuple[str, str]:
        """The kind and the text of the message in the status line."""
        message = self.session.message
        return ("", "") if message is None else (message.kind, message.text)

    def draw(self, points: Sequence[tuple[float, float]] = ONE) -> None:
        """Draws a stroke, one point a frame of 10 ms."""
        self.session.pen_down(*points[0])
        for x, y in points[1:]:
            self.wait(0.01)
            self.session.pen_move(x, y)
        self.wait(0.01)
        self.session.pen_up()

    def wait(self, seconds: float, frames: int = 1) -> None:
        """Lets time pass, and shows so many frames meanwhile, the last at the end of it."""
        for _ in range(frames):
            self.clock.now += seconds / frames
            self.session.tick()

    def rest(self) -> None:
        """Lets enough time pass for an answer, and takes it."""
        self.wait(0.6, frames=6)

    def predict(self) -> None:
        """Asks for the answer, and takes it."""
        self.session.predict()
        self.session.tick()


@pytest.fixture(scope="session")
def recognizer() -> Recognizer:
    return Recognizer.load()


@pytest.fixture
def desk(tmp_path: Path, recognizer: Recognizer) -> Desk:
    """A session with the model that comes with the project."""
    return Desk(tmp_path, recognizer)


@pytest.fixture
def no_model(tmp_path: Path) -> Desk:
    """A session without a model."""
    return Desk(tmp_path, None)


@pytest.fixture
def hand(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hand]:
    """A hand at a window of 1000x660 pixels that nobody sees."""
    from .hand import opened

    with opened(desk, monkeypatch) as hand:
        yield hand


@pytest.fixture
def hand_without_model(no_model: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hand]:
    from .hand import opened

    with opened(no_model, monkeypatch) as hand:
        yield hand
