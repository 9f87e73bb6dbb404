"""The window, used by posted events: what it shows, in every size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pygame
import pytest

from apps.mnist.ui import window
from apps.mnist.ui.layout import Rect, arrange
from apps.mnist.ui.profile import Profile
from apps.mnist.ui.theme import LIGHT
from apps.mnist.ui.verdict import Certainty, certainty
from apps.mnist.ui.widgets.bars import Bars
from apps.mnist.ui.widgets.history import History
from apps.mnist.ui.widgets.inside import InsideView
from apps.mnist.ui.window import Window

from .conftest import DASH, SEVEN, Desk
from .hand import Hand, opened


class TestSizes:
    def test_drawing_and_answer_survive_all_sizes(self, hand: Hand) -> None:
        hand.draw(SEVEN)
        hand.rest()
        hand.frame(10)
        before, answer, drawing = hand.picture(), hand.session.reading, hand.session.drawing
        for width, height in (
            (720, 480),
            (200, 120),
            (40, 30),
            (1, 1),
            (30, 900),
            (1600, 40),
            (1920, 1080),
            (1000, 660),
        ):
            hand.resize(width, height)
            event = hand.desk.events("resize")[-1]
            canvas = arrange(width, height).canvas
            assert event == {"event": "resize", "window": [width, height], "canvas": [canvas.x, canvas.y, canvas.w]}
            assert (hand.session.drawing, hand.session.reading) == (drawing, answer)
            assert hand.picture().shape == (height, width, 3)
        assert (hand.picture() == before).all()

    def test_in_a_tiny_window_one_can_draw(self, hand: Hand) -> None:
        hand.resize(200, 120)
        hand.draw(SEVEN)
        hand.key("p")
        assert hand.desk.events("prediction")[0]["digit"] == 7
        for key in ("h", "escape", "o", "escape", "w", "escape", "i", "g", "g", "n", "r", "t"):
            hand.key(key)
            hand.resize(40, 30)
            hand.resize(200, 120)

    def test_a_stroke_goes_on_in_the_new_size(self, hand: Hand) -> None:
        hand.draw([(0.2, 0.5), (0.4, 0.5)], up=False)
        hand.resize(720, 480)
        hand.move(hand.at(0.7, 0.5), 1)
        hand.release(hand.at(0.7, 0.5))
        [line] = hand.session.drawing.lines
        assert line[-1] == pytest.approx((0.7, 0.5), abs=0.005)
        assert hand.desk.events("stroke")[0]["points"] == 3

    def test_of_several_sizes_in_one_frame_the_last_counts(self, hand: Hand) -> None:
        for size in ((500, 500), (600, 600), (900, 700)):
            hand.post(pygame.VIDEORESIZE, size=size, w=size[0], h=size[1])
        hand.frame()
        assert [event["window"] for event in hand.desk.events("resize")] == [[900, 700]]

    def test_the_system_may_change_the_size_itself(self, hand: Hand) -> None:
        pygame.display.set_mode((800, 600), pygame.RESIZABLE)
        hand.frame()
        assert hand.desk.events("resize")[-1]["window"] == [800, 600]
        hand.draw(SEVEN)
        hand.key("p")
        assert hand.desk.events("prediction")[0]["digit"] == 7

    def test_the_same_size_is_no_change(self, hand: Hand) -> None:
        hand.resize(1000, 660)
        assert not hand.desk.events("resize")

    def test_a_scale(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        with opened(desk, monkeypatch, scale=1.5) as hand:
            assert hand.picture().shape == (990, 1500, 3)

    @pytest.mark.parametrize(
        ("screen", "size"),
        [
            ((1920, 1080), (1000, 660)),
            ((1024, 768), (1000, 660)),
            ((3840, 2160), (1636, 1080)),
            ((640, 480), (608, 401)),
        ],
    )
    def test_without_a_scale_it_fits_the_screen(self, monkeypatch: pytest.MonkeyPatch, screen, size) -> None:
        monkeypatch.setattr(pygame.display, "get_desktop_sizes", lambda: [screen])
        assert window._initial_size(None) == size

    def test_full_screen_and_back(self, hand: Hand) -> None:
        hand.draw(SEVEN)
        screen = list(pygame.display.get_desktop_sizes()[0])
        hand.key("f11")
        assert hand.desk.events("resize")[-1]["window"] == screen
        hand.frame()
        hand.key("f11")
        hand.frame()
        assert [event["window"] for event in hand.desk.events("resize")] == [screen, [1000, 660]]
        assert hand.session.drawing.points == 4


class TestScreen:
    def test_a_screenshot(self, hand: Hand) -> None:
        from PIL import Image

        hand.draw(SEVEN)
        hand.rest()
        hand.frame(10)
        before = hand.picture()
        hand.key("f2")
        [file] = hand.desk.places.drawings.glob("window-*.png")
        assert hand.desk.said == ("ok", f"saved {file}")
        with Image.open(file) as image:
            assert (np.asarray(image) == before).all()

    def test_a_screenshot_that_cannot_be_saved(self, hand: Hand) -> None:
        hand.desk.places.drawings.write_text("a file where the folder should be")
        hand.key("f2")
        assert hand.desk.said[0] == "error"
        assert "drawings" in hand.desk.said[1]

    def test_all_colours_follow_the_theme(self, hand: Hand) -> None:
        hand.draw(SEVEN)
        hand.rest()
        dark = hand.picture()
        hand.key("t")
        assert hand.session.settings.theme is LIGHT
        light = hand.picture()
        assert light[-1, -1].tolist() == list(LIGHT.background)
        assert light.mean() > 180 > 70 > dark.mean()
        hand.key("t")
        assert (hand.picture() == dark).all()

    def test_the_inside_view_takes_the_place_of_three_parts(self, hand: Hand) -> None:
        hand.key("i")
        assert hand.widget(InsideView).place == hand.window.layout.network
        assert hand.widget(Bars).place is hand.widget(History).place is None
        hand.key("i")
        assert hand.widget(InsideView).place is None
        assert hand.widget(Bars).place == hand.window.layout.bars

    def test_nothing_is_drawn_when_nothing_changes(self, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
        hand.draw(SEVEN)
        hand.rest()
        hand.frame(10)
        shown: list[object] = []
        monkeypatch.setattr(pygame.display, "update", shown.append)
        monkeypatch.setattr(pygame.display, "flip", lambda: shown.append("all"))
        for _ in range(3):
            hand.frame(1)
        assert shown == []
        hand.send(pygame.WINDOWEXPOSED)
        assert shown == ["all"]

    def test_the_pointer_leaves_nothing_behind(self, hand: Hand) -> None:
        before = hand.picture()
        hand.move(hand.at(0.3, 0.3))
        assert (hand.picture() != before).any()
        hand.send(pygame.WINDOWLEAVE)
        assert (hand.picture() == before).all()

    def test_how_many_frames_it_asks_for(self, hand: Hand) -> None:
        hand.frame(10)
        assert hand.window._rate() == window.IDLE
        hand.move(hand.at(0.5, 0.5))
        assert hand.window._rate() == window.ACTIVE
        hand.frame(10)
        hand.press(hand.at(0.5, 0.5))
        hand.frame(10)
        assert hand.window._rate() == window.ACTIVE
        hand.desk.worker.submit(lambda: None, lambda _: None, print)
        assert hand.window._rate() == window.WAITING

    def test_the_frames_are_measured(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
        profile = Profile()
        opened_window = Window(desk.session, desk.tools, desk._log, profile, 1.0)
        opened_window.frame()
        opened_window.shut()
        assert "draw canvas" in profile.table()


STATES = {
    "empty": (),
    "drawing": ("seven",),
    "settled": ("seven", "up", "rest"),
    "not sure": ("seven", "up", "rest"),
    "settled, nothing said": ("seven", "up", "rest", "wait"),
    "label strip": ("seven", "up", "rest", "w"),
    "labelled": ("seven", "up", "rest", "w", "1", "frame"),
    "all switched on": ("e", "a", "l", "["),
    "press P": ("l", "seven", "up", "p", "dash"),
    "light": ("t", "seven", "up", "rest"),
    "help": ("h",),
    "files": ("o",),
    "inside": ("seven", "up", "rest", "i", "frame"),
    "inside, empty": ("i", "frame"),
    "error": ("missing",),
    "many": ("seven", "up", "p", "q") * 9,
}


def _reach(hand: Hand, *steps: str) -> None:
    for step in steps:
        if step == "seven":
            hand.draw(SEVEN, up=False)
        elif step == "dash":
            hand.draw(DASH)
        elif step == "up":
            hand.release(hand.at(*SEVEN[-1]))
        elif step == "rest":
            hand.rest()
        elif step == "wait":
            hand.frame(10)
        elif step == "frame":
            hand.frame()
        elif step == "missing":
            hand.drop(Path("a-drawing-that-is-not-there.json"))
        else:
            hand.key(step)


class TestTexts:
    @pytest.mark.parametrize("size", [(1000, 660), (720, 480), (1600, 900), (859, 900)], ids=lambda s: f"{s[0]}x{s[1]}")
    @pytest.mark.parametrize("state", STATES)
    def test_none_is_cut_and_none_overlaps_another(
        self, hand: Hand, monkeypatch: pytest.MonkeyPatch, state: str, size: tuple[int, int]
    ) -> None:
        (hand.desk.folder / "files").mkdir()
        monkeypatch.chdir(hand.desk.folder / "files")
        if state == "not sure":
            monkeypatch.setattr(hand.session.recognizer, "temperature", 20.0)
        hand.resize(*size)
        _reach(hand, *STATES[state])
        if state == "not sure":
            assert hand.session.reading is not None
            assert certainty(hand.session.reading.prediction.probabilities) is Certainty.UNSURE
        lines = hand.written(monkeypatch)
        assert len(lines) > 2
        assert [line for line in lines if line.cut] == []
        for i, line in enumerate(lines):
            assert line.ink.w > 0
            assert _shared(line.ink, line.room) == line.ink, line
            for other in lines[:i]:
                shared = _shared(line.ink, other.ink)
                assert shared.w <= 0 or shared.h <= 0, (line, other)


def _shared(a: Rect, b: Rect) -> Rect:
    x, y = max(a.x, b.x), max(a.y, b.y)
    return Rect(x, y, min(a.right, b.right) - x, min(a.bottom, b.bottom) - y)
