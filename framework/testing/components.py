"""The check of what all components have in common, whatever they are for."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from ..registry import Configurable, Registry, plain
from .base import Built, factory, require, run_checks


def check_component(make: Callable[[], Built] | Built, registry: Registry[Built]) -> list[str]:
    """Checks that a component of any concept can be described, written down, shown and copied.

    registry: that of its concept, such as `framework.schedules.registry`.

    Checked: configuration round trip; a deep copy is like the original; `repr` shows a call that makes its
    equal; when the class is registered, a round trip through the form in which files write it.

    >>> from framework import schedules
    >>> check_component(lambda: schedules.ExponentialDecay(0.1, 100, 0.5), schedules.registry)
    ['configuration', 'deep copy', 'repr', 'written form']
    """
    check = _ComponentCheck(factory(make), registry)
    checks: dict[str, Callable[[], None]] = {
        "configuration": check.configuration,
        "deep copy": check.deep_copy,
        "repr": check.shown,
    }
    if check.registered:
        checks["written form"] = check.written_form
    return run_checks(checks, check.label)


class _ComponentCheck:
    def __init__(self, make: Callable[[], Configurable], registry: Registry[Any]) -> None:
        self.make, self.registry = make, registry
        cls = type(make())
        self.label = cls.__name__
        self.registered = bool(vars(cls).get("registered_name"))  # its own: a subclass is not its parent

    def configuration(self) -> None:
        component = self.make()
        config = component.get_config()
        again = type(component).from_config(config)
        require(again.get_config() == config, f"from_config(get_config()) gives {again!r}, not {component!r}")

    def deep_copy(self) -> None:
        component = self.make()
        twin = copy.deepcopy(component)
        require(twin is not component and type(twin) is type(component), f"a deep copy gives {twin!r}")
        require(twin.get_config() == component.get_config(), f"a deep copy is {twin!r}, not {component!r}")

    def shown(self) -> None:
        component = self.make()
        cls = type(component)
        text = repr(component)
        try:
            again = eval(text, {cls.__name__: cls})  # its own words, which must be Python
        except Exception as error:
            require(False, f"repr shows {text}, which Python does not read ({type(error).__name__}: {error})")
        require(
            type(again) is cls and again.get_config() == component.get_config(),
            f"repr shows {text}, which makes another one: {again.get_config()}",
        )

    def written_form(self) -> None:
        component = self.make()
        written = plain(component)
        again = self.registry.create(written)
        require(
            type(again) is type(component) and again.get_config() == component.get_config(),
            f"{written!r}, as it is written in a file, makes {again!r}, not {component!r}",
        )
