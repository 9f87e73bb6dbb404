"""`python -m framework COMMAND`: tools for people who write layers, losses and experiments of their own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from .commands import check, explain, new_layer, schema
from .commands.mistakes import guarded
from .registry import nearest


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status: 0 fine, 1 checks failed, 2 the user's mistake."""
    parser = argparse.ArgumentParser("python -m framework", description="Tools for extending the framework.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in (new_layer, check, explain, schema):
        command.add_to(commands)
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given and given[0] not in commands.choices and (near := nearest(given[0], commands.choices)):
        parser.error(f"unknown command {given[0]!r}; did you mean {near!r}?")
    options = parser.parse_args(given)
    if not hasattr(options, "run"):
        parser.print_help()
        return 0
    return guarded(lambda: options.run(options))


if __name__ == "__main__":
    sys.exit(main())
