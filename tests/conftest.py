"""What all tests share."""

from hypothesis import settings

import framework

# The same examples each time, however slow the machine: a test that fails must fail for everybody.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

# All families are there before a test sets its own registrations aside, or they would go with them.
for registry in (framework.layers.registry, framework.activations.registry, framework.data.transforms.registry):
    list(registry)
