"""Arguments on the command line are read as in files, and refused with the same sentences."""

from __future__ import annotations

import argparse

import pytest

from framework.commands.arguments import add_argument_option, values_of
from framework.commands.mistakes import UsageError
from framework.config import ConfigError
from framework.layers import Dense, Dropout
from framework.optimizers import Adam


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("rate=1e-1", 0.1),
        ("rate=0", 0.0),
        ("noise_shape=[null, 1]", [None, 1]),
        ("name=drop", "drop"),
        ("trainable=false", False),
        ("seed= 3", 3),
    ],
)
def test_values_are_yaml(text: str, value: object) -> None:
    assert values_of(Dropout, ["rate=0.5", text])[text.partition("=")[0]] == value


def test_components_are_arguments_too() -> None:
    decay = "{initial_learning_rate: 0.1, decay_steps: 10, decay_rate: 0.5}"
    values = values_of(Adam, [f"learning_rate={{exponential_decay: {decay}}}"])
    assert Adam.from_config(values).learning_rate == 0.1
    assert values_of(Dense, ["units=2", "activation=relu"]) == {"units": 2, "activation": "relu"}


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (
            ["unit=3"],
            "command line: unit=3: error: unknown key 'unit' in Dense; did you mean 'units'? (accepted: units",
        ),
        (["units=three"], "units of Dense must be an integer, got 'three'"),
        (["units"], "an argument is written key=value, as in --argument units=3"),
        (["=3"], "an argument is written key=value"),
        (["units=3", "activation=rel"], "unknown activation 'rel'; did you mean 'relu'?"),
        (["units=[3"], "expected ',' or ']' in the list opened at"),
    ],
)
def test_a_wrong_one_is_refused_as_in_a_file(texts: list[str], said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        values_of(Dense, texts)
    assert said in str(raised.value)


def test_all_wrong_ones_are_said_at_once() -> None:
    with pytest.raises(ConfigError) as raised:
        values_of(Dense, ["units=x", "use_bias=maybe", "nothing=1"])
    assert len(raised.value.problems) == 3


def test_a_missing_one_is_asked_for() -> None:
    with pytest.raises(
        UsageError, match=r"^Dense cannot be made without units \(an integer\); add --argument units=…$"
    ):
        values_of(Dense, ["use_bias=false"])


def test_the_option_may_be_repeated() -> None:
    parser = argparse.ArgumentParser()
    add_argument_option(parser)
    assert parser.parse_args(["--argument", "a=1", "--argument", "b=2"]).arguments == ["a=1", "b=2"]
