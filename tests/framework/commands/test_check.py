"""`check`: a table of every result, and an exit status that says whether all passed."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from framework.__main__ import main
from framework.commands.check import shape

from .toys import OTHERS, SCALE


@pytest.fixture(autouse=True)
def modules(folder: Path) -> None:
    (folder / "my_scale.py").write_text(SCALE)
    (folder / "others.py").write_text(OTHERS)


def test_all_passed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "my_scale:Scale"]) == 0
    heading, _, *table, _, counts = capsys.readouterr().out.splitlines()
    assert heading == "Scale(), a layer, on examples of shape (4,)"
    assert table[0].split() == ["check", "result", "detail"]
    results = {line[:19].strip(): line.split()[-1] for line in table[2:]}
    assert {"gradients", "gradients written", "model file"} <= results.keys()
    assert set(results.values()) == {"passed"}
    assert counts == f"{len(results)} passed"


def test_a_failure_is_shown_among_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "my_scale.py:Wrong"]) == 1
    shown = capsys.readouterr().out
    assert "gradients FAILED the gradient of parameter 'factor' is wrong: backward" in " ".join(shown.split())
    assert shown.count("passed") >= 6
    assert "it is not registered: add @framework.layers.register above the class" in " ".join(shown.split())
    assert ", 1 failed, 1 skipped\n" in shown


def test_an_exception_names_the_users_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "my_scale:Crashing"]) == 1
    line = 1 + SCALE.splitlines().index("        return x + self.no_such_thing")
    assert f"my_scale.py, line {line}: AttributeError: 'Crashing' object has no" in " ".join(
        capsys.readouterr().out.split()
    )


@pytest.mark.parametrize(
    ("target", "said", "passed"),
    [
        ("others:Silent", "NotImplementedError: Silent must define forward(x, training=False)", 1),
        ("others:Untrained", "NotImplementedError: Untrained must define backward(dy) to be trained", 3),
        ("others:Shapeless", "TypeError: Shapeless.build must return the per-example output shape", 1),
        ("my_scale:Crashing", "AttributeError: 'Crashing' object has no attribute", 1),
    ],
)
def test_an_error_that_stops_several_checks_is_shown_once(
    target: str, said: str, passed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", target]) == 1
    shown = capsys.readouterr().out
    assert " ".join(shown.split()).count(said) == 1
    assert shown.count("FAILED") == 1
    assert f"\n{passed} passed, 1 failed, {8 - passed} skipped\n" in shown
    first = next(line[:17].strip() for line in shown.splitlines() if "FAILED" in line)
    assert shown.count(f"skipped  stopped by the error of {first!r}") == 7 - passed


def test_shapes_and_arguments_reach_the_class(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "my_scale:Scale", "--shape", "2,3", "--argument", "start=2"]) == 0
    assert capsys.readouterr().out.startswith("Scale(start=2.0), a layer, on examples of shape (2, 3)\n")


@pytest.mark.parametrize(
    ("target", "heading"),
    [
        ("others:Quartic", ", a loss, on numbers of shape (3,)"),
        ("others:SignDescent", ", an optimizer, on a parabola"),
        ("others:Square", "Square(), an activation, on examples of shape (4,)"),
        ("others:Images", "Images(), a layer, on examples of shape (8, 8, 3)"),
    ],
)
def test_every_concept_has_its_checks(target: str, heading: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", target]) == 0
    assert heading in capsys.readouterr().out.splitlines()[0]


def test_a_class_whose_repr_fails_is_shown_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "others:Forgetful"]) == 1
    assert capsys.readouterr().out.startswith("Forgetful, a schedule\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["others:Plain"], "Plain is no component: derive it from one of framework.layers.Layer, framework."),
        (["others:Halving"], "Halving cannot be made without start (a number); add --argument start=…"),
        (["others:Halving", "--argument", "strat=1"], "unknown key 'strat' in Halving; did you mean 'start'?"),
        (["others:Refusing"], "Refusing cannot be made: others.py, line"),
        (["framework.layers:Dense", "--argument", "units=-1"], "Dense: units must be a positive whole number, got -1"),
        (
            ["others:Images", "--shape", "8"],
            "error: Images takes no examples of shape (8,) (others.py, line ",
        ),
        (
            ["others:Picky"],
            "error: Picky takes no examples of shape (4,) or (6, 4) or (8, 8, 3) (others.py, line ",
        ),
        (
            ["others:AsInKeras"],
            "error: AsInKeras.__init__ takes **kwargs (variadic keyword): give every argument a name of its own",
        ),
        (["others:AsInKeras"], "(name, trainable need not be listed: every layer takes them)"),
        (["others:AnyNumber"], "error: AnyNumber.__init__ takes *args (variadic positional): give every argument"),
        (["my_scale:Scal"], "did you mean 'Scale'?"),
        (["no_such_module:Scale"], "there is no module no_such_module"),
    ],
)
def test_what_cannot_be_checked_is_said_without_a_traceback(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *arguments]) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert "Traceback" not in shown.err + shown.out


@pytest.mark.parametrize("text", ["4", "4,3", "(4, 3)", "[4,3]", "8x8x3", "()"])
def test_shapes_are_read(text: str) -> None:
    assert all(size > 0 for size in shape(text))


@pytest.mark.parametrize("text", ["a", "4,-3", "4,0", "1.5", "None,3"])
def test_no_shapes_are_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no shape of one example; write sizes, as in --shape 4,3"):
        shape(text)
