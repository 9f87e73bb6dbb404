"""What docstrings say, taken apart: the summary, notes on single arguments, prose and examples.

They are plain text: paragraphs, and doctests that begin with `>>>`. A sentence that begins with the name of an
argument and a colon is about that argument: "rate: the share of inputs that is dropped."
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable

_NAMES = r"(?:\w+(?:,| and| or)? )*\w+"
"""Names of arguments that share a note."""


def text_of(cls: type) -> str:
    """A class's own docstring without its indentation; empty when it has none."""
    own = vars(cls).get("__doc__") or ""
    generated = own.startswith(f"{cls.__name__}(")  # what a dataclass writes for itself
    return "" if generated else inspect.cleandoc(own)


def summary(text: str) -> str:
    """The first sentence, on one line.

    >>> summary("y = f(x), of the shape of x. It may be\\nanything.")
    'y = f(x), of the shape of x.'
    """
    first = " ".join(text.partition("\n\n")[0].split())
    found = re.match(r".+?(?<!\be\.g)(?<!\bal)\.(?=\s|$)", first)
    return found[0] if found else first


def blocks(text: str) -> list[tuple[str, bool]]:
    """The paragraphs in order, each with whether it stands as it is (examples, lists, tables) or may be wrapped.

    Lines that begin with the names of arguments are a paragraph each, with what is indented below.

    >>> blocks("Adds one.\\n\\n>>> add(1)\\n2")
    [('Adds one.', False), ('>>> add(1)\\n2', True)]
    >>> blocks("size: of it,\\n    in pixels.\\nrate: of change.")
    [('size: of it,\\n    in pixels.', False), ('rate: of change.', False)]
    """
    found = []
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        beginnings = [line for line in block.splitlines() if not line.startswith(" ")]
        if beginnings and all(re.match(rf"{_NAMES}: ", line) for line in beginnings):
            found += [(entry, False) for entry in re.split(r"\n(?=\S)", block)]
        else:
            kept = any(re.match(r"\s|>>>|[-*] |\d+\. ", line) for line in block.splitlines())
            found.append((block, kept))
    return found


def notes(text: str, names: Iterable[str]) -> dict[str, str]:
    """What is said about single arguments, by their names; several may share a sentence: "alpha, beta: ...".

    >>> notes("Noise. rate: its share, in\\n[0, 1). seed: of its stream. Raises ArgumentError.", ["rate", "seed"])
    {'rate': 'its share, in [0, 1).', 'seed': 'of its stream.'}
    """
    known = set(names)
    found: dict[str, str] = {}
    prose = [block for block, kept in blocks(text) if not kept]
    for paragraph in prose:
        # The names are followed by a colon, and stand at the beginning of a sentence.
        parts = re.split(rf"(?:(?<=[.;])\s|^)({_NAMES}): ", " ".join(paragraph.split()))
        for subjects, said in zip(parts[1::2], parts[2::2], strict=True):
            about = re.findall(r"\w+", re.sub(r"\b(and|or)\b", "", subjects))
            if about and known.issuperset(about):
                # A paragraph of its own is about the argument as a whole; among other sentences a note is one.
                note = _until_next_topic(said if len(parts) == 3 and not parts[0] else summary(said))
                for name in about:
                    found.setdefault(name, note)
    return found


def is_note(block: str, names: Iterable[str]) -> bool:
    """Whether a paragraph is a note on arguments and nothing else.

    >>> is_note("rate: its share.", ["rate"]), is_note("rate: its share. Raises ArgumentError.", ["rate"])
    (True, False)
    """
    said = " ".join(block.split()).partition(": ")[2].rstrip(".")
    found = notes(block, names)
    return bool(found) and all(note.rstrip(".") == said for note in found.values())


def notes_on(cls: type, names: Iterable[str]) -> dict[str, str]:
    """What is said about the arguments of a class, by itself or by a class that it derives from."""
    found: dict[str, str] = {}
    for each in reversed(cls.__mro__):
        found |= notes(text_of(each), names)
    return found


def _until_next_topic(said: str) -> str:
    """Without the sentences behind that are about something else: errors, shapes and sources."""
    kept = re.split(r"(?<=[.;]) (?=(?:Raises|Shapes|Source|As in|Otherwise raises)\b)", said)[0].strip()
    kept = kept.rstrip(";")
    return kept + ("." if kept[-1:] not in ".:" else "")
