"""Experiments in YAML, and what is changed of them on the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml
from hypothesis import strategies as st

from framework import config
from framework.config import ConfigError

from .. import trees
from ..mutations import damaged
from ..target import Target, saved

FOLDER = Path(__file__).parents[3] / "configs"
TOKEN = re.compile(r"\s+|[A-Za-z_][\w/]*|[-+]?\d[\d.]*|.", re.S)
HOSTILE = (
    *("null", "~", "yes", ".inf", "-.inf", ".nan", "1e999", "0x10", "1_000", "-1", "0", "9" * 5000, "1e-320", "0.1.2"),
    *("&a", "*a", "<<: *a", "&a [*a, *a]", "!!python/object/apply:os.system [exit]", "!!binary x", "%YAML 1.9\n---\n"),
    *("{", "}", "[", "]", ": ", "- ", "? ", ", ", "|", ">", "'", '"', "#", "\t", "\n", "\n  ", "\n      - ", "---\n"),
    *('"\\UFFFFFFFF"', '"\\ud800"', "\u2028", "\x85", "\ufeff", "\x00", "\x7f", "\U0001f600", "é", "''", '""', "...\n"),
    *("[" * 60, "{a: " * 60, "[" * 600 + "]" * 600, "- " * 400, "a: " * 40, "x" * 3000, "x.y.z", "a" * 70 + ": 1\n"),
)
EDITS = st.lists(
    st.tuples(st.sampled_from(("put", "drop", "twice", "swap")), st.integers(0, 4095), st.integers(0, 4095)),
    min_size=1,
    max_size=5,
)
OVERRIDES = (
    *("train.epochs=3", "optimizer.learning_rate=0.01", "optimizer.sgd.momentum=0.5", "model.layers.1.dense.units=9"),
    *("augment=[]", "data.mnist.path=sample", "loss=mse", "metrics=[accuracy]", "seed=1", "model.layers={}", "=", "a"),
)


@cache
def texts() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.yaml"))]


@cache
def words() -> tuple[str, ...]:
    """What may stand in the place of a token: the words of all recipes, and what nobody should write."""
    found = {token for text in texts() for token in TOKEN.findall(text) if token.strip()}
    return (*HOSTILE, *sorted(found))


def retold(text: str, edits: Sequence[tuple[str, int, int]]) -> str:
    """The text with tokens replaced, left out, repeated or swapped."""
    tokens = TOKEN.findall(text)
    for kind, place, how in edits:
        at, other = place % max(1, len(tokens)), how % max(1, len(tokens))
        if kind == "put":
            tokens[at : at + how % 2] = [words()[how % len(words())]]
        elif kind == "drop":
            del tokens[at : at + 1 + how % 4]
        elif kind == "twice":
            tokens[at:at] = tokens[at : at + how % 30]
        elif tokens:
            tokens[at], tokens[other] = tokens[other], tokens[at]
    return "".join(tokens)


def rewritten(tree: object, edits: list[tuple[str, int, int]], flow: bool) -> bytes:
    """A recipe with parts of its tree changed, as YAML, or in one line as JSON."""
    changed = trees.edited(tree, edits)
    if flow:
        return trees.text(changed, depth=60)
    return yaml.safe_dump(json.loads(json.dumps(changed)), allow_unicode=True).encode("utf-8", "surrogatepass")


def seeds() -> list[bytes]:
    return [text.encode() for text in texts()]


def inputs() -> st.SearchStrategy[bytes]:
    recipe = st.sampled_from(texts())
    return st.one_of(
        damaged(seeds()),
        st.builds(retold, recipe, EDITS).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.builds(rewritten, recipe.map(yaml.safe_load), trees.EDITS, st.booleans()),
    )


def check(content: bytes, folder: Path) -> bool:
    path = saved(folder, "recipe.yaml", content)
    try:
        config.load(path)
    except ConfigError as error:
        _check_places(error, {str(path)})
        return False
    return True


def override_inputs() -> st.SearchStrategy[bytes]:
    one = st.builds(retold, st.sampled_from(OVERRIDES), EDITS).map(lambda text: text.replace("\n", " "))
    return st.lists(one, min_size=1, max_size=3).map(lambda lines: "\n".join(lines).encode("utf-8", "replace"))


def check_overrides(content: bytes, folder: Path) -> bool:
    recipe = FOLDER / "mnist_mlp.yaml"
    try:
        config.load(recipe, content.decode("utf-8", "replace").split("\n"))
    except ConfigError as error:
        _check_places(error, {str(recipe), "command line"})
        return False
    return True


def _check_places(error: ConfigError, files: set[str]) -> None:
    assert error.problems
    for problem in error.problems:
        assert problem.file in files, problem
        assert problem.line >= 1, problem
        assert problem.column >= 1, problem
        assert problem.message.strip(), problem
    assert str(error)


TARGETS = (
    Target("config", seeds, inputs, check),
    Target("overrides", lambda: [b"train.epochs=3"], override_inputs, check_overrides),
)
