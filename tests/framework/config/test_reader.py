"""YAML -> tree: values, places, and everything that is refused."""

from typing import Any

import pytest

from framework.config.errors import ConfigError, Problems, Source
from framework.config.reader import MAX_BYTES, MAX_DEPTH, MAX_VALUES, Node, decode, read


def tree(text: str) -> Node:
    problems = Problems()
    node = read(Source("a.yaml", text), problems)
    problems.raise_if_any()
    return node


def refused(text: str) -> list[tuple[int, int, str]]:
    with pytest.raises(ConfigError) as caught:
        tree(text)
    return [(p.line, p.column, p.message) for p in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# nothing but a comment", None),
        ("a: 1\nb: [x, 'y', \"z\"]\n", {"a": 1, "b": ["x", "y", "z"]}),
        ("a: '1'\nb: \"true\"", {"a": "1", "b": "true"}),
        ("a: |\n  two\n  lines\n", {"a": "two\nlines\n"}),
        ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
        ("{0: 1.0, 0x10: 2.0}", {0: 1.0, 16: 2.0}),
        ("yes: no", {"yes": "no"}),
        ("---\na: 1\n...\n", {"a": 1}),
        ("%YAML 1.2\n---\na: 1", {"a": 1}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("- &x 1\n- &x 2\n- *x", [1, 2, 2]),
        ("a: é 漢 😀", {"a": "é 漢 😀"}),
    ],
)
def test_values(text: str, value: Any) -> None:
    assert tree(text).plain() == value


def test_every_value_and_key_has_its_place() -> None:
    root = tree("model:\n  layers:\n    - dense: {units: 3}\n")
    units = root.find("model", "layers", 0, "dense", "units")
    assert (units.value, units.mark.line, units.mark.column) == (3, 3, 22)
    mark = root.find("model").mark_of("layers")
    assert (mark.line, mark.column) == (2, 3)


def test_find_stops_where_the_path_ends() -> None:
    assert tree("a: {b: 1}").find("a", "b", "c", 0).value == 1


def test_an_alias_is_a_copy_of_its_own() -> None:
    root = tree("a: &x {b: [1]}\nc: *x")
    first, second = root.find("a", "b"), root.find("c", "b")
    assert first is not second
    assert first.value is not second.value
    assert (root.find("c").mark.line, root.find("c").mark.column) == (2, 4)


def test_a_duplicate_key_names_both_places() -> None:
    assert refused("a: {b: 1,\n  c: 2, b: 3}") == [
        (2, 9, "duplicate key 'b', first written in line 1, column 5; keep one of the two")
    ]


def test_equal_integers_are_duplicates() -> None:
    assert refused("{1: a, 0x1: b}")[0][:2] == (1, 8)


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system",
        "!!python/name:os.system",
        "!!python/object/new:type",
        "!!binary",
        "!!timestamp",
        "!!str",
        "!mine",
        "!",
    ],
)
def test_every_tag_is_refused(tag: str) -> None:
    for text in (f"a: {tag} ls", f"a: {tag} ['ls']", f"a: {tag} {{x: ls}}", f"{tag} x: 1"):
        [(_, _, message)] = refused(text)
        assert message == f"the tag {tag!r} is not allowed: a file holds plain values; remove it"


def test_nothing_is_constructed_by_a_tag(tmp_path: Any) -> None:
    trace = tmp_path / "trace"
    refused(f"a: !!python/object/apply:os.mkdir ['{trace}']")
    assert not trace.exists()


@pytest.mark.parametrize("key", ["true", "null", "~", "0.5", ".inf", "[1]", "{a: 1}"])
def test_a_key_is_text_or_an_integer(key: str) -> None:
    [(line, column, message)] = refused(f"? {key}\n: 1")
    assert (line, column) == (1, 3)
    assert message.startswith("a key must be text or an integer")


def test_merge_keys_are_refused_and_quoted_ones_are_keys() -> None:
    assert refused("<<: {a: 1}") == [(1, 1, "merge keys '<<' are not part of YAML 1.2; write the keys out")]
    assert tree("'<<': 1").plain() == {"<<": 1}


def test_a_second_document_is_refused() -> None:
    assert refused("a: 1\n---\nb: 2") == [(2, 1, "a second document begins here; a file holds only one")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("&a [*a]", "the alias '*a' stands inside of what it refers to"),
        ("a: &x {b: {c: *x}}", "the alias '*x' stands inside of what it refers to"),
        ("- *a", "the alias '*a' has no anchor '&a' above it; put text that begins with '*' in quotes"),
        (
            "- *a\n- &a 1",
            "the alias '*a' has no anchor '&a' above it; put text that begins with '*' in quotes",
        ),
    ],
)
def test_aliases_that_lead_nowhere(text: str, message: str) -> None:
    assert refused(text)[0][2] == message


def test_a_billion_laughs() -> None:
    lines = ["a0: &a0 [" + ", ".join(["lol"] * 9) + "]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    [(line, _, message)] = refused("\n".join(lines))
    assert line == 4
    assert message == f"there are more than {MAX_VALUES:,} values, aliases written out"


def test_aliases_count_towards_the_depth() -> None:
    lines = ["a0: &a0 1"] + [f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 80)]
    assert refused("\n".join(lines))[0][2] == f"this is nested deeper than {MAX_DEPTH} levels"


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[[{x: "])
def test_depth_is_limited(opening: str) -> None:
    assert refused(opening * 20_000)[0][2] == f"this is nested deeper than {MAX_DEPTH} levels"


def test_the_number_of_values_is_limited() -> None:
    assert "values" in refused("[" + "1," * MAX_VALUES + "]")[0][2]


def test_the_size_is_limited() -> None:
    assert refused("#" * (MAX_BYTES + 1))[0][2].startswith("this is longer than 128 KiB")
    with pytest.raises(ConfigError, match="longer than 128 KiB"):
        decode("a.yaml", b"#" * (MAX_BYTES + 1), Problems())


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\ud800", "\ufffe"])
def test_control_characters_are_refused(character: str) -> None:
    assert refused(f"a: b\nc: {character}")[0][:2] == (2, 4)


@pytest.mark.parametrize("escape", [r"\0", r"\x1b", r"\e", r"\ud800", r"\uFFFE"])
def test_control_characters_are_refused_as_escapes(escape: str) -> None:
    [(line, column, message)] = refused(f'a: "b{escape}"')
    assert (line, column) == (1, 4)
    assert message.endswith("is not allowed in text; remove it")


def test_absurd_numbers_are_refused_with_their_places() -> None:
    found = refused(f"a: {'9' * 5000}\nb: 1e999")
    assert [place[:2] for place in found] == [(1, 4), (2, 4)]


def test_reading_goes_on_behind_what_is_no_syntax_error() -> None:
    found = refused("a: !x 1\nb: {c: 1, c: 2}\n<<: 1\n1.5: 2\nd: 1e999")
    assert [line for line, _, _ in found] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("data", "place", "message"),
    [
        (b"a: 1\nb: caf\xe9\n", (2, 7), "the byte 0xe9 is not UTF-8; save the file as UTF-8 text"),
        ("a: é\nb: ".encode() + b"\xff", (2, 4), "the byte 0xff is not UTF-8; save the file as UTF-8 text"),
        ("a: 1".encode("utf-16"), (1, 1), "the byte 0xff is not UTF-8; save the file as UTF-8 text"),
    ],
)
def test_what_is_not_utf_8_is_refused(data: bytes, place: tuple[int, int], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        decode("a.yaml", data, Problems())
    [problem] = caught.value.problems
    assert ((problem.line, problem.column), problem.message) == (place, message)


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    source = decode("a.yaml", "\ufeffa: 1".encode(), Problems())
    assert read(source, Problems()).mark_of("a").column == 1
