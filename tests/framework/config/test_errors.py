"""How problems are located, ordered and shown."""

import pytest

from framework.config.errors import COMMAND_LINE, ConfigError, Mark, Problem, Problems, Source


def test_a_problem_is_shown_with_its_line_and_a_caret() -> None:
    problem = Problem("a.yaml", 14, 3, "unknown key 'x'", "  x: 1")
    assert str(problem) == "a.yaml:14:3: error: unknown key 'x'\n   14 |   x: 1\n      |   ^"


def test_a_problem_of_the_command_line_is_located_by_the_override() -> None:
    problem = Problem(COMMAND_LINE, 1, 7, "unknown key 'epoch'", "train.epoch=1")
    assert str(problem) == (
        "command line: train.epoch=1: error: unknown key 'epoch'\n      | train.epoch=1\n      |       ^"
    )


def test_a_problem_without_a_line_has_no_caret() -> None:
    assert str(Problem("a.yaml", 1, 1, "there is no such file")) == "a.yaml:1:1: error: there is no such file"


@pytest.mark.parametrize(
    ("line", "column", "shown"),
    [
        ("\tx: 1", 2, "    1 |  x: 1\n      |  ^"),
        ("a: \x1b[31m", 4, "    1 | a: \ufffd[31m\n      |    ^"),
        ("a: \ud800", 4, "    1 | a: \ufffd\n      |    ^"),
        ("a: \u202eb", 4, "    1 | a: \ufffdb\n      |    ^"),
        ("x" * 1000, 500, f"    1 | …{'x' * 200}…\n      | {' ' * 101}^"),
    ],
    ids=["tab", "escape sequence", "surrogate", "right to left", "long line"],
)
def test_any_line_can_be_shown(line: str, column: int, shown: str) -> None:
    text = str(Problem("a.yaml", 1, column, "wrong", line))
    assert text.split("\n", 1)[1] == shown
    text.encode()


def test_problems_come_in_order_the_command_line_last_and_once_each() -> None:
    file, override = Source("a.yaml", "a: 1\nb: 2"), Source(COMMAND_LINE, "a=1")
    problems = Problems()
    for mark in (
        Mark(override, 1, 1),
        Mark(file, 2, 1),
        Mark(file, 1, 4),
        Mark(file, 1, 1),
        Mark(file, 2, 1),
    ):
        problems.add(mark, "wrong")
    found = problems.error().problems
    assert [(p.file, p.line, p.column) for p in found] == [
        ("a.yaml", 1, 1),
        ("a.yaml", 1, 4),
        ("a.yaml", 2, 1),
        (COMMAND_LINE, 1, 1),
    ]


def test_a_flood_of_problems_is_cut_but_all_can_be_had() -> None:
    error = ConfigError([Problem("a.yaml", line, 1, "wrong") for line in range(1, 61)])
    assert str(error).endswith("a.yaml:50:1: error: wrong\n… and 10 more")
    assert len(error.problems) == 60


def test_a_message_is_one_line() -> None:
    problems = Problems()
    problems.add(Mark(Source("a.yaml", ""), 1, 1), "first\n  second")
    assert problems.error().problems[0].message == "first second"


def test_nothing_is_raised_where_nothing_was_found() -> None:
    Problems().raise_if_any()


@pytest.mark.parametrize(
    ("text", "index", "place"),
    [("ab\ncd", 4, (2, 2)), ("ab\r\ncd", 4, (2, 1)), ("ab", 0, (1, 1)), ("\n\n", 2, (3, 1))],
)
def test_a_mark_counts_lines_and_columns_from_one(text: str, index: int, place: tuple[int, int]) -> None:
    mark = Source("a.yaml", text).mark(index)
    assert (mark.line, mark.column) == place
