"""Whatever is done to a file, the answer is an experiment or a ConfigError, and soon."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework.config import ConfigError, loads, model_from_yaml

from .conftest import GOOD

PIECES = [
    *"{}[]:,-'\"#|>?%@&*!~\t\n\\",
    ": ", "- ", "\n  ", "\r\n", "&a ", "*a", "!!x ", "<<: ", "---\n", "\x00", "\ud800", "\u2028", "\ufeff",
    "null", "true", "-1", "0", "1e999", ".nan", ".inf", "9" * 30, "9" * 200, "'", "type: ", "name: a",
    "dense", "softmax", "dropout: ", "sequential: {layers: [relu]}", "input: [4]", "lambda_callback",
    "{cosine_decay: {}}", "random_affine", "csv_logger: [1]", "confusion_matrix", "dtype: float64",
]  # fmt: skip

places = st.integers(0, len(GOOD))
mutations = st.one_of(
    st.tuples(st.just("insert"), places, st.sampled_from(PIECES)),
    st.tuples(st.just("delete"), places, st.integers(1, 30)),
    st.tuples(st.just("copy"), places, places),
)


def mutated(changes: list[tuple[str, int, object]]) -> str:
    text = GOOD
    for kind, place, what in changes:
        if kind == "insert":
            text = text[:place] + str(what) + text[place:]
        elif kind == "delete":
            text = text[:place] + text[place + int(str(what)) :]
        else:
            text = text[:place] + text[int(str(what)) :][:20] + text[place:]
    return text


def answer(text: str, *overrides: str) -> None:
    try:
        experiment = loads(text, overrides)
    except ConfigError as error:
        str(error).encode()
        problems = error.problems
    else:
        experiment.build()
        resolved = experiment.to_yaml()
        assert loads(resolved).to_yaml() == resolved
        return
    assert problems
    assert all(p.line >= 1 and p.column >= 1 and p.message for p in problems)


@settings(deadline=None, max_examples=150)
@given(st.lists(mutations, min_size=1, max_size=5))
def test_a_mutated_file(changes: list[tuple[str, int, object]]) -> None:
    answer(mutated(changes))


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    answer(text)
    with pytest.raises(ConfigError):
        model_from_yaml("layers: " + text + "\n!")


paths = st.sampled_from(
    ["seed", "data", "model", "model.layers", "model.layers.1", "model.layers.1.units", "loss", "optimizer",
     "optimizer.learning_rate", "metrics", "train", "train.epochs", "callbacks", "callbacks.0.monitor", "a.b", ""]
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(paths, st.sampled_from(PIECES) | st.text(max_size=12)), min_size=1, max_size=3))
def test_any_override(overrides: list[tuple[str, str]]) -> None:
    answer(GOOD, *(f"{path}={value}" for path, value in overrides))


@pytest.mark.parametrize(
    "text",
    ["[" * 260_000, "{" * 260_000, "- " * 130_000, "? " * 130_000, "&a " * 80_000, "a: &a [*a, *a]", "\n" * 260_000,
     "a:\n" + " b:\n" * 60_000, "'" + "a " * 130_000, "[" + "a b " * 60_000, "!" * 260_000, "%TAG ! x\n" * 20_000,
     "model: {layers: [" + "relu, " * 300 + "]}\nloss: mse"],
    ids=lambda text: ascii(text[:12]),
)  # fmt: skip
def test_hostile_files(text: str) -> None:
    answer(text)
