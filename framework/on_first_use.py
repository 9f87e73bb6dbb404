"""Names of a package that are imported when they are first asked for, so that `import framework` stays light."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def on_first_use(package: str, modules: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """The `__getattr__` of a package whose modules, by name, hold these names.

    >>> find = on_first_use("json", {"decoder": ["JSONDecodeError"]})
    >>> find("JSONDecodeError").__name__
    'JSONDecodeError'
    >>> find("JSONError")
    Traceback (most recent call last):
    AttributeError: module 'json' has no attribute 'JSONError'
    """
    homes = {name: module for module, names in modules.items() for name in names}

    def find(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(import_module(f"{package}.{homes[name]}"), name)
        setattr(sys.modules[package], name, found)  # the next time it is simply there
        return found

    return find
