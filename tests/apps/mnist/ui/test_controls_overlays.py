"""The window, used by posted events: what is asked in it and what lies over it, and files dropped on it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from apps.mnist.recognizer import SHIPPED
from apps.mnist.ui.commands import BUTTONS
from apps.mnist.ui.storage import to_json
from apps.mnist.ui.widgets.buttons import Buttons

from .conftest import ONE, SEVEN
from .hand import Hand


class TestLabels:
    @pytest.mark.parametrize("key", ["1", "[1]"])
    def test_w_and_a_digit(self, hand: Hand, key: str) -> None:
        hand.draw(SEVEN)
        hand.rest()
        hand.key("w")
        assert hand.tools.asked_label is not None
        hand.key(key)
        assert hand.tools.asked_label is None
        assert hand.session.page.label_of(hand.session.page.sheet) == 1
        assert len(hand.desk.places.corrections.read_text().splitlines()) == 1
        hand.key("z")
        assert hand.session.page.labels == ()
        assert hand.session.drawing.points == 4

    def test_clicks(self, hand: Hand) -> None:
        hand.draw(SEVEN)
        hand.rest()
        buttons = hand.widget(Buttons)
        label = [command.name for command in BUTTONS].index("label")
        hand.click(buttons._cells(hand.window.layout.buttons)[label][2])
        cells = buttons._cells(hand.window.layout.buttons)
        assert [key for _, key, _ in cells] == [*"0123456789", "Escape"]
        hand.click(cells[9][2])
        assert hand.session.page.label_of(hand.session.page.sheet) == 9
        hand.key("w")
        hand.click(buttons._cells(hand.window.layout.buttons)[10][2])
        assert hand.tools.asked_label is None
        assert len(hand.session.page.labels) == 1

    @pytest.mark.parametrize("key", ["escape", "q", "g"])
    def test_other_keys_cancel(self, hand: Hand, key: str) -> None:
        hand.draw(SEVEN)
        hand.rest()
        hand.key("w", key, "3")
        assert hand.session.page.labels == ()
        assert hand.session.drawing.is_empty == (key == "q")

    def test_digits_without_w_do_nothing(self, hand: Hand) -> None:
        hand.draw(SEVEN)
        hand.rest()
        hand.key("3", "[4]")
        assert hand.session.page.labels == ()


class TestOverlays:
    @pytest.mark.parametrize("key", ["h", "q", "escape", "x", "f1", "return"])
    def test_any_key_closes_the_help_and_does_nothing_else(self, hand: Hand, key: str) -> None:
        hand.draw(SEVEN)
        hand.key("h")
        assert hand.window.help_page.open
        hand.key(key)
        assert not hand.window.help_page.open
        assert hand.session.drawing.points == 4

    def test_a_modifier_alone_does_not_close_it(self, hand: Hand) -> None:
        hand.key("h", "left shift", "right ctrl")
        assert hand.window.help_page.open

    def test_a_click_closes_the_help_and_draws_nothing(self, hand: Hand) -> None:
        hand.key("h")
        hand.draw(ONE)
        assert not hand.window.help_page.open
        assert hand.session.drawing.is_empty

    def test_behind_the_help_the_wheel_does_nothing(self, hand: Hand) -> None:
        hand.key("h")
        hand.wheel(3)
        assert hand.session.settings.brush == pytest.approx(2.2)

    def test_what_was_there_is_there_again(self, hand: Hand) -> None:
        hand.draw(SEVEN)
        hand.rest()
        hand.frame(10)
        before = hand.picture()
        for opening in ("h", "o"):
            hand.key(opening)
            assert (hand.picture() != before).any()
            hand.key("escape")
            assert (hand.picture() == before).all()

    def test_files_by_keys(self, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = _folder(hand, monkeypatch)
        hand.key("o")
        chooser = hand.tools.chooser
        assert chooser is not None
        assert [chooser.label(i) for i in range(len(chooser.entries))] == ["../", "other/", "broken.json", "seven.json"]
        hand.key("page down", "up", "up", "return")
        assert chooser.folder == folder / "other"
        hand.key("up", "up", "enter", "down", "down", "down", "space")
        hand.frame()
        assert hand.tools.chooser is None
        assert hand.desk.said == ("ok", "opened seven.json")
        assert hand.session.drawing.points == 4

    def test_files_by_mouse(self, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
        _folder(hand, monkeypatch)
        hand.key("o")
        hand.wheel(-2)
        assert hand.tools.chooser is not None
        assert hand.tools.chooser.cursor == 3
        rows = dict(hand.window.files._rows(hand.window.layout.window))
        hand.click(rows[3])
        hand.frame()
        assert hand.session.drawing.points == 4

    def test_letters_do_nothing_while_a_file_is_chosen(self, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
        _folder(hand, monkeypatch)
        hand.draw(ONE)
        hand.key("o", "q", "z", "p", "h")
        assert not hand.session.drawing.is_empty
        assert hand.tools.chooser is not None
        hand.key("escape")
        assert hand.tools.chooser is None

    def test_a_folder_that_cannot_be_read(self, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = _folder(hand, monkeypatch)
        hand.key("o")
        shutil.rmtree(folder / "other")
        hand.key("return", "escape", "o")
        assert hand.window.running
        assert hand.session.drawing.is_empty


def _folder(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Makes the current folder one with a folder, a drawing and something broken in it."""
    hand.draw(SEVEN)
    folder = hand.desk.folder / "files"
    (folder / "other").mkdir(parents=True)
    (folder / "seven.json").write_bytes(to_json(hand.session.drawing))
    (folder / "broken.json").write_text("{")
    hand.key("q")
    monkeypatch.chdir(folder)
    return folder


class TestDroppedFiles:
    @pytest.mark.parametrize("name", ["bad.json", "bad.png", "bad.safetensors", "missing.png", "folder", "none"])
    def test_a_bad_one(self, hand: Hand, tmp_path: Path, name: str) -> None:
        (tmp_path / "folder").mkdir()
        if name.startswith("bad"):
            (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n{")
        hand.draw(SEVEN)
        model = hand.session.recognizer
        hand.drop(tmp_path / name)
        [error] = hand.desk.events("error")
        assert name in error["message"]
        assert hand.desk.said == ("error", error["message"])
        hand.key("p")
        assert hand.session.recognizer is model
        assert hand.desk.events("prediction")[0]["digit"] == 7

    def test_a_model(self, hand: Hand, tmp_path: Path) -> None:
        shutil.copy(SHIPPED, tmp_path / "mine.json")
        hand.draw(SEVEN)
        hand.drop(tmp_path / "mine.json")
        assert hand.desk.said == ("ok", "model: mine.json")
        hand.rest()
        assert hand.desk.events("prediction")[-1]["model"] == "mine.json"

    def test_a_drawing(self, hand: Hand, tmp_path: Path) -> None:
        hand.draw(SEVEN)
        (tmp_path / "seven.json").write_bytes(to_json(hand.session.drawing))
        hand.key("q")
        hand.drop(tmp_path / "seven.json")
        hand.rest()
        assert hand.session.drawing.points == 4
        assert hand.desk.events("prediction")[-1]["digit"] == 7

    def test_on_the_help_and_on_the_files(self, hand: Hand, tmp_path: Path) -> None:
        hand.key("h")
        hand.drop(tmp_path / "nothing.png")
        assert not hand.window.help_page.open
        hand.key("o")
        hand.drop(tmp_path / "nothing.png")
        assert hand.tools.chooser is None
