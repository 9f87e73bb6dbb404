"""Every complaint of the parser, in plain words and at its place."""

import pytest

from framework.config.errors import ConfigError, Problems, Source
from framework.config.reader import read

CASES = {
    "tab before a key": ("a: 1\n\tb: 2", "2:1", "a tab stands where YAML allows only spaces"),
    "tab before an item": ("a:\n\t- 1", "2:1", "a tab stands where YAML allows only spaces"),
    "at sign": ("a: @b", "1:4", "text cannot begin with '@'; put it in quotes"),
    "backtick": ("a: `b`", "1:4", "text cannot begin with '`'"),
    "second colon": ("a: b: c", "1:5", "this ':' is one too many"),
    "item in a value": ("a: - b", "1:4", "a list item '- …' needs a line of its own"),
    "key without colon": ("a: 1\nb\nc: 2", "3:1", "this is no 'key: value'"),
    "indentation of a mapping": (
        "a: 1\n- b",
        "2:1",
        "does not fit the mapping that begins at line 1, column 1",
    ),
    "indentation of a list": ("- a\nb: 1", "2:1", "does not fit the list that begins at line 1, column 1"),
    "open list": (
        "a: 1\nb: [1, 2\nc: 3",
        "3:2",
        "expected ',' or ']' in the list opened at line 2, column 4",
    ),
    "open mapping": ("{a: 1", "1:6", "expected ',' or '}' in the mapping opened at line 1, column 1"),
    "open quote": ("a: 'b\n", "2:1", "the quote opened at line 1, column 4 is never closed"),
    "quote across documents": ("a: 'b\n---\n", "2:1", "the quote opened at line 1, column 4 is never closed"),
    "backslash": ('a: "C:\\data"', "1:8", "'d' is not one; double the backslash, or use single quotes"),
    "short escape": ('a: "\\x4"', "1:7", "this escape needs more hexadecimal digits"),
    "long escape": ('a: "\\UFFFFFFFF"', "1:7", "this escape or number is out of range"),
    "star": ("a: *.acc", "1:5", "'*' begins an alias; put text that begins with '*' in quotes"),
    "ampersand": ("a: & b", "1:5", "'&' begins an anchor; put text"),
    "pipe": ("a: |x\n b", "1:5", "may follow '|' or '>' here"),
    "directive": ("%YAML x\n---\na: 1", "1:7", "'%' begins a directive"),
    "wrong version": ("%YAML 2.0\n---\na: 1", "1:1", "only YAML 1.x is read"),
    "absurd version": (f"%YAML {'1' * 5000}.1\n---\na: 1", "1:7", "this escape or number is out of range"),
    "broken tag": ("a: !<b c", "1:7", "tags are not allowed"),
    "unknown tag handle": ("a: !b!c 1", "1:4", "tags are not allowed"),
    "missing value": ("a: [1,,2]", "1:7", "a value is missing here"),
    "less indentation": (
        "  a: 1\nb: 2",
        "2:1",
        "this line does not fit those above it; check the indentation",
    ),
}


@pytest.mark.parametrize(("text", "place", "message"), CASES.values(), ids=CASES.keys())
def test_syntax_errors(text: str, place: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(Source("a.yaml", text), Problems())
    [problem] = caught.value.problems
    assert message in problem.message
    assert f"{problem.line}:{problem.column}" == place
