"""The list of concepts is whole, and what it says about them is true."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import framework
from framework import config, layers
from framework.commands.families import FAMILIES, Family, family, family_of
from framework.config.errors import Problems, Source
from framework.config.reader import read
from framework.registry import Registry

EVERY = pytest.mark.parametrize("each", FAMILIES, ids=lambda each: each.concept)


def test_every_registry_of_the_framework_is_there() -> None:
    found = set()
    for module in pkgutil.walk_packages(framework.__path__, "framework."):
        if not module.name.endswith("__main__"):
            loaded = importlib.import_module(module.name)
            found |= {value for value in vars(loaded).values() if isinstance(value, Registry)}
    assert found == {each.registry for each in FAMILIES}


@EVERY
def test_its_namespace_shows_the_registry(each: Family) -> None:
    assert importlib.import_module(each.namespace).registry is each.registry


@EVERY
def test_it_is_found_by_its_names(each: Family) -> None:
    for name in (each.concept, each.plural, each.concept.title(), each.namespace):
        assert family(name) is each
    assert family_of(each.base) is each


@EVERY
def test_its_place_in_a_file_is_yaml(each: Family) -> None:
    problems = Problems()
    for spec in ("name", {"name": {"argument": [1, 2]}}):
        tree = read(Source("", each.in_a_file(spec)), problems).plain()
        assert repr(spec) in repr(tree)
    assert not problems


@pytest.mark.parametrize("name", ["", "adam", "framework", "layer.dense"])
def test_other_names_are_no_concepts(name: str) -> None:
    assert family(name) is None
    assert family_of(int) is None


def test_classes_are_named_as_python_code_names_them() -> None:
    [concept] = [each for each in FAMILIES if each.registry is layers.registry]
    assert concept.python_name(layers.Dense) == "framework.layers.Dense"

    class Own(layers.Layer):
        pass

    assert concept.python_name(Own).startswith(f"{__name__}.")


def test_aliases_are_listed_without_the_first_name() -> None:
    concept = family("loss")
    assert concept is not None
    assert "mse" in concept.registry.aliases("mean_squared_error")
    assert "mean_squared_error" not in concept.registry.aliases("mean_squared_error")


def test_a_file_with_a_layer_in_its_place_is_read() -> None:
    concept = family("layer")
    assert concept is not None
    text = concept.in_a_file({"dense": {"units": 4}})
    assert config.model_from_yaml(text).layers[0].get_config()["units"] == 4
