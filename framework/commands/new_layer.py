"""`new-layer Name`: a layer of one's own to begin with: its module, its test and its line in YAML."""

from __future__ import annotations

import argparse
import importlib.util
import keyword
import re
from pathlib import Path

from ..files import write_new
from ..layers import registry
from ..registry import snake_case
from .mistakes import UsageError

LONGEST_NAME = 40
"""Characters of a name with which the written lines keep their length."""

MODULE = '''"""The layer `{registered}`."""

from __future__ import annotations

from framework.layers import Layer, register
from framework.parameters import Array, Shape


@register
class {name}(Layer):
    """y = x · factor, with one learned factor for each feature.

    start: the first value of all factors.

    Shapes: (batch, ..., features) -> (batch, ..., features).

    >>> {name}(start=2.0)([[1.0, -3.0]])
    array([[ 2., -6.]], dtype=float32)
    """

    def __init__(self, start: float = 1.0) -> None:
        # Replace the arguments by yours. Each is stored under its own name: YAML, saving and repr follow from that.
        self.start = start

    def build(self, shape: Shape) -> Shape:
        # The shape of one example comes in, that of one output goes out. What is learned is added here.
        self.factor = self.add_parameter("factor", shape[-1:], {{"constant": self.start}})
        return shape

    def forward(self, x: Array, training: bool = False) -> Array:
        # Replace the formula by yours. Never change x; keep what backward needs.
        self.x = x
        return x * self.factor.value

    def backward(self, dy: Array) -> Array:
        # dy is the gradient of the output. Write (never add) those of the parameters, and return that of the input.
        examples = tuple(range(dy.ndim - 1))
        self.factor.grad[...] = (dy * self.x).sum(axis=examples)
        return dy * self.factor.value
'''

TEST = '''"""Tests of the layer `{registered}`."""

from framework.testing import check_layer

from {module} import {name}


def test_it_keeps_the_contract_of_layers() -> None:
    check_layer(lambda: {name}(start=0.5), (4,))
    check_layer({name}, (6, 4))


def test_it_multiplies_every_feature_by_its_factor() -> None:
    assert {name}(start=2.0)([[1.0, -3.0]]).tolist() == [[2.0, -6.0]]
'''


IMPORTED = tuple(re.findall(r"\w+", " ".join(re.findall(r"^from framework.* import (.+)$", MODULE, re.MULTILINE))))
"""Names that mean something else in the written module."""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to those of a parser."""
    parser = commands.add_parser(
        "new-layer",
        help="begin a layer of your own: a module and its test",
        description="Writes a small working layer, registered and documented, and its test, for you to change.",
    )
    parser.add_argument("name", help="of the class, such as Scale or ChannelShift")
    parser.add_argument("--folder", type=Path, default=Path(), help="where to write (default: here)")
    parser.set_defaults(run=lambda options: run(options.name, options.folder))


def run(name: str, folder: Path) -> int:
    """Writes both files and says how to go on; raises UsageError when the name will not do, or one is there."""
    check_name(name, folder)
    module = snake_case(name)
    parts = {"name": name, "module": module, "registered": module}
    texts = {path: text.format(**parts) for path, text in zip(_files(folder, module), (MODULE, TEST), strict=True)}
    write_new({path: text.encode() for path, text in texts.items()})
    for path in texts:
        print(f"wrote {path}")
    source, test = texts
    print(f"""
Its line in a YAML file, among the layers of the model:
    - {module}: {{start: 1.0}}

Next:
    python -m pytest --doctest-modules {source} {test}
    python -m framework check {source}:{name}
    python -m framework explain layer.{module} --import {source}""")
    return 0


def _files(folder: Path, module: str) -> tuple[Path, Path]:
    return folder / f"{module}.py", folder / f"test_{module}.py"


def check_name(name: str, folder: Path | None = None) -> None:
    """Raises UsageError for a name that cannot be that of a new layer (in this folder), saying why and what could.

    >>> check_name("scale")
    Traceback (most recent call last):
    framework.commands.mistakes.UsageError: 'scale' does not begin with a capital letter, as classes do; write Scale
    """
    if not name.isidentifier() or not name.isascii() or keyword.iskeyword(name):
        proposal = _proposal(name)
        hint = f"; write {proposal}" if proposal.isidentifier() and not keyword.iskeyword(proposal) else ""
        raise UsageError(f"{name!r} is no name for a class: letters and digits, the first a capital letter{hint}")
    if "_" in name:
        raise UsageError(f"{name!r} has an underscore in it, as no class does; write {_proposal(name)}")
    if not name[0].isupper():
        raise UsageError(f"{name!r} does not begin with a capital letter, as classes do; write {_proposal(name)}")
    if len(name) > LONGEST_NAME:
        raise UsageError(f"{name!r} has {len(name)} characters; keep to {LONGEST_NAME}")
    if name in registry:
        cls = registry[name]
        raise UsageError(f"the layer name {name!r} is taken by {cls.__module__}.{cls.__qualname__}; choose another")
    if name in IMPORTED:
        raise UsageError(f"the module of the layer imports another {name!r}; choose another name, such as My{name}")
    module = snake_case(name)
    for path in () if folder is None else _files(folder, module):
        if path.exists():
            raise UsageError(f"{path} is there already and stays as it is; choose another name or --folder")
    if keyword.iskeyword(module):
        raise UsageError(f"{module!r}, the name of its module, is a word of Python's; choose another name")
    if _is_importable(module):
        raise UsageError(f"the file {module}.py would hide the Python module {module!r}; choose another name")


def _proposal(name: str) -> str:
    words = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in name).split()
    return "".join(word[:1].upper() + word[1:] for word in words)


def _is_importable(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return True
