"""What counts as a number and as a count, and how a wrong argument is reported."""

import math

import numpy as np
import pytest

from framework import initializers, schedules
from framework.arguments import is_number, is_whole, require
from framework.data import transforms
from framework.registry import ArgumentError


@pytest.mark.parametrize("value", [0, 1, 0.25, np.float32(0.5), np.float64(0.5), np.int64(1)])
def test_numbers_of_python_and_numpy_are_numbers(value):
    assert is_number(value, 0, 1)


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan, math.inf, True, None, "0.5", [0.5], 1j])
def test_what_is_out_of_range_or_of_another_kind_is_no_number(value):
    assert not is_number(value, 0, 1)


@pytest.mark.parametrize(
    ("value", "whole"), [(3, True), (np.uint8(3), True), (3.0, False), (True, False), ("3", False)]
)
def test_whole_numbers_are_told_by_their_type(value, whole):
    assert is_whole(value) is whole


def test_a_whole_number_may_have_a_least_value():
    assert is_whole(1, 1)
    assert not is_whole(0, 1)


def test_a_wrong_argument_is_reported_with_owner_name_rule_and_value():
    require(True, [], "rate", 0.5, "never looked at")
    with pytest.raises(ArgumentError, match=r"^list: rate must be a number, got 'x'$") as caught:
        require(False, [], "rate", "x", "a number")
    assert caught.value.argument == "rate"


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: schedules.CosineDecay("x", 10), "initial_learning_rate"),
        (lambda: schedules.CosineDecay(True, 10), "initial_learning_rate"),
        (lambda: transforms.RandomAffine(rotation="x"), "rotation"),
        (lambda: transforms.RandomAffine(scale="x"), "scale"),
        (lambda: initializers.RandomNormal(stddev="x"), "stddev"),
        (lambda: initializers.RandomUniform(minval="x"), "minval"),
    ],
)
def test_a_value_of_a_wrong_type_is_reported_in_the_same_form(make, argument):
    with pytest.raises(ArgumentError, match=rf": {argument} must be .*, got ") as caught:
        make()
    assert caught.value.argument == argument
