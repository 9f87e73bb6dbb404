"""Choosing a file in the window itself, since Pygame has no dialog for it: the folder's contents and a cursor."""

from __future__ import annotations

from pathlib import Path

from .storage import IMAGES

SHOWN_SUFFIXES = (*IMAGES, ".json", ".safetensors")


class Chooser:
    """The folders, images, drawings and models of one folder, one of them under the cursor.

    Raises OSError when the folder cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries: list[Path] = []
        self.cursor = 0
        self.enter(folder)

    def enter(self, folder: Path) -> None:
        """Shows another folder, the cursor on the one in it that it came from, or else on the first."""
        folder = folder.resolve()
        found = [path for path in folder.iterdir() if not path.name.startswith(".")]
        folders = sorted((path for path in found if path.is_dir()), key=_name)
        files = sorted((path for path in found if path.suffix.lower() in SHOWN_SUFFIXES and path.is_file()), key=_name)
        left, self.folder = self.folder, folder
        self.entries = [folder.parent, *folders, *files]
        inner = self.entries[1:]
        self.cursor = 1 + inner.index(left) if left in inner else min(1, len(inner))

    def move(self, by: int) -> None:
        """Moves the cursor, as far as there are entries."""
        self.cursor = min(max(0, self.cursor + by), len(self.entries) - 1)

    def choose(self) -> Path | None:
        """Enters the folder under the cursor, or returns the file there."""
        path = self.entries[self.cursor]
        if path.is_dir():
            self.enter(path)
            return None
        return path

    def label(self, index: int) -> str:
        """What an entry is called."""
        path = self.entries[index]
        return "../" if index == 0 else f"{path.name}/" if path.is_dir() else path.name


def _name(path: Path) -> str:
    return path.name.lower()
