"""What the window knows and what its actions do to it, without a window: drawing, asking, answers, undo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ..command import reason
from ..preprocess import SIDE
from ..recognizer import Recognizer
from .drawing import Drawing, Pen
from .layout import HISTORY
from .page import Label, Page
from .playback import Playback
from .reading import Question, Reading, digits_of, last_drawn, read
from .settings import Settings
from .settling import Ask, Settling
from .timeline import Timeline
from .worker import Worker

SAID_FOR = 6.0
"""Seconds for which a message stays."""


@dataclass(frozen=True)
class Message:
    """A line for the user. kind: "info", "ok" or "error"."""

    text: str
    kind: str
    since: float

    @property
    def line(self) -> str:
        """As it is shown; an error is called one, not only red."""
        return f"error: {self.text}" if self.kind == "error" else self.text


class Log(Protocol):
    def __call__(self, event: str, **fields: Any) -> None: ...


class Session:
    """All that the window shows is a picture of this.

    worker: does what takes time. log: is told the events. clock: seconds that never go back.
    Positions are in units of the canvas, from 0 to 1.
    """

    def __init__(self, worker: Worker, log: Log, clock: Callable[[], float]) -> None:
        self.worker = worker
        self.log = log
        self.clock = clock
        self.settings = Settings()
        self.recognizer: Recognizer | None = None
        self.pen: Pen | None = None
        self.reading: Reading | None = None
        self.history: list[Reading] = []
        self.message: Message | None = None
        self.playback: Playback | None = None
        self.revision = 0
        self._pages = Timeline(Page())
        self._settling = Settling()
        self._sheets = 0
        self._earliest = 0
        self.labels_travelled: Callable[[tuple[Label, ...], tuple[Label, ...]], None] = lambda before, now: None
        """Called when undo or redo changes the labels."""

    # What is there.

    @property
    def page(self) -> Page:
        return self._pages.now

    @property
    def drawing(self) -> Drawing:
        """The drawing, with the stroke that is being drawn."""
        drawing = self.page.drawing
        return drawing if self.pen is None else drawing.with_stroke(self.pen.stroke)

    @property
    def untouched(self) -> bool:
        """Whether nothing has been drawn yet since the window was opened."""
        return self.pen is None and not self._pages.has_past

    @property
    def shown(self) -> Drawing:
        """What the canvas shows and the network looks at: the drawing, or as much of it as is being replayed."""
        return self.drawing if self.playback is None else self.playback.drawing(self.clock())

    @property
    def settled(self) -> bool:
        """Whether the reading is the answer to the drawing as it is now."""
        return self.reading is not None and self.reading.settled and self.reading.revision == self.revision

    @property
    def busy(self) -> bool:
        """Whether something will happen without the user."""
        asks = self.settings.live and self._settling.waiting
        return self.worker.busy or asks or self.pen is not None or self.playback is not None

    # The pen.

    def pen_down(self, x: float, y: float) -> None:
        """Begins a stroke, or with the eraser takes one away."""
        self.stop_playback()
        if self.settings.eraser:
            self.erase(x, y)
            return
        self.pen_up()
        self.pen = Pen(x, y, self.clock())
        self._changed()

    def pen_move(self, x: float, y: float) -> None:
        if self.pen is not None:
            points = self.pen.points
            self.pen.move(x, y, self.clock())
            if self.pen.points != points:
                self._changed()

    def pen_up(self) -> None:
        """Ends the stroke, if there is one."""
        if self.pen is None:
            return
        stroke, self.pen = self.pen.stroke, None
        self._turn(replace(self.page, drawing=self.page.drawing.with_stroke(stroke)))
        self._settling.touched(self.clock())
        self.log("stroke", points=stroke.points)

    def erase(self, x: float, y: float) -> None:
        """Takes away the stroke that lies here, or the picture under the strokes."""
        self.pen_up()
        drawing = self.page.drawing
        index = drawing.stroke_at(x, y, reach=self.settings.brush / 2 / SIDE + 0.01)
        if index is not None:
            self.put(drawing.without(index))
        elif drawing.picture is not None and drawing.picture[_cell(y), _cell(x)] > 0:
            self.put(replace(drawing, picture=None))

    # The document.

    def put(self, drawing: Drawing, new_sheet: bool = False, sheet: int | None = None) -> None:
        """Replaces the drawing, which can be undone; a stroke that is being drawn ends.

        new_sheet: whether it is another digit. sheet: the number of the digit, of one that was there before.
        """
        self.stop_playback()
        self.pen_up()
        if new_sheet:
            self._sheets += 1
            sheet = self._sheets
        self._turn(replace(self.page, drawing=drawing, sheet=self.page.sheet if sheet is None else sheet))
        self._jumped()

    def clear(self) -> None:
        self.stop_playback()
        if not self.drawing.is_empty:
            self.put(Drawing(), new_sheet=True)
        self.log("clear")

    def undo(self) -> None:
        """Takes back the last change; a stroke that is being drawn ends."""
        self.stop_playback()
        self.pen_up()
        before = self.page
        if not self._pages.undo():
            self.say("nothing to undo")
        self._travelled(before)
        self.log("undo", strokes=len(self.page.drawing.strokes))

    def redo(self) -> None:
        self.stop_playback()
        before = self.page
        if self.pen is not None or not self._pages.redo():
            self.say("nothing to redo")
        self._travelled(before)

    def add_label(self, label: Label) -> None:
        """Remembers a label that has been written down, so that it can be undone."""
        self._turn(replace(self.page, labels=(*self.page.labels, label)))

    def drop_label(self, label: Label) -> None:
        """Forgets a label that could not be written down."""
        self._pages.amend(lambda page: page.without(label), Page.shows_the_same)

    def _turn(self, page: Page) -> None:
        self._pages.change(page)

    def _travelled(self, before: Page) -> None:
        """Does what follows from undo or redo."""
        if self.page.labels != before.labels:
            self.labels_travelled(before.labels, self.page.labels)
        if self.page.drawing is not before.drawing:
            self._jumped()

    def _changed(self) -> None:
        """The drawing has grown; a guess at what it was is still a guess."""
        self.revision += 1
        self._settling.changed(self.clock())

    def _jumped(self) -> None:
        """The drawing is another one; answers to what it was are of no use."""
        self._changed()
        self._earliest = self.revision
        if self.drawing.is_empty:
            self._settling.settled()
            self.reading = None

    # Asking.

    def predict(self) -> None:
        """Asks for the answer to the drawing as it is now."""
        self.stop_playback()
        if self.drawing.is_empty:
            self.log("prediction", digit=None, probabilities=None, strokes=0, points=0, ms=0.0)
            self.say("draw a digit first")
        elif self.recognizer is None:
            self.fail("there is no model; press M for one of the folder, or drop a model file on the window")
        else:
            self._settling.settled()
            self._ask(settled=True)

    def use(self, recognizer: Recognizer) -> None:
        """Changes the model; what is drawn is read again."""
        self.recognizer = recognizer
        self.reading = None
        self._jumped()

    def tick(self) -> None:
        """To be called each frame: takes results, and asks what is due."""
        now = self.clock()
        self.worker.collect()
        if self.message is not None and now - self.message.since > SAID_FOR:
            self.message = None
        if self.playback is not None:
            if self.playback.is_over(now):
                self.stop_playback()
            elif self.playback.grows and self.settings.live:
                self._changed()
        if not self.settings.live:
            return
        replaying = self.playback is not None and self.playback.grows
        due = self._settling.due(now, pen_down=self.pen is not None or replaying)
        if due is not None and self.recognizer is not None:
            self._ask(settled=due is Ask.SETTLE)

    def finish(self) -> None:
        """Waits for what has been begun, so that no answer and no file is lost."""
        self.worker.close()
        self.worker.collect()

    def _ask(self, settled: bool) -> None:
        recognizer = self.recognizer
        shown = self.shown if self.playback is not None and self.playback.grows else self.drawing
        if recognizer is None or shown.is_empty:
            return
        settings, model = self.settings, recognizer.name
        question = Question(shown, settings.brush, settings.as_drawn, self.revision, self.page.sheet, settled)
        self.worker.submit(
            lambda: read(recognizer, question),
            self._answered,
            lambda error: self.fail(f"{model}: {reason(error)}", again=settled),
            replaces=None if settled else "guess",
        )

    def _answered(self, reading: Reading | None) -> None:
        if reading is None:
            return
        before = self.reading
        if before is not None and before.revision == reading.revision and len(before.digits) == len(reading.digits):
            reading = replace(reading, chosen=before.chosen)
        if reading.settled:
            self.log(
                "prediction",
                digit=reading.prediction.digit,
                probabilities=[float(p) for p in reading.prediction.probabilities],
                strokes=len(reading.drawing.strokes),
                points=reading.drawing.points,
                ms=round(reading.ms, 3),
                model=reading.model,
                **_of_a_number(reading),
            )
            self._remember(reading)
        if reading.revision >= self._earliest:
            self.reading = reading

    def _remember(self, reading: Reading) -> None:
        """Keeps an answer; one to a digit that has only grown since takes the place of the one before."""
        others = [old for old in self.history if old.sheet != reading.sheet]
        self.history = [*others, reading][-HISTORY:]

    def revisit(self, reading: Reading) -> None:
        """Puts a digit of the history back on the canvas, unless it is there."""
        if reading.drawing is not self.drawing:
            self.put(reading.drawing, sheet=reading.sheet)

    def reread(self) -> None:
        """Asks anew about the drawing: the model is to see it in another way."""
        if not self.drawing.is_empty:
            self._jumped()

    # Several digits.

    @property
    def chosen_digit(self) -> Drawing:
        """The digit that is looked at: the one that was chosen, or else the one that was drawn on last."""
        reading = self.reading
        if reading is not None and reading.revision == self.revision:
            return reading.digit.drawing
        digits = digits_of(self.drawing)
        return digits[last_drawn(self.drawing, digits)]

    def select(self, index: int) -> None:
        """Looks at another digit of the number, counted from the left, until more is drawn."""
        if self.reading is not None and 0 <= index < len(self.reading.digits):
            self.reading = replace(self.reading, chosen=index)

    def next_digit(self) -> None:
        self._step_digit(1)

    def previous_digit(self) -> None:
        self._step_digit(-1)

    def _step_digit(self, by: int) -> None:
        if self.reading is None or not self.reading.is_number:
            self.say("there is no number: write several digits beside each other")
        else:
            self.select((self.reading.chosen + by) % len(self.reading.digits))

    # Showing again.

    def play(self, playback: Playback) -> None:
        """Shows the drawing in another way for a moment."""
        self.pen_up()
        self.playback = playback

    def stop_playback(self) -> None:
        """Shows the drawing itself again."""
        playback, self.playback = self.playback, None
        if playback is not None and playback.grows and self.settings.live:
            self._jumped()

    # Telling.

    def say(self, text: str, kind: str = "info") -> None:
        """Shows a message in the status line."""
        self.message = Message(text, kind, self.clock())

    def fail(self, text: str, again: bool = True) -> None:
        """Shows what went wrong in red. again: whether to tell it even when it is what is shown already."""
        if again or self.message is None or (self.message.text, self.message.kind) != (text, "error"):
            self.log("error", message=text)
        self.say(text, "error")

    def failed(self, error: Exception) -> None:
        """Shows why a job failed."""
        self.fail(reason(error))


def _of_a_number(reading: Reading) -> dict[str, Any]:
    """What is logged of several digits, from left to right, besides: x, y, width and height are of the canvas."""
    if not reading.is_number:
        return {}
    digits = [
        {
            "digit": found.prediction.digit,
            "probability": found.prediction.probability,
            "box": [round(length, 4) for length in found.box],
        }
        for found in reading.digits
    ]
    return {"number": reading.number, "digits": digits}


def _cell(position: float) -> int:
    """The row or column of the grid that this place lies in."""
    return min(int(position * SIDE), SIDE - 1)
