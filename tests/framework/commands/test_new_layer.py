"""`new-layer`: what it writes passes as it stands, and nothing is ever overwritten."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from framework.__main__ import main
from framework.commands.mistakes import UsageError
from framework.commands.new_layer import LONGEST_NAME, check_name

ROOT = Path(__file__).parents[3]
NAMES = ["Scale", "MyOwnLayer", "ReLU6X", "A" + "Long" * ((LONGEST_NAME - 1) // 4)]


def run(*command: str, folder: Path) -> None:
    program = "import sys; sys.path.insert(0, sys.argv.pop(1)); import runpy; runpy.run_module(sys.argv.pop(1), "
    program += "run_name='__main__', alter_sys=True)"
    done = subprocess.run(
        [sys.executable, "-c", program, str(ROOT), *command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_its_own_test_passes_and_so_does_the_check(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new-layer", name]) == 0
    written, test, *_ = (line.removeprefix("wrote ") for line in capsys.readouterr().out.splitlines())
    run("pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "--doctest-modules", written, test, folder=folder)
    assert main(["check", f"{written}:{name}"]) == 0


@pytest.mark.parametrize("name", NAMES)
def test_the_linters_have_nothing_to_say(name: str, folder: Path) -> None:
    pytest.importorskip("ruff")
    assert main(["new-layer", name]) == 0
    run("ruff", "check", "--no-cache", "--config", str(ROOT / "pyproject.toml"), ".", folder=folder)
    run("ruff", "format", "--no-cache", "--check", "--config", str(ROOT / "pyproject.toml"), ".", folder=folder)


@pytest.mark.slow
def test_neither_has_a_strict_type_checker(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("mypy")
    monkeypatch.setenv("MYPYPATH", str(ROOT))
    assert main(["new-layer", NAMES[0]]) == 0
    run("mypy", "--strict", "--follow-imports=silent", "--cache-dir", str(folder / "cache"), "scale.py", "test_scale.py", folder=folder)  # fmt: skip  # noqa: E501


def test_it_says_what_to_write_and_what_to_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new-layer", "ChannelShift", "--folder", "mine/layers"]) == 0
    shown = capsys.readouterr().out
    assert (folder / "mine" / "layers" / "test_channel_shift.py").is_file()
    assert "\n    - channel_shift: {start: 1.0}\n" in shown
    assert "python -m framework check mine/layers/channel_shift.py:ChannelShift" in shown


@pytest.mark.parametrize("there", ["scale.py", "test_scale.py"])
def test_what_is_there_stays(there: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / there).write_text("mine")
    assert main(["new-layer", "Scale"]) == 2
    assert f"{there} is there already and stays as it is; choose another name" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == [there]
    assert (folder / there).read_text() == "mine"


def test_the_second_time_it_is_there_already(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(folder)  # as in `python -m`
    assert main(["new-layer", "ChannelScale"]) == 0
    assert main(["new-layer", "ChannelScale"]) == 2
    assert "error: channel_scale.py is there already and stays as it is; choose" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Dense", "the layer name 'Dense' is taken by framework.layers.dense.Dense; choose another"),
        ("RELU", "the layer name 'RELU' is taken by framework.layers.activations.ReLU; choose another"),
        ("Layer", "the module of the layer imports another 'Layer'; choose another name, such as MyLayer"),
        ("Array", "imports another 'Array'"),
        ("Shape", "imports another 'Shape'"),
        ("scale", "'scale' does not begin with a capital letter, as classes do; write Scale"),
        ("my_scale", "'my_scale' has an underscore in it, as no class does; write MyScale"),
        (
            "My-Scale",
            "'My-Scale' is no name for a class: letters and digits, the first a capital letter; write MyScale",
        ),
        ("2D", "'2D' is no name for a class: letters and digits, the first a capital letter"),
        ("", "'' is no name for a class"),
        ("None", "'None' is no name for a class"),
        ("../Scale", "write Scale"),
        ("Lambda", "'lambda', the name of its module, is a word of Python's; choose another name"),
        ("Random", "the file random.py would hide the Python module 'random'; choose another name"),
        ("Numpy", "would hide the Python module 'numpy'"),
        ("Größe", "is no name for a class"),
        ("X" * (LONGEST_NAME + 1), f"has {LONGEST_NAME + 1} characters; keep to {LONGEST_NAME}"),
    ],
)
def test_names_that_will_not_do_are_refused(name: str, said: str, folder: Path) -> None:
    with pytest.raises(UsageError) as raised:
        check_name(name)
    assert said in str(raised.value)
    assert main(["new-layer", name]) == 2
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
def test_other_names_will(name: str, folder: Path) -> None:
    check_name(name)
