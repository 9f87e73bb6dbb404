"""Stepping through the models of a folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from apps.mnist.recognizer import SHIPPED, Recognizer
from apps.mnist.ui import tools
from apps.mnist.ui.tools import neighbours

from .conftest import SEVEN, Desk


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder with the models a, b and c."""
    folder = tmp_path / "models"
    folder.mkdir()
    for name in "abc":
        shutil.copy(SHIPPED, folder / f"{name}.json")
    (folder / "notes.txt").write_text("no model")
    return folder


@pytest.fixture
def stepping(desk: Desk, models: Path) -> Desk:
    """A desk with the model a."""
    desk.session.use(Recognizer.load(models / "a.json"))
    return desk


def step(desk: Desk, name: str = "next_model") -> str:
    """The model after a step."""
    getattr(desk.tools, name)()
    desk.session.tick()
    assert desk.session.recognizer is not None
    assert desk.session.recognizer.path is not None
    return desk.session.recognizer.path.stem


def test_goes_around(stepping: Desk) -> None:
    assert [step(stepping) for _ in range(4)] == ["b", "c", "a", "b"]
    assert [step(stepping, "previous_model") for _ in range(3)] == ["a", "c", "b"]
    assert stepping.said == ("ok", "model: b.json")


def test_steps_that_come_quickly_are_all_taken(stepping: Desk) -> None:
    stepping.tools.next_model()
    assert step(stepping) == "c"


def test_what_is_drawn_is_read_again(stepping: Desk) -> None:
    stepping.draw(SEVEN)
    stepping.rest()
    step(stepping)
    stepping.rest()
    assert [entry["model"] for entry in stepping.events("prediction")] == ["a.json", "b.json"]


@pytest.mark.parametrize("content", [b"{}", b"", b'{"format": "numpy-sequential drawing"}'])
def test_a_file_that_is_no_model_is_told_and_passed_over(stepping: Desk, models: Path, content: bytes) -> None:
    (models / "b.json").write_bytes(content)
    assert step(stepping) == "a"
    assert stepping.said[0] == "error"
    assert str(models / "b.json") in stepping.said[1]
    assert step(stepping) == "c"
    assert step(stepping, "previous_model") == "c"
    assert step(stepping, "previous_model") == "a"
    assert len(stepping.events("error")) == 2


def test_goes_on_from_a_model_that_was_opened(stepping: Desk, models: Path) -> None:
    assert step(stepping) == "b"
    stepping.tools.open_file(models / "a.json")
    stepping.session.tick()
    assert step(stepping) == "b"


def test_without_another_model(stepping: Desk, models: Path) -> None:
    for name in "bc":
        (models / f"{name}.json").unlink()
    assert step(stepping) == "a"
    assert stepping.said == ("error", f"{models} holds no other model; drop a model file on the window")


def test_when_the_current_one_has_gone(stepping: Desk, models: Path) -> None:
    for name in "ab":
        (models / f"{name}.json").unlink()
    assert step(stepping) == "c"


def test_when_the_folder_has_gone(stepping: Desk, models: Path) -> None:
    shutil.rmtree(models)
    assert step(stepping) == "a"
    assert stepping.said == ("error", f"{models}: no such file or directory")


def test_without_a_model_it_is_one_that_comes_with_the_project(no_model: Desk) -> None:
    step(no_model)
    assert no_model.session.recognizer is not None
    assert no_model.session.recognizer.path is not None
    assert no_model.session.recognizer.path.parent == SHIPPED.parent


def test_where_none_comes_with_the_project(no_model: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "SHIPPED", tmp_path / "model.of.ours.json")
    no_model.tools.next_model()
    no_model.session.tick()
    assert no_model.said == ("error", f"{tmp_path} holds no other model; drop a model file on the window")


def test_runs_step_through_the_runs_beside(desk: Desk, tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        shutil.copy(SHIPPED, tmp_path / "runs" / name / "model.json")
    (tmp_path / "runs" / "empty").mkdir()
    desk.session.use(Recognizer.load(tmp_path / "runs" / "first"))
    step(desk)
    assert desk.said == ("ok", "model: second/model.json")
    step(desk)
    assert desk.said == ("ok", "model: first/model.json")


def test_neighbours_are_the_model_files(models: Path) -> None:
    shutil.copy(SHIPPED, models / "d.safetensors")
    assert [path.name for path in neighbours(models / "b.json")] == ["a.json", "b.json", "c.json", "d.safetensors"]
