"""Whatever is done to a file, the answer is an experiment or a ConfigError, and soon."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework.config import ConfigError, loads, model_from_yaml
from framework.config.reader import MAX_BYTES, MAX_DEPTH

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


N = MAX_BYTES


def full(piece: str, before: str = "", behind: str = "") -> str:
    """The longest text of this piece that is read."""
    return before + piece * ((N - len(before) - len(behind)) // len(piece)) + behind


HOSTILE = {
    **{f"nothing but {piece!r}": full(piece) for piece in (
        "[", "{", "- ", "? ", "? a\n", "&a ", "*a ", "! ", "!", "\n", "\r\n", "#", "# x\n", " ", "\u2028", "é\n",
        "a ", "a\n",
        "a:", "a: ", ": ", ":", "[]", "{},", "-\n", "- - - - ", "---\n", "...\n", "a: 1\n", "<<: 1\n", "- a: 1\n",
        "- !x 1\n",
        "- 1e999\n", "%TAG ! x\n", "%x y\n", "a #\n", "'a' ", "x" * 1000 + ": 1\n", "|\n", ">\n", "9", "? b\n: c\n",
    )},
    "a flow mapping without spaces": full("a,", "{"),
    "a flow list of words": full("a b ", "["),
    "a flow list of lines": full("a\n", "[" * 40),
    "a flow list of texts": full("'a',", "[" * 40),
    "a flow list of keys": full("? ", "["),
    "a mapping of 100,000 keys": "".join(f"k{i}: 1\n" for i in range(100_000))[:N],
    "a flow mapping of keys": "{" + ",".join(f"k{i}: 1" for i in range(100_000))[:N - 1],
    "JSON": "{" + ",".join(f'"k{i}":1' for i in range(100_000))[:N - 1],
    "one key": full("x", "", ": 1"),
    "block indentation": "".join(" " * i + "a:\n" for i in range(505))[:N],
    "a word of many lines": full(" b\n", "a:\n"),
    "quotes": full("a\n", "'", "'"),
    "quoted quotes": full("''", "'", "'"),
    "escapes": full("\\u0041", '"', '"'),
    "escaped lines": full("a\\\n", '"', '"'),
    "empty lines in quotes": full("\n", '"', '"'),
    "a block of text": full(" a\n", "a: |\n"),
    "a folded block": full("\n", "a: >\n"),
    "many anchors": "".join(f"- &a{i} x\n" for i in range(20_000))[:N],
    "one anchor, many aliases": full("- *a\n", "- &a x\n"),
    "anchors of lists": full("&a [", "a: "),
    "a circle": "a: &a [*a, *a]",
    "many tags": "".join(f"%TAG !a{i}! t:x\n" for i in range(20_000))[:N - 6] + "--- a",
    "a tag of escapes": full("%41", "!<", "> a"),
    "an absurd indicator": "a: |9999999999\n",
    "a list of layers": "model: {input: 4, layers: [" + "relu, " * 3_900 + "]}\nloss: mse",
    "models in models": "model: {layers: [" + "sequential: {layers: [" * 15 + "relu" + "]}" * 15 + "]}\nloss: mse",
    "lists in lists": "model: {input: " + "[" * 48 + "]" * 48 + ", layers: [relu]}\nloss: mse",
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_files(text: str) -> None:
    assert len(text) <= N
    answer(text)


@pytest.mark.parametrize("text", [t for t in HOSTILE.values() if t.isprintable()][:8])
def test_hostile_overrides(text: str) -> None:
    answer(GOOD, f"model.layers={text[: N - 40]}")
    answer(GOOD, f"{text[: N - 40]}=1")


@pytest.mark.parametrize("word", ["9" * 5000, "-" + "9" * 5000, "0x" + "f" * 5000, "0o" + "7" * 5000, "1e" + "9" * 5000,
                                  "0." + "1" * 5000, "1e999", "1" * 101])  # fmt: skip
def test_absurd_numbers_have_their_places(word: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loads(f"seed: {word}\nmodel: {{input: 4, layers: [{{dense: {word}}}]}}\nloss: mse")
    assert [(p.line, p.column) for p in caught.value.problems] == [(1, 7), (2, 36)]
    with pytest.raises(ConfigError) as caught:
        loads(GOOD, [f"seed={word}", f"train.{word.replace('.', '')}=1"])
    assert {p.file for p in caught.value.problems} == {"command line"}
    assert caught.value.problems[0].column == 6


@pytest.mark.parametrize(
    ("escape", "place"),
    [
        (r"\UFFFFFFFF", (1, 16)),
        (r"\U00110000", (1, 16)),
        (r"\uD800", (1, 13)),
        (r"\uDFFFx", (1, 13)),
        (r"\x00", (1, 13)),
    ],
)
def test_what_is_no_character_has_its_place(escape: str, place: tuple[int, int]) -> None:
    with pytest.raises(ConfigError) as caught:
        loads(f'model: {{name: "{escape}", layers: [relu]}}')
    assert (caught.value.problems[0].line, caught.value.problems[0].column)[0] == place[0]
    with pytest.raises(ConfigError):
        loads(GOOD, [f'model.name="{escape}"'])


@pytest.mark.parametrize("path", ["a." * 5000 + "b", "model" + ".x" * 60_000, "model.layers." + "9" * 5000,
                                  "model.layers.0." + "9" * 5000, "data." + "a." * 400 + "b", "." * 1000])  # fmt: skip
def test_overrides_that_lead_far_are_refused(path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loads(GOOD, [f"{path}=1"])
    assert caught.value.problems[0].file == "command line"


def test_an_override_cannot_make_a_tree_deeper_than_a_file_may_be() -> None:
    with pytest.raises(ConfigError, match=f"nested deeper than {MAX_DEPTH} levels"):
        loads(GOOD, ["data." + "a." * 30 + "b=" + "[" * 30 + "]" * 30])
