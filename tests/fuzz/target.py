"""What is fuzzed: a reader, the inputs that it is given, and what it may answer."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from .watch import unwatched

MODULES = ("configs", "checkpoints", "datasets", "pens", "records", "images", "window")
"""Of the package `targets`; each has its targets in TARGETS."""

LONGEST = 2000
"""Characters of a message: more are the file's own, which nobody wants to see."""


@dataclass(frozen=True)
class Target:
    """One reader, and what it is fed.

    name: for the command line and the names of findings. inputs: makes the strategy of its inputs, all of them bytes,
    so that each can be kept in a file. seeds: makes undamaged inputs. check: gives an input to the reader, in an empty
    folder of its own; tells whether it was valid (True) or refused as promised (False), raises for any other answer.
    writes: whether it may write into its folder.
    """

    name: str
    seeds: Callable[[], list[bytes]]
    inputs: Callable[[], st.SearchStrategy[bytes]]
    check: Callable[[bytes, Path], bool]
    writes: bool = False


def all_targets() -> dict[str, Target]:
    """All targets by name."""
    modules = [importlib.import_module(f"{__package__}.targets.{name}") for name in MODULES]
    return {target.name: target for module in modules for target in module.TARGETS}


def saved(folder: Path, name: str, content: bytes) -> Path:
    """The input as a file, for readers of files."""
    path = folder / name
    with unwatched():
        path.write_bytes(content)
    return path


def refused(said: str, place: str | Path = "") -> bool:
    """False, for a refusal that names its place and says what is wrong, and that a terminal can show."""
    assert str(place) in said, said
    assert said.replace(str(place), "").strip(" :;,"), said
    assert len(said) < LONGEST, f"{len(said):,} characters: {said[:200]}..."
    return False
