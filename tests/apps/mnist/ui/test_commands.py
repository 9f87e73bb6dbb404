"""The table of keys: complete, without contradictions, and carried out by somebody."""

from __future__ import annotations

import inspect
import string

import pytest

from apps.mnist.ui.commands import BUTTONS, COMMANDS, REPEATED, command_for, shown
from apps.mnist.ui.session import Session
from apps.mnist.ui.settings import Switches
from apps.mnist.ui.tools import Tools

OF_THE_WINDOW = {"help", "close", "quit", "fullscreen", "screenshot"}


def name_of(key: str, **modifiers: bool) -> str | None:
    command = command_for(key, **modifiers)
    return None if command is None else command.name


def test_no_key_does_two_things() -> None:
    chords = [chord for command in COMMANDS for chord in command.keys]
    assert len(chords) == len(set(chords))
    assert len({command.name for command in COMMANDS}) == len(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_is_somebodys_method(command: object) -> None:
    name = command.name  # type: ignore[attr-defined]
    found = [owner for owner in (Tools, Switches, Session) if callable(getattr(owner, name, None))]
    assert bool(found) != (name in OF_THE_WINDOW)
    for owner in found:
        assert len(inspect.signature(getattr(owner, name)).parameters) == 1  # self alone
    assert len(found) <= 1  # none hides another


@pytest.mark.parametrize(
    ("key", "modifiers", "name"),
    [
        ("p", {}, "predict"),
        ("return", {}, "predict"),
        ("space", {}, "predict"),
        ("q", {}, "clear"),
        ("delete", {}, "clear"),
        ("backspace", {}, "clear"),
        ("z", {}, "undo"),
        ("z", {"ctrl": True}, "undo"),
        ("z", {"shift": True}, "redo"),
        ("y", {"ctrl": True}, "redo"),
        ("q", {"ctrl": True}, "quit"),
        ("l", {}, "live"),
        ("[", {}, "thinner"),
        ("]", {}, "thicker"),
        ("g", {}, "view"),
        ("e", {}, "eraser"),
        ("w", {}, "label"),
        ("s", {}, "save"),
        ("o", {}, "open"),
        ("m", {}, "next_model"),
        ("m", {"shift": True}, "previous_model"),
        ("r", {}, "replay"),
        ("r", {"shift": True}, "random_digit"),
        ("n", {}, "animate"),
        ("a", {}, "as_drawn"),
        ("i", {}, "inside"),
        ("t", {}, "theme"),
        ("h", {}, "help"),
        ("f1", {}, "help"),
        ("f2", {}, "screenshot"),
        ("f11", {}, "fullscreen"),
        ("escape", {}, "close"),
        ("x", {}, None),
        ("7", {}, None),
    ],
)
def test_keys(key: str, modifiers: dict[str, bool], name: str | None) -> None:
    assert name_of(key, **modifiers) == name


@pytest.mark.parametrize("letter", [letter for letter in string.ascii_lowercase if letter not in "qyz"])
def test_letters_with_ctrl_or_alt_do_nothing(letter: str) -> None:
    assert name_of(letter, ctrl=True) is None
    assert name_of(letter, alt=True) is None
    assert name_of(letter, ctrl=True, alt=True) is None
    assert name_of(letter, ctrl=True, shift=True) is None


@pytest.mark.parametrize("letter", "qz")
def test_with_alt_as_well_nothing_at_all(letter: str) -> None:
    assert name_of(letter, alt=True) is None
    assert name_of(letter, ctrl=True, alt=True) is None


def test_what_the_user_reads() -> None:
    assert all(command.button for command in BUTTONS)
    assert {"predict", "clear", "undo", "label", "save", "next_model", "help"} <= {command.name for command in BUTTONS}
    assert len({command.button for command in BUTTONS}) == len(BUTTONS)
    assert all(command.help for command in COMMANDS)
    assert set(REPEATED) <= {command.name for command in COMMANDS}


def test_the_first_key_is_shown() -> None:
    assert [command.key for command in BUTTONS[:4]] == ["P", "Q", "Z", "["]


@pytest.mark.parametrize(
    ("chord", "said"), [("p", "P"), ("ctrl+shift+z", "Ctrl+Shift+Z"), ("[", "["), ("f11", "F11"), ("return", "Enter")]
)
def test_keys_as_they_are_written(chord: str, said: str) -> None:
    assert shown(chord) == said
