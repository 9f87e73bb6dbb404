"""Everything a key does: one table for the keys, the buttons and the help."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """name: of the method that does it. keys: the first is the one that is shown. button: what the button says,
    if there is one. help: what the help says.
    """

    name: str
    keys: tuple[str, ...]
    help: str
    button: str | None = None

    @property
    def key(self) -> str:
        """Its first key, as a keyboard has it written on it."""
        return shown(self.keys[0])


def shown(chord: str) -> str:
    """A chord as keyboards have it written on their keys.

    >>> shown("ctrl+z"), shown("escape")
    ('Ctrl+Z', 'Esc')
    """
    return "+".join({"escape": "Esc", "return": "Enter"}.get(part, part.capitalize()) for part in chord.split("+"))


COMMANDS = (
    Command("predict", ("p", "return", "enter", "space"), "ask for the answer now", "Predict"),
    Command("clear", ("q", "delete", "backspace"), "clear the canvas", "Clear"),
    Command("undo", ("z", "ctrl+z"), "undo anything, labels too", "Undo"),
    Command("redo", ("shift+z", "ctrl+y", "ctrl+shift+z"), "redo"),
    Command("thinner", ("[",), "thinner brush (or the wheel)", "Thinner"),
    Command("thicker", ("]",), "thicker brush", "Thicker"),
    Command("eraser", ("e",), "erase strokes (or the right button)", "Eraser"),
    Command("label", ("w",), "wrong? then press the right digit", "Wrong?"),
    Command("inside", ("i",), "look inside the network", "Inside"),
    Command("animate", ("n",), "watch how the model gets to see it", "Centre"),
    Command("save", ("s",), "save the drawing as PNG and JSON", "Save"),
    Command("open", ("o",), "open an image or drawing, or drop it here", "Open"),
    Command("next_model", ("m",), "next model of the folder, or drop one", "Model"),
    Command("previous_model", ("shift+m",), "previous model"),
    Command("replay", ("r",), "replay the drawing as it was drawn"),
    Command("next_digit", ("right",), "next digit of a number (or click on it)"),
    Command("previous_digit", ("left",), "previous digit of a number"),
    Command("copy", ("c",), "copy the answer as text"),
    Command("random_digit", ("shift+r",), "a random digit of MNIST"),
    Command("live", ("l",), "answers by themselves, or only at P"),
    Command("view", ("g",), "cells, smooth ink, or both"),
    Command("as_drawn", ("a",), "let the model see the brush's width"),
    Command("theme", ("t",), "dark or light"),
    Command("screenshot", ("f2",), "save a picture of the window"),
    Command("fullscreen", ("f11",), "full screen"),
    Command("help", ("h", "f1"), "this help", "Help"),
    Command("close", ("escape",), "close what is open"),
    Command("quit", ("ctrl+q",), "quit"),
)

BUTTONS = tuple(command for command in COMMANDS if command.button is not None)
REPEATED = ("thinner", "thicker")
"""What goes on while its key is held."""

_BY_CHORD = {chord: command for command in COMMANDS for chord in command.keys}


def command_for(key: str, ctrl: bool = False, alt: bool = False, shift: bool = False) -> Command | None:
    """The command of a key, named as Pygame names it, with these modifiers; None for every other chord.

    >>> command_for("z", shift=True).name, command_for("q", ctrl=True).name, command_for("p", ctrl=True)
    ('redo', 'quit', None)
    """
    held = (("ctrl", ctrl), ("alt", alt), ("shift", shift))
    return _BY_CHORD.get("+".join([*(name for name, down in held if down), key]))
