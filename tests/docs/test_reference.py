"""The reference has a page for every namespace, with every public name, and plain docstrings survive the way there."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import framework
from framework.data import datasets, transforms

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "reference"
NAMESPACES = [name for name in framework.__all__ if inspect.ismodule(getattr(framework, name))]


@pytest.fixture(scope="module")
def conf() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference_conf", PAGES / "conf.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def page(name: str) -> str:
    return (PAGES / f"{name}.rst").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["framework", *NAMESPACES])
def test_every_namespace_has_a_page_with_every_public_name(name: str, conf: ModuleType) -> None:
    full = name if name == "framework" else f"framework.{name}"
    assert f".. namespace:: {full}\n" in page(name)
    assert f"\n   {name}\n" in page("index")
    module = importlib.import_module(full)
    text = conf.expanded(page(name))
    shown = set(re.findall(r"^\.\. auto\w+:: ([\w.]+)", text, flags=re.MULTILINE))
    own = re.findall(r"^\.\. py:\w+:: (\w+).*\n   :module: ([\w.]+)", text, flags=re.MULTILINE)
    shown |= {f"{module_name}.{short}" for short, module_name in own}
    for each in getattr(module, "__all__", conf.public_names(module)):
        if not inspect.ismodule(getattr(module, each)) and not each.startswith("__"):
            assert f"{full}.{each}" in shown


def test_the_parts_of_data_are_on_its_page(conf: ModuleType) -> None:
    text = conf.expanded(page("data"))
    for module in (datasets, transforms):
        assert f".. autoclass:: {module.__name__}.{module.registry.base.__name__}" in text


def test_every_page_is_in_the_index_and_about_something(conf: ModuleType) -> None:
    for path in PAGES.glob("*.rst"):
        assert path.stem == "index" or f"\n   {path.stem}\n" in page("index")
        assert path.stem == "index" or len(conf.expanded(path.read_text())) > len(path.read_text())


def test_second_names_are_described_but_not_listed(conf: ModuleType) -> None:
    text = conf.expanded(".. namespace:: framework.losses")
    assert "\n   MeanSquaredError\n" in text
    assert ".. autoclass:: framework.losses.MeanSquaredError\n" in text


@pytest.mark.parametrize(
    ("plain", "markup"),
    [
        ("y = a * b, |x| and w_.", r"y = a \* b, \|x\| and w\_."),
        ("See `a * b` and `x_`.", "See ``a * b`` and ``x_``."),
        ("y = x. rate: the share. n: many.", "y = x. **rate**: the share. **n**: many."),
        ("clipnorm, clipvalue: limits.", "**clipnorm, clipvalue**: limits."),
        ("Scales. Raises ArgumentError for\nnone.", "Scales.\n\n:Raises: ArgumentError for none."),
        ("Shapes: (batch, in) -> (batch, out).", ":Shapes: (batch, in) -> (batch, out)."),
        ("One.\n\n>>> f(1)  # a * b\n2", "One.\n\n>>> f(1)  # a * b\n2"),
        ("- one,\n  still one\n- two_", "- one,\n  still one\n- two\\_"),
        ("Like so:\n- one", "Like so:\n\n- one"),
        ("    code * here", "::\n\n        code * here"),
        ("a: one,\n    more.\nb: two.", "**a**: one,\n    more.\n\n**b**: two."),
        ("Nothing to do: raises nothing.", "Nothing to do: raises nothing."),
        (r"a \ b", r"a \\ b"),
    ],
)
def test_docstrings_become_markup(plain: str, markup: str, conf: ModuleType) -> None:
    got = "\n".join(conf.as_markup(plain.splitlines())).strip()
    assert re.sub(r"\n +more", " more", got) == re.sub(r"\n +more", " more", markup)


@pytest.mark.slow
def test_it_builds_without_warnings_and_knows_every_name(conf: ModuleType, tmp_path: Path) -> None:
    pytest.importorskip("furo")
    pytest.importorskip("sphinx")
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-d", tmp_path / "trees", PAGES, tmp_path / "html"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name in NAMESPACES:
        text = (tmp_path / "html" / f"{name}.html").read_text(encoding="utf-8")
        module = importlib.import_module(f"framework.{name}")
        for each in conf.public_names(module):
            assert f'id="framework.{name}.{each}"' in text
        assert not re.search(r'(?:src|href)="https?://(?!github\.com)', text)  # nothing is fetched to show it
