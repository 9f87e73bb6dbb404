"""Users' modules and classes: found by name or by file, and a sentence where that fails."""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

import pytest

from framework.commands.importing import add_import_option, import_all, import_class, import_module, place_in_users_code
from framework.commands.mistakes import UsageError

from .toys import SCALE


@pytest.fixture(autouse=True)
def modules(folder: Path) -> Path:
    (folder / "my_scale.py").write_text(SCALE)
    (folder / "package").mkdir()
    (folder / "package" / "__init__.py").write_text("")
    (folder / "package" / "scales.py").write_text("class Inner:\n    pass\n")
    return folder


@pytest.mark.parametrize("target", ["my_scale:Scale", "my_scale.py:Scale", "./my_scale.py:Scale"])
def test_a_class_is_found_by_module_or_file(target: str) -> None:
    assert import_class(target).__qualname__ == "Scale"


def test_a_module_is_imported_once_however_it_is_named(folder: Path) -> None:
    assert import_class("my_scale:Scale") is import_class(f"{folder}/my_scale.py:Scale")
    import_all(["my_scale", "my_scale.py"])  # a second time its names would be taken


def test_modules_of_packages_are_found() -> None:
    assert import_class("package.scales:Inner").__name__ == "Inner"


def test_a_file_finds_its_neighbours(folder: Path) -> None:
    (folder / "package" / "outer.py").write_text("import scales\n\nclass Outer(scales.Inner):\n    pass\n")
    assert import_class("package/outer.py:Outer").__name__ == "Outer"


def test_a_file_never_stands_in_for_a_module_of_the_same_name(folder: Path) -> None:
    (folder / "random.py").write_text("class Mine:\n    pass\n")
    assert import_class("random.py:Mine").__name__ == "Mine"
    assert sys.modules["random"] is random


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("my_scale:Scal", "no class 'Scal' in my_scale; did you mean 'Scale'? (classes in my_scale: Crashing, Scale"),
        ("my_scale:scale", "my_scale:scale is no class but a function"),
        ("my_scale", "my_scale names no class: write my_scale:Crashing (classes in"),
        ("my_scale.py", "my_scale.py names no class: write my_scale.py:Crashing"),
        ("my_scal:Scale", "there is no module my_scal in this folder or among the installed packages; did you mean my"),
        ("my_scal.py:Scale", "there is no file my_scal.py; did you mean my_scale.py?"),
        ("elsewhere/my_scale.py:Scale", "there is no file elsewhere/my_scale.py"),
        ("my-scale:Scale", "'my-scale' is no module's name; write my_layers, or my_layers.py for a file"),
        ("package/scales:Inner", "'package/scales' is no module's name"),
        (":Scale", "'' is no module's name"),
    ],
)
def test_what_cannot_be_found_is_said(target: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        import_class(target)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import no_such_package\n", "ModuleNotFoundError: No module named 'no_such_package'"),
        ("x = 1\ny = x / 0\n", "broken.py, line 2: ZeroDivisionError: division by zero"),
        ("def f(:\n", "SyntaxError: "),
        ("raise SystemExit(3)\n", "broken.py, line 1: SystemExit: 3"),
        (
            "from framework.layers import Layer, register\n\n@register\nclass Dense(Layer):\n    pass\n",
            "broken.py, line 3: ValueError: the layer name 'dense' is taken by framework.layers.dense.Dense",
        ),
    ],
)
@pytest.mark.parametrize("name", ["broken", "broken.py"])
def test_a_module_that_fails_says_where(folder: Path, name: str, text: str, said: str) -> None:
    (folder / "broken.py").write_text(text)
    with pytest.raises(UsageError) as raised:
        import_module(name)
    assert str(raised.value).startswith(f"{name} cannot be imported: ")
    assert said in str(raised.value)
    assert "broken" not in sys.modules


def test_the_option_may_be_repeated() -> None:
    parser = argparse.ArgumentParser()
    add_import_option(parser)
    assert parser.parse_args(["--import", "a", "--import", "b.py"]).imports == ["a", "b.py"]


def test_an_error_that_never_was_in_users_code_has_no_place_there() -> None:
    assert place_in_users_code(ValueError()) == ""
