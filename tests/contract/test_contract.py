"""What every registered class promises: this walks the registries, so that new classes are held to it too."""

import copy
import json

import numpy as np
import pytest

from framework.layers import Activation
from framework.registry import plain
from framework.testing import check_layer, check_loss, check_optimizer

from .cases import (
    ACTIVATIONS,
    COMPONENTS,
    INITIALIZERS,
    LAYERS,
    LOSSES,
    METRICS,
    OPTIMIZERS,
    PYTHON_ONLY,
    SCHEDULES,
    TRANSFORMS,
)

# Classes that other tests register for themselves are no part of the project.
REGISTERED = [
    (registry, name)
    for registry in COMPONENTS
    for name in registry
    if registry[name].__module__.partition(".")[0] in ("framework", "apps")
]
ALL = [(registry, component) for registry, components in COMPONENTS.items() for component in components]
PLAIN = [pair for pair in ALL if not isinstance(pair[1], PYTHON_ONLY)]


def named(value):
    return getattr(value, "concept", None) or (value if isinstance(value, str) else repr(value))


@pytest.mark.parametrize(("registry", "name"), REGISTERED, ids=named)
class TestEveryRegisteredClass:
    def test_has_a_case(self, registry, name):
        cls = registry[name]
        missing = f"add a case for {cls.__name__} to tests/contract/cases/"
        assert any(type(component) is cls for component in COMPONENTS[registry]), missing

    def test_is_found_whatever_the_case_and_underscores_of_its_name(self, registry, name):
        cls = registry[name]
        for written in (name.upper(), name.replace("_", ""), name.title(), cls.__name__, cls.__name__.lower()):
            assert registry[written] is cls

    def test_says_what_it_is(self, registry, name):
        assert vars(registry[name]).get("__doc__"), f"{registry[name].__name__} has no docstring"


@pytest.mark.parametrize(("registry", "component"), PLAIN, ids=named)
class TestEveryComponent:
    def test_is_described_by_plain_data(self, registry, component):
        for description in (component.get_config(), plain(component)):
            assert json.loads(json.dumps(description)) == description

    def test_comes_back_from_its_configuration(self, registry, component):
        twin = type(component).from_config(component.get_config())
        assert twin.get_config() == component.get_config()

    def test_stores_the_defaults_of_its_arguments_unchanged(self, registry, component):
        cls, config = type(component), component.get_config()
        defaults = {name: p.default for name, p in cls.signature().items() if p.default is not p.empty}
        bare = cls.from_config({name: value for name, value in config.items() if name not in defaults}).get_config()
        for name, default in defaults.items():
            if name not in ("name", "layers"):  # models name themselves, and list the layers that they have
                assert bare[name] == plain(default), f"{cls.__name__} alters the default of {name}"

    def test_comes_back_from_its_spec(self, registry, component):
        twin = registry.create(plain(component))
        assert type(twin) is type(component)
        assert twin.get_config() == component.get_config()

    def test_comes_back_from_what_repr_shows(self, registry, component):
        twin = eval(repr(component), {type(component).__name__: type(component)})
        assert twin.get_config() == component.get_config()

    def test_refuses_an_argument_that_it_does_not_have(self, registry, component):
        with pytest.raises(ValueError, match="unknown argument 'no_such_thing'"):
            registry.create({type(component).registered_name: {"no_such_thing": 1}})

    def test_is_copied_whole(self, registry, component):
        twin = copy.deepcopy(component)
        assert twin is not component
        assert type(twin) is type(component)
        assert twin.get_config() == component.get_config()


@pytest.mark.parametrize("component", [c for _, c in ALL if isinstance(c, PYTHON_ONLY)], ids=repr)
def test_functions_are_refused_where_plain_data_is_asked_for(component):
    with pytest.raises(TypeError, match="cannot be written as plain data"):
        component.get_config()


@pytest.mark.parametrize("case", LAYERS, ids=lambda case: repr(case[0]))
def test_layers_keep_their_contract(case):
    assert check_layer(*case)[-1] == "model file"


@pytest.mark.parametrize("function", ACTIVATIONS, ids=repr)
def test_activations_keep_the_contract_of_layers(function):
    check_layer(Activation(function), (2, 4))


@pytest.mark.parametrize(("loss", "y_true", "y_pred", "weight"), LOSSES, ids=repr)
def test_losses_keep_their_contract(loss, y_true, y_pred, weight):
    check_loss(loss, y_true, y_pred, weight)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_optimizers_keep_their_contract(optimizer):
    check_optimizer(optimizer)


@pytest.mark.parametrize("initializer", INITIALIZERS, ids=repr)
def test_initializers_give_finite_numbers_of_the_shape_and_type_asked_for(initializer):
    values = initializer((6, 4), np.random.default_rng(0), "float64")
    assert (values.shape, values.dtype) == ((6, 4), np.float64)
    assert np.isfinite(values).all()
    np.testing.assert_array_equal(values, initializer((6, 4), np.random.default_rng(0), "float64"))


@pytest.mark.parametrize("schedule", SCHEDULES, ids=repr)
def test_schedules_are_pure_functions_of_the_step(schedule):
    rates = [schedule(step) for step in range(500)]
    assert all(type(rate) is float and 0 <= rate <= 0.1 + 1e-12 for rate in rates)
    assert [schedule(step) for step in reversed(range(500))] == rates[::-1]


@pytest.mark.parametrize(("metric", "batch"), METRICS, ids=repr)
def test_metrics_do_not_depend_on_how_the_data_is_cut_into_batches(metric, batch):
    metric.reset_state()
    fresh = np.array(metric.result())
    whole = np.array(metric(*batch))
    metric.reset_state()
    np.testing.assert_array_equal(metric.result(), fresh)
    metric.update_state(*(array[:1] for array in batch))
    np.testing.assert_allclose(metric(*(array[1:] for array in batch)), whole)
    assert metric.direction in ("min", "max")


@pytest.mark.parametrize("transform", TRANSFORMS, ids=repr)
@pytest.mark.parametrize("shape", [(3, 8, 6), (2, 8, 6, 3)])
def test_transforms_leave_their_input_alone_and_draw_only_from_their_stream(transform, shape):
    images = np.random.default_rng(1).random(shape, np.float32)
    before = images.copy()
    first = transform(images, np.random.default_rng(2)).copy()
    np.testing.assert_array_equal(images, before)
    assert (first.shape, first.dtype) == (shape, np.float32)
    np.testing.assert_array_equal(transform(images, np.random.default_rng(2)), first)
