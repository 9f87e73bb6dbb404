"""What undo takes back: the drawing on the canvas, and the labels that digits were given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..corrections import Correction
from .drawing import Drawing, Stroke


@dataclass(frozen=True)
class Label:
    """What somebody said a digit is: the digit's sheet, and what was written down.

    stroke: the first of the digit, which tells it from the others of a number; None where there is none.
    """

    sheet: int
    correction: Correction
    stroke: Stroke | None = None


@dataclass(frozen=True, eq=False)
class Page:
    """What undo takes back: the drawing, and the labels that were given.

    sheet: the number of the digit; a new one each time that the canvas is cleared.
    """

    drawing: Drawing = field(default_factory=Drawing)
    labels: tuple[Label, ...] = ()
    sheet: int = 0

    def without(self, label: Label) -> Page:
        """The page as if this label had never been given."""
        if label not in self.labels:
            return self
        return replace(self, labels=tuple(kept for kept in self.labels if kept is not label))

    def shows_the_same(self, other: Page) -> bool:
        return (self.drawing, self.labels, self.sheet) == (other.drawing, other.labels, other.sheet)

    def label_of(self, sheet: int, strokes: Sequence[Stroke] | None = None) -> int | None:
        """The last label that a digit was given. strokes: those of the digit; without them any digit of the sheet."""
        for label in reversed(self.labels):
            if label.sheet == sheet and (not strokes or label.stroke is None or label.stroke in strokes):
                return label.correction.label
        return None
