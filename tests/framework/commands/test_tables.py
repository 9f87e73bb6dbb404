"""Tables and paragraphs fit the terminal and lose nothing."""

from __future__ import annotations

import pytest

from framework.commands.tables import NARROWEST, WIDEST, table, width, wrapped


@pytest.mark.parametrize(("columns", "used"), [("80", 80), ("1000", WIDEST), ("10", NARROWEST)])
def test_the_width_is_that_of_the_terminal_within_reason(
    columns: str, used: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert width() == used


@pytest.mark.parametrize("columns", ["60", "80", "120"])
def test_long_cells_go_on_below_and_no_word_is_lost(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    words = [f"word{i}" for i in range(40)]
    text = table(["name", "type", "what"], [["a", " ".join(words[:15]), " ".join(words[15:])], ["b", "", ""]])
    lines = text.splitlines()
    assert max(map(len, lines)) <= int(columns)
    assert sorted(word for word in text.split() if word.startswith("word")) == sorted(words)
    assert not any(line.endswith(" ") for line in lines)


def test_a_word_longer_than_its_column_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    text = table(["a", "b"], [["x" * 100, "y"]])
    assert max(map(len, text.splitlines())) <= 60
    assert text.count("x") == 100


def test_paragraphs_are_indented(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    lines = wrapped("one two three " * 10, indent="    ", first="  - ").splitlines()
    assert lines[0].startswith("  - one")
    assert all(line.startswith("    ") and len(line) <= 60 for line in lines[1:])


def test_paragraphs_are_wrapped_without_their_indentation() -> None:
    assert wrapped("rate: how\n    fast.") == "rate: how fast."
