"""`python -m apps.mnist.draw`: from the command line to an open window, whatever the checkpoint is like."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pygame
import pytest

import framework
from apps.mnist import draw
from apps.mnist.recognizer import SHIPPED
from apps.mnist.ui.window import Window

FRAMES = 3000
"""The most that a script may take: at 60 a second, more than it ever needs."""

Script = Callable[[Window], Iterator[None]]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[[Script], None]:
    """Has somebody use the next window: each step of the script is done after a frame."""

    def play(script: Script) -> None:
        steps: dict[Window, Iterator[None]] = {}
        count = 0

        def frame(window: Window) -> None:
            nonlocal count
            count += 1
            assert count < FRAMES, "the script does not end"
            show(window)
            next(steps.setdefault(window, script(window)), None)

        show = Window.frame
        monkeypatch.setattr(Window, "frame", frame)

    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    return play


def draw_and_quit(window: Window) -> Iterator[None]:
    """Draws, asks for the answer, waits for it, and presses Ctrl+Q."""
    yield
    for kind, x in ((pygame.MOUSEBUTTONDOWN, 100), (pygame.MOUSEMOTION, 200), (pygame.MOUSEBUTTONUP, 300)):
        pygame.event.post(pygame.Event(kind, pos=(x, 100), button=1, buttons=(1, 0, 0), rel=(0, 0)))
        yield
    press(pygame.K_p)
    yield
    while window.session.worker.busy:
        yield
    press(pygame.K_q, pygame.KMOD_LCTRL)


def press(key: int, mod: int = 0) -> None:
    pygame.event.post(pygame.Event(pygame.KEYDOWN, key=key, mod=mod))


def events(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def wrong_shape(path: Path) -> None:
    model = framework.Sequential([framework.Input((5,)), {"dense": 3}], seed=0)
    model.save(path)


CHECKPOINTS: dict[str, Callable[[Path], Any]] = {
    "missing": lambda path: None,
    "a folder without a model": lambda path: path.mkdir(),
    "truncated": lambda path: path.write_bytes(SHIPPED.read_bytes()[:5000]),
    "foreign": lambda path: path.write_text('{"a": 1}'),
    "no JSON": lambda path: path.write_bytes(b"\x80\x04\x95"),
    "empty": lambda path: path.touch(),
    "of another shape": wrong_shape,
}


@pytest.mark.parametrize("kind", CHECKPOINTS)
def test_without_a_usable_checkpoint_one_can_draw_and_quit(call, play, tmp_path: Path, kind: str) -> None:
    checkpoint, log = tmp_path / "model.json", tmp_path / "log"
    CHECKPOINTS[kind](checkpoint)
    play(draw_and_quit)
    outcome = call(draw.main, "--checkpoint", checkpoint, "--events-log", log)
    assert outcome == (0, "READY\n", "")
    names = [event["event"] for event in events(log)]
    assert names == ["ready", "error", "stroke", "error", "quit"]
    first, second = (event["message"] for event in events(log) if event["event"] == "error")
    assert str(checkpoint) in first
    assert "\n" not in first
    assert "there is no model" in second
    assert events(log)[2]["points"] == 3


def test_with_the_checkpoint_of_the_project(call, play, tmp_path: Path) -> None:
    play(draw_and_quit)
    assert call(draw.main, "--scale", 1, "--events-log", tmp_path / "log") == (0, "READY\n", "")
    ready, stroke, prediction, quit_ = events(tmp_path / "log")
    assert ready == {"event": "ready", "window": [1000, 660], "canvas": [8, 40, 532]}
    assert stroke == {"event": "stroke", "points": 3}
    assert quit_ == {"event": "quit"}
    assert prediction["event"] == "prediction"
    assert (prediction["strokes"], prediction["points"]) == (1, 3)
    assert sum(prediction["probabilities"]) == pytest.approx(1, abs=1e-3)
    assert prediction["digit"] == max(range(10), key=prediction["probabilities"].__getitem__)
    assert prediction["ms"] > 0


def test_everything_is_closed_in_the_end(call, play) -> None:
    before = threading.active_count()
    play(draw_and_quit)
    assert call(draw.main).status == 0
    assert threading.active_count() == before
    assert not pygame.display.get_init()


def test_its_options(call, play, tmp_path: Path) -> None:
    def script(window: Window) -> Iterator[None]:
        assert pygame.display.get_window_size() == (1500, 990)
        assert not window.session.settings.animation
        places = window.tools.places
        assert (places.drawings, places.corrections) == (tmp_path / "here", tmp_path / "there.jsonl")
        return draw_and_quit(window)

    play(script)
    outcome = call(
        draw.main, "--scale", 1.5, "--no-animation", "--profile",
        "--drawings", tmp_path / "here", "--corrections", tmp_path / "there.jsonl",
    )  # fmt: skip
    assert outcome.status == 0
    assert outcome.out.startswith("READY\nmilliseconds ")
    assert "\nframe while drawing " in outcome.out


@pytest.mark.parametrize("scale", ["0", "0.1", "-1", "11", "nan", "inf"])
def test_an_impossible_scale(call, scale: str) -> None:
    outcome = call(draw.main, f"--scale={scale}")
    assert outcome.status == 2
    assert outcome.err.startswith("error: --scale")
    assert outcome.err.endswith("give a number from 0.2 to 10\n")


def test_without_a_screen(call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "there-is-none")
    outcome = call(draw.main, "--events-log", tmp_path / "log")
    assert outcome.status == 2
    assert outcome.err.startswith("error: no window can be opened here (")
    assert outcome.out == ""


def test_a_log_that_cannot_be_written(call, tmp_path: Path) -> None:
    outcome = call(draw.main, "--events-log", tmp_path / "nowhere" / "log")
    assert outcome == (2, "", f"error: {tmp_path / 'nowhere' / 'log'}: no such file or directory\n")


def test_without_pygame(call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygame", None)
    outcome = call(draw.main)
    assert outcome.status == 2
    assert outcome.err == "error: the window needs pygame-ce: pip install 'numpy-sequential[mnist]'\n"


def test_an_interrupt_is_no_fault(call, play, tmp_path: Path) -> None:
    def script(window: Window) -> Iterator[None]:
        yield
        raise KeyboardInterrupt

    play(script)
    assert call(draw.main) == (130, "READY\n", "interrupted\n")
    assert not pygame.display.get_init()


def test_an_import(call) -> None:
    outcome = call(draw.main, "--import", "no_such_module_of_mine")
    assert outcome.status == 2
    assert "no_such_module_of_mine" in outcome.err
