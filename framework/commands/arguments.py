"""Arguments of a class on the command line, `--argument units=3`, under the checks that files get."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any

from ..config.components import Arguments, unknown_key
from ..config.errors import COMMAND_LINE, Mark, Problems, Source
from ..config.kinds import INVALID
from ..config.reader import read
from ..config.schema import arguments_of
from ..registry import Configurable
from .mistakes import UsageError


def add_argument_option(parser: argparse.ArgumentParser) -> None:
    """Gives a command the option `--argument KEY=VALUE`; `values_of` then takes `options.arguments`."""
    parser.add_argument(
        "--argument",
        dest="arguments",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="an argument of the constructor, its value written as in YAML; may be repeated",
    )


def values_of(cls: type[Configurable], texts: Iterable[str]) -> dict[str, Any]:
    """The arguments by name.

    Raises ConfigError for unknown names and values that do not fit, UsageError when a required one is missing.

    >>> from framework.layers import Dense
    >>> values_of(Dense, ["units=3", "activation={leaky_relu: 0.1}"])
    {'units': 3, 'activation': {'leaky_relu': {'negative_slope': 0.1}}}
    """
    known = arguments_of(cls)
    problems = Problems()
    values = {}
    for text in texts:
        name, equals, _ = text.partition("=")
        source = Source(COMMAND_LINE, text)
        if not equals or not name.strip():
            problems.stop(Mark(source, 1, 1), "an argument is written key=value, as in --argument units=3")
        node = read(source, problems, skip=len(name) + 1)
        name = name.strip()
        if name not in known:
            problems.add(Mark(source, 1, 1), unknown_key(name, cls.__name__, known))
            continue
        value = known[name].kind.check(node, f"{name} of {cls.__name__}", problems)
        if value is not INVALID:
            values[name] = value
    problems.raise_if_any()
    _require_all(cls, known, values)
    return values


def _require_all(cls: type, known: Arguments, values: dict[str, Any]) -> None:
    missing = [name for name, argument in known.items() if argument.required and name not in values]
    if missing:
        wanted = ", ".join(f"{name} ({known[name].kind.words})" for name in missing)
        options = " ".join(f"--argument {name}=…" for name in missing)
        raise UsageError(f"{cls.__name__} cannot be made without {wanted}; add {options}")
