"""The network as its layers, every neuron a cell lit by its activation; what is pointed at explains itself."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pygame

from framework.parameters import Array

from ...preprocess import SIDE
from ...recognizer import Recognizer
from ..inside import Group, NeuronView, evidence, groups, look, neuron
from ..layout import Layout, Rect
from ..mosaic import BESIDE, DIGIT, LINE, ZERO, Mosaic, Plan, levels
from ..theme import Colour, Theme, mixed
from ..verdict import percent
from .base import Widget

if TYPE_CHECKING:
    from ..session import Session

CONNECTIONS = 12
"""How many are drawn for a neuron."""

Target = tuple[int, int]
"""What is pointed at: the index of the group, and of the neuron in it."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What the worker found out: the values of each group, and about the target, which is None without one,
    a neuron's view with its strongest connections, or a digit's evidence; None where the model does not tell.
    """

    values: list[Array]
    target: Target | None
    found: NeuronView | Array | None = None
    connections: Sequence[tuple[int, int, float]] = ()


class InsideView(Widget):
    """The input at the bottom, the layers above it, the digits on top."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._recognizer: Recognizer | None = None
        self._groups: list[Group] = []
        self._plan: Plan | None = None
        self._seen = Seen([], None)
        self._target: Target | None = None
        self._asked: tuple[object, Target | None] = (None, None)
        self._waiting = False
        self._received = 0

    def locate(self, layout: Layout) -> Rect | None:
        return layout.network if self.session.settings.inside else None

    def arrange(self, layout: Layout) -> None:
        super().arrange(layout)
        self._target = None
        self._plan_anew()

    def hover(self, x: int, y: int) -> None:
        self._target = None
        if self._plan is None:
            return
        for digit, column in enumerate(self._plan.outputs):
            if column.holds(x, y):
                self._target = (len(self._groups) - 1, digit)
        for group, mosaic in enumerate(self._plan.hidden, 1):
            index = mosaic.at(x, y)
            if index is not None:
                self._target = (group, index)

    def state(self) -> Hashable:
        if self.session.recognizer is not self._recognizer:
            self._switch()
        self._ask()
        return self._received, self._target, self.session.reading is None, self._recognizer is None

    # What the worker finds out.

    def _switch(self) -> None:
        """Another model: nothing that is known of the one before is true of it."""
        self._recognizer = self.session.recognizer
        self._groups = [] if self._recognizer is None else groups(self._recognizer.model)
        self._seen, self._target, self._asked = Seen([], None), None, (None, None)
        self._received += 1
        self._plan_anew()

    def _plan_anew(self) -> None:
        self._plan = None if self.place is None or not self._groups else Plan.of(self._groups, self.place, self.unit)

    def _ask(self) -> None:
        """Asks about the latest drawing and target, one question at a time."""
        recognizer, reading, target = self._recognizer, self.session.reading, self._target
        if reading is None and self._seen.values:
            self._seen, self._received = Seen([], None), self._received + 1
        same = self._asked[0] is reading and self._asked[1] == target
        if recognizer is None or self._waiting or same:
            return
        self._asked = reading, target
        image = np.zeros((SIDE, SIDE), np.float32) if reading is None else reading.prediction.image
        output = len(self._groups) - 1

        def job() -> Seen:
            values = [] if reading is None else look(recognizer, image)
            if target is None:
                return Seen(values, None)
            group, index = target
            if group == output:
                return Seen(values, target, evidence(recognizer.model, image, index))
            view = neuron(recognizer.model, image, group, index)
            return Seen(values, target, view, view.strongest(CONNECTIONS))

        def answered(seen: Seen) -> None:
            self._waiting = False
            if recognizer is self._recognizer:
                self._seen = seen
                self._received += 1

        self._waiting = True
        # What fails is a layer's own code: the last values stay, and nothing is said of the target.
        self.session.worker.submit(job, answered, lambda _: answered(Seen(self._seen.values, target)), "inside")

    # Drawing.

    def draw(self, surface: pygame.Surface, place: Rect) -> None:
        plan = self._plan
        if plan is None:
            self.write(surface, "no model" if self._recognizer is None else "", place, self.theme.muted, align="centre")
            return
        values = self._seen.values or [np.zeros(group.shape) for group in self._groups]
        found = self._seen.found if self._target is not None else None
        for mosaic, cells in zip(plan.hidden, values[1:-1], strict=True):
            _show(surface, mosaic, levels(cells), _signed(self.theme))
        _show(surface, plan.image, np.rint(255 * values[0]), _ink(self.theme))
        picture = found.incoming if isinstance(found, NeuronView) else found
        _show(surface, plan.picture, levels(np.zeros(SIDE * SIDE) if picture is None else picture), _signed(self.theme))
        view = found if isinstance(found, NeuronView) else None
        for digit, column in enumerate(plan.outputs):
            self._output(surface, column, digit, values[-1], view)
        if view is not None:
            self._connections(surface, plan, view)
        self._outline(surface, plan)
        for group, caption in zip(self._groups[1:], plan.captions, strict=True):
            taken = self.write(surface, group.title, caption, self.theme.muted, size=12)
            surface.fill(self.theme.background, taken)  # the connections pass behind the words
            self.write(surface, group.title, caption, self.theme.muted, size=12)
        self._words(surface, plan.words)

    def _output(
        self, surface: pygame.Surface, column: Rect, digit: int, probabilities: Array, view: NeuronView | None
    ) -> None:
        """A digit's bar, the digit, and below it its probability, or what the neuron adds to it."""
        line = round(LINE * self.unit)
        bar = column.top(column.h - line - DIGIT * self.unit)
        share = float(probabilities[digit])
        wins = share > 0 and digit == int(probabilities.argmax())
        colour = self.theme.winner if wins else self.theme.bar
        pygame.draw.rect(surface, self.theme.panel, bar)
        surface.fill(colour, bar.below(bar.h - round(bar.h * share)))
        below = column.below(bar.h)
        name = below.top(below.h - line)
        self.write(surface, str(digit), name, colour if wins else self.theme.text, size=15, align="centre")
        number, colour = percent(share) if share >= 0.01 else "", self.theme.muted
        if view is not None:
            total = float(view.totals[digit])
            decimals = 1 if np.abs(view.totals).max() >= 1 else 2
            if round(total, decimals):
                number, colour = f"{total:+.{decimals}f}", _sign(self.theme, total)
            else:
                number = "0"
        self.write(surface, number, below.below(name.h), colour, size=12, align="centre")

    def _connections(self, surface: pygame.Surface, plan: Plan, view: NeuronView) -> None:
        """From the neuron to those after it that carry most of its activation, and on to the digits."""
        assert self._seen.target is not None
        group, index = self._seen.target
        start = _middle(plan.hidden[group - 1].cell_of(index))
        strongest = self._seen.connections
        for through, digit, share in reversed(strongest):
            strength = abs(share / strongest[0][2])
            colour = mixed(self.theme.background, _sign(self.theme, share), 0.3 + 0.7 * strength)
            column = plan.outputs[digit]
            stops = [start, (column.x + column.w // 2, column.bottom)]
            if view.through <= len(plan.hidden):
                stops.insert(1, _middle(plan.hidden[view.through - 1].cell_of(through)))
            for a, b in pairwise(stops):
                pygame.draw.aaline(surface, colour, a, b, max(1, round(3 * strength * self.unit)))

    def _outline(self, surface: pygame.Surface, plan: Plan) -> None:
        """Marks what is pointed at."""
        if self._target is not None:
            group, index = self._target
            if group > len(plan.hidden):
                inside = plan.outputs[index]
            else:
                mosaic = plan.hidden[group - 1]
                inside = mosaic.cell_of(index)
                if math.prod(mosaic.maps[1:]) > 1:
                    around = mosaic.map_of(index).shrunk(-self.px(1))
                    pygame.draw.rect(surface, self.theme.muted, around, self.px(1))
            pygame.draw.rect(surface, self.theme.text, inside.shrunk(-self.px(2)), self.px(2))

    def _words(self, surface: pygame.Surface, place: Rect) -> None:
        """Between the pictures: what the right one shows."""
        lines = self._said()
        height = min(round(LINE * self.unit), place.h // max(1, len(lines)))
        place = place.below((place.h - height * len(lines)) // 2)
        for text, colour in lines:
            self.write(surface, text, place.top(height), colour, size=13, align="centre")
            place = place.below(height)

    def _said(self) -> list[tuple[str, Colour]]:
        theme, target = self.theme, self._seen.target
        if self._target is None or target is None:
            first = "draw a digit" if self.session.reading is None else "what the model sees"
            return [(first, theme.text), ("point at a neuron", theme.muted), ("or at a digit", theme.muted)]
        group, index = target
        found = self._seen.found
        if group == len(self._groups) - 1:
            title, kind = f"for {index} and against", ""
            plus, minus = "blue: speaks for it", "orange: against it"
            picture = found
        else:
            title = self._groups[group].neuron(index)
            kind = "its weights" if group == 1 and self._groups[1].direct else "its effective weights"
            plus, minus = "blue: excites it", "orange: inhibits it"
            picture = found.incoming if isinstance(found, NeuronView) else None
        if picture is None:
            return [(title, theme.text), ("its layers do not tell", theme.muted)]
        said = [(title, theme.text), (kind, theme.muted), (plus, theme.bar), (minus, theme.negative)]
        if isinstance(found, NeuronView):
            said.insert(1, (f"activation {found.value:.2f}" if found.value else "silent: it adds nothing", theme.text))
        return [(text, colour) for text, colour in said if text]


def _show(surface: pygame.Surface, mosaic: Mosaic, values: Array, palette: tuple[Colour, ...]) -> None:
    if mosaic.place.w < 1 or mosaic.place.h < 1:
        return
    pixels = mosaic.picture(values).T
    if mosaic.scale == 1:
        image = pygame.surfarray.make_surface(pixels)
        image.set_palette(palette)
    else:  # only true colours can be averaged, which makes cells of 2.5 pixels equally large
        larger = math.ceil(mosaic.scale)
        colours = np.array(palette, np.uint8)[pixels]
        image = pygame.surfarray.make_surface(colours.repeat(larger, axis=0).repeat(larger, axis=1))
        if image.get_size() != mosaic.place[2:]:
            image = pygame.transform.smoothscale(image, mosaic.place[2:])
    surface.blit(image, mosaic.place)


@lru_cache(maxsize=4)
def _signed(theme: Theme) -> tuple[Colour, ...]:
    """The colours of the levels of cells."""
    ends = (theme.negative if level < ZERO else theme.bar for level in range(BESIDE))
    return (*(mixed(theme.panel, end, abs(i / ZERO - 1)) for i, end in enumerate(ends)), theme.background)


@lru_cache(maxsize=4)
def _ink(theme: Theme) -> tuple[Colour, ...]:
    return tuple(mixed(theme.paper, theme.ink, level / 255) for level in range(256))


def _sign(theme: Theme, value: float) -> Colour:
    return theme.bar if value > 0 else theme.negative


def _middle(cell: Rect) -> tuple[int, int]:
    return cell.x + cell.w // 2, cell.y + cell.h // 2
