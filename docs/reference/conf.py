"""The reference, made from the docstrings: `python -m sphinx -W -q docs/reference docs/reference/build`.

A page names a module in a line `.. namespace:: framework.layers`; its public names follow from the module.
Docstrings are plain text, which is turned into Sphinx's markup here.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from framework.config.docstrings import blocks
from framework.registry import Configurable, Registry
from framework.version import __version__

project = "numpy-sequential"
version = release = __version__
project_copyright = ""
extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary"]
exclude_patterns = ["build"]
html_theme = "furo"
html_title = f"{project} {version}"
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
add_module_names = False
autosummary_generate = False
autodoc_typehints = "signature"
autodoc_inherit_docstrings = False
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
maximum_signature_line_length = 100
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"

TOPICS = ("Shapes", "Raises", "Source")
"""Sentences that begin with one of these words get a line of their own."""


def public_names(module: ModuleType) -> list[str]:
    """What a module shows, without other modules: its `__all__`, or else what it defines itself.

    >>> import framework
    >>> "Sequential" in public_names(framework), "layers" in public_names(framework)
    (True, False)
    """
    names = getattr(module, "__all__", None) or [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    ]
    return [name for name in names if not inspect.ismodule(getattr(module, name)) and not name.startswith("__")]


def expanded(text: str) -> str:
    """A page with its namespaces written out: what they are, a table of their names, and each name in full."""
    return re.sub(r"^\.\. namespace:: (\S+)$", lambda found: _namespace(found[1]), text, flags=re.MULTILINE)


def _namespace(name: str) -> str:
    module = importlib.import_module(name)
    names = public_names(module)
    values = {each: getattr(module, each) for each in names}
    described = {each: value for each, value in values.items() if inspect.isclass(value) or inspect.isfunction(value)}
    listed = [each for each, value in described.items() if value.__name__ == each]  # and not a second name
    lines = [f".. automodule:: {name}", "   :no-members:", ""]
    if listed:
        lines += [f".. currentmodule:: {name}", "", ".. autosummary::", "   :nosignatures:", ""]
        lines += [f"   {each}" for each in listed] + [""]
    for each, value in values.items():
        lines += [*_entry(f"{name}.{each}", value), ""]
    return "\n".join(lines)


def _entry(name: str, value: Any) -> list[str]:
    """The directive for one name."""
    module, _, short = name.rpartition(".")
    if inspect.ismethod(value) and isinstance(value.__self__, Registry):  # get, register: of the concept's registry
        signature = str(inspect.signature(value)).partition(" ->")[0].replace("'", "")
        text = as_markup((inspect.getdoc(value) or "").splitlines())
        return [f".. py:function:: {short}{signature}", f"   :module: {module}", "", *("   " + line for line in text)]
    if isinstance(value, Registry):
        said = f"The names under which files write a {value.concept}: a :class:`~framework.registry.Registry`."
        return [f".. py:data:: {short}", f"   :module: {module}", "", f"   {said}"]
    if inspect.isclass(value) or inspect.isfunction(value):
        kind = "function" if inspect.isfunction(value) else "class"
        kind = "exception" if kind == "class" and issubclass(value, BaseException) else kind
        # A name that two namespaces show is entered in the index once, with the one that has it.
        again = ["   :no-index:"] if name.count(".") == 1 and value.__module__.count(".") > 1 else []
        return [f".. auto{kind}:: {name}", *(["   :members:"] if kind != "function" else []), *again]
    if inspect.ismethod(value):
        return [f".. autofunction:: {name}"]
    return [f".. autodata:: {name}"]


def as_markup(lines: Iterable[str]) -> list[str]:
    """A docstring in plain text as reStructuredText.

    >>> as_markup(["y = x_ * w. rate: of `Dropout`. Raises ValueError."])
    ['y = x\\\\_ \\\\* w. **rate**: of ``Dropout``.', '', ':Raises: ValueError.', '']
    """
    found: list[str] = []
    for block, kept in blocks("\n".join(lines)):
        if block.startswith(">>>"):
            found += [*block.splitlines(), ""]
        elif block.startswith(" "):
            found += ["::", "", *("    " + line for line in block.splitlines()), ""]
        elif kept:
            found += [*_list(block), ""]
        else:
            found += _paragraph(block)
    return found


def _paragraph(block: str) -> list[str]:
    topics = "|".join(TOPICS)
    first, *others = re.split(rf"(?:(?<=[.;])\s+|^|\n)(?=(?:{topics})\b)", block)
    lines = [_escaped(first), ""] if first.strip() else []
    for each in others:
        topic, said = re.split(r":?\s+", each, maxsplit=1)
        lines += [f":{topic}: " + " ".join(_escaped(said).split()), ""]
    return lines


def _list(block: str) -> list[str]:
    """A list of items, an item's further lines indented below it; lines before it are a paragraph."""
    lines: list[str] = []
    for line in block.splitlines():
        item = re.match(r"([-*]|\d+\.) ", line)
        if item and lines and not re.match(r"([-*]|\d+\.|\s)", lines[-1]):
            lines.append("")
        lines.append(
            item[0] + _escaped(line[item.end() :]) if item else re.match(r"\s*", line)[0] + _escaped(line.strip())
        )  # type: ignore[index]
    return lines


def _escaped(text: str) -> str:
    """Text in which only `code` means something, and the names of arguments before a colon stand out."""
    parts = re.split(r"(`[^`]+`)", text)
    for i in range(0, len(parts), 2):
        parts[i] = re.sub(r"([\\*|_`])", r"\\\1", parts[i])
    parts[1::2] = [f"`{code}`" for code in parts[1::2]]
    name = r"[a-z](?:\w|\\_)*"
    return re.sub(rf"(^|[.;]\s+)({name}(?:, {name})*(?: and {name})?): ", r"\1**\2**: ", "".join(parts))


def setup(app: Any) -> None:
    """Sphinx calls this."""
    from sphinx.util.inspect import stringify_signature

    def read(app: Any, page: str, source: list[str]) -> None:
        source[0] = expanded(source[0])

    def process(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
        of_its_type = (inspect.getdoc(type(obj)) or "", inspect.getdoc(obj) or "")
        says_nothing = what == "data" and "\n".join(lines).strip() in of_its_type
        lines[:] = [] if says_nothing else as_markup(lines)

    def sign(app: Any, what: str, name: str, obj: Any, options: Any, signature: Any, returns: Any) -> Any:
        if what != "class" or not issubclass(obj, Configurable):
            return None
        own = list(inspect.signature(obj.__init__).parameters.values())[1:]  # what __new__ and the metaclass take hides
        return stringify_signature(inspect.Signature(own), unqualified_typehints=True), None

    app.connect("source-read", read)
    app.connect("autodoc-process-signature", sign)
    app.connect("autodoc-process-docstring", process)
