"""What undo takes back: the drawing on the canvas, and the labels that digits were given."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..corrections import Correction
from .drawing import Drawing


@dataclass(frozen=True)
class Label:
    """What somebody said a digit is: the digit's sheet, and what was written down."""

    sheet: int
    correction: Correction


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

    def label_of(self, sheet: int) -> int | None:
        """The last label that a digit was given."""
        return next((label.correction.label for label in reversed(self.labels) if label.sheet == sheet), None)
