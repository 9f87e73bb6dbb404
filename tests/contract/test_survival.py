"""Every component survives being written down: in YAML, in JSON, and in the files of a model."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import framework
from framework import Input, Sequential
from framework.config import loads
from framework.config.writer import document
from framework.data import datasets, transforms
from framework.registry import Configurable, Registry, plain

from .cases import COMPONENTS, LAYERS, PYTHON_ONLY

PLAIN = [
    (registry, component)
    for registry, components in COMPONENTS.items()
    for component in components
    if not isinstance(component, PYTHON_ONLY)
]


def experiment(**changes: Any) -> dict[str, Any]:
    """An experiment, with these parts of it replaced."""
    usual = {"model": {"layers": [{"dense": 2}]}, "loss": "mse", "optimizer": "sgd", "metrics": ["accuracy"]}
    return usual | changes


# Where a component of each concept stands in an experiment, and how it is found there again.
PLACES: dict[Registry[Any], tuple[Any, Any]] = {
    framework.layers.registry: (lambda c: {"model": {"layers": [c]}}, lambda s: s.model.layers[0]),
    framework.activations.registry: (
        lambda c: {"model": {"layers": [{"activation": {"activation": c}}]}},
        lambda s: s.model.layers[0]["activation"]["activation"],
    ),
    framework.losses.registry: (lambda c: {"loss": c}, lambda s: s.loss),
    framework.optimizers.registry: (lambda c: {"optimizer": c}, lambda s: s.optimizer),
    framework.schedules.registry: (
        lambda c: {"optimizer": {"sgd": {"learning_rate": c}}},
        lambda s: s.optimizer["sgd"]["learning_rate"],
    ),
    framework.metrics.registry: (lambda c: {"metrics": [c]}, lambda s: s.metrics[0]),
    framework.callbacks.registry: (lambda c: {"callbacks": [c]}, lambda s: s.callbacks[0]),
    transforms.registry: (lambda c: {"augment": [c]}, lambda s: s.augment[0]),
    datasets.registry: (lambda c: {"data": c}, lambda s: s.data),
}
for concept in ("initializer", "regularizer", "constraint"):
    PLACES[getattr(framework, f"{concept}s").registry] = (
        lambda c, key=f"kernel_{concept}": {"model": {"layers": [{"dense": {"units": 2, key: c}}]}},
        lambda s, key=f"kernel_{concept}": s.model.layers[0]["dense"][key],
    )


def same(value: Any) -> Any:
    """A configuration in which `{name: first argument}` and `{name: {argument: value}}` look alike."""
    if isinstance(value, dict):
        if len(value) == 1:
            [(name, inner)] = value.items()
            return {name: [same(v) for v in inner.values()] if isinstance(inner, dict) else [same(inner)]}
        return {name: same(inner) for name, inner in value.items()}
    return [same(inner) for inner in value] if isinstance(value, list) else value


def nameless(component: Any) -> dict[str, Any]:
    """Its configuration but for its name: models name their metrics as they were asked for."""
    return {key: same(value) for key, value in component.get_config().items() if key != "name"}


def named(value: Any) -> str:
    return value.concept if isinstance(value, Registry) else repr(value)


@pytest.mark.parametrize(("registry", "component"), PLAIN, ids=named)
def test_every_component_survives_yaml(registry: Registry[Any], component: Configurable) -> None:
    put, get = PLACES[registry]
    if getattr(component, "compares", True) is False or isinstance(component, Input):
        pytest.skip("it is no metric of a model, or stands beside the layers")
    text = document(experiment(**put(plain(component))))
    again = registry.create(get(loads(text).settings))
    assert type(again) is type(component)
    assert same(again.get_config()) == same(component.get_config())


@pytest.mark.parametrize(("registry", "component"), PLAIN, ids=named)
def test_every_component_survives_json(registry: Registry[Any], component: Configurable) -> None:
    again = registry.create(json.loads(json.dumps(plain(component))))
    assert again.get_config() == component.get_config()


@pytest.mark.parametrize("case", LAYERS, ids=lambda case: repr(case[0]))
def test_every_layer_survives_the_descriptions_of_a_model(case: tuple[Any, ...]) -> None:
    layer = type(case[0]).from_config(case[0].get_config())
    model = Sequential([layer] if isinstance(layer, Input) else [Input(case[1]), layer])
    again = [Sequential.from_json(model.to_json()), Sequential.from_config(model.get_config())]
    if model.layers:  # YAML has the input beside the layers, of which there must be one
        again.append(Sequential.from_yaml(model.to_yaml()))
    for twin in again:
        assert [same(plain(inner)) for inner in twin.layers] == [same(plain(inner)) for inner in model.layers]
        assert [w.shape for w in twin.get_weights()] == [w.shape for w in model.get_weights()]


SAVED = {
    framework.losses.registry: lambda c: {"loss": c},
    framework.optimizers.registry: lambda c: {"optimizer": c, "loss": "mse"},
    framework.metrics.registry: lambda c: {"loss": "mse", "metrics": [c]},
    framework.schedules.registry: lambda c: {"loss": "mse", "optimizer": {"sgd": {"learning_rate": c}}},
}


@pytest.mark.parametrize(("registry", "component"), [pair for pair in PLAIN if pair[0] in SAVED], ids=named)
@pytest.mark.parametrize("suffix", [".json", ".safetensors"])
def test_every_part_of_compile_survives_a_file(
    registry: Registry[Any], component: Configurable, suffix: str, tmp_path: Any
) -> None:
    if getattr(component, "compares", True) is False or getattr(component, "reduction", "sum") in ("none", None):
        pytest.skip("no model can be compiled with it")
    model = Sequential([Input((4,)), {"dense": 3}])
    twin = registry.create(plain(component))
    model.compile(**SAVED[registry](twin))
    model.save(tmp_path / f"model{suffix}")
    again = framework.load_model(tmp_path / f"model{suffix}")
    parts = {
        framework.losses.registry: again.trainer.loss,
        framework.optimizers.registry: again.optimizer,
        framework.metrics.registry: (again.metrics or [None])[0],
        framework.schedules.registry: again.optimizer.schedule,
    }
    found = parts[registry]
    assert type(found) is type(component)
    assert nameless(found) == nameless(component)
    np.testing.assert_array_equal(again.parameters.value, model.parameters.value)
