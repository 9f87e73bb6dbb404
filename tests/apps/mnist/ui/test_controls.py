"""The window, used by posted events: what keys and mouse do to the session."""

from __future__ import annotations

import sys

import numpy as np
import pygame
import pytest

from apps.mnist.ui.commands import BUTTONS, COMMANDS, Command
from apps.mnist.ui.settings import THICKEST, THINNEST
from apps.mnist.ui.theme import DARK
from apps.mnist.ui.widgets.buttons import Buttons

from .conftest import DASH, ONE, SEVEN
from .hand import Hand

ELSEWHERE = (990, 655)
"""A pixel in which nothing lies."""


def targets(hand: Hand) -> tuple[object, ...]:
    """Whose methods the commands are."""
    return hand.window, hand.tools, hand.window.switches, hand.session


class TestCommands:
    @pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
    def test_each_is_done_by_exactly_one(self, hand: Hand, command: Command) -> None:
        able = [target for target in targets(hand) if hasattr(target, command.name)]
        assert len(able) == 1
        assert callable(getattr(able[0], command.name))

    @pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
    def test_all_its_keys_and_its_button_do_the_same(
        self, hand: Hand, command: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        done: list[str] = []
        [target] = [target for target in targets(hand) if hasattr(target, command.name)]
        monkeypatch.setattr(target, command.name, lambda: done.append(command.name))
        for chord in command.keys:
            hand.key(chord)
        assert done == [command.name] * len(command.keys)
        if command.button is not None:
            hand.click(hand.widget(Buttons)._cells(hand.window.layout.buttons)[BUTTONS.index(command)][2])
            assert done == [command.name] * (len(command.keys) + 1)

    def test_pygame_has_a_key_of_each_name(self, hand: Hand) -> None:
        known = {pygame.key.name(getattr(pygame, name)) for name in dir(pygame) if name.startswith("K_")}
        assert {chord.split("+")[-1] for command in COMMANDS for chord in command.keys} <= known

    def test_letters_with_ctrl_alt_or_meta_do_nothing_else(self, hand: Hand) -> None:
        hand.draw()
        drawing = hand.session.drawing
        listed = {chord for command in COMMANDS for chord in command.keys}
        logged = len(hand.desk.logged)
        before = hand.picture()
        for modifier in ("ctrl", "alt", "meta", "ctrl+alt", "ctrl+shift", "alt+shift"):
            for key in "abcdefghijklmnopqrstuvwxyz[]":
                chord = f"{modifier}+{key}"
                if (chord.replace("meta", "ctrl") if sys.platform == "darwin" else chord) not in listed:
                    hand.key(f"{modifier}+{key}")
        assert hand.session.drawing is drawing
        assert hand.window.running
        assert hand.desk.logged[logged:] == hand.desk.events("prediction")  # that of the rest
        hand.frame(10)
        assert (hand.picture(hand.window.layout.canvas) == before[40:572, 8:540]).all()

    def test_p_asks_q_clears_z_takes_back(self, hand: Hand) -> None:
        hand.draw(SEVEN)
        hand.key("p")
        [answer] = hand.desk.events("prediction")
        assert (answer["digit"], answer["strokes"], answer["points"]) == (7, 1, 4)
        hand.key("q")
        assert hand.session.drawing.is_empty
        hand.key("p")
        assert hand.desk.events("prediction")[1]["digit"] is None
        hand.key("z")
        assert hand.session.drawing.points == 4
        hand.key("z", "z")
        assert [event["strokes"] for event in hand.desk.events("undo")] == [1, 0, 0]
        assert hand.desk.said == ("info", "nothing to undo")

    def test_what_was_undone_can_be_redone(self, hand: Hand) -> None:
        hand.draw(SEVEN)
        hand.draw(DASH)
        hand.key("ctrl+z", "z", "shift+z")
        assert len(hand.session.drawing.strokes) == 1
        hand.key("ctrl+y")
        assert len(hand.session.drawing.strokes) == 2

    def test_ctrl_q_quits_and_clears_nothing(self, hand: Hand) -> None:
        hand.draw()
        hand.key("ctrl+q")
        assert not hand.window.running
        assert not hand.session.drawing.is_empty
        assert not hand.desk.events("clear")

    @pytest.mark.parametrize("close", [pygame.QUIT])
    def test_closing_the_window(self, hand: Hand, close: int) -> None:
        hand.send(close)
        assert not hand.window.running

    def test_ctrl_q_quits_from_the_help_and_from_the_files(self, hand: Hand) -> None:
        for opening in ("h", "o"):
            hand.window.running = True
            hand.key(opening, "ctrl+q")
            assert not hand.window.running
            hand.key("escape")

    def test_escape_does_nothing_when_nothing_is_open(self, hand: Hand) -> None:
        hand.draw()
        logged = len(hand.desk.logged)
        hand.key("escape")
        assert hand.window.running
        assert not hand.session.drawing.is_empty
        assert len(hand.desk.logged) == logged

    def test_on_a_russian_keyboard_the_key_in_the_place_of_p_is_p(self, hand: Hand) -> None:
        hand.draw(ONE)
        hand.send(pygame.KEYDOWN, key=ord("з"), scancode=pygame.KSCAN_P, mod=0, unicode="з")
        hand.frame()
        assert len(hand.desk.events("prediction")) == 1

    def test_a_key_that_means_nothing(self, hand: Hand) -> None:
        hand.key("f5", "x", "5", "tab")
        hand.send(pygame.KEYDOWN, key=0, mod=0)
        assert hand.window.running


class TestDrawing:
    def test_by_mouse(self, hand: Hand) -> None:
        hand.draw(SEVEN, up=False)
        assert hand.session.pen is not None
        assert not hand.desk.events("stroke")
        hand.release(hand.at(*SEVEN[-1]))
        assert hand.desk.events("stroke") == [{"event": "stroke", "points": 4}]
        canvas = hand.window.layout.canvas
        [line] = hand.session.drawing.lines
        expected = [hand.at(*point) for point in SEVEN]
        assert np.allclose(line * canvas.w + (canvas.x, canvas.y), expected)

    def test_a_click_is_a_dot(self, hand: Hand) -> None:
        hand.draw([(0.5, 0.5)])
        assert hand.desk.events("stroke") == [{"event": "stroke", "points": 1}]
        assert hand.picture()[hand.at(0.5, 0.51)[::-1]].tolist() != list(DARK.paper)

    def test_repeats_are_no_points(self, hand: Hand) -> None:
        hand.draw([ONE[0], ONE[0], ONE[1], ONE[1], ONE[2]])
        assert hand.desk.events("stroke")[0]["points"] == 3

    def test_many_movements_in_one_frame_all_arrive(self, hand: Hand) -> None:
        hand.post(pygame.MOUSEBUTTONDOWN, pos=(100, 100), button=1)
        for step in range(1, 400):
            hand.post(pygame.MOUSEMOTION, pos=(100 + step, 100 + step % 7), rel=(0, 0), buttons=(1, 0, 0))
        hand.post(pygame.MOUSEBUTTONUP, pos=(499, 100), button=1)
        hand.frame()
        assert hand.desk.events("stroke") == [{"event": "stroke", "points": 400}]

    def test_leaving_the_canvas_and_coming_back_is_one_stroke_of_two_parts(self, hand: Hand) -> None:
        hand.draw([(0.5, 0.5), (0.9, 0.5), (1.3, 0.5), (1.3, 0.8), (0.8, 0.8), (0.6, 0.8)])
        [stroke] = hand.session.drawing.strokes
        assert [len(segment) for segment in stroke.segments] == [3, 3]
        assert stroke.segments[0][-1][0] == stroke.segments[1][0][0] == 1.0

    def test_a_release_outside_ends_the_stroke(self, hand: Hand) -> None:
        hand.draw(ONE, up=False)
        hand.move(ELSEWHERE, 1)
        hand.release(ELSEWHERE)
        assert hand.session.pen is None
        assert len(hand.desk.events("stroke")) == 1
        hand.move(hand.at(0.2, 0.2))
        assert len(hand.session.drawing.strokes) == 1

    def test_over_a_button_the_release_presses_nothing(self, hand: Hand) -> None:
        hand.draw(ONE, up=False)
        cell = hand.widget(Buttons)._cells(hand.window.layout.buttons)[1][2]
        hand.release((cell.x + 5, cell.y + 5))
        assert not hand.session.drawing.is_empty

    def test_a_release_that_was_never_told(self, hand: Hand) -> None:
        hand.draw(ONE, up=False)
        hand.move(hand.at(0.1, 0.1))
        assert hand.session.pen is None
        assert hand.session.drawing.points == 3

    def test_losing_the_focus_ends_the_stroke(self, hand: Hand) -> None:
        hand.draw(ONE, up=False)
        hand.send(pygame.WINDOWFOCUSLOST)
        assert hand.desk.events("stroke") == [{"event": "stroke", "points": 3}]

    def test_nothing_begins_beside_the_canvas(self, hand: Hand) -> None:
        hand.press(ELSEWHERE)
        hand.move(hand.at(0.5, 0.5), 1)
        hand.release(hand.at(0.6, 0.6))
        assert hand.session.drawing.is_empty

    def test_the_middle_button_does_nothing(self, hand: Hand) -> None:
        hand.draw(ONE, button=2)
        assert hand.session.drawing.is_empty

    @pytest.mark.parametrize("button", [2, 3, 4, 5])
    def test_other_buttons_while_the_pen_is_down(self, hand: Hand, button: int) -> None:
        """Turning the wheel is told as pressing and releasing buttons 4 and 5."""
        hand.draw(SEVEN)
        hand.draw(ONE[:2], up=False)
        hand.press(hand.at(0.5, 0.2), button)
        hand.release(hand.at(0.5, 0.2), button)
        assert hand.session.pen is not None
        hand.move(hand.at(*ONE[2]), 1)
        hand.release(hand.at(*ONE[2]))
        assert [event["points"] for event in hand.desk.events("stroke")] == [4, 3]
        assert len(hand.session.drawing.strokes) == 2

    def test_keys_while_the_pen_is_down(self, hand: Hand) -> None:
        hand.draw(ONE, up=False)
        hand.key("z")
        assert hand.session.drawing.is_empty
        hand.release(hand.at(0.5, 0.9))
        assert len(hand.desk.events("stroke")) == 1  # it ended where Z was pressed
        hand.draw(ONE, up=False)
        hand.key("p")
        assert hand.desk.events("prediction")[0]["points"] == 3

    def test_a_guess_comes_while_the_pen_moves_and_the_answer_after_a_rest(self, hand: Hand) -> None:
        hand.draw(SEVEN, up=False)
        hand.frame(0.06)
        assert hand.session.reading is not None
        assert not hand.desk.events("prediction")
        hand.release(hand.at(*SEVEN[-1]))
        hand.frame(0.34)
        assert not hand.desk.events("prediction")
        hand.frame(0.02)
        hand.frame()
        assert [event["digit"] for event in hand.desk.events("prediction")] == [7]


class TestErasing:
    def test_dragging_with_the_right_button(self, hand: Hand) -> None:
        hand.draw(ONE)
        hand.draw(DASH)
        hand.draw([(0.1, 0.5), (0.2, 0.5), (0.31, 0.5)], button=3)
        assert len(hand.session.drawing.strokes) == 1
        hand.draw([(0.2, 0.2), (0.5, 0.2)], button=3)
        assert hand.session.drawing.is_empty
        hand.key("z")
        assert len(hand.session.drawing.strokes) == 1

    def test_a_right_press_elsewhere_erases_nothing(self, hand: Hand) -> None:
        hand.draw(DASH)
        hand.press(ELSEWHERE, button=3)
        hand.move(hand.at(0.5, 0.5), 3)
        assert not hand.session.drawing.is_empty

    def test_after_the_release_nothing_is_erased(self, hand: Hand) -> None:
        hand.draw(DASH)
        hand.draw([(0.1, 0.1)], button=3)
        hand.move(hand.at(0.5, 0.5))
        assert not hand.session.drawing.is_empty

    def test_the_eraser_goes_on_while_it_is_dragged(self, hand: Hand) -> None:
        hand.draw(ONE)
        hand.draw(DASH)
        hand.key("e")
        hand.draw([(0.35, 0.5), (0.4, 0.2), (0.5, 0.2)])
        assert hand.session.drawing.is_empty
        assert len(hand.desk.events("stroke")) == 2


class TestBrush:
    def test_the_wheel(self, hand: Hand) -> None:
        hand.wheel(2)
        assert hand.session.settings.brush == pytest.approx(2.6)
        hand.wheel(-1)
        assert hand.session.settings.brush == pytest.approx(2.4)
        hand.wheel(100)
        assert hand.session.settings.brush == THICKEST
        hand.wheel(-100)
        assert hand.session.settings.brush == THINNEST

    def test_a_bracket_that_is_held_goes_on(self, hand: Hand) -> None:
        hand.hold("]")
        assert hand.session.settings.brush == pytest.approx(2.4)
        hand.frame(0.30)
        assert hand.session.settings.brush == pytest.approx(2.4)
        for _ in range(3):
            hand.frame(0.07)
        assert hand.session.settings.brush == pytest.approx(3.0)
        hand.send(pygame.KEYUP, key=pygame.K_RIGHTBRACKET, mod=0)
        hand.frame(1.0)
        assert hand.session.settings.brush == pytest.approx(3.0)

    def test_other_keys_do_not_repeat(self, hand: Hand) -> None:
        hand.draw(ONE)
        hand.draw(DASH)
        hand.hold("z")
        for _ in range(5):
            hand.frame(0.2)
        assert len(hand.session.drawing.strokes) == 1

    def test_a_key_is_let_go_when_the_focus_is_lost(self, hand: Hand) -> None:
        hand.hold("]")
        hand.send(pygame.WINDOWFOCUSLOST)
        hand.frame(1.0)
        assert hand.session.settings.brush == pytest.approx(2.4)


class TestTouch:
    def test_the_click_that_follows_a_touch_is_ignored(self, hand: Hand) -> None:
        pos = hand.at(0.5, 0.5)
        hand.press(pos, touch=True)
        hand.release(pos)
        hand.press((pos[0] + 3, pos[1] - 3))
        hand.release(pos)
        assert len(hand.session.drawing.strokes) == 1

    def test_a_click_elsewhere_or_later_counts(self, hand: Hand) -> None:
        for pos, later in ((hand.at(0.9, 0.5), 0.0), (hand.at(0.5, 0.5), 0.1)):
            hand.key("q")
            hand.frame(1)
            hand.press(hand.at(0.5, 0.5), touch=True)
            hand.release(hand.at(0.5, 0.5))
            hand.frame(later)
            hand.press(pos)
            hand.release(pos)
            assert len(hand.session.drawing.strokes) == 2

    def test_two_quick_taps(self, hand: Hand) -> None:
        for _ in range(2):
            hand.press(hand.at(0.5, 0.5), touch=True)
            hand.release(hand.at(0.5, 0.5))
        assert len(hand.session.drawing.strokes) == 2
