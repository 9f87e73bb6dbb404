"""How checks are run: makers of instances, and failures that say which check and which class."""

import pytest

from framework.layers import Dense
from framework.testing import CheckFailedError, check_layer, every_result
from framework.testing.base import factory, require, results, run_checks


def test_an_instance_stands_for_fresh_ones_like_it():
    dense = Dense(3, activation="relu")
    make = factory(dense)
    assert make() is not dense
    assert make().get_config() == dense.get_config()


def test_a_class_or_a_function_makes_its_own():
    assert factory(Dense) is Dense


def test_the_names_of_the_checks_that_passed_are_returned():
    assert run_checks({"shape": lambda: None, "size": lambda: None}, "Thing") == ["shape", "size"]


def test_the_first_failure_names_the_class_and_the_check():
    checks = {"shape": lambda: None, "size": lambda: require(2 > 3, "it is too small")}
    with pytest.raises(CheckFailedError, match=r"^Thing, size: it is too small$"):
        run_checks(checks, "Thing")


def test_another_exception_is_a_failure_that_keeps_its_cause():
    with pytest.raises(CheckFailedError, match=r"^Thing, size: ZeroDivisionError: ") as raised:
        run_checks({"size": lambda: 1 / 0}, "Thing")
    assert isinstance(raised.value.__cause__, ZeroDivisionError)


def test_every_check_has_a_result_whatever_became_of_those_before():
    checks = {"shape": lambda: require(False, "wrong"), "size": lambda: 1 / 0, "type": lambda: None}
    found = list(results(checks, "Thing"))
    assert [result.check for result in found] == ["shape", "size", "type"]
    assert [result.passed for result in found] == [False, False, True]
    assert str(found[0].error) == "Thing, shape: wrong"
    assert isinstance(found[1].error.__cause__, ZeroDivisionError)


def test_every_result_is_gathered_from_the_checks_inside():
    with every_result() as found:
        check_layer(Dense(2), (3,))
        run_checks({"size": lambda: require(False, "wrong")}, "Thing")
    assert [result.check for result in found][:1] == ["output shape"]
    assert [result.passed for result in found][-2:] == [True, False]
    with pytest.raises(CheckFailedError):  # and only inside
        run_checks({"size": lambda: require(False, "wrong")}, "Thing")
