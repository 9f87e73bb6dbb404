"""What the checks have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from ..registry import Configurable

Built = TypeVar("Built", bound=Configurable)
STEP = 1e-5
"""Of the central differences, in float64."""
TOLERANCE = 1e-5
"""Largest relative difference between a derivative and its numeric value."""


class CheckFailedError(AssertionError):
    """A class breaks its contract; the message says which part, and by how much."""


def factory(make: Callable[[], Built] | Built) -> Callable[[], Built]:
    """Makes fresh instances; an instance stands for its configuration."""
    if not isinstance(make, Configurable):
        return make
    cls, config = type(make), make.get_config()
    return lambda: cls.from_config(config)


def run_checks(checks: dict[str, Callable[[], None]], label: str) -> list[str]:
    for name, check in checks.items():
        with named(name, label):
            check()
    return list(checks)


@contextmanager
def named(check: str, label: str) -> Iterator[None]:
    try:
        yield
    except CheckFailedError as error:
        raise CheckFailedError(f"{label}, {check}: {error}") from None
    except Exception as error:
        raise CheckFailedError(f"{label}, {check}: {type(error).__name__}: {error}") from error


def require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise CheckFailedError(otherwise)
