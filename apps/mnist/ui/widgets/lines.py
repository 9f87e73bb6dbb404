"""The two lines of words at the edges: which model is open, and what has just happened."""

from __future__ import annotations

from collections.abc import Hashable

import pygame

from ..drawing import stroke_count
from ..layout import Layout, Rect
from ..verdict import percent
from .base import Widget


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
        metadata = recognizer.model.metadata
        accuracy = metadata.get("test_accuracy")
        if metadata.get("test_set") == "MNIST" and isinstance(accuracy, float):
            said += f", {100 * accuracy:.2f} % on MNIST"
        return said

    def _switched(self) -> list[str]:
        settings = self.session.settings
        return [
            f"brush {settings.brush:.1f}",
            *(["eraser"] if settings.eraser else []),
            *(["width as drawn"] if settings.as_drawn else []),
            *([] if settings.live else ["no guesses"]),
        ]


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
