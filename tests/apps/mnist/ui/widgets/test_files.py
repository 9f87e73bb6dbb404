"""The files to choose from, as they are seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.mnist.ui.theme import DARK

from ..hand import Hand


@pytest.fixture
def folder(hand: Hand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with forty pictures and another folder, which the window was started in."""
    folder = tmp_path / "pictures"
    (folder / "more").mkdir(parents=True)
    for number in range(40):
        (folder / f"{number:02}.png").touch()
    monkeypatch.chdir(folder)
    hand.key("o")
    return folder


def test_they_are_listed(hand: Hand, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    title, hint, *entries = [line.text for line in hand.written(monkeypatch)]
    assert title == f"Open: {folder}"
    assert hint.startswith("Up and Down move")
    assert entries[:4] == ["../", "more/", "00.png", "01.png"]


def test_the_one_under_the_cursor_is_in_sight_and_lit(hand: Hand, folder: Path) -> None:
    for steps in (0, 5, 15, 30, 5, -20):
        hand.wheel(-steps)
        chooser = hand.tools.chooser
        assert chooser is not None
        rows = dict(hand.window.files._rows(hand.window.layout.window))
        row = rows[chooser.cursor]
        assert hand.picture()[row.y + 3, row.right - 20].tolist() == list(DARK.grid)
        assert all(hand.window.layout.window.h > other.bottom for other in rows.values())
        lit = [i for i, r in rows.items() if hand.picture()[r.y + 3, r.right - 20].tolist() == list(DARK.grid)]
        assert lit == [chooser.cursor]


def test_a_click_enters_a_folder(hand: Hand, folder: Path) -> None:
    hand.click(dict(hand.window.files._rows(hand.window.layout.window))[1])
    assert hand.tools.chooser is not None
    assert hand.tools.chooser.folder == folder / "more"
    hand.click(dict(hand.window.files._rows(hand.window.layout.window))[0])
    assert hand.tools.chooser.folder == folder


def test_other_clicks_choose_nothing(hand: Hand, folder: Path) -> None:
    hand.press((5, 5))
    hand.click(dict(hand.window.files._rows(hand.window.layout.window))[1], button=3)
    assert hand.tools.chooser is not None
    assert hand.tools.chooser.folder == folder
    assert hand.session.drawing.is_empty


def test_in_a_tiny_window_the_cursor_is_in_sight(hand: Hand, folder: Path) -> None:
    hand.resize(60, 40)
    hand.wheel(-30)
    assert hand.tools.chooser is not None
    assert hand.tools.chooser.cursor in dict(hand.window.files._rows(hand.window.layout.window))


def test_closed_it_has_no_use_for_the_mouse(hand: Hand) -> None:
    assert hand.window.files.press(5, 5, 1) is False
    assert hand.window.files._rows(hand.window.layout.window) == []
