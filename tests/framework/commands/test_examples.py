"""The examples that are shown can be written as they stand."""

from __future__ import annotations

import pytest

from framework import callbacks, layers, optimizers
from framework.commands.examples import example
from framework.commands.families import FAMILIES, Family
from framework.registry import Configurable, Registry

SHOWN = [(each, name) for each in FAMILIES for name in each.registry]


@pytest.mark.parametrize(("each", "name"), SHOWN, ids=lambda value: getattr(value, "concept", value))
def test_every_example_makes_one(each: Family, name: str) -> None:
    cls = each.registry[name]
    if not cls.__module__.startswith("framework."):
        return  # of another test
    spec, call = example(cls)
    if "…" in repr(spec):
        return  # it needs what only Python can give
    assert type(each.registry.create(spec)) is cls
    twin = eval(f"{cls.__name__}({call})", {cls.__name__: cls})
    assert repr(twin) == repr(each.registry.create(spec))


def test_required_arguments_have_typical_values() -> None:
    assert example(layers.Dense) == ({"dense": {"units": 64}}, "units=64")


def test_without_required_ones_it_shows_the_first_defaults() -> None:
    assert example(optimizers.SGD) == (
        {"sgd": {"learning_rate": 0.01, "momentum": 0.0}},
        "learning_rate=0.01, momentum=0.0",
    )
    assert example(callbacks.History) == ("history", "")


def test_defaults_that_do_not_go_together_are_left_out() -> None:
    things: Registry[Configurable] = Registry("thing", Configurable)

    @things.register
    class Picky(Configurable):
        def __init__(self, left: int | None = None, right: int = 3) -> None:
            if left is None and right != 3:
                raise ValueError("both or none")
            self.left, self.right = left, right

        @classmethod
        def from_config(cls, config: object) -> Picky:  # type: ignore[override]
            if config:
                raise ValueError("nothing, please")
            return cls()

    assert example(Picky) == ("picky", "")


def test_what_no_file_can_give_is_left_open() -> None:
    things: Registry[Configurable] = Registry("thing", Configurable)

    @things.register
    class Wrapper(Configurable):
        def __init__(self, function: object, shape: tuple[int, float], kind: bool) -> None:
            self.function, self.shape, self.kind = function, shape, kind

    assert example(Wrapper)[0] == {"wrapper": {"function": "…", "shape": [2, 0.1], "kind": "…"}}
