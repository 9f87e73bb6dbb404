"""What the window can do beyond drawing: saving, opening, replays, random digits."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from apps.mnist import data
from apps.mnist.recognizer import SHIPPED, Recognizer
from apps.mnist.ui.drawing import Drawing
from apps.mnist.ui.playback import Centring, Replay
from apps.mnist.ui.storage import open_drawing, to_json

from .conftest import DASH, SEVEN, Desk


def opened(desk: Desk, path: Path) -> None:
    desk.tools.open_file(path)
    desk.session.tick()


def refused(desk: Desk, path: Path, *words: str) -> None:
    """Opens what cannot be opened: a red line names it, and everything else stays."""
    before = (desk.session.page, desk.session.recognizer, len(desk.events("error")))
    opened(desk, path)
    kind, text = desk.said
    assert kind == "error"
    assert "\n" not in text
    for word in (str(path), *words):
        assert word in text
    assert [entry["message"] for entry in desk.events("error")[before[2] :]] == [text]
    assert (desk.session.page, desk.session.recognizer) == before[:2]


class TestSave:
    def test_what_is_drawn(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.rest()
        desk.tools.save()
        desk.session.tick()
        names = sorted(path.name for path in desk.places.drawings.iterdir())
        assert [name.rpartition("-7")[2] for name in names] == ["-28x28.png", "-560x560.png", ".json"]
        kind, text = desk.said
        assert kind == "ok"
        assert str(desk.places.drawings / names[2].removesuffix(".json")) in text

    def test_with_the_stroke_that_is_being_drawn(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.session.pen_down(*DASH[0])
        desk.tools.save()
        (path,) = desk.places.drawings.glob("*.json")
        assert len(open_drawing(path).strokes) == 2

    def test_a_guess_is_no_answer_to_name_it_by(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.wait(0.1)
        desk.wait(0.1)
        assert desk.session.reading is not None
        desk.tools.save()
        assert len(list(desk.places.drawings.glob("*-unread.json"))) == 1

    def test_works_without_a_model(self, no_model: Desk) -> None:
        no_model.draw(SEVEN)
        no_model.tools.save()
        no_model.session.tick()
        assert no_model.said[0] == "ok"

    def test_nothing_of_nothing(self, desk: Desk) -> None:
        desk.tools.save()
        desk.session.tick()
        assert desk.said == ("info", "nothing to save: draw a digit first")
        assert not desk.places.drawings.exists()

    def test_where_nothing_can_be_written(self, desk: Desk) -> None:
        desk.places.drawings.write_text("a file in the way")
        desk.draw(SEVEN)
        desk.tools.save()
        desk.session.tick()
        kind, text = desk.said
        assert kind == "error"
        assert str(desk.places.drawings) in text
        assert desk.session.drawing.points == 4

    def test_twice_in_a_second(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.tools.save()
        desk.tools.save()
        assert len(list(desk.places.drawings.iterdir())) == 6


class TestOpenFile:
    @pytest.fixture
    def drawing(self, desk: Desk) -> Path:
        """A 7 that was saved."""
        desk.draw(SEVEN)
        path = desk.folder / "seven.json"
        path.write_bytes(to_json(desk.session.drawing))
        desk.session.undo()
        desk.logged.clear()
        return path

    def test_a_drawing(self, desk: Desk, drawing: Path) -> None:
        opened(desk, drawing)
        assert desk.said == ("ok", "opened seven.json")
        assert desk.session.drawing.points == 4
        desk.rest()
        assert [entry["digit"] for entry in desk.events("prediction")] == [7]
        desk.session.undo()
        assert desk.session.drawing.is_empty

    def test_is_another_digit(self, desk: Desk, drawing: Path) -> None:
        desk.draw(DASH)
        desk.rest()
        opened(desk, drawing)
        desk.rest()
        assert [reading.drawing.points for reading in desk.session.history] == [2, 4]

    def test_while_drawing_keeps_the_stroke_in_the_past(self, desk: Desk, drawing: Path) -> None:
        desk.tools.open_file(drawing)
        desk.session.pen_down(*DASH[0])
        desk.session.pen_move(*DASH[1])
        desk.session.tick()
        desk.session.pen_move(0.9, 0.9)
        desk.session.pen_up()
        assert desk.session.drawing.points == 4
        assert desk.events("stroke") == [{"event": "stroke", "points": 2}]
        desk.session.undo()
        assert desk.session.drawing.points == 2

    def test_during_a_replay(self, desk: Desk, drawing: Path) -> None:
        desk.draw(SEVEN)
        desk.tools.replay()
        opened(desk, drawing)
        assert desk.session.playback is None
        assert desk.session.shown.points == 4

    def test_an_image(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.tools.save()
        (image,) = desk.places.drawings.glob("*-28x28.png")
        opened(desk, image)
        assert desk.session.drawing.picture is not None
        desk.rest()
        assert desk.events("prediction")[-1]["digit"] == 7
        assert (desk.events("prediction")[-1]["strokes"], desk.events("prediction")[-1]["points"]) == (0, 0)

    def test_a_model(self, no_model: Desk) -> None:
        no_model.draw(SEVEN)
        opened(no_model, SHIPPED)
        assert no_model.said == ("ok", f"model: {SHIPPED.name}")
        no_model.rest()
        assert [entry["digit"] for entry in no_model.events("prediction")] == [7]

    def test_the_folder_of_a_run(self, no_model: Desk) -> None:
        run = no_model.folder / "first run"
        run.mkdir()
        shutil.copy(SHIPPED, run / "model.json")
        opened(no_model, run)
        assert no_model.said == ("ok", "model: first run/model.json")

    def test_a_folder_without_a_model(self, desk: Desk) -> None:
        refused(desk, desk.folder, "no model.json")

    def test_nothing(self, desk: Desk) -> None:
        for name in ("a.json", "a.png", "a.safetensors", "a"):
            refused(desk, desk.folder / name, "no such file")

    @pytest.mark.parametrize("suffix", [".json", ".safetensors"])
    @pytest.mark.parametrize("share", [0, 0.5, 0.99])
    def test_a_model_that_was_cut_short(self, desk: Desk, recognizer: Recognizer, suffix: str, share: float) -> None:
        path = desk.folder / f"model{suffix}"
        recognizer.model.save(path)
        content = path.read_bytes()
        path.write_bytes(content[: int(share * len(content))])
        refused(desk, path)

    def test_a_model_of_something_else(self, desk: Desk) -> None:
        from framework import Sequential
        from framework.layers import Dense, Input

        path = desk.folder / "other.json"
        Sequential([Input((4,)), Dense(3)]).save(path)
        refused(desk, path, "28x28", "(4,)")

    @pytest.mark.parametrize(
        "content", [b"{}", b"[]", b'{"format": "another"}', b"", b"\x00", b'{"format": "numpy-sequential model"}']
    )
    def test_foreign_json(self, desk: Desk, content: bytes) -> None:
        path = desk.folder / "foreign.json"
        path.write_bytes(content)
        refused(desk, path)

    @pytest.mark.parametrize("name", ["pipe.json", "pipe.safetensors", "pipe.png"])
    def test_a_pipe_is_not_waited_for(self, desk: Desk, name: str) -> None:
        os.mkfifo(desk.folder / name)
        refused(desk, desk.folder / name, "is not a regular file")

    def test_what_is_no_image(self, desk: Desk) -> None:
        path = desk.folder / "notes.png"
        path.write_text("milk, eggs")
        refused(desk, path, "not an image")

    def test_what_is_there_stays_readable_after_it(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        refused(desk, desk.folder / "nowhere.json")
        desk.rest()
        assert [entry["digit"] for entry in desk.events("prediction")] == [7]


class TestChoosing:
    def test_begins_in_the_current_folder(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(desk.folder)
        desk.tools.open()
        assert desk.tools.chooser is not None
        assert desk.tools.chooser.folder == desk.folder

    def test_opens_what_is_chosen_and_remembers_the_folder(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        inner = desk.folder / "inner"
        inner.mkdir()
        shutil.copy(SHIPPED, inner / "a.json")
        monkeypatch.chdir(desk.folder)
        desk.tools.open()
        desk.tools.choose()
        assert desk.tools.chooser is not None
        assert desk.tools.chooser.folder == inner
        desk.tools.choose()
        desk.session.tick()
        assert desk.tools.chooser is None
        assert desk.said == ("ok", "model: a.json")
        desk.tools.open()
        assert desk.tools.chooser.folder == inner

    def test_a_folder_that_has_gone_is_told_and_forgotten(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        inner = desk.folder / "inner"
        inner.mkdir()
        monkeypatch.chdir(inner)
        desk.tools.open()
        desk.tools.close_chooser()
        monkeypatch.chdir(desk.folder)
        inner.rmdir()
        desk.tools.open()
        assert desk.said[0] == "error"
        assert "inner" in desk.said[1]
        assert desk.tools.chooser is None
        desk.tools.open()
        assert desk.tools.chooser.folder == desk.folder

    def test_a_folder_that_cannot_be_entered_is_told(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        (desk.folder / "inner").mkdir()
        monkeypatch.chdir(desk.folder)
        desk.tools.open()
        chooser = desk.tools.chooser
        assert chooser is not None

        def refused(folder: Path) -> None:
            raise PermissionError(13, "Permission denied", str(folder))

        monkeypatch.setattr(chooser, "enter", refused)
        desk.tools.choose()
        assert desk.said == ("error", f"{desk.folder / 'inner'}: permission denied")
        assert desk.tools.chooser is chooser

    def test_without_a_chooser_nothing_is_chosen(self, desk: Desk) -> None:
        desk.tools.choose()
        desk.tools.close_chooser()
        assert desk.worker.jobs == 0


class TestShowing:
    def test_replay(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.tools.replay()
        assert isinstance(desk.session.playback, Replay)
        desk.wait(0.001)
        assert desk.session.shown.points == 1
        desk.wait(3.0, frames=30)
        assert desk.session.playback is None

    def test_a_replay_of_a_replay_is_one_of_the_whole_drawing(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.tools.replay()
        desk.wait(0.001)
        desk.tools.replay()
        assert desk.session.playback is not None
        assert desk.session.playback.drawing(desk.clock() + 60).points == 4

    def test_with_the_pen_down(self, desk: Desk) -> None:
        desk.session.pen_down(0.5, 0.5)
        desk.session.pen_move(0.5, 0.9)
        desk.tools.animate()
        assert desk.session.pen is None
        assert [entry["points"] for entry in desk.events("stroke")] == [2]

    def test_nothing_to_replay(self, desk: Desk) -> None:
        desk.tools.replay()
        assert desk.said == ("info", "nothing to replay: draw a digit first")
        desk.session.put(Drawing(picture=np.eye(28, dtype=np.float32)))
        desk.tools.replay()
        assert desk.session.playback is None

    def test_centring(self, desk: Desk) -> None:
        desk.draw(SEVEN)
        desk.predict()
        desk.tools.animate()
        playback = desk.session.playback
        assert isinstance(playback, Centring)
        assert desk.session.reading is not None
        np.testing.assert_array_equal(playback.image, desk.session.reading.prediction.image)
        desk.wait(3.0, frames=30)
        assert desk.session.playback is None
        assert desk.session.settled
        assert len(desk.events("prediction")) == 1

    def test_nothing_to_centre(self, desk: Desk) -> None:
        desk.tools.animate()
        assert desk.said == ("info", "nothing to centre: draw a digit first")
        assert desk.session.playback is None


class TestRandomDigit:
    @pytest.fixture(autouse=True)
    def _only_the_sample(self, no_mnist: None) -> None:
        """Whatever else this machine has."""

    def test_is_one_of_the_sample(self, desk: Desk) -> None:
        desk.tools.random_digit()
        desk.session.tick()
        kind, text = desk.said
        index = int(text.split(":")[0].split()[-1])
        test = data.find("sample").test
        label = int(test.y[index])
        assert (kind, text) == ("ok", f"digit of the sample {index}: somebody wrote a{'n' * (label == 8)} {label}")
        picture = desk.session.drawing.picture
        assert picture is not None
        assert picture.dtype == np.float32
        np.testing.assert_array_equal(np.rint(255 * picture), test.x[index])

    def test_each_is_another_digit_and_all_can_be_undone(self, desk: Desk) -> None:
        pictures = []
        for _ in range(4):
            desk.tools.random_digit()
            desk.session.tick()
            pictures.append(desk.session.drawing.picture)
            desk.rest()
        assert len({picture.tobytes() for picture in pictures if picture is not None}) > 1
        assert len(desk.session.history) == 4
        desk.session.undo()
        assert desk.session.drawing.picture is pictures[2]

    def test_data_that_cannot_be_read_are_named(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MNIST_DIR", str(desk.folder / "nowhere"))
        desk.tools.random_digit()
        desk.session.tick()
        assert desk.said[0] == "error"
        assert str(desk.folder / "nowhere") in desk.said[1]
        assert desk.session.drawing.is_empty
