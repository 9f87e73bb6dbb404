"""Names for classes, the grammar of specs, and configurations read off constructors."""

import copy
import json

import numpy as np
import pytest

from framework.registry import (
    ArgumentError,
    Configurable,
    Registry,
    UnknownNameError,
    canonical,
    first_argument,
    nearest,
    plain,
    snake_case,
    spec,
)


class Animal(Configurable):
    pass


@pytest.fixture
def animals():
    return Registry("animal", Animal)


@pytest.fixture
def cat(animals):
    @animals.register(aliases=("kitty",))
    class BigCat(Animal):
        def __init__(self, legs: int, tail: bool = True, friend: object = None):
            if legs < 0:
                raise ArgumentError(f"BigCat: legs must be at least 0, got {legs}", "legs")
            self.legs, self.tail, self.friend = legs, tail, friend

    return BigCat


@pytest.mark.parametrize("name", ["big_cat", "BigCat", "BIG_CAT", "bigcat", "Big-Cat", "kitty", "KITTY"])
def test_names_are_found_whatever_their_case_and_underscores(animals, cat, name):
    assert animals[name] is cat
    assert name in animals


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("ReLU", "relu"),
        ("LeakyReLU", "leaky_relu"),
        ("ELU", "elu"),
        ("GlobalAveragePooling2D", "global_average_pooling2d"),
        ("L1L2", "l1l2"),
        ("CSVLogger", "csv_logger"),
        ("SGD", "sgd"),
    ],
)
def test_class_names_are_written_in_snake_case_that_finds_them_again(name, written):
    assert snake_case(name) == written
    assert canonical(name) == canonical(written)


def test_a_wrong_name_is_answered_with_the_nearest_and_all_known_ones(animals, cat):
    with pytest.raises(UnknownNameError, match=r"unknown animal 'bigcta'; did you mean 'big_cat'\?") as caught:
        animals.create("bigcta")
    assert "(known: big_cat, kitty)" in str(caught.value)
    assert caught.value.suggestion == "big_cat"


def test_a_name_that_resembles_nothing_gets_no_suggestion(animals, cat):
    with pytest.raises(UnknownNameError, match=r"^unknown animal 'xyz' \(known: big_cat, kitty\)$"):
        animals.create("xyz")
    assert nearest("xyz", ["big_cat"]) is None


def test_iterating_gives_names_without_aliases(animals, cat):
    assert list(animals) == ["big_cat"]


def test_a_taken_name_is_refused_and_says_by_whom(animals, cat):
    with pytest.raises(ValueError, match=r"the animal name 'Big_Cat' is taken by .*BigCat; choose another name"):
        animals.register(type("Other", (Animal,), {}), name="Big_Cat")
    assert animals["big_cat"] is cat


def test_a_taken_alias_is_refused_and_leaves_nothing_behind(animals, cat):
    with pytest.raises(ValueError, match="'kitty' is taken"):
        animals.register(aliases=("kitty",))(type("Other", (Animal,), {}))
    assert "other" not in animals


def test_replace_takes_a_name_over(animals, cat):
    other = animals.register(type("Other", (Animal,), {}), name="big_cat", replace=True)
    assert animals["BigCat"] is other


def test_a_class_of_another_kind_is_refused(animals):
    with pytest.raises(TypeError, match=r"cannot register .*int.* as an animal: it must derive from Animal"):
        animals.register(int)


@pytest.mark.parametrize(
    ("constructor", "said"),
    [
        (lambda self, **kwargs: None, r"takes \*\*kwargs"),
        (lambda self, *args: None, r"takes \*args"),
        (lambda self, size, /: None, r"takes size \(positional-only\)"),
    ],
)
def test_constructors_that_do_not_name_their_arguments_are_refused(animals, constructor, said):
    vague = type("Vague", (Animal,), {"__init__": constructor})
    with pytest.raises(TypeError, match=rf"Vague.__init__ {said}.*give every argument a name of its own"):
        animals.register(vague)
    with pytest.raises(TypeError, match="the configuration is read off the signature"):
        vague.signature()
    assert "vague" not in animals


@pytest.mark.parametrize(
    "written",
    [
        {"big_cat": 4},
        {"BigCat": {"legs": 4}},
        {"type": "big_cat", "legs": 4},
        {"type": "KITTY", "legs": 4, "tail": True},
    ],
)
def test_every_form_of_the_grammar_makes_the_same_component(animals, cat, written):
    made = animals.create(written)
    assert type(made) is cat
    assert made.get_config() == {"legs": 4, "tail": True, "friend": None}


def test_an_instance_is_returned_as_it_is_and_a_class_stands_for_its_defaults(animals, cat):
    tiger = cat(4)
    assert animals.create(tiger) is tiger
    mouse = animals.register(type("Mouse", (Animal,), {}))
    assert type(animals.create(mouse)) is mouse
    assert type(animals.create({"mouse": None})) is mouse


@pytest.mark.parametrize("written", [3, None, ["big_cat"], {}, {"a": 1, "b": 2}, {1: 2}, {"type": 3, "legs": 4}])
def test_what_is_no_spec_is_refused_with_the_ways_to_write_one(animals, cat, written):
    with pytest.raises(TypeError, match=r"expected an animal, got .*write its name, a mapping such as"):
        animals.create(written)


@pytest.mark.parametrize(
    ("written", "message", "argument"),
    [
        (
            {"big_cat": {"leg": 4}},
            "BigCat: unknown argument 'leg'; did you mean 'legs'? (accepted: legs, tail, fr",
            "leg",
        ),
        ("big_cat", "BigCat: the argument 'legs' is missing", "legs"),
        ({"big_cat": -1}, "BigCat: legs must be at least 0, got -1", "legs"),
    ],
)
def test_arguments_that_do_not_fit_are_named(animals, cat, written, message, argument):
    with pytest.raises(ArgumentError) as caught:
        animals.create(written)
    assert message in str(caught.value)
    assert caught.value.argument == argument


def test_a_bare_value_needs_a_first_argument(animals):
    mouse = animals.register(type("Mouse", (Animal,), {}))
    with pytest.raises(ArgumentError, match="Mouse takes no bare value"):
        animals.create({"mouse": 3})
    with pytest.raises(ArgumentError):
        first_argument(mouse)


def test_the_configuration_is_plain_data_that_makes_an_equal_component(animals, cat):
    tiger = cat(np.int64(4), friend=cat(2, tail=False))
    config = tiger.get_config()
    assert config == {"legs": 4, "tail": True, "friend": {"big_cat": {"legs": 2, "tail": False}}}
    assert json.loads(json.dumps(config)) == config
    assert cat.from_config(config).get_config() == config
    assert copy.deepcopy(tiger).get_config() == config


def test_repr_shows_what_differs_from_the_defaults(cat):
    assert repr(cat(4)) == "BigCat(legs=4)"
    assert repr(cat(4, tail=False)) == "BigCat(legs=4, tail=False)"


def test_repr_shows_also_what_has_no_plain_form(cat):
    assert repr(cat(4, friend=print)) == "BigCat(legs=4, friend=<built-in function print>)"


def test_an_argument_may_stand_behind_a_property():
    class Guarded(Configurable):
        def __init__(self, size: int):
            self._size = size

    assert Guarded(3).get_config() == {"size": 3}


def test_a_constructor_that_does_not_store_its_argument_is_told_so():
    class Forgetful(Configurable):
        def __init__(self, size: int):
            pass

    with pytest.raises(AttributeError, match=r"Forgetful.__init__ must store its argument 'size' as self.size"):
        Forgetful(3).get_config()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(0.5), 0.5),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.arange(3), [0, 1, 2]),
        ((1, (2, 3)), [1, [2, 3]]),
        ({"a": (1,)}, {"a": [1]}),
    ],
)
def test_plain_data_holds_only_types_that_yaml_and_json_know(value, expected):
    made = plain(value)
    assert made == expected
    assert type(made) is type(expected)


def test_what_has_no_plain_form_is_refused_with_its_place():
    with pytest.raises(TypeError, match=r"Model.a\[1\] = <.*> cannot be written as plain data"):
        plain({"a": [1, object()]}, "Model")


def test_the_shortest_spec_is_chosen_and_read_back(animals, cat):
    mouse = animals.register(type("Mouse", (Animal,), {}))
    assert spec(mouse()) == "mouse"
    assert spec(cat(4)) == {"big_cat": 4}
    assert spec(cat(4, tail=False)) == {"big_cat": {"legs": 4, "tail": False}}


def test_a_subclass_is_not_written_as_its_registered_parent(cat):
    lion = type("Lion", (cat,), {})
    with pytest.raises(TypeError, match="Lion is not registered, so it cannot be written down"):
        spec(lion(4))
