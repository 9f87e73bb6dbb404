"""What the window can do beyond drawing: files, models, labels, random digits, replays. What takes time is a job."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from framework.checkpoint import FORMAT as MODEL_FORMAT
from framework.parameters import Array

from .. import corrections, data
from ..corrections import Correction
from ..files import DataError
from ..recognizer import SHIPPED, Recognizer, model_file
from .chooser import Chooser
from .drawing import Drawing
from .page import Label
from .playback import Centring, Replay
from .reading import Reading, digits_of, model_image
from .session import Session
from .storage import LARGEST_FILE, load_json, open_drawing, save_drawing


@dataclass(frozen=True)
class Places:
    """Where things are kept: saved drawings, and the file of corrections."""

    drawings: Path = Path("drawings")
    corrections: Path = Path("corrections.jsonl")


@dataclass(eq=False)
class Waiting:
    """A label that was asked for before the model has answered. digit: what was typed meanwhile."""

    digit: int | None = None


class Tools:
    """Actions on a session. asked_label: the digit that a label is being given to. chooser: open, or None."""

    def __init__(self, session: Session, places: Places) -> None:
        self.session = session
        self.places = places
        self.asked_label: Reading | None = None
        self._waiting: Waiting | None = None
        self.chooser: Chooser | None = None
        self._folder: Path | None = None
        self._tried: Path | None = None
        self._digits: tuple[Array, Array, str] | None = None
        self._rng = np.random.default_rng()
        self.clipboard: Callable[[str], None] = lambda text: None
        """Takes the text that is copied; the window puts its own here."""
        session.labels_travelled = self._rewrite_labels

    # Files.

    def copy(self) -> None:
        """Puts the answer, a digit or a number, into the clipboard."""
        session, reading = self.session, self.session.reading
        if reading is None or not session.settled:
            session.say("nothing to copy yet: draw a digit, and let the model answer")
            return
        try:
            self.clipboard(reading.number)
        except Exception as error:  # every system has its own way to fail
            session.failed(error)
        else:
            session.say(f"copied {reading.number}", "ok")

    def save(self) -> None:
        """Saves the drawing beside the others."""
        session = self.session
        drawing, settings = session.drawing, session.settings
        if drawing.is_empty:
            session.say("nothing to save: draw a digit first")
            return
        reading = session.reading
        answer = reading.number if reading is not None and session.settled else None
        brush, as_drawn = settings.brush, settings.as_drawn

        def job() -> list[Path]:
            images = [model_image(part, brush, as_drawn) for part in digits_of(drawing)]
            seen = np.stack([image for image in images if image is not None])
            return save_drawing(self.places.drawings, drawing, seen, brush, answer)

        session.worker.submit(job, self._saved, session.failed)

    def _saved(self, paths: list[Path]) -> None:
        self.session.say(f"saved {paths[0].with_suffix('')}: .json, 28x28 and 560x560 .png", "ok")

    def open(self) -> None:
        """Shows the files to choose from, beginning in the current folder."""
        folder, self._folder = self._folder, None  # it may be gone the next time
        try:
            self.chooser = Chooser(folder or Path.cwd())
        except OSError as error:
            self.session.failed(error)

    def choose(self) -> None:
        """Opens what is under the cursor of the chooser."""
        try:
            path = self.chooser.choose() if self.chooser is not None else None
        except OSError as error:
            self.session.failed(error)
            return
        if path is not None:
            self.open_file(path)

    def open_file(self, path: Path) -> None:
        """Opens whatever it is: an image, a saved drawing, a model file or the folder of a run."""
        self.close_chooser()
        session = self.session

        def job() -> Drawing | Recognizer:
            return Recognizer.load(path) if _is_model(path) else open_drawing(path)

        def done(found: Drawing | Recognizer) -> None:
            if isinstance(found, Recognizer):
                self._use(found)
            else:
                session.put(found, new_sheet=True)
                session.say(f"opened {path.name}", "ok")

        session.worker.submit(job, done, session.failed)

    def close_chooser(self) -> None:
        """Closes it, and remembers where it was."""
        if self.chooser is not None:
            self._folder, self.chooser = self.chooser.folder, None

    # Models.

    def next_model(self) -> None:
        self._step_model(1)

    def previous_model(self) -> None:
        self._step_model(-1)

    def _step_model(self, by: int) -> None:
        """Loads the model so many files further; one that cannot be loaded is passed over by the next step."""
        session = self.session
        recognizer = session.recognizer
        current = (SHIPPED if recognizer is None or recognizer.path is None else recognizer.path).resolve()

        def job() -> Recognizer:
            models = neighbours(current)
            if not models or (recognizer is not None and models == [current]):
                raise ValueError(f"{current.parent} holds no other model; drop a model file on the window")
            here = current if self._tried is None else self._tried
            self._tried = models[(models.index(here) + by) % len(models) if here in models else 0]
            return Recognizer.load(self._tried)

        session.worker.submit(job, self._use, session.failed)

    def _use(self, recognizer: Recognizer) -> None:
        self._tried = None
        self.session.use(recognizer)
        self.session.say(f"model: {recognizer.name}", "ok")

    # Labels.

    @property
    def asking(self) -> bool:
        """Whether a digit that is typed now is a label."""
        return self.asked_label is not None or self._waiting is not None

    def label(self) -> None:
        """Asks which digit the one on the canvas is, of a number the one that is looked at; what is typed before the
        model has answered to it will count.
        """
        session = self.session
        if session.drawing.is_empty or session.settled:
            self.ask_label(session.reading)
            return
        waiting = self._waiting = Waiting()

        def answered(_: None) -> None:
            if waiting is not self._waiting:
                return
            self.cancel_label()
            if session.settled:
                self.ask_label(session.reading)
                if waiting.digit is not None:
                    self.give_label(waiting.digit)

        session.predict()
        session.worker.submit(lambda: None, answered, session.failed)

    def ask_label(self, reading: Reading | None) -> None:
        """Asks which digit this one is."""
        if reading is None or reading.drawing.is_empty:
            self.session.say("draw a digit first, and let the model answer")
            return
        self.asked_label = reading

    def select_digit(self, index: int) -> None:
        """Looks at another digit of the number; a label that is being asked for is that digit's then."""
        self.session.select(index)
        asked, reading = self.asked_label, self.session.reading
        if asked is not None and reading is not None and asked.drawing is reading.drawing:
            self.asked_label = reading

    def cancel_label(self) -> None:
        """Asks no more."""
        self.asked_label = self._waiting = None

    def give_label(self, digit: int) -> None:
        """Writes down what the digit is that was asked about."""
        if self._waiting is not None:
            self._waiting.digit = digit
            return
        reading, self.asked_label = self.asked_label, None
        if reading is None:
            return
        strokes = [[(float(x), float(y)) for x, y in line] for line in reading.digit.drawing.lines]
        correction = Correction.of(reading.prediction, digit, strokes, reading.model)
        label = Label(reading.sheet, correction, next(iter(reading.digit.drawing.strokes), None))
        path, session = self.places.corrections, self.session

        def done(_: None) -> None:
            given = len(session.page.labels)
            session.say(f"it is {_a(digit)}: {given} correction{'s' * (given > 1)} in {path}; Z takes it back", "ok")

        def failed(error: Exception) -> None:
            session.drop_label(label)
            session.failed(error)

        session.add_label(label)
        session.worker.submit(lambda: corrections.append(path, label.correction), done, failed)

    def _rewrite_labels(self, before: tuple[Label, ...], now: tuple[Label, ...]) -> None:
        """Takes labels that were undone out of the file, and writes those that were redone."""
        path, session = self.places.corrections, self.session
        taken_back = [label.correction for label in before[len(now) :]]
        given_again = [label.correction for label in now[len(before) :]]

        def job() -> None:
            for correction in taken_back:
                corrections.remove_last(path, correction)
            for correction in given_again:
                corrections.append(path, correction)

        said = "correction taken back" if taken_back else "correction given again"
        session.worker.submit(job, lambda _: session.say(said, "ok"), session.failed)

    # Showing.

    def replay(self) -> None:
        """Draws the strokes once more."""
        if not self.session.drawing.strokes:
            self.session.say("nothing to replay: draw a digit first")
            return
        self.session.stop_playback()
        self.session.play(Replay(self.session.drawing, self.session.clock()))

    def animate(self) -> None:
        """Shows how the drawing, or the digit of it that is looked at, becomes what the model sees."""
        session = self.session
        session.stop_playback()
        drawing, settings = session.chosen_digit, session.settings
        image = model_image(drawing, settings.brush, settings.as_drawn)
        if image is None:
            session.say("nothing to centre: draw a digit first")
            return
        session.play(Centring(drawing, image, settings.brush, session.clock()))

    def random_digit(self) -> None:
        """Puts a digit of MNIST on the canvas: one of its test images, or of the project's sample."""
        session = self.session

        def job() -> tuple[Array, int, str]:
            if self._digits is None:
                self._digits = _digits()
            images, labels, name = self._digits
            index = int(self._rng.integers(len(images)))
            return images[index], int(labels[index]), f"{name} {index}"

        def done(found: tuple[Array, int, str]) -> None:
            image, label, name = found
            session.put(Drawing(picture=(image / 255).astype(np.float32)), new_sheet=True)
            session.say(f"{name}: somebody wrote {_a(label)}", "ok")

        session.worker.submit(job, done, session.failed)


def neighbours(path: Path) -> list[Path]:
    """The models to step through: those of the same folder, or of the runs beside, when it is a run's."""
    path = path.resolve()
    if path.name == "model.json":
        return sorted(path.parent.parent.glob("*/model.json"))
    return sorted(file for file in path.parent.iterdir() if file.suffix in (".json", ".safetensors"))


def _is_model(path: Path) -> bool:
    """Whether this is meant to be a model, whole or damaged: a folder with one, or a file that says so."""
    path = model_file(path)
    if path.exists() and not path.is_file():  # a pipe would be waited for, a device read without end
        raise DataError(path, "is not a regular file", "give an image, a saved drawing or a model")
    if path.suffix != ".json":
        return path.suffix == ".safetensors"
    return path.stat().st_size > LARGEST_FILE or load_json(path).get("format") == MODEL_FORMAT


def _a(digit: int) -> str:
    return f"an {digit}" if digit == 8 else f"a {digit}"


def _digits() -> tuple[Array, Array, str]:
    """Images and labels to show, and what they are called; nothing is downloaded for this."""
    here = os.environ.get("MNIST_DIR") or data.keras_cache().exists()
    source = data.find(None if here else "sample")
    name = "digit of the sample" if source.is_sample else "MNIST test image"
    return source.test.x, source.test.y, name
