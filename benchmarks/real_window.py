"""The real window on a screen of its own: Xvfb shows it, xdotool is the hand, the events log tells what arrived."""

from __future__ import annotations

import json
import os
import queue
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from apps.mnist.recognizer import Recognizer
from apps.mnist.unipen import PenDigit

ROOT = Path(__file__).parents[1]
PATIENCE = 60.0
"""Seconds after which what was waited for will not come any more, on however slow a machine."""
BETWEEN_POINTS = 0.001
"""Seconds between two positions of the mouse; no hand and no mouse is quicker."""
SIZES = (0.25, 0.90)
"""The longest side of a digit, in canvases."""

Line = list[tuple[int, int]]
"""The positions of one stroke, in pixels of the window."""


def missing() -> str | None:
    """What has to be installed first, if anything."""
    lacking = [program for program in ("Xvfb", "xdotool") if shutil.which(program) is None]
    return f"needs {' and '.join(lacking)}: apt-get install xvfb xdotool" if lacking else None


@contextmanager
def screen(size: str = "1280x800x24") -> Iterator[str]:
    """A screen that nobody sees, on a display that was free; gives the display's name."""
    readable, writable = os.pipe()
    command = ["Xvfb", "-displayfd", str(writable), "-screen", "0", size, "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writable], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writable)
    try:
        with os.fdopen(readable) as answer:
            if not select.select([answer], [], [], PATIENCE)[0] or not (number := answer.readline().strip()):
                raise RuntimeError("Xvfb does not start")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


class RealWindow:
    """The process `python -m apps.mnist.draw` and the means to use it as a person does.

    display: the screen's name. arguments: the process's own. It runs in `folder`, an empty one without it.
    """

    def __init__(self, display: str, *arguments: str, folder: Path | None = None) -> None:
        self._temporary = tempfile.TemporaryDirectory()
        scratch = Path(self._temporary.name)
        log = scratch / "events"
        os.mkfifo(log)  # a log that is read as it is written: nothing is polled, and each line has its time
        kept = {name: value for name, value in os.environ.items() if name not in ("SDL_VIDEODRIVER", "WAYLAND_DISPLAY")}
        self._environment = {**kept, "DISPLAY": display, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        self._events: queue.Queue[tuple[float, dict[str, Any]]] = queue.Queue()
        self._lines: queue.Queue[str | None] = queue.Queue()  # None at the end
        self.process = subprocess.Popen(
            [sys.executable, "-m", "apps.mnist.draw", "--events-log", str(log), *arguments],
            cwd=scratch if folder is None else folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._readers = [
            threading.Thread(target=self._read_events, args=(log,), daemon=True),
            threading.Thread(target=self._read_output, daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        try:
            self.wait_for_line("READY")
            ready = self.wait_for("ready")
            self.canvas: list[int] = ready["canvas"]
            self.size: list[int] = ready["window"]
            self.id = self.xdotool("search", "--sync", "--onlyvisible", "--pid", str(self.process.pid)).split()[0]
            self.xdotool("windowfocus", "--sync", self.id)  # nobody else does, without a window manager
        except BaseException:
            self.end()
            raise

    def __enter__(self) -> RealWindow:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Ends the process, if it has not ended by itself."""
        self.process.kill()
        self.process.wait()
        for reader in self._readers:
            reader.join(timeout=1)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._temporary.cleanup()

    # What it tells.

    def _read_events(self, log: Path) -> None:
        with log.open(encoding="utf-8") as lines:
            for line in lines:
                self._events.put((time.perf_counter(), json.loads(line)))
        self._events.put((time.perf_counter(), {"event": "end"}))

    def _read_output(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def wait_for(self, name: str) -> dict[str, Any]:
        """The next event of this name; those before it are let go. Its key "at" is the time when it was logged."""
        event, at = {"event": ""}, 0.0
        while event["event"] != name:
            try:
                at, event = self._events.get(timeout=PATIENCE)
            except queue.Empty:
                event = {"event": "end"}
            if event["event"] == "end":
                raise RuntimeError(f"the window logs no {name}; it printed {self.output()!r}")
        return {**event, "at": at}

    def pending(self) -> list[dict[str, Any]]:
        """The events that nobody has waited for yet."""
        found = []
        with suppress(queue.Empty):
            while True:
                found.append(self._events.get_nowait()[1])
        return found

    def wait_for_line(self, line: str) -> None:
        """Waits until the process has printed this line."""
        printed: list[str] = []
        while line not in printed:
            with suppress(queue.Empty):
                if (found := self._lines.get(timeout=PATIENCE)) is not None:
                    printed.append(found)
                    continue
            raise RuntimeError(f"the window does not print {line}, but {printed}")

    def output(self) -> str:
        """What it has printed since it was last asked."""
        printed = []
        with suppress(queue.Empty):
            while (line := self._lines.get_nowait()) is not None:
                printed.append(line)
        return "\n".join(printed)

    def wait(self) -> tuple[int, str]:
        """Waits for the end; the status and what was printed."""
        status = self.process.wait(timeout=PATIENCE)
        for reader in self._readers:
            reader.join(timeout=PATIENCE)
        return status, self.output()

    # What is done to it.

    def xdotool(self, *arguments: str, script: str | None = None) -> str:
        """Runs xdotool on the window's screen; script: its commands, one a line."""
        command = ["xdotool", *arguments] if script is None else ["xdotool", "-"]
        done = subprocess.run(
            command, input=script, env=self._environment, capture_output=True, text=True, timeout=PATIENCE, check=True
        )
        return done.stdout

    def key(self, *chords: str) -> None:
        """Presses and releases keys, named as xdotool names them. In between it pauses for some milliseconds: SDL
        takes a modifier that comes up and goes down at once for one that is held.
        """
        self.xdotool("key", *chords)

    def draw(self, strokes: Sequence[Line]) -> list[dict[str, Any]]:
        """Draws with the mouse; returns what the window logged of each stroke."""
        self._play(command for line in strokes for command in (*self._to_the_end_of(line), "mouseup 1"))
        return [self.wait_for("stroke") for _ in strokes]

    def write(self, digit: PenDigit, rng: np.random.Generator) -> Written:
        """Draws a digit somewhere, lifts the pen and presses P in one go, takes the answer, and clears the canvas."""
        strokes = somewhere(digit, self.canvas, rng)
        *others, last = strokes
        logged = self.draw(others) if others else []
        self._play(self._to_the_end_of(last))
        begin = time.perf_counter()
        self.xdotool("mouseup", "1", "key", "--delay", "0", "p")
        logged.append(self.wait_for("stroke"))
        answer = self.wait_for("prediction")
        while answer["points"] != sum(stroke["points"] for stroke in logged):
            answer = self.wait_for("prediction")  # that was another's: on a busy machine the pen seems to rest
        self.xdotool("key", "--delay", "0", "q")
        self.wait_for("clear")
        return Written(digit, strokes, [stroke["points"] for stroke in logged], answer, answer["at"] - begin)

    def _to_the_end_of(self, line: Line) -> Iterator[str]:
        (x, y), *rest = line
        yield f"mousemove --window {self.id} {x} {y}"
        yield "mousedown 1"
        for x, y in rest:
            yield f"mousemove --window {self.id} {x} {y}"
            yield f"sleep {BETWEEN_POINTS}"

    def _play(self, commands: Iterable[str]) -> None:
        self.xdotool(script="\n".join(commands) + "\n")


class Written(NamedTuple):
    """A digit that was drawn in the window: its strokes as they were sent, the points that arrived of each,
    the answer, and the seconds from lifting the pen to it, the start of xdotool included.
    """

    digit: PenDigit
    strokes: list[Line]
    arrived: list[int]
    answer: dict[str, Any]
    seconds: float

    @property
    def sent(self) -> list[int]:
        """The points of each stroke."""
        return [len(without_repeats(line)) for line in self.strokes]

    @property
    def right(self) -> bool:
        return bool(self.answer["digit"] == self.digit.label)

    def as_offline(self, recognizer: Recognizer) -> bool:
        """Whether the answer is that of the strokes without a window."""
        prediction = recognizer.predict_strokes([np.array(line, float) for line in self.strokes])
        return prediction is not None and bool(prediction.digit == self.answer["digit"])


def without_repeats(line: Line) -> Line:
    """The positions without those at which the mouse did not move."""
    return [here for i, here in enumerate(line) if i == 0 or here != line[i - 1]]


def somewhere(digit: PenDigit, canvas: Sequence[int], rng: np.random.Generator) -> list[Line]:
    """A digit's strokes at a random place and in a random size, in pixels of the window."""
    x, y, side = canvas
    points = np.concatenate(digit.strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    scale = rng.uniform(*SIZES) * (side - 1) / extent.max()
    corner = rng.uniform(0, side - 1 - scale * extent)
    placed = (np.rint((x, y) + corner + scale * (stroke - low)).astype(int).tolist() for stroke in digit.strokes)
    return [[(px, py) for px, py in line] for line in placed]


def some(digits: Sequence[PenDigit], n: int, rng: np.random.Generator) -> list[PenDigit]:
    """So many of the digits, chosen at random."""
    return [digits[i] for i in rng.choice(len(digits), n, replace=False)]
