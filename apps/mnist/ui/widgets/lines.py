"""The two lines of words at the edges: which model is open, and what has just happened."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import pygame

from ...figures import Figure, figures_of
from ..drawing import stroke_count
from ..layout import Layout, Rect
from ..verdict import percent
from .base import Widget

NAMES = {"fashion_mnist": "Fashion-MNIST", "mnist": "MNIST", "pendigits": "pen"}
"""What datasets are called at the top, where there is little room."""


class Title(Widget):
    """The model and how good it is, and what is switched on."""

    def locate(self, layout: Layout) -> Rect:
        return layout.title

    def state(self) -> Hashable:
        return self.session.recognizer, tuple(self._switched())

    def draw(self, surface: pygame.Surface, place: Rect) -> None:
        inner = Rect(place.x + self.px(10), place.y, max(0, place.w - 2 * self.px(10)), place.h)
        split = inner.w * 0.62
        self.write(surface, self._model(), inner.left(split), size=17)
        switched = ", ".join(self._switched())
        rest = inner.beside(split + self.px(10))
        self.write(surface, switched, rest, self.theme.muted, size=16, align="right")

    def _model(self) -> str:
        recognizer = self.session.recognizer
        if recognizer is None:
            return "Digits: no model"
        said = f"Digits: {recognizer.name}, {recognizer.model.count_params():,} parameters"
        return said + how_good(figures_of(recognizer.model.metadata))

    def _switched(self) -> list[str]:
        settings = self.session.settings
        return [
            f"brush {settings.brush:.1f}",
            *(["eraser"] if settings.eraser else []),
            *(["width as drawn"] if settings.as_drawn else []),
            *([] if settings.live else ["no guesses"]),
        ]


def how_good(figures: Iterable[Figure]) -> str:
    """What follows the name of a model: how many test images of each dataset it reads; validation images flatter.

    >>> how_good([Figure("mnist", "test", 10_000, 0.9902)])
    ', 99.02 % on MNIST'
    >>> how_good([Figure("mnist", "test", 10_000, 0.995), Figure("pendigits", "test", 747, 0.9799)])
    ', MNIST 99.5 %, pen 98.0 %'
    """
    tests = [(NAMES.get(one.set, one.set), 100 * one.accuracy) for one in figures if one.kind == "test"]
    if len(tests) == 1:
        [(name, share)] = tests
        return f", {share:.2f} % on {name}"
    return "".join(f", {name} {share:.1f} %" for name, share in tests)


class Status(Widget):
    """The last message, errors in red; without one, what is on the canvas and how long the network took."""

    def locate(self, layout: Layout) -> Rect:
        return layout.status

    def state(self) -> Hashable:
        return self.session.message, self._text()

    def draw(self, surface: pygame.Surface, place: Rect) -> None:
        inner = Rect(place.x + self.px(10), place.y, max(0, place.w - 2 * self.px(10)), place.h)
        message, theme = self.session.message, self.theme
        if message is None:
            self.write(surface, self._text(), inner, theme.muted, size=16)
            return
        colour = {"info": theme.text, "ok": theme.ok, "error": theme.error}[message.kind]
        self.write(surface, message.line, inner, colour, size=16)

    def _text(self) -> str:
        session = self.session
        drawing, reading = session.drawing, session.reading
        if drawing.is_empty:
            return "nothing drawn yet"
        parts = [stroke_count(drawing)]
        if drawing.picture is not None:
            parts = ["a picture", *(parts if drawing.strokes else [])]
        if reading is not None:
            parts.append(f"preprocessing {reading.preprocess_ms:.1f} ms, model {reading.model_ms:.1f} ms")
        if session.settled and reading is not None:
            parts.append(f"{reading.number} with {percent(reading.probability)}")
        return "   |   ".join(parts)
