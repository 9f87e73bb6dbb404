"""`explain optimizer.adam`: what a class is for, its formula, arguments and example, and how it is written."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from ..config.docstrings import blocks, is_note, notes_on, summary, text_of
from ..config.schema import arguments_of
from ..config.writer import flow
from ..registry import Configurable, canonical, nearest, plain
from .examples import example
from .families import FAMILIES, Family, family
from .importing import add_import_option, import_all
from .mistakes import UsageError
from .tables import table, width, wrapped


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to those of a parser."""
    parser = commands.add_parser(
        "explain",
        help="show what a layer, loss, optimizer ... does, and its arguments",
        description="Shows the formula, the arguments and an example of a class, and how YAML and Python write it. "
        "A concept such as 'optimizer' lists its classes; without a name all concepts are listed.",
    )
    parser.add_argument("name", nargs="?", help="such as optimizer.adam, adam, layers.Dense or optimizer")
    add_import_option(parser)
    parser.set_defaults(run=lambda options: run(options.name, options.imports))


def run(name: str | None, imports: Sequence[str] = ()) -> int:
    """Prints what is known under a name; raises UsageError, with the nearest name, when there is nothing."""
    import_all(imports)
    if name is None:
        print(concepts())
    elif concept := family(name):
        print(concept_text(concept))
    else:
        print(f"\n\n{'=' * width()}\n\n".join(component_text(each, cls) for each, cls in find(name)))
    return 0


def find(name: str) -> list[tuple[Family, type[Configurable]]]:
    """The classes of this name: one, or several where concepts share it, as the layer and the activation `relu` do.

    Raises UsageError when there is none.
    """
    concept_name, _, own_name = name.rpartition(".")
    concept = family(concept_name) if concept_name else None
    if concept_name and concept is None:
        near = nearest(concept_name, [each.concept for each in FAMILIES])
        hint = f"; did you mean {near}.{own_name}?" if near else ""
        known = ", ".join(each.concept for each in FAMILIES)
        raise UsageError(f"there is no concept {concept_name!r}{hint} (known: {known})")
    searched = [concept] if concept else FAMILIES
    found = [(each, each.registry[own_name]) for each in searched if own_name in each.registry]
    if not found:
        raise UsageError(_unknown(own_name, searched))
    return found


def _unknown(name: str, searched: Sequence[Family]) -> str:
    qualified = {written: f"{each.concept}.{written}" for each in reversed(searched) for written in each.registry}
    qualified |= {other: qualified[first] for other, first in _aliases(searched) if first in qualified}
    concepts = {} if len(searched) == 1 else {each.concept: each.concept for each in FAMILIES}
    near = nearest(name, [*qualified, *concepts])
    hint = f"; did you mean {(qualified | concepts)[near]}?" if near else ""
    empty = [each for each in searched if not list(each.registry)]
    if empty and not (near and _alike(name, near)):
        hint = "; " + _none_yet(empty[0])
    what = searched[0].concept if len(searched) == 1 else "name"
    list_them = f"explain {what}" if len(searched) == 1 else "explain"
    return f"unknown {what} {name!r}{hint} ('python -m framework {list_them}' lists what there is)"


def _alike(name: str, near: str) -> bool:
    """Whether two names are so much alike that one is surely meant, as 'adm' and 'adam' are, 'mnist' and 'mish' not."""
    return SequenceMatcher(None, canonical(name), canonical(near)).ratio() > 0.7


def _none_yet(concept: Family) -> str:
    """Why a concept has no classes: they lie in modules of the users' own."""
    return (
        f"no {concept.concept} is registered until the module that defines it is imported: add --import with its "
        "name, as in --import apps.mnist.data"
    )


def _aliases(searched: Sequence[Family]) -> Iterator[tuple[str, str]]:
    for each in searched:
        for first in each.registry:
            yield from ((other, first) for other in each.registry.aliases(first))


def concepts() -> str:
    """All concepts in a table, and how to go on."""
    rows = [[each.concept, summary(text_of(each.base)), str(len(list(each.registry)))] for each in FAMILIES]
    return (
        table(["concept", "what it is", "classes"], rows)
        + "\n\n'python -m framework explain optimizer' lists the classes of one concept,\n"
        + "'python -m framework explain optimizer.adam' explains one of them."
    )


def concept_text(concept: Family) -> str:
    """The base of a concept, and its classes with their first sentences."""
    rows = [[name, summary(text_of(concept.registry[name]))] for name in concept.registry]
    listed = table([concept.concept, "what it does"], rows) if rows else wrapped(_sentence(_none_yet(concept)))
    return (
        f"{concept.namespace}\n\n{wrapped(summary(text_of(concept.base)))}\n\n{listed}"
        f"\n\nDerive your own from {concept.python_name(concept.base)} and put @{concept.namespace}.register above it."
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def component_text(concept: Family, cls: type[Configurable]) -> str:
    """All that is known about one class."""
    name = cls.registered_name
    others = [other for other in concept.registry.aliases(cls.registered_name) if canonical(other) != canonical(name)]
    also = f"   also: {', '.join(others)}" if others else ""
    parts = [f"{concept.concept}.{name}   {concept.python_name(cls)}{also}"]
    for block, kept in blocks(text_of(cls)):
        if is_note(block, cls.signature()):
            continue  # the table has it
        parts.append("\n".join("    " + line for line in block.splitlines()) if kept else wrapped(block))
    parts += [_arguments(cls), _written(concept, cls)]
    return "\n\n".join(parts)


def _arguments(cls: type[Configurable]) -> str:
    arguments, signature = arguments_of(cls), cls.signature()
    if not arguments:
        return "It takes no arguments."
    said = notes_on(cls, arguments)
    rows = []
    for name, argument in arguments.items():
        default = "required" if argument.required else _shown(signature[name].default)
        rows.append([name, argument.kind.words, default, said.get(name, "")])
    if not said:
        return table(["argument", "type", "default"], [row[:3] for row in rows])
    return table(["argument", "type", "default", "what"], rows)


def _shown(default: Any) -> str:
    try:
        return flow(plain(default))
    except TypeError:
        return repr(default)


def _written(concept: Family, cls: type[Configurable]) -> str:
    spec, python = example(cls)
    yaml = "\n".join("    " + line for line in concept.in_a_file(spec).splitlines())
    return f"in YAML\n\n{yaml}\n\nin Python\n\n    {concept.python_name(cls)}({python})"
