"""What all tests share."""

from hypothesis import settings

# The same examples each time, however slow the machine: a test that fails must fail for everybody.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")
