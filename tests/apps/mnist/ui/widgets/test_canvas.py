"""The canvas: what is drawn is what is seen."""

from __future__ import annotations

import numpy as np
import pytest

from apps.mnist.ui.layout import Rect
from apps.mnist.ui.raster import Raster
from apps.mnist.ui.theme import DARK, LIGHT
from apps.mnist.ui.widgets.canvas import MIDDLE_BOX, Canvas, pixels_of

from ..conftest import DASH, ONE, SEVEN
from ..hand import Hand


def expected(hand: Hand, side: int) -> np.ndarray:
    """The levels of the drawing in so many pixels."""
    raster = Raster(side, hand.session.settings.brush * side / 28)
    raster.draw([segment for stroke in hand.session.drawing.strokes for segment in stroke.segments])
    return raster.levels


def cells(hand: Hand) -> np.ndarray:
    """The brightness beside the middle of each cell, where neither grid nor cross is."""
    canvas = hand.window.layout.canvas
    cell = canvas.w // 28
    return hand.picture(canvas)[cell // 4 :: cell, cell // 4 :: cell, 0]


class TestInk:
    def test_each_cell_shows_its_share_of_ink(self, hand: Hand) -> None:
        hand.draw(SEVEN)
        hand.draw(DASH)
        levels = expected(hand, 28)
        assert (cells(hand) == levels).all()
        assert 30 < np.count_nonzero(levels) < 400

    def test_while_it_is_drawn(self, hand: Hand) -> None:
        hand.draw(SEVEN, up=False)
        hand.move((0, 0), 1)
        assert (cells(hand) == expected(hand, 28)).all()

    def test_after_undo_erase_and_clear(self, hand: Hand) -> None:
        hand.draw(SEVEN)
        hand.draw(DASH)
        hand.draw([(0.3, 0.5)], button=3)
        hand.move((0, 0))
        assert (cells(hand) == expected(hand, 28)).all()
        hand.key("z")
        assert (cells(hand) == expected(hand, 28)).all()
        hand.key("q")
        assert not cells(hand)[:14].any()  # below is the hint

    def test_smooth(self, hand: Hand) -> None:
        hand.key("g")
        hand.draw(SEVEN)
        hand.move((0, 0))
        seen = hand.picture(hand.window.layout.canvas)[1:-1, 1:-1, 0]
        assert (seen == expected(hand, hand.window.layout.canvas.w)[1:-1, 1:-1]).all()

    def test_smooth_with_grid_and_back_to_cells(self, hand: Hand) -> None:
        hand.draw(SEVEN)
        hand.move((0, 0))
        before = hand.picture(hand.window.layout.canvas)
        hand.key("g")
        smooth = hand.picture(hand.window.layout.canvas)
        hand.key("g")
        gridded = hand.picture(hand.window.layout.canvas)
        assert tuple(gridded[5, 19 * 2]) == DARK.grid != tuple(smooth[5, 19 * 2])
        hand.key("g")
        assert (hand.picture(hand.window.layout.canvas) == before).all()

    def test_in_the_light_theme_it_is_black_on_white(self, hand: Hand) -> None:
        hand.key("t")
        hand.draw(SEVEN)
        hand.move((0, 0))
        assert (cells(hand) == 255 - expected(hand, 28)).all()
        assert LIGHT.paper == (255, 255, 255)

    def test_a_thicker_brush_is_thicker_ink(self, hand: Hand) -> None:
        hand.draw(SEVEN)
        before = cells(hand).astype(int).sum()
        hand.wheel(5)
        hand.move((0, 0))
        assert cells(hand).astype(int).sum() > 1.2 * before
        assert (cells(hand) == expected(hand, 28)).all()

    def test_a_picture_lies_under_the_strokes(self, hand: Hand) -> None:
        hand.key("shift+r")
        hand.frame()
        picture = hand.session.drawing.picture
        assert picture is not None
        assert (cells(hand) == np.rint(255 * picture)).all()
        hand.draw(DASH)
        hand.move((0, 0))
        assert (cells(hand) == np.maximum(np.rint(255 * picture), expected(hand, 28))).all()

    @pytest.mark.parametrize("size", [(720, 480), (1600, 900), (300, 200)])
    def test_in_other_sizes(self, hand: Hand, size: tuple[int, int]) -> None:
        hand.draw(SEVEN)
        hand.resize(*size)
        if hand.window.layout.canvas.w >= 4 * 28:
            assert (cells(hand) == expected(hand, 28)).all()

    def test_while_the_drawing_is_centred_its_box_is_shown(self, hand: Hand) -> None:
        hand.draw(SEVEN)
        hand.rest()
        hand.key("n")
        hand.frame(1.5)
        canvas = hand.window.layout.canvas
        box = pixels_of(MIDDLE_BOX, canvas)
        assert hand.session.playback is not None
        reading = hand.session.reading
        assert reading is not None
        # The image has moved for its centre of mass, and so has the box.
        assert (cells(hand) == (255 * reading.prediction.image).astype(np.uint8)).mean() > 0.9
        colours = (hand.picture(canvas) == DARK.winner).all(axis=-1)
        assert colours.sum() == pytest.approx(4 * 2 * box.w, rel=0.05)
        hand.frame(2.0)
        assert (cells(hand) == expected(hand, 28)).all()


class TestHint:
    def test_before_the_first_stroke_and_shorter_afterwards(self, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
        first = {line.text for line in hand.written(monkeypatch)}
        assert {"draw a digit here", "H shows everything else"} <= first
        hand.draw(ONE)
        assert "draw a digit here" not in {line.text for line in hand.written(monkeypatch)}
        hand.key("q")
        later = {line.text for line in hand.written(monkeypatch)}
        assert "draw a digit here" in later
        assert "H shows everything else" not in later


class TestPointer:
    def test_a_circle_as_wide_as_the_brush(self, hand: Hand) -> None:
        canvas = hand.window.layout.canvas
        before = hand.picture(canvas)
        for steps in (0, 10):
            hand.wheel(steps)
            hand.move((canvas.x + 100, canvas.y + 100))
            rows = np.flatnonzero((hand.picture(canvas) != before).any(axis=(1, 2)))
            assert np.ptp(rows) + 1 == pytest.approx(hand.session.settings.brush * 19, abs=3)
        hand.move((canvas.right, canvas.y))
        assert (hand.picture(canvas) == before).all()

    def test_positions(self, hand: Hand) -> None:
        canvas = hand.window.layout.canvas
        widget = hand.widget(Canvas)
        assert widget.position(canvas.x, canvas.y) == (0, 0)
        assert widget.position(canvas.right, canvas.bottom) == (1, 1)

    def test_other_buttons_are_not_for_the_canvas(self, hand: Hand) -> None:
        widget = hand.widget(Canvas)
        assert [widget.press(*hand.at(0.5, 0.5), button) for button in (1, 2, 3, 4)] == [True, False, True, False]


def test_pixels_of_a_square() -> None:
    assert pixels_of((0.25, 0.5, 0.5), Rect(10, 20, 100, 100)) == Rect(35, 70, 50, 50)
