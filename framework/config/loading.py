"""From a path or a text to settings, with all that is wrong with them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from ..registry import Configurable, Registry
from . import overrides as _overrides
from .checks import Checks
from .components import Component, Section
from .errors import Mark, Problems, Source
from .kinds import shown
from .reader import BROKEN, MAX_BYTES, Node, decode, read
from .schema import arguments_of
from .settings import Settings

T = TypeVar("T", bound=Configurable)


def read_file(path: str | Path, problems: Problems) -> Node:
    """The tree of a file; raises ConfigError when it cannot be read or is no YAML."""
    name, start = str(path), Mark(Source(str(path), ""), 1, 1)
    try:
        if Path(path).exists() and not (Path(path).is_file() or Path(path).is_dir()):
            problems.stop(start, "this file cannot be read: it is no regular file, and a pipe would be waited for")
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)  # one byte more tells that it is too long
    except FileNotFoundError:
        near = difflib.get_close_matches(name, _neighbours(Path(path)), n=1)
        problems.stop(start, "there is no such file" + (f"; did you mean {near[0]}?" if near else ""))
    except (OSError, ValueError) as error:
        problems.stop(start, f"this file cannot be read: {getattr(error, 'strerror', None) or error}")
    return read(decode(name, data, problems), problems)


def _neighbours(path: Path) -> list[str]:
    try:
        return [str(other) for other in path.parent.iterdir() if other.suffix in (".yaml", ".yml")]
    except OSError:
        return []


def read_text(text: str, name: str, problems: Problems) -> Node:
    """The tree of a text; raises ConfigError when it is no YAML."""
    return read(Source(name, text.removeprefix("\ufeff")), problems)


def component(text: str, registry: Registry[T], name: str = "<text>") -> T:
    """The component of a registry that a text describes, checked and created as if it stood in an experiment.

    name: stands for the file in messages. Raises ConfigError with everything that is wrong.

    >>> from framework.layers import registry
    >>> component("dense: {units: 3}", registry).units
    3
    """
    problems = Problems()
    value = Component(registry, arguments_of).check(read_text(text, name, problems), "this", problems)
    problems.raise_if_any()
    return registry.create(value)


def settings_of(root: Node, problems: Problems, overrides: Iterable[str] = (), needs_loss: bool = True) -> Settings:
    """The settings that a tree holds once the overrides are applied to it.

    Raises ConfigError with everything that is wrong: with the tree, its values and their combination.
    """
    kind = Section(Settings, arguments_of)
    _overrides.apply(overrides, root, kind, problems)
    if root.value is None:
        problems.stop(root.mark, "there is nothing here; an experiment has at least the keys model and loss")
    if root.value is BROKEN or not kind.fits(root):
        problems.stop(root.mark, f"an experiment must be {kind.words}, got {shown(root)}")
    settings = kind.check(root, "", problems)
    checks = Checks(root, problems)
    if needs_loss:
        checks.loss_is_given()
    checks.loss_can_be_trained_with()
    checks.model_fits_together()
    checks.monitors_exist(has_validation=True)  # the data decides, and it is not there yet
    problems.raise_if_any()
    assert isinstance(settings, Settings)
    return settings
