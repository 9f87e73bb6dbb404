"""`check module:Class`: whether a class of one's own keeps its contract, as a table."""

from __future__ import annotations

import argparse
from collections.abc import Hashable, Sequence

from ..registry import ArgumentError, Configurable
from ..testing import CheckResult
from .arguments import add_argument_option, values_of
from .families import FAMILIES, Family, family_of
from .importing import import_class, place_in_users_code
from .mistakes import UsageError
from .tables import table
from .trials import SHAPES, Trial, trial


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to those of a parser."""
    parser = commands.add_parser(
        "check",
        help="run the contract's checks on a class of your own",
        description="Runs the contract's checks on a layer, loss, optimizer or any other component, and shows every "
        "result. Exit status: 0 when all passed, 1 when some failed, 2 when the class cannot be checked.",
    )
    parser.add_argument("target", metavar="module:Class", help="such as my_layers:Scale, or my_layers.py:Scale")
    parser.add_argument(
        "--shape",
        metavar="4,3",
        type=shape,
        help=f"of one example, for layers (else the first of {', '.join(map(str, SHAPES))} that it takes), activations "
        "and losses",
    )
    parser.add_argument(
        "--indices", action="store_true", help="give a layer whole numbers (0 and 1), as an embedding needs"
    )
    add_argument_option(parser)
    parser.set_defaults(run=lambda options: run(options.target, options.arguments, options.shape, options.indices))


def shape(text: str) -> tuple[int, ...]:
    """The sizes in a text; raises ArgumentTypeError when they are none.

    >>> shape("4,3"), shape("(8, 8, 1)"), shape("()")
    ((4, 3), (8, 8, 1), ())
    """
    parts = text.strip().strip("()[]").replace("x", ",").split(",")
    parts = [part.strip() for part in parts if part.strip()]
    if not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r} is no shape of one example; write sizes, as in --shape 4,3")
    return tuple(int(part) for part in parts)


def run(target: str, arguments: Sequence[str], shape: tuple[int, ...] | None = None, indices: bool = False) -> int:
    """Checks a class and prints the table; the exit status says whether all passed.

    Raises UsageError or ConfigError when the class cannot be found or made.
    """
    cls = import_class(target)
    family = family_of(cls)
    if family is None or not issubclass(cls, Configurable):
        bases = ", ".join(family.python_name(family.base) for family in FAMILIES)
        raise UsageError(f"{cls.__name__} is no component: derive it from one of {bases}")
    _check_signature(cls, family)
    values = values_of(cls, arguments)
    instance = _made(cls, values)
    found = trial(lambda: cls.from_config(values), family.registry, shape, indices)
    print(_heading(instance, family, found) + "\n")
    rows = _rows(found.results)
    if not vars(cls).get("registered_name"):
        remedy = f"add @{family.namespace}.register above the class, so that files can name it"
        rows.append(["files", "skipped", f"it is not registered: {remedy}"])
    print(table(["check", "result", "detail"], rows))
    ends = [end.lower() for _, end, _ in rows]
    print("\n" + ", ".join(f"{ends.count(end)} {end}" for end in ("passed", "failed", "skipped") if end in ends))
    return 1 if found.failed else 0


def _check_signature(cls: type[Configurable], family: Family) -> None:
    try:
        cls.signature()
    except TypeError as error:  # *args or **kwargs
        common = ", ".join(cls.common_arguments)
        hint = f" ({common} need not be listed: every {family.concept} takes them)" if common else ""
        raise UsageError(f"{error}{hint}") from error


def _made(cls: type[Configurable], values: dict[str, object]) -> Configurable:
    try:
        return cls.from_config(values)
    except ArgumentError:
        raise  # says itself what is wrong
    except Exception as error:  # it is the user's code: anything can happen
        place = place_in_users_code(error)
        raise UsageError(f"{cls.__name__} cannot be made: {place}{type(error).__name__}: {error}") from error


def _heading(instance: Configurable, family: Family, found: Trial) -> str:
    article = "an" if family.concept[0] in "aeiou" else "a"
    try:
        shown = repr(instance)
    except Exception:  # the checks say what is wrong with it
        shown = type(instance).__name__
    return f"{shown}, {article} {family.concept}" + (f", on {found.examples}" if found.examples else "")


def _rows(results: Sequence[CheckResult]) -> list[list[str]]:
    """Check, result and detail; an error that stops several checks is shown at the first of them."""
    rows, stopped = [], dict[Hashable, str]()
    for each in results:
        cause = None if each.error is None else each.error.__cause__
        if cause is not None:
            place = place_in_users_code(cause)
            first = stopped.setdefault((type(cause), place or str(cause)), each.check)
            if first != each.check:
                rows.append([each.check, "skipped", f"stopped by the error of {first!r}"])
                continue
        rows.append([each.check, "passed" if each.passed else "FAILED", _detail(each)])
    return rows


def _detail(result: CheckResult) -> str:
    if result.error is None:
        return ""
    message = str(result.error).partition(f", {result.check}: ")[2]
    cause = result.error.__cause__
    return message if cause is None else place_in_users_code(cause) + message
