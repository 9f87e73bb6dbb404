"""Where a mistake is, and how it is shown: file, line, column, one sentence, the line with a caret."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NoReturn

from .scalars import FORBIDDEN

COMMAND_LINE = "command line"
"""The file name of values that were given as overrides."""

MAX_SHOWN = 50
"""How many problems are printed; `ConfigError.problems` has them all."""

_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what PyYAML counts as one
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # what comes after is shown from right to left
_MARGIN = 100  # characters shown before and after the caret of a very long line


@dataclass(frozen=True)
class Source:
    """A text that values come from: a file, a string or an override on the command line."""

    name: str
    text: str = field(repr=False)

    def line(self, number: int) -> str:
        """The line with this number, counted from 1; empty behind the end."""
        return self._lines[number - 1] if number <= len(self._lines) else ""

    def mark(self, index: int) -> Mark:
        """The place of the character at `index`."""
        lines = _LINE_BREAK.split(self.text[:index])
        return Mark(self, len(lines), len(lines[-1]) + 1)

    @functools.cached_property
    def _lines(self) -> list[str]:
        return _LINE_BREAK.split(self.text)


@dataclass(frozen=True)
class Mark:
    """A place in a source; line and column are counted from 1."""

    source: Source
    line: int
    column: int

    @property
    def words(self) -> str:
        """The place as a part of a sentence."""
        on_command_line = self.source.name == COMMAND_LINE
        return "on the command line" if on_command_line else f"in line {self.line}, column {self.column}"


@dataclass(frozen=True)
class Problem:
    """One mistake: its place, one sentence that says what is wrong and what to write, the line it is in.

    >>> print(Problem("a.yaml", 3, 8, "epochs of train must be an integer, got 'many'", "  epochs: many"))
    a.yaml:3:8: error: epochs of train must be an integer, got 'many'
        3 |   epochs: many
          |        ^
    """

    file: str
    line: int
    column: int
    message: str
    source_line: str = ""

    @property
    def location(self) -> str:
        """`file:line:column`, or the override itself for a value from the command line."""
        if self.file == COMMAND_LINE:
            return f"{COMMAND_LINE}: {_window(self.source_line, self.column)[0].strip()}"
        return f"{self.file}:{self.line}:{self.column}"

    def __str__(self) -> str:
        heading = f"{self.location}: error: {self.message}"
        if not self.source_line:
            return heading
        line, column = _window(self.source_line, self.column)
        number = "" if self.file == COMMAND_LINE else str(self.line)
        return f"{heading}\n{number:>5} | {line}\n      | {' ' * (column - 1)}^"


def _window(line: str, column: int) -> tuple[str, int]:
    """The part of a line around a column, on which a caret can be placed, and the column in that part."""
    line = re.sub(r"\s", " ", line.rstrip())  # a tab is as wide as the terminal likes
    line = _TURNING.sub("\ufffd", FORBIDDEN.sub("\ufffd", line))  # nor may a file send escape sequences to it
    start, stop = max(0, column - 1 - _MARGIN), column - 1 + _MARGIN
    before, after = "…" if start else "", "…" if len(line) > stop else ""
    return before + line[start:stop] + after, column - start + len(before)


class ConfigError(Exception):
    """A configuration that cannot be used; `problems` holds every mistake that was found, in order.

    >>> error = ConfigError([Problem("a.yaml", 1, 1, "missing key 'model' at the top level")])
    >>> error.problems[0].line
    1
    >>> print(error)
    a.yaml:1:1: error: missing key 'model' at the top level
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: list[Problem] = list(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        shown = [str(problem) for problem in self.problems[:MAX_SHOWN]]
        hidden = len(self.problems) - len(shown)
        return "\n".join([*shown, f"… and {hidden} more"] if hidden else shown)


class Problems:
    """Collects mistakes, so that one run reports all of them."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}  # an aliased value is checked twice, its mistakes count once

    def __len__(self) -> int:
        return len(self._found)

    def add(self, mark: Mark, message: str) -> None:
        """Notes a mistake and goes on."""
        message = " ".join(message.split())
        problem = Problem(mark.source.name, mark.line, mark.column, message, mark.source.line(mark.line))
        self._found[problem] = None

    def extend(self, others: Problems) -> None:
        """Takes over what another collection found."""
        self._found |= others._found

    def stop(self, mark: Mark, message: str) -> NoReturn:
        """Notes a mistake behind which nothing makes sense, and raises ConfigError with all there are."""
        self.add(mark, message)
        raise self.error()

    def raise_if_any(self) -> None:
        """Raises ConfigError when something was found."""
        if self._found:
            raise self.error()

    def error(self) -> ConfigError:
        """Everything found, files before the command line, from top to bottom."""
        return ConfigError(sorted(self._found, key=lambda p: (p.file == COMMAND_LINE, p.line, p.column)))
