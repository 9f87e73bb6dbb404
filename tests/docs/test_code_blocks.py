"""The code blocks of the documentation run as they stand, and the YAML is accepted."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import apps.mnist.data  # noqa: F401 - registers the dataset `mnist`
from framework import callbacks, config, initializers, layers, losses, metrics, optimizers, schedules
from framework.data import datasets, transforms

ROOT = Path(__file__).parents[2]
REGISTRIES = [
    module.registry
    for module in (callbacks, datasets, initializers, layers, losses, metrics, optimizers, schedules, transforms)
]


def blocks(document: str, language: str) -> list[str]:
    text = (ROOT / document).read_text(encoding="utf-8")
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
    return [block for its_language, block in found if its_language == language]


@pytest.fixture
def registries_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a document registers is forgotten after the test."""
    for registry in REGISTRIES:
        monkeypatch.setattr(registry, "_classes", dict(registry._classes))
        monkeypatch.setattr(registry, "_names", dict(registry._names))


@pytest.mark.usefixtures("registries_as_before")
@pytest.mark.parametrize("document", ["README.md", "docs/extending.md", "docs/configuration.md", "docs/from_keras.md"])
def test_python_blocks_run_in_order(document: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    monkeypatch.chdir(tmp_path)  # what they save goes here
    namespace: dict[str, object] = {"__name__": "document"}
    for block in blocks(document, "python"):
        exec(compile(block, document, "exec"), namespace)


FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def test_commands_print_what_is_shown(tmp_path: Path) -> None:
    """In the blocks that show a terminal; a Python block that begins with a file's name is that file."""
    document = "docs/extending.md"
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "100", "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"PYTHONIOENCODING": "utf-8"}
    for text in blocks(document, "python"):
        if file := re.match(r"# (\w+\.py)\n", text):
            (tmp_path / file[1]).write_text(text, encoding="utf-8")
    terminal = "".join(blocks(document, "console"))
    sessions = re.split(r"^\$ ", terminal, flags=re.MULTILINE)[1:]
    assert len(sessions) >= 5
    for session in sessions:
        command, _, shown = session.partition("\n")
        python, *arguments = shlex.split(command)
        assert (python, arguments[:2]) == ("python", ["-m", "framework"])
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        got = done.stdout
        assert doctest.OutputChecker().check_output(shown, got, FLAGS), f"{command} prints\n{got}"


def test_the_yaml_of_the_readme_is_accepted() -> None:
    [text] = blocks("README.md", "yaml")
    assert config.loads(text).build().name == "my_network"


def test_the_error_in_the_readme_is_what_one_gets() -> None:
    [text] = blocks("README.md", "yaml")
    [shown] = [block for block in blocks("README.md", "") if "error:" in block]
    with pytest.raises(config.ConfigError) as raised:
        config.loads(text.replace("learning_rate", "learning_rte"), name="my_config.yaml")
    message = re.sub(r"(accepted: learning_rate, )[^)]*", r"\1...", str(raised.value))
    assert message == shown.rstrip()


@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_config_is_accepted(path: Path) -> None:
    assert config.load(path).build().built


def test_the_readme_has_one_command_to_train_and_one_to_test() -> None:
    commands = [line for block in blocks("README.md", "sh") for line in block.splitlines() if "venv .venv" in line]
    assert [command.rpartition(" -m ")[2] for command in commands] == ["apps.mnist.train", "pytest"]


@pytest.mark.parametrize(
    "document", ["README.md", "CONTRIBUTING.md", "docs/extending.md", "docs/configuration.md", "docs/from_keras.md"]
)
def test_links_lead_to_files(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (ROOT / document).parent.joinpath(target).exists(), target


@pytest.mark.parametrize("document", ["README.md", "configs/README.md", "checkpoints/README.md"])
def test_no_figure_is_left_to_fill_in(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    assert not re.findall(r"\b(?:ACC|TIME|SIZE)_[A-Z]+\b|\b(?:RATIO|IMPORT|TODO)\b", text)
