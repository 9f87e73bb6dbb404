"""`schema`: on the screen or in a file; the one beside the shipped configs is up to date."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from framework.__main__ import main
from framework.commands.schema import as_text

from .toys import SCALE

ROOT = Path(__file__).parents[3]
COMMAND = "python -m framework schema --import apps.mnist.data --output configs/schema.json"


def test_it_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema["additionalProperties"] is False


def test_or_written_with_the_line_that_makes_an_editor_use_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "editor").mkdir()
    assert main(["schema", "--output", "editor/experiment.json"]) == 0
    assert json.loads((folder / "editor" / "experiment.json").read_text(encoding="utf-8"))["definitions"]
    assert "\n# yaml-language-server: $schema=experiment.json\n" in capsys.readouterr().out


def test_modules_of_ones_own_are_in_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "my_scale.py").write_text(SCALE)
    assert main(["schema", "--import", "my_scale"]) == 0
    assert "layer.scale" in json.loads(capsys.readouterr().out)["definitions"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--import", "no_such_module"], "error: no_such_module cannot be imported: there is no module no_such_module"),
        (
            ["--output", "no/such/x.json"],
            "error: --output no/such/x.json: there is no folder no/such; make it first, or",
        ),
        (["--output", "."], "error: .: is not a regular file"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: list[str], said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema", *arguments]) == 2
    assert capsys.readouterr().err.startswith(said)
    assert list(folder.iterdir()) == []


def test_each_class_has_a_line_of_its_own() -> None:
    lines = as_text().splitlines()
    assert sum(line.startswith('  "layer.dense": ') for line in lines) == 1


def test_the_schema_beside_the_shipped_configs_is_up_to_date(tmp_path: Path) -> None:
    # In a process of its own: other tests register classes here.
    now = tmp_path / "schema.json"
    command = [sys.executable, *COMMAND.split()[1:-1], str(now)]
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    shipped = (ROOT / "configs" / "schema.json").read_text(encoding="utf-8")
    assert shipped == now.read_text(encoding="utf-8"), f"a class or a docstring has changed: run {COMMAND}"
