"""Docstrings are taken apart where their author meant it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from framework.config.docstrings import blocks, notes, notes_on, summary, text_of
from framework.layers import Layer
from framework.optimizers import Adam


class Base:
    """The base. rate: how fast.

    start: where from, in units of the input. Raises ArgumentError for none."""


class Child(Base):
    """A child, i.e. Fig. 3 of the paper. It has more.

    rate, decay: how fast, and
    how much less. left and right: its sides. Shapes: (batch, in) -> (batch, in). Source: somewhere: page 3.

    >>> print("rate: not a note")
    rate: not a note
    """


@dataclass
class Bare:
    size: int = 1


class Silent(Base):
    pass


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("y = f(x), of x.y and 3.5 x. More.", "y = f(x), of x.y and 3.5 x."),
        ("No end\n\nMore.", "No end"),
        ("Two\nlines. More.", "Two lines."),
        ("Decay: w -= w.", "Decay: w -= w."),
        ("Noise (Maas et al. 2013). More.", "Noise (Maas et al. 2013)."),
        ("", ""),
    ],
)
def test_the_summary_is_the_first_sentence(text: str, first: str) -> None:
    assert summary(text) == first


def test_only_a_docstring_of_its_own_counts() -> None:
    assert text_of(Base).startswith("The base.")
    assert (text_of(Silent), text_of(Bare)) == ("", "")


def test_examples_and_lists_stand_as_they_are() -> None:
    kept = [kept for _, kept in blocks(text_of(Layer))]
    assert kept[0] is False
    assert kept[-1] is True
    assert blocks("- one\n- two") == [("- one\n- two", True)]
    assert blocks("A:\n\n    code") == [("A:", False), ("    code", True)]


def test_notes_are_found_by_the_names_of_arguments() -> None:
    names = ["rate", "decay", "left", "right", "start"]
    assert notes(text_of(Child), names) == {
        "rate": "how fast, and how much less.",
        "decay": "how fast, and how much less.",
        "left": "its sides.",
        "right": "its sides.",
    }
    assert notes(text_of(Child), ["start"]) == {}


def test_a_note_among_other_sentences_is_one_sentence() -> None:
    assert notes("Adds. rate: how fast. It is odd.", ["rate"]) == {"rate": "how fast."}
    assert notes("rate: how fast. It is odd.", ["rate"]) == {"rate": "how fast. It is odd."}
    assert notes("rate: how fast.\nstart: from\n    here. Or there.", ["rate", "start"]) == {
        "rate": "how fast.",
        "start": "from here. Or there.",
    }


def test_a_note_that_a_semicolon_ends_ends_with_a_full_stop() -> None:
    assert notes("rate: how fast; start: from where.", ["rate", "start"]) == {
        "rate": "how fast.",
        "start": "from where.",
    }


def test_notes_of_the_base_hold_for_its_children() -> None:
    assert notes_on(Child, ["rate", "decay", "start"]) == {
        "decay": "how fast, and how much less.",
        "rate": "how fast, and how much less.",
        "start": "where from, in units of the input.",
    }


def test_the_frameworks_own_are_understood() -> None:
    assert "largest v" in notes_on(Adam, Adam.signature())["amsgrad"]
