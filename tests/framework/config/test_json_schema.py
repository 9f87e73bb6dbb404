"""The JSON Schema accepts what the framework accepts, and refuses the usual slips."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

import apps.mnist.data  # noqa: F401 - registers the dataset `mnist`
from framework import callbacks, layers, losses, metrics, optimizers
from framework.commands.examples import example
from framework.commands.families import FAMILIES, Family
from framework.config import loads
from framework.config.components import Component
from framework.config.errors import Problems, Source
from framework.config.json_schema import _Generator, any_of, experiment_schema
from framework.config.reader import read
from framework.config.schema import arguments_of
from framework.registry import Configurable, plain

from .toys import examine, shapes

ROOT = Path(__file__).parents[3]
SCHEMA = experiment_schema()
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)

EXPERIMENT = """
model:
  input: 4
  layers:
    - dense: {units: 8, activation: relu}
    - dropout: 0.5
    - type: dense
      units: 3
    - softmax
loss: sparse_categorical_crossentropy
optimizer: {sgd: {learning_rate: 0.1, momentum: 0.9}}
metrics: [accuracy]
train: {epochs: 3, class_weight: {0: 1, 2: 0.5}}
callbacks:
  - early_stopping: {monitor: val_loss}
"""


def parsed(text: str) -> Any:
    """A YAML text as JSON has it: with text for keys."""
    return json.loads(json.dumps(read(Source("", text), Problems()).plain()))


def accepts(value: Any, definition: str | None = None) -> bool:
    schema = SCHEMA if definition is None else {**SCHEMA["definitions"][definition], **_definitions()}
    return bool(jsonschema.Draft7Validator(schema).is_valid(value))


def _definitions() -> dict[str, Any]:
    return {"definitions": SCHEMA["definitions"]}


def test_it_is_a_schema() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA, allow_nan=False)) == SCHEMA
    wanted = set(re.findall(r'"#/definitions/([^"/]+)', json.dumps(SCHEMA)))
    assert wanted <= set(SCHEMA["definitions"])


@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_configs_are_accepted(path: Path) -> None:
    VALIDATOR.validate(parsed(path.read_text()))
    assert path.read_text().startswith("# yaml-language-server: $schema=schema.json\n")


@pytest.mark.parametrize("document", ["README.md", *(f"docs/{p.name}" for p in sorted((ROOT / "docs").glob("*.md")))])
def test_the_yaml_of_the_documentation_is_accepted(document: str) -> None:
    text = (ROOT / document).read_text()
    for block in re.findall(r"^```yaml\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE):
        value = parsed(block)
        if "model" in value:
            VALIDATOR.validate(value)
        else:  # a part of a file
            section = SCHEMA["properties"]["model"] if "layers" in value else SCHEMA
            part = {**section, **_definitions()}
            part.pop("required", None)
            jsonschema.Draft7Validator(part).validate(value)


@pytest.mark.parametrize(
    ("written", "typo"),
    [
        ("model:", "modle:"),
        ("loss: sparse_categorical_crossentropy", "loss: sparse_categorical_crossentrpy"),
        ("loss: sparse_categorical_crossentropy", ""),
        ("dense: {units: 8", "dens: {units: 8"),
        ("dense: {units: 8", "dense: {unit: 8"),
        ("dense: {units: 8", "dense: {units: eight"),
        ("dense: {units: 8", "dense: {units: 8.5"),
        ("dense: {units: 8", "dense: {units: null"),
        ("- dense: {units: 8, activation: relu}", "- dense"),
        ("- dense: {units: 8, activation: relu}", "- dense: {activation: relu}"),
        ("- dense: {units: 8, activation: relu}", "- {dense: 8, relu: null}"),
        ("- dense: {units: 8, activation: relu}", "- 8"),
        ("activation: relu", "activation: rellu"),
        ("activation: relu", "activation: {relu: {slope: 1}}"),
        ("- dropout: 0.5", "- dropout: half"),
        ("type: dense", "type: dence"),
        ("units: 3", "unts: 3"),
        ("units: 3", "units: [3]"),
        ("units: 3", ""),
        ("learning_rate: 0.1", "learning_rte: 0.1"),
        ("learning_rate: 0.1", "learning_rate: true"),
        ("learning_rate: 0.1", "learning_rate: fast"),
        ("learning_rate: 0.1", "learning_rate: {cosine_decai: 1}"),
        ("{sgd: {learning_rate: 0.1, momentum: 0.9}}", "{sgd: {cosine_decay: {decay_steps: 3}}}"),
        ("metrics: [accuracy]", "metrics: accuracy"),
        ("metrics: [accuracy]", "metrics: [acuracy]"),
        ("epochs: 3", "epoch: 3"),
        ("{0: 1, 2: 0.5}", "{cat: 1}"),
        ("early_stopping", "early_stoping"),
        ("monitor: val_loss", "moniter: val_loss"),
        ("input: 4", "input: four"),
    ],
)
def test_slips_are_refused(written: str, typo: str) -> None:
    VALIDATOR.validate(parsed(EXPERIMENT))
    assert written in EXPERIMENT
    assert not accepts(parsed(EXPERIMENT.replace(written, typo, 1)))


@pytest.mark.parametrize("name", ["leaky_relu", "LeakyReLU", "leakyrelu", "LEAKY_RELU", "Leaky-Relu"])
def test_every_spelling_that_is_read_is_accepted(name: str) -> None:
    for written in (name, {name: 0.1}, {name: {"negative_slope": 0.1}}, {name: None}, {"type": name}):
        assert layers.get(written).registered_name == "leaky_relu"
        assert accepts(written, "layer")


def test_aliases_are_accepted() -> None:
    assert accepts("mse", "loss")
    assert accepts({"mse": None}, "loss")
    assert losses.get("mse").registered_name == "mean_squared_error"


@pytest.mark.parametrize("each", FAMILIES, ids=lambda each: each.concept)
def test_every_registered_class_is_there_and_its_written_form_accepted(each: Family) -> None:
    if each.concept not in SCHEMA["definitions"]:  # nothing in a file is one, yet
        return
    for name in each.registry:
        cls = each.registry[name]
        if not cls.__module__.startswith(("framework.", "apps.")):
            continue
        definition = SCHEMA["definitions"][f"{each.concept}.{name}"]
        assert set(definition["properties"]) == set(cls.signature())
        assert definition["additionalProperties"] is False
        spec, _ = example(cls)
        if isinstance(spec, dict) and "…" in json.dumps(spec, ensure_ascii=False):
            continue  # only Python can give what it needs
        assert accepts(spec, each.concept), spec
        if isinstance(spec, dict):
            assert accepts({"type": name, **spec[name]}, each.concept)
            assert not accepts({name: {**spec[name], "no_such_argument": 1}}, each.concept)
            assert not accepts({"type": name, **spec[name], "no_such_argument": 1}, each.concept)


@pytest.mark.parametrize(
    "component",
    [
        optimizers.SGD(0.1, nesterov=True, momentum=0.9),
        layers.get({"sequential": {"layers": [{"dense": 4}, "tanh", {"dense": {"units": 2, "name": "last"}}]}}),
        layers.Reshape((-1, 2)),
        callbacks.EarlyStopping(patience=3),
        metrics.get("accuracy"),
    ],
    ids=repr,
)
def test_what_the_framework_writes_is_accepted(component: Configurable) -> None:
    concept = next(each.concept for each in FAMILIES if isinstance(component, each.base))
    assert accepts(plain(component), concept)
    assert accepts({component.registered_name: component.get_config()}, concept)


def test_an_experiment_with_all_its_defaults_is_accepted() -> None:
    VALIDATOR.validate(parsed(loads(EXPERIMENT).to_yaml()))


def test_defaults_and_descriptions_are_there_for_whoever_types() -> None:
    adam = SCHEMA["definitions"]["optimizer.adam"]
    assert adam["properties"]["beta_1"]["default"] == 0.9
    assert "largest v" in adam["properties"]["amsgrad"]["description"]
    assert adam["description"].startswith("w -= ")
    assert SCHEMA["properties"]["train"]["anyOf"][0]["properties"]["batch_size"]["default"] == 32


def test_a_concept_of_which_nothing_is_registered_takes_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    from framework.data import datasets

    monkeypatch.setattr(datasets.registry, "_names", {})
    monkeypatch.setattr(datasets.registry, "_classes", {})
    value = parsed(EXPERIMENT) | {"data": {"mnist": {"validation": 5}}}
    assert jsonschema.Draft7Validator(experiment_schema()).is_valid(value)


def test_classes_of_ones_own_are_in_it_once_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers.registry, "_names", dict(layers.registry._names))
    monkeypatch.setattr(layers.registry, "_classes", dict(layers.registry._classes))

    @layers.register
    class Stretch(layers.Layer):
        def __init__(self, by: float) -> None:
            self.by = by

    validator = jsonschema.Draft7Validator(experiment_schema())
    value = parsed(EXPERIMENT)
    value["model"]["layers"].insert(0, {"stretch": 2})
    assert validator.is_valid(value)
    value["model"]["layers"][0] = {"stretch": "far"}
    assert not validator.is_valid(value)
    assert not VALIDATOR.is_valid(value)


TOYS = _Generator()
TOY_SCHEMA = {**TOYS.of_component(shapes), "definitions": TOYS.definitions}


@pytest.mark.parametrize(
    "text",
    [
        "{circle: 2}",
        "{circle: {radius: 2, colour: blue}}",
        "dot",
        "{dot: null}",
        "group",
        "{group: {members: [dot, {circle: 1}], frame: null}}",
        "{group: [dot]}",
        "{picture: {scale: {circle: 2}}}",
        "{picture: dot}",
        "{picture: {on_draw: null}}",
    ],
)
def test_toys_of_every_kind_are_accepted(text: str) -> None:
    value, problems = examine(Component(shapes, arguments_of), text)
    assert (value is not None, problems) == (True, [])
    assert jsonschema.Draft7Validator(TOY_SCHEMA).is_valid(parsed(text))


@pytest.mark.parametrize(
    "text",
    [
        "circle",
        "{circle: null}",
        "{circle: {radius: 2, colour: green}}",
        "{dot: 3}",
        "{group: dot}",
        "{picture: {on_draw: print}}",
        "{picture: true}",
        "{picture: {circle: 2}}",
        "{}",
        "[]",
        "{dot: null, group: null}",
    ],
)
def test_toys_that_are_wrong_are_refused_by_both(text: str) -> None:
    _, problems = examine(Component(shapes, arguments_of), text)
    assert problems
    assert not jsonschema.Draft7Validator(TOY_SCHEMA).is_valid(parsed(text))


def test_alternatives_are_written_in_their_simplest_form() -> None:
    number: dict[str, Any] = {"type": "number"}
    assert any_of([number, copy.copy(number)]) == number
    assert any_of([number, {}]) == {}
    assert any_of([]) == {"not": {}}
    nested = {"anyOf": [number, {"type": "null"}]}
    assert any_of([nested, {"enum": ["a"]}]) == {"anyOf": [{"enum": ["a"]}, {"type": ["number", "null"]}]}


def test_it_reads_the_same_with_another_yaml_reader() -> None:
    VALIDATOR.validate(json.loads(json.dumps(yaml.safe_load(EXPERIMENT))))


def test_a_layer_offers_only_the_paddings_that_it_takes() -> None:
    definitions = experiment_schema()["definitions"]
    offered = {name: definitions[f"layer.{name}"]["properties"]["padding"]["enum"] for name in ("conv1d", "conv2d")}
    assert offered == {"conv1d": ["valid", "same", "causal"], "conv2d": ["valid", "same"]}
