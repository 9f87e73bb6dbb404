"""`schema`: the JSON Schema of an experiment file, with which editors complete, explain and check it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..config.json_schema import experiment_schema
from ..files import write_atomically
from .importing import add_import_option, import_all
from .mistakes import UsageError


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to those of a parser."""
    parser = commands.add_parser(
        "schema",
        help="write the JSON Schema of experiment files, for your editor",
        description="Writes the JSON Schema (draft 7) of an experiment file: all components with their arguments, "
        "types, defaults and descriptions. An editor with a YAML language server uses it for a file whose first line "
        "is '# yaml-language-server: $schema=PATH', with the path relative to that file.",
    )
    parser.add_argument("--output", metavar="FILE", type=Path, help="write to this file instead of the screen")
    add_import_option(parser)
    parser.set_defaults(run=lambda options: run(options.output, options.imports))


def run(output: Path | None, imports: Sequence[str] = ()) -> int:
    """Writes the schema of everything that is registered once these modules are imported.

    Raises UsageError when the folder of the output is not there: a slip of the pen should make none.
    """
    if output is not None and not output.parent.is_dir():
        raise UsageError(f"--output {output}: there is no folder {output.parent}; make it first, or write elsewhere")
    import_all(imports)
    text = as_text()
    if output is None:
        print(text, end="")
        return 0
    write_atomically(output, text.encode("utf-8"))
    print(f"wrote {output}; the first line of a YAML file beside it:\n# yaml-language-server: $schema={output.name}")
    return 0


def as_text() -> str:
    """The schema as a file holds it: one definition a line, so that a new class is a few new lines."""
    schema = experiment_schema()
    definitions = schema.pop("definitions")
    lines = [f"{_compact(name)}: {_compact(value)}" for name, value in definitions.items()]
    start = json.dumps(schema, indent=1, ensure_ascii=False).removesuffix("\n}")
    return start + ',\n "definitions": {\n  ' + ",\n  ".join(lines) + "\n }\n}\n"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
