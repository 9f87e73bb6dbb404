"""What all classes of a family have, each constructor that lists it lists alike."""

import pytest

from framework import layers, optimizers

FAMILIES = [(optimizers.registry, optimizers.Optimizer), (layers.registry, layers.Layer)]
CASES = [(registry[name], base) for registry, base in FAMILIES for name in registry
         if registry[name].__module__.startswith("framework.")]  # fmt: skip


@pytest.mark.parametrize(("cls", "base"), CASES, ids=lambda case: case.__name__)
def test_common_settings_have_the_same_default_everywhere(cls, base):
    signature = cls.signature()
    for name, common in base.common_arguments.items():
        if (cls.__name__, name) not in {("AdamW", "weight_decay")}:  # which is all about it
            own = signature[name].default
            assert own == common.default or name == "name", f"{cls.__name__}.{name} is {own!r}"
