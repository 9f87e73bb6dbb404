"""Drawings in motion: what is shown at which moment."""

from __future__ import annotations

import numpy as np
import pytest

from apps.mnist.ui.drawing import Drawing, Stroke
from apps.mnist.ui.playback import CENTRING, HOLDING, LONGEST_PAUSE, PIXELS, SHORTEST_STROKE, Centring, Replay
from apps.mnist.ui.raster import as_levels
from apps.mnist.ui.reading import LINE, model_image

BEGIN = 50.0
SLOW = Stroke((((0.1, 0.1, 0.0), (0.2, 0.1, 0.4)), ((0.3, 0.1, 0.7), (0.4, 0.1, 1.0))), began=3.0)
QUICK = Stroke((((0.1, 0.9, 0.0), (0.9, 0.9, 0.01)),), began=9.0)
TAP = Stroke((((0.5, 0.5, 0.0),),), began=10.0)


def same(a: Drawing, b: Drawing) -> bool:
    return [stroke.segments for stroke in a.strokes] == [stroke.segments for stroke in b.strokes]


class TestReplay:
    def test_grows_at_the_speed_at_which_it_was_drawn(self) -> None:
        replay = Replay(Drawing((SLOW,)), BEGIN)
        counts = [replay.drawing(BEGIN + t).points for t in (0, 0.3, 0.41, 0.69, 0.71, 0.99, 1.01)]
        assert counts == [1, 1, 2, 2, 3, 3, 4]

    def test_one_stroke_after_the_other(self) -> None:
        replay = Replay(Drawing((SLOW, TAP)), BEGIN)
        second = BEGIN + 1.0 + LONGEST_PAUSE
        assert len(replay.drawing(second - 0.001).strokes) == 1
        assert len(replay.drawing(second + 0.001).strokes) == 2

    def test_long_thinking_is_left_out(self) -> None:
        assert Replay(Drawing((QUICK, Stroke(TAP.segments, began=999.0))), BEGIN).is_over(BEGIN + 2)

    def test_very_quick_strokes_are_slowed_down_to_be_seen(self) -> None:
        replay = Replay(Drawing((QUICK,)), BEGIN)
        assert replay.drawing(BEGIN + SHORTEST_STROKE - 0.01).points == 1
        assert replay.drawing(BEGIN + SHORTEST_STROKE + 0.01).points == 2

    def test_ends_with_the_whole_drawing(self) -> None:
        drawing = Drawing((SLOW, QUICK, TAP))
        replay = Replay(drawing, BEGIN)
        end = next(BEGIN + n / 100 for n in range(1000) if replay.is_over(BEGIN + n / 100))
        assert same(replay.drawing(end), drawing)
        assert same(replay.drawing(end - 0.02), drawing)

    def test_only_ever_grows(self) -> None:
        replay = Replay(Drawing((SLOW, QUICK, TAP)), BEGIN)
        counts = [replay.drawing(BEGIN + n / 50).points for n in range(150)]
        assert counts == sorted(counts)
        assert counts[-1] == 7

    def test_a_drawing_without_times_is_shown(self) -> None:
        drawing = Drawing((Stroke((((0.1, 0.1, 0.0), (0.9, 0.1, 0.0)),)),))
        assert same(Replay(drawing, BEGIN).drawing(BEGIN), drawing)

    def test_the_picture_is_there_all_the_time(self) -> None:
        picture = np.ones((28, 28), np.float32)
        assert Replay(Drawing((SLOW,), picture), BEGIN).drawing(BEGIN - 1).picture is picture

    def test_the_network_is_asked_meanwhile(self) -> None:
        assert Replay(Drawing((TAP,)), BEGIN).grows


def centring(drawing: Drawing, brush: float = 4.0) -> Centring:
    image = model_image(drawing, brush)
    assert image is not None
    return Centring(drawing, image, brush, BEGIN)


class TestCentring:
    L = Drawing((Stroke((((0.1, 0.2, 0.0), (0.1, 0.5, 0.1), (0.2, 0.5, 0.2)),)),))
    TIMES = np.linspace(BEGIN, BEGIN + CENTRING + HOLDING, 60)

    def test_the_network_is_not_asked_meanwhile(self) -> None:
        assert not centring(self.L).grows

    def test_begins_with_the_drawing_as_it_is(self) -> None:
        motion = centring(self.L)
        assert np.allclose(motion.drawing(BEGIN).lines[0], self.L.lines[0])
        assert motion.width(BEGIN) == 4.0
        assert motion.fading(BEGIN) == 0

    def test_the_box_begins_around_the_ink(self) -> None:
        x, y, side = centring(self.L).box(BEGIN)
        low, high = self.L.lines[0].min(axis=0), self.L.lines[0].max(axis=0)
        assert x <= low[0]
        assert y <= low[1]
        assert x + side >= high[0]
        assert y + side >= high[1]
        assert side < 1.2 * (high - low).max()

    def test_the_lines_end_where_the_model_sees_them(self) -> None:
        motion = centring(self.L)
        line = 28 * motion.drawing(BEGIN + CENTRING).lines[0]
        image = motion.image
        assert motion.width(BEGIN + CENTRING) == pytest.approx(LINE)
        assert np.ptp(line[:, 1]) == pytest.approx(20 - LINE)
        for x, y in (line[0] + line[1]) / 2, line[1]:
            assert image[int(y), int(x)] > 0.5

    def test_the_box_ends_as_twenty_pixels_around_them(self) -> None:
        motion = centring(self.L)
        x, y, side = motion.box(BEGIN + CENTRING)
        line = motion.drawing(BEGIN + CENTRING).lines[0]
        assert side == pytest.approx(20 / 28)
        assert y == pytest.approx(line[:, 1].min() - LINE / 2 / 28)
        assert x <= line[:, 0].min()
        assert x * 28 == pytest.approx(round(x * 28))  # on whole pixels
        assert y * 28 == pytest.approx(round(y * 28))

    def test_the_picture_ends_as_the_models_image(self) -> None:
        motion = centring(self.L)
        shown = motion.levels(BEGIN + CENTRING + HOLDING)
        assert shown.shape == (PIXELS, PIXELS)
        np.testing.assert_array_equal(shown, as_levels(motion.image).repeat(5, axis=0).repeat(5, axis=1))

    def test_is_over_after_its_time(self) -> None:
        motion = centring(self.L)
        assert not motion.is_over(BEGIN + CENTRING + HOLDING - 0.01)
        assert motion.is_over(BEGIN + CENTRING + HOLDING)

    def test_moves_without_jumps(self) -> None:
        motion = centring(self.L)
        places = np.array([motion.drawing(t).lines[0][0] for t in self.TIMES])
        assert np.abs(np.diff(places, axis=0)).max() < 0.1

    @pytest.mark.parametrize("drawing", [Drawing((TAP,)), Drawing((TAP, QUICK)), Drawing((TAP, TAP))])
    def test_dots_are_centred_too(self, drawing: Drawing) -> None:
        motion = centring(drawing)
        for now in self.TIMES:
            levels = motion.levels(now)
            assert levels.dtype == np.uint8
            assert levels.any()
            assert np.isfinite(motion.box(now)).all()

    def test_a_picture_alone_stands_still(self) -> None:
        picture = np.zeros((28, 28), np.float32)
        picture[4:24, 12:16] = 1
        motion = centring(Drawing(picture=picture))
        assert motion.box(BEGIN) == motion.box(BEGIN + CENTRING) == pytest.approx((4 / 28, 4 / 28, 20 / 28))
        np.testing.assert_array_equal(motion.levels(BEGIN), as_levels(picture).repeat(5, axis=0).repeat(5, axis=1))
