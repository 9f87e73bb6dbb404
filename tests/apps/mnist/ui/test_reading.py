"""What the model is given of a drawing, and what comes back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from apps.mnist import data
from apps.mnist.preprocess import image_from_strokes
from apps.mnist.recognizer import Prediction, Recognizer
from apps.mnist.ui.drawing import Drawing, Pen
from apps.mnist.ui.reading import LINE, SMALLEST_DRAWING, Question, drawn_width, model_image, read

from .conftest import DASH, ONE, SEVEN


def drawing_of(*strokes: tuple[tuple[float, float], ...], picture: np.ndarray | None = None) -> Drawing:
    drawing = Drawing(picture=picture)
    for places in strokes:
        pen = Pen(*places[0], now=0.0)
        for number, place in enumerate(places[1:]):
            pen.move(*place, now=number / 100)
        drawing = drawing.with_stroke(pen.stroke)
    return drawing


def seen(drawing: Drawing, brush: float = LINE, as_drawn: bool = False) -> np.ndarray:
    image = model_image(drawing, brush, as_drawn)
    assert image is not None
    assert image.shape == (28, 28)
    assert image.dtype == np.float32
    assert image.min() >= 0
    assert image.max() == 1
    return image


def question(drawing: Drawing, **changes: object) -> Question:
    fields: dict[str, object] = {"brush": LINE, "as_drawn": False, "revision": 7, "sheet": 2, "settled": True}
    return Question(drawing, **(fields | changes))  # type: ignore[arg-type]


class TestModelImage:
    @pytest.mark.parametrize("strokes", [(ONE,), (SEVEN,), (SEVEN, DASH)], ids=["1", "7", "7 with a dash"])
    def test_of_strokes_is_that_of_the_recipe(self, strokes: tuple[tuple[tuple[float, float], ...], ...]) -> None:
        np.testing.assert_array_equal(seen(drawing_of(*strokes)), image_from_strokes(strokes, 2.2))

    def test_without_ink_there_is_none(self) -> None:
        assert model_image(Drawing()) is None

    @pytest.mark.parametrize("trembling", [0, 0.002, 0.01])
    def test_a_tap_stays_a_dot(self, trembling: float) -> None:
        image = seen(drawing_of(((0.5, 0.5), (0.5 + trembling, 0.5 + trembling))))
        assert 4 <= image.sum() <= 12
        rows, columns = np.nonzero(image)
        assert np.ptp(rows) <= 6
        assert np.ptp(columns) <= 6

    def test_the_brush_is_only_looks(self) -> None:
        np.testing.assert_array_equal(seen(drawing_of(SEVEN), brush=5.0), seen(drawing_of(SEVEN), brush=1.0))

    @pytest.mark.parametrize("strokes", [(SEVEN,), (ONE,), (((0.4, 0.4), (0.5, 0.6)),)])
    def test_unless_it_is_seen_as_drawn(self, strokes: tuple[tuple[tuple[float, float], ...], ...]) -> None:
        inks = [seen(drawing_of(*strokes), brush, as_drawn=True).sum() for brush in (1.0, 3.0, 5.0)]
        assert inks == sorted(inks)
        assert inks[-1] > 1.3 * inks[0]

    @pytest.mark.parametrize("index", range(40))
    def test_a_digit_of_mnist_passes_through(self, index: int) -> None:
        image = (data.find("sample").test.x[index] / 255).astype(np.float32)
        np.testing.assert_allclose(seen(Drawing(picture=image)), image, atol=1e-6)

    def test_strokes_join_a_picture_as_they_lie_over_it(self) -> None:
        picture = np.zeros((28, 28), np.float32)
        picture[4:24, 13:15] = 1  # a 1
        alone = seen(Drawing(picture=picture))
        both = seen(drawing_of(((0.25, 0.2), (0.5, 0.2)), picture=picture))
        assert both.sum() > alone.sum() + 5
        assert (both[4:9, 6:10] > 0.5).any()

    def test_over_a_picture_too_the_brush_makes_no_difference_unless_it_is_to_be_seen(self) -> None:
        picture = np.zeros((28, 28), np.float32)
        picture[4:24, 13:15] = 1
        drawing = drawing_of(((0.25, 0.2), (0.5, 0.2)), picture=picture)
        assert np.array_equal(seen(drawing, brush=4.0), seen(drawing, brush=1.0))
        assert seen(drawing, brush=4.0, as_drawn=True).sum() > seen(drawing, brush=1.0, as_drawn=True).sum() + 5

    def test_a_picture_is_not_changed_by_it(self) -> None:
        picture = np.zeros((28, 28), np.float32)
        picture[4:24, 13:15] = 0.5
        kept = picture.copy()
        model_image(drawing_of(SEVEN, picture=picture))
        np.testing.assert_array_equal(picture, kept)


class TestDrawnWidth:
    def test_follows_the_formula(self) -> None:
        """Centre lines half a canvas long, a brush of 2.8 cells, a tenth: 20 * 0.1 / 0.6."""
        assert drawn_width(drawing_of(((0.5, 0.2), (0.5, 0.7))), 2.8) == pytest.approx(20 * 0.1 / 0.6)

    def test_what_is_as_large_as_the_box_has_the_width_of_the_brush(self) -> None:
        side = (20 - 2.2) / 28
        assert drawn_width(drawing_of(((0.1, 0.1), (0.1, 0.1 + side))), 2.2) == pytest.approx(2.2)

    @pytest.mark.parametrize("strokes", [(), (((0.5, 0.5),),), (((0.0, 0.0), (1.0, 1.0)),)])
    @pytest.mark.parametrize("brush", [1.0, 5.0])
    def test_can_always_be_drawn(self, strokes: tuple[tuple[tuple[float, float], ...], ...], brush: float) -> None:
        assert 0.5 <= drawn_width(drawing_of(*strokes), brush) <= 15


class TestRead:
    def test_says_what_was_asked_and_what_came_back(self, recognizer: Recognizer) -> None:
        drawing = drawing_of(SEVEN)
        reading = read(recognizer, question(drawing))
        assert reading is not None
        assert reading.drawing is drawing
        assert (reading.revision, reading.sheet, reading.settled) == (7, 2, True)
        assert recognizer.path is not None
        assert reading.model == recognizer.path.name
        offline = recognizer.predict_strokes(drawing.lines, LINE, SMALLEST_DRAWING)
        assert offline is not None
        assert reading.prediction.digit == offline.digit == 7
        np.testing.assert_array_equal(reading.prediction.probabilities, offline.probabilities)
        np.testing.assert_array_equal(reading.prediction.image, model_image(drawing))

    def test_measures_its_parts(self, recognizer: Recognizer) -> None:
        reading = read(recognizer, question(drawing_of(SEVEN)))
        assert reading is not None
        assert reading.preprocess_ms > 0
        assert reading.model_ms > 0
        assert reading.ms == reading.preprocess_ms + reading.model_ms

    def test_asks_no_model_without_ink(self) -> None:
        assert read(None, question(Drawing())) is None  # type: ignore[arg-type]

    def test_a_model_of_no_file_has_a_name_nevertheless(self, recognizer: Recognizer) -> None:
        reading = read(Recognizer(recognizer.model), question(drawing_of(SEVEN)))
        assert reading is not None
        assert reading.model

    @pytest.mark.parametrize("broken", [np.nan, np.inf])
    def test_numbers_that_are_none_are_refused(
        self, recognizer: Recognizer, broken: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = Recognizer(recognizer.model, Path("models") / "broken.json")
        monkeypatch.setattr(other, "classify", lambda image: Prediction(0, np.full(10, broken), image))
        with pytest.raises(ValueError, match=r"^its answer is not finite"):
            read(other, question(drawing_of(SEVEN)))
