"""The parser's complaints in plain words."""

from __future__ import annotations

import yaml

_IN_PLAIN_WORDS = [
    # (part of the parser's context, part of its problem, what to tell the user)
    ("", r"found character '\t'", "a tab stands where YAML allows only spaces; indent with spaces"),
    ("", "that cannot start any token", "text cannot begin with {character!r}; put it in quotes"),
    (
        "",
        "mapping values are not allowed here",
        "this ':' is one too many, or the line is indented unlike its neighbours; "
        "put text that contains ': ' in quotes",
    ),
    ("", "sequence entries are not allowed here", "a list item '- …' needs a line of its own here"),
    ("", "mapping keys are not allowed here", "'?' begins a key; put text that begins with '?' in quotes"),
    ("simple key", "could not find expected ':'", "this is no 'key: value'; a ':' and a space are missing"),
    (
        "block mapping",
        "expected <block end>",
        "this line does not fit the mapping that begins at {context}; "
        "check its indentation, and that quotes and brackets above are closed",
    ),
    (
        "block collection",
        "expected <block end>",
        "this line does not fit the list that begins at {context}; check its indentation and its '- '",
    ),
    ("flow sequence", "expected ',' or ']'", "expected ',' or ']' in the list opened at {context}"),
    ("flow mapping", "expected ',' or '}'", "expected ',' or '}}' in the mapping opened at {context}"),
    ("quoted scalar", "unexpected end of stream", "the quote opened at {context} is never closed"),
    ("quoted scalar", "unexpected document separator", "the quote opened at {context} is never closed"),
    (
        "quoted scalar",
        "unknown escape character",
        "a backslash in double quotes begins an escape, and {character!r} is not one; "
        "double the backslash, or use single quotes",
    ),
    ("quoted scalar", "expected escape sequence", "this escape needs more hexadecimal digits"),
    ("alias", "expected alphabetic", "'*' begins an alias; put text that begins with '*' in quotes"),
    ("anchor", "expected alphabetic", "'&' begins an anchor; put text that begins with '&' in quotes"),
    ("block scalar", "", "only '|-', '|+', '>-' or '>+' and the end of the line may follow '|' or '>' here"),
    ("directive", "", "'%' begins a directive; put text that begins with '%' in quotes"),
    ("tag", "", "'!' begins a tag, and tags are not allowed; put text that begins with '!' in quotes"),
    ("", "undefined tag handle", "tags are not allowed; put text that begins with '!' in quotes"),
    ("", "the node content", "a value is missing here"),
    ("", "expected '<document start>'", "this line does not fit those above it; check the indentation"),
    ("", "incompatible YAML document", "only YAML 1.x is read; remove the line that begins with '%YAML'"),
]


def explain(error: yaml.MarkedYAMLError, text: str) -> str:
    """What the parser's error means for the person who wrote `text`, and what to do."""
    context, problem = error.context or "", error.problem or ""
    for in_context, in_problem, sentence in _IN_PLAIN_WORDS:
        if in_context in context and in_problem in problem:
            return sentence.format(context=_place(error.context_mark), character=_character(error, text))
    return f"this is not valid YAML: {problem or context}"


def _place(mark: yaml.Mark | None) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "the line above"


def _character(error: yaml.MarkedYAMLError, text: str) -> str:
    index = error.problem_mark.index if error.problem_mark else len(text)
    return text[index : index + 1]
