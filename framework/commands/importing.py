"""Modules and classes that the user names on the command line."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import inspect
import sys
import sysconfig
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from ..registry import nearest
from .mistakes import UsageError


def add_import_option(parser: argparse.ArgumentParser) -> None:
    """Gives a command the option `--import MODULE`; `import_all` then takes `options.imports`."""
    parser.add_argument(
        "--import",
        dest="imports",
        metavar="MODULE",
        action="append",
        default=[],
        help="a module (or my_layers.py) that registers layers, losses ... of your own; may be repeated",
    )


def import_all(names: Iterable[str]) -> None:
    """Imports the users' modules; raises UsageError, naming the module, for one that cannot be imported."""
    for name in names:
        import_module(name)


def import_class(target: str) -> type:
    """The class that `module:Class` or `path/to/module.py:Class` names.

    Raises UsageError, saying what to write, when there is none.
    """
    module_name, colon, class_name = target.rpartition(":")
    if not colon or class_name.endswith(".py"):  # no class
        module = import_module(target)
        known = _classes(module)
        example = known[0] if known else "MyLayer"
        raise UsageError(f"{target} names no class: write {target}:{example} ({_in(module_name or target, known)})")
    module = import_module(module_name)
    found = getattr(module, class_name, None)
    if isinstance(found, type):
        return found
    if found is not None:
        raise UsageError(f"{target} is no class but a {type(found).__name__}; name the class itself")
    known = _classes(module)
    near = nearest(class_name, known)
    hint = f"; did you mean {near!r}?" if near else ""
    raise UsageError(f"there is no class {class_name!r} in {module_name}{hint} ({_in(module_name, known)})")


def _classes(module: ModuleType) -> list[str]:
    return [name for name, cls in inspect.getmembers(module, inspect.isclass) if cls.__module__ == module.__name__]


def _in(module_name: str, known: list[str]) -> str:
    return f"classes in {module_name}: {', '.join(known) or 'none'}"


def import_module(name: str) -> ModuleType:
    """The module of this name, looked for in this folder first, or in this file.

    Raises UsageError when it is not there, or fails while it is imported.
    """
    is_file = name.endswith(".py")
    if not is_file and not all(part.isidentifier() for part in name.split(".")):
        raise UsageError(f"{name!r} is no module's name; write my_layers, or my_layers.py for a file")
    if is_file and not Path(name).is_file():
        raise UsageError(f"there is no file {name}{_nearest_file(Path(name))}")
    folder = str(Path(name).parent.resolve() if is_file else Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        return _module_in(Path(name)) if is_file else importlib.import_module(name)
    except (Exception, SystemExit) as error:  # it is the user's code: anything can happen
        raise UsageError(f"{name} cannot be imported: {_problem(name, error)}") from error


def _module_in(path: Path) -> ModuleType:
    module = sys.modules.get(path.stem)
    if module is not None and module.__file__ and Path(module.__file__).resolve() == path.resolve():
        return module
    # A file may be called like a module that is loaded already, and must not stand in for it.
    name = path.stem if module is None else f"{path.stem}_in_{path.resolve().parent.name}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _nearest_file(path: Path) -> str:
    try:
        others = [other.stem for other in path.parent.glob("*.py")]
    except OSError:
        others = []
    near = nearest(path.stem, others)
    return f"; did you mean {path.with_name(near + '.py')}?" if near else ""


def _problem(name: str, error: BaseException) -> str:
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    if missing is not None and f"{name}.".startswith(f"{missing}."):
        hint = _nearest_file(Path(f"{name}.py")).replace(".py?", "?")
        return f"there is no module {missing} in this folder or among the installed packages{hint}"
    said = " ".join(str(error).split())
    place = "" if isinstance(error, SyntaxError) else place_in_users_code(error)
    return f"{place}{type(error).__name__}{': ' if said else ''}{said}"


def place_in_users_code(error: BaseException) -> str:
    """`my_layers.py, line 12: ` for the innermost line of the user's own code that led to an error, or nothing."""
    paths = sysconfig.get_paths()
    others = (str(Path(__file__).parents[1]), paths["stdlib"], paths["purelib"], paths["platlib"], "<")
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not frame.filename.startswith(others):
            return f"{Path(frame.filename).name}, line {frame.lineno}: "
    return ""
