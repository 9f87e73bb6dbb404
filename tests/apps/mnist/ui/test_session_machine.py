"""Everything that can be undone, in any order, against a list of what there was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from apps.mnist import corrections
from apps.mnist.recognizer import Recognizer
from apps.mnist.ui.drawing import Drawing
from apps.mnist.ui.playback import Replay
from apps.mnist.ui.settings import Switches
from apps.mnist.ui.timeline import LEVELS

from .conftest import Desk

RECOGNIZER = Recognizer.load()
places = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda place: (place[0] / 20, place[1] / 20))
anywhere = st.tuples(st.integers(-10, 30), st.integers(-10, 30)).map(lambda place: (place[0] / 20, place[1] / 20))


@dataclass(frozen=True)
class State:
    """What undo and redo restore: the strokes and the picture, each the same object, and the labels."""

    strokes: tuple[Any, ...] = ()
    picture: Any = None
    labels: tuple[int, ...] = ()

    @property
    def is_blank(self) -> bool:
        return not self.strokes and self.picture is None


class UndoMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.desk = Desk(Path(self.folder.name), RECOGNIZER)
        self.session = self.desk.session
        self.states = [State()]
        self.now = 0
        self.expected: list[str] = []  # events, without predictions

    def teardown(self) -> None:
        self.folder.cleanup()

    @property
    def state(self) -> State:
        return self.states[self.now]

    def changed(self, **changes: Any) -> None:
        self.states = [*self.states[: self.now + 1], replace(self.state, **changes)]
        self.now += 1

    def pen_lifted(self) -> None:
        """To be called after what ends a stroke, if there was one."""
        stroke = self.stroke
        self.expected.append("stroke")
        self.changed(strokes=(*self.state.strokes, stroke))

    @property
    def stroke(self) -> Any:
        return self.session.page.drawing.strokes[-1]

    # What the user does.

    @initialize(live=st.booleans())
    def guesses(self, live: bool) -> None:
        if not live:
            Switches(self.session).live()

    @rule(start=places, rest=st.lists(anywhere, max_size=4))
    def draw(self, start: tuple[float, float], rest: list[tuple[float, float]]) -> None:
        if self.session.pen is not None:
            self.lift()
        self.desk.draw((start, *rest))
        self.pen_lifted()

    @rule(place=places)
    def press(self, place: tuple[float, float]) -> None:
        """Also with the pen down: the release was never told."""
        was_down = self.session.pen is not None
        self.session.pen_down(*place)
        if was_down:
            self.pen_lifted()

    @rule(place=anywhere)
    def move(self, place: tuple[float, float]) -> None:
        self.session.pen_move(*place)

    @rule()
    def lift(self) -> None:
        was_down = self.session.pen is not None
        self.session.pen_up()
        if was_down:
            self.pen_lifted()

    @rule()
    def clear(self) -> None:
        was_down = self.session.pen is not None
        if was_down:
            self.lift()
        self.session.clear()
        self.expected.append("clear")
        if not self.state.is_blank:
            self.changed(strokes=(), picture=None)

    @rule(place=places)
    def erase(self, place: tuple[float, float]) -> None:
        if self.session.pen is not None:
            self.lift()
        index = self.session.drawing.stroke_at(*place, reach=2.2 / 56 + 0.01)
        self.session.erase(*place)
        if index is not None:
            self.changed(strokes=self.state.strokes[:index] + self.state.strokes[index + 1 :])
        elif self.state.picture is not None and place[0] == 0.5 and 4 <= int(28 * place[1]) < 24:
            self.changed(picture=None)

    @rule()
    def open_picture(self) -> None:
        was_down = self.session.pen is not None
        picture = np.zeros((28, 28), np.float32)
        picture[4:24, 14] = 1
        self.session.put(Drawing(picture=picture), new_sheet=True)
        if was_down:
            self.expected.append("stroke")
            self.changed(strokes=(*self.state.strokes, None))  # filled in when it is seen
        self.changed(strokes=(), picture=picture)

    @precondition(lambda self: not self.session.drawing.is_empty)
    @rule(digit=st.integers(0, 9))
    def label(self, digit: int) -> None:
        self.desk.tools.label()
        self.session.tick()
        assert self.desk.tools.asked_label is not None
        self.desk.tools.give_label(digit)
        self.session.tick()
        self.changed(labels=(*self.state.labels, digit))

    @rule()
    def undo(self) -> None:
        if self.session.pen is not None:
            self.lift()
        self.now = max(self.now - 1, 0, len(self.states) - 1 - LEVELS)
        self.session.undo()
        self.expected.append("undo")

    @rule()
    def redo(self) -> None:
        if self.session.pen is None:
            self.now = min(self.now + 1, len(self.states) - 1)
        self.session.redo()

    @precondition(lambda self: self.session.pen is None and self.now > 0)
    @rule()
    def undo_and_redo(self) -> None:
        page = self.session.page
        self.session.undo()
        self.session.redo()
        assert self.session.page is page
        self.expected.append("undo")

    @rule()
    def predict(self) -> None:
        self.session.predict()

    @precondition(lambda self: self.session.pen is None and self.session.drawing.strokes)
    @rule()
    def replay(self) -> None:
        self.session.play(Replay(self.session.drawing, self.desk.clock()))

    @rule(seconds=st.sampled_from([0.0, 0.01, 0.06, 0.2, 0.4, 3.0]))
    def wait(self, seconds: float) -> None:
        self.desk.wait(seconds)

    # What is always true.

    @invariant()
    def the_page_is_the_one_that_was(self) -> None:
        page, state = self.session.page, self.state
        if None in state.strokes:  # the stroke that ended when a picture was opened
            self.states[self.now] = state = replace(state, strokes=page.drawing.strokes)
        assert page.drawing.strokes == state.strokes  # compared by identity
        assert page.drawing.picture is state.picture
        assert tuple(label.correction.label for label in page.labels) == state.labels

    @invariant()
    def the_file_holds_the_labels(self) -> None:
        path = self.desk.places.corrections
        if not self.session.worker.busy:
            labels = [correction.label for correction in corrections.read(path)] if path.exists() else []
            assert labels == list(self.state.labels)

    @invariant()
    def there_is_no_answer_without_ink(self) -> None:
        if self.session.drawing.is_empty:
            assert self.session.reading is None
        for entry in self.desk.events("prediction"):
            if entry["digit"] is None:
                assert (entry["strokes"], entry["points"], entry["probabilities"]) == (0, 0, None)
        assert all(reading.settled and not reading.drawing.is_empty for reading in self.session.history)

    @invariant()
    def an_answer_that_is_shown_as_settled_is_to_the_drawing(self) -> None:
        session = self.session
        if session.settled and session.playback is None:
            assert session.reading is not None
            assert session.reading.drawing.points == session.drawing.points
            assert len(session.reading.drawing.strokes) == len(session.drawing.strokes)
            assert session.reading.sheet == session.page.sheet

    @invariant()
    def a_digit_has_one_entry_of_history(self) -> None:
        sheets = [reading.sheet for reading in self.session.history]
        assert len(sheets) == len(set(sheets)) <= 8

    @invariant()
    def everything_is_logged_once(self) -> None:
        assert [entry["event"] for entry in self.desk.events("stroke", "clear", "undo")] == self.expected
        assert self.desk.events("error") == []

    @invariant()
    def nothing_happens_by_itself_when_it_is_not_busy(self) -> None:
        if not self.session.busy:
            jobs = self.desk.worker.jobs
            self.session.tick()
            assert self.desk.worker.jobs == jobs


TestUndo = UndoMachine.TestCase
TestUndo.settings = settings(max_examples=50, stateful_step_count=30)
