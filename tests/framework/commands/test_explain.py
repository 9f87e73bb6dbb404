"""`explain`: a class under each of its names, a concept, all concepts; and the nearest name otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from framework.__main__ import main
from framework.commands.explain import component_text, concept_text, find
from framework.commands.families import FAMILIES, Family
from framework.config.docstrings import notes_on
from framework.config.schema import arguments_of
from framework.data import datasets

from .toys import SCALE


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["explain", *arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    "name", ["adam", "Adam", "optimizer.adam", "optimizers.Adam", "framework.optimizers.Adam", "OPTIMIZER.ADAM"]
)
def test_a_class_is_found_under_each_of_its_names(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, name)
    assert text.startswith("optimizer.adam   framework.optimizers.Adam\n")


def test_it_shows_formula_example_arguments_and_how_it_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "optimizer.adam")
    assert "w -= α m / (√v + ε)" in text
    assert "    >>> Adam(" in text
    lines = {line.split("  ")[0]: " ".join(line.split()) for line in text.splitlines()}
    assert lines["beta_1"].startswith("beta_1 a number 0.9")
    assert lines["learning_rate"].startswith("learning_rate a number or a schedule 0.001")
    assert "\n    optimizer: {adam: {learning_rate: 0.001, beta_1: 0.9}}\n" in text
    assert "\n    framework.optimizers.Adam(learning_rate=0.001, beta_1=0.9)\n" in text


def test_required_arguments_are_called_so(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "layer.dense")
    assert any(line.split()[:4] == ["units", "an", "integer", "required"] for line in text.splitlines())
    assert "        - dense: {units: 64}\n" in text


def test_aliases_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "loss.mse")
    assert text.startswith("loss.mean_squared_error   framework.losses.MeanSquaredError   also: ")
    assert "mse" in text.splitlines()[0].partition("also: ")[2]


def test_a_name_that_two_concepts_share_shows_both(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "relu")
    assert "layer.relu   " in text
    assert "activation.relu   " in text
    assert "activation.relu   " not in shown(capsys, "layer.relu")


@pytest.mark.parametrize("each", FAMILIES, ids=lambda each: each.concept)
def test_a_concept_lists_its_classes(each: Family, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, each.concept)
    assert text == shown(capsys, each.plural)
    assert all(f"\n{name}" in text for name in each.registry)
    assert each.python_name(each.base) in " ".join(text.split())


def test_without_a_name_it_lists_the_concepts(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys)
    assert all(f"\n{each.concept} " in text for each in FAMILIES)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("adm", "unknown name 'adm'; did you mean optimizer.adam? ('python -m framework explain' lists what there is)"),
        ("optimizer.adm", "unknown optimizer 'adm'; did you mean optimizer.adam? ('python -m framework explain optimi"),
        ("optimzer", "unknown name 'optimzer'; did you mean optimizer?"),
        ("optimzer.adam", "there is no concept 'optimzer'; did you mean optimizer.adam? (known: layer, "),
        ("layer.", "unknown layer ''"),
        ("qqqq", "unknown name 'qqqq'"),
        ("", "unknown name ''"),
        ("layer.adam", "unknown layer 'adam'"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(name: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", name]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(f"error: {said}")
    assert captured.out == ""


@pytest.mark.parametrize("columns", ["60", "80", "120"])
@pytest.mark.parametrize("each", FAMILIES, ids=lambda each: each.concept)
def test_everything_can_be_shown_on_any_terminal(each: Family, columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    concept_text(each)
    for name in each.registry:
        cls = each.registry[name]
        text = component_text(each, cls)
        assert text.startswith(f"{each.concept}.{name} ")
        for line in text.splitlines()[1:]:
            assert len(line) <= int(columns) or line.startswith("    "), line
        if columns != "60":  # where long names are broken
            assert all(argument in text for argument in cls.signature())


def test_classes_of_ones_own_are_explained_once_imported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "my_scale.py").write_text(SCALE)
    text = shown(capsys, "layer.scale", "--import", "my_scale")
    assert text.startswith("layer.scale   my_scale.Scale\n")
    assert "start      a number       1.0\n" in text


@pytest.mark.parametrize("name", ["mnist", "dataset.mnist", "datasets.Mnist"])
def test_what_an_import_would_register_is_said(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(datasets.registry, "_classes", {})
    monkeypatch.setattr(datasets.registry, "_names", {})
    assert main(["explain", name]) == 2
    said = capsys.readouterr().err
    assert "no dataset is registered until the module that defines it is imported" in said
    assert "as in --import apps.mnist.data" in said
    assert "mish" not in said
    assert "as in --import apps.mnist.data." in " ".join(shown(capsys, "dataset").split())


@pytest.mark.parametrize("each", FAMILIES, ids=lambda each: each.concept)
def test_every_argument_has_a_description_of_its_own(each: Family) -> None:
    for name in each.registry:
        cls = each.registry[name]
        if not cls.__module__.startswith(("framework.", "apps.")):
            continue  # those of other tests
        arguments = arguments_of(cls)
        said = notes_on(cls, arguments)
        assert not set(arguments) - set(said), f"the docstring of {cls.__name__} lacks 'name: description.'"
        assert len(set(said.values())) == len(said), f"arguments of {cls.__name__} share a description"
        for argument, description in said.items():
            assert len(description.split()) >= 2, f"{cls.__name__}: {argument}: {description}"


def test_find_gives_every_class_of_a_name() -> None:
    assert [(each.concept, cls.__name__) for each, cls in find("layers.dense")] == [("layer", "Dense")]
