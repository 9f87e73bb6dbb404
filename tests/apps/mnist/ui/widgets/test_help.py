"""The help."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.mnist.ui.commands import COMMANDS
from apps.mnist.ui.theme import DARK
from apps.mnist.ui.tools import Places
from apps.mnist.ui.widgets.help import EXPLANATION, STEPS

from ..hand import Hand


def said(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return [line.text for line in hand.written(monkeypatch) if not line.cut]


def test_it_tells_every_command_and_every_step(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    hand.key("h")
    lines = said(hand, monkeypatch)
    for command in COMMANDS:
        assert command.help in lines
        assert any(line.split(", ")[0] == command.key for line in lines)
    for caption in (*(caption for _, caption in STEPS), *EXPLANATION):
        assert caption in lines


def test_it_tells_where_labels_are_kept(hand: Hand, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    hand.tools.places = Places(Path("drawings"), Path("mine.jsonl"))
    hand.key("h")
    assert any(str(tmp_path / "mine.jsonl") in line for line in said(hand, monkeypatch))


def test_how_to_close_it_is_said_however_long_the_path_is(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    hand.tools.places = Places(Path("drawings"), Path("/".join(["a-long-name"] * 30)))
    hand.key("h")
    assert "any key closes this page" in said(hand, monkeypatch)


def test_the_pictures_show_the_box_on_its_way_to_the_middle(hand: Hand) -> None:
    hand.key("h")
    place = hand.window.layout.window.below(400)
    marked = (hand.picture(place) == DARK.winner).all(axis=-1)
    assert marked.sum() > 3 * 4 * 50
    assert (hand.picture(place) == 255).all(axis=-1).sum() > 200  # ink
