"""Choosing a file: what is shown of a folder, and where the cursor goes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from apps.mnist.ui.chooser import Chooser


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    for name in ("Beta", "alpha", ".hidden", "empty"):
        (root / name).mkdir(parents=True)
    for name in (
        "two.JSON",
        "One.png",
        "three.safetensors",
        "notes.txt",
        ".secret.json",
        "alpha/in.jpg",
        "Beta/x.json",
    ):
        (root / name).write_bytes(b"")
    return root


def labels(chooser: Chooser) -> list[str]:
    return [chooser.label(i) for i in range(len(chooser.entries))]


def test_folders_first_and_only_what_can_be_opened(folder: Path) -> None:
    chooser = Chooser(folder)
    assert labels(chooser) == ["../", "alpha/", "Beta/", "empty/", "One.png", "three.safetensors", "two.JSON"]
    assert chooser.folder == folder
    assert chooser.cursor == 1


def test_an_empty_folder_has_the_way_out(folder: Path) -> None:
    chooser = Chooser(folder / "empty")
    assert labels(chooser) == ["../"]
    assert chooser.cursor == 0
    assert chooser.choose() is None
    assert chooser.folder == folder


def test_the_cursor_stays_among_the_entries(folder: Path) -> None:
    chooser = Chooser(folder)
    chooser.move(100)
    assert chooser.cursor == 6
    chooser.move(-3)
    assert chooser.cursor == 3
    chooser.move(-100)
    assert chooser.cursor == 0


def test_files_are_chosen_and_folders_entered(folder: Path) -> None:
    chooser = Chooser(folder)
    assert chooser.choose() is None
    assert chooser.folder == folder / "alpha"
    assert chooser.choose() == folder / "alpha" / "in.jpg"
    assert chooser.folder == folder / "alpha"


def test_the_way_back_has_the_cursor_on_where_it_came_from(folder: Path) -> None:
    chooser = Chooser(folder)
    chooser.move(1)
    chooser.choose()
    chooser.move(-9)
    chooser.choose()
    assert chooser.folder == folder
    assert chooser.label(chooser.cursor) == "Beta/"


def test_above_the_top_there_is_the_top(folder: Path) -> None:
    chooser = Chooser(Path(folder.anchor))
    chooser.move(-999)
    assert chooser.choose() is None
    assert chooser.folder == Path(folder.anchor)


def test_a_folder_that_has_gone_leaves_things_as_they_are(folder: Path) -> None:
    chooser = Chooser(folder)
    shutil.rmtree(folder / "alpha")
    assert chooser.choose() == folder / "alpha"  # no folder any more: opening it will tell
    (folder / "alpha").mkdir()
    shown = labels(chooser)
    with pytest.raises(FileNotFoundError):
        chooser.enter(folder / "nowhere")
    assert (chooser.folder, labels(chooser)) == (folder, shown)


def test_of_no_folder(folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Chooser(folder / "nowhere")
    with pytest.raises(NotADirectoryError):
        Chooser(folder / "One.png")


def test_links_lead_where_they_point(folder: Path) -> None:
    (folder / "link").symlink_to(folder / "alpha")
    chooser = Chooser(folder / "link")
    assert chooser.folder == folder / "alpha"
