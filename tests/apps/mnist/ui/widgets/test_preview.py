"""The preview: the model's image, pixel for pixel."""

from __future__ import annotations

import numpy as np
import pytest

from apps.mnist.ui.theme import DARK
from apps.mnist.ui.widgets.preview import Preview

from ..conftest import SEVEN
from ..hand import Hand


def test_it_is_the_image_of_the_model_seven_times_as_large(hand: Hand) -> None:
    hand.draw(SEVEN)
    hand.rest()
    picture = hand.widget(Preview)._parts(hand.window.layout.preview)[1]
    assert picture.w == picture.h == 196
    seen = hand.picture(picture)
    assert hand.session.reading is not None
    image = hand.session.reading.prediction.image
    levels = np.rint(255 * image).astype(np.uint8).repeat(7, axis=0).repeat(7, axis=1)
    grey = (seen == levels[..., None]).all(axis=-1)
    marks = (seen == DARK.border).all(axis=-1) | (seen == DARK.winner).all(axis=-1)
    assert (grey | marks).all()
    assert (grey & ~marks).sum() > 0.93 * 196 * 196
    assert (seen == DARK.winner).all(axis=-1).sum() > 20  # the centre of mass


def test_the_cross_is_in_the_middle(hand: Hand) -> None:
    hand.draw(SEVEN)
    hand.rest()
    picture = hand.widget(Preview)._parts(hand.window.layout.preview)[1]
    rows, columns = np.nonzero((hand.picture(picture) == DARK.winner).all(axis=-1))
    assert (rows.mean() / 7, columns.mean() / 7) == pytest.approx((14.5, 14.5), abs=0.6)


def test_it_changes_with_the_width_as_drawn(hand: Hand) -> None:
    hand.draw(SEVEN)
    hand.wheel(8)
    hand.rest()
    before = hand.picture(hand.window.layout.preview)
    hand.key("a")
    hand.rest()
    assert hand.picture(hand.window.layout.preview).mean() > before.mean()


def test_pointing_at_a_pixel_tells_its_value(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    def caption() -> str:
        place = hand.window.layout.preview
        return [line.text for line in hand.written(monkeypatch) if place.holds(line.ink.x, line.ink.y)][-1]

    hand.draw(SEVEN)
    hand.rest()
    assert hand.session.reading is not None
    image = hand.session.reading.prediction.image
    assert caption() == f"{np.count_nonzero(image)} pixels of ink"
    row, column = map(int, np.unravel_index(image.argmax(), image.shape))
    picture = hand.widget(Preview)._parts(hand.window.layout.preview)[1]
    hand.move((picture.x + 7 * column + 3, picture.y + 7 * row + 3))
    assert caption() == f"row {row}, column {column}: {image[row, column]:.2f}"
    hand.move((0, 0))
    assert caption().endswith("pixels of ink")


def test_without_a_drawing_it_is_empty(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = hand.widget(Preview)._parts(hand.window.layout.preview)[1]
    hand.move((picture.x + 50, picture.y + 50))
    assert set(map(tuple, hand.picture(picture).reshape(-1, 3).tolist())) == {DARK.paper, DARK.border}
