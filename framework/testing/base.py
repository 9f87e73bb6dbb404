"""What the checks have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
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


@dataclass(frozen=True)
class CheckResult:
    """How one check ended: `error` says what is wrong, and is None when nothing is."""

    check: str
    error: CheckFailedError | None = None

    @property
    def passed(self) -> bool:
        return self.error is None


Checks = Mapping[str, Callable[[], None]]
"""Functions that raise when something is wrong, by the name of what they check."""


def results(checks: Checks, label: str) -> Iterator[CheckResult]:
    """Runs one check after the other, whether or not those before have passed.

    label: what is checked, for the message of a failure.

    >>> [result.passed for result in results({"size": lambda: None, "colour": lambda: require(False, "?")}, "x")]
    [True, False]
    """
    for name, check in checks.items():
        yield CheckResult(name, _failure(check, f"{label}, {name}"))


def run_checks(checks: Checks, label: str) -> list[str]:
    """The names of the checks, all of which have passed; raises CheckFailedError at the first that fails.

    Inside of `every_result` it goes on behind a failure, and does not raise.
    """
    collected = _collected.get()
    for result in results(checks, label):
        if collected is not None:
            collected.append(result)
        elif result.error is not None:
            raise result.error
    return list(checks)


_collected: ContextVar[list[CheckResult] | None] = ContextVar("collected", default=None)


@contextmanager
def every_result() -> Iterator[list[CheckResult]]:
    """What `check_layer` and its like find while this is open, failures included: they go on behind the first.

    >>> with every_result() as found:
    ...     run_checks({"size": lambda: require(False, "too small"), "colour": lambda: None}, "Thing")
    ['size', 'colour']
    >>> [(result.check, result.passed) for result in found]
    [('size', False), ('colour', True)]
    """
    found: list[CheckResult] = []
    token = _collected.set(found)
    try:
        yield found
    finally:
        _collected.reset(token)


def _failure(check: Callable[[], None], where: str) -> CheckFailedError | None:
    try:
        check()
    except CheckFailedError as error:
        return CheckFailedError(f"{where}: {error}")
    except Exception as error:
        failure = CheckFailedError(f"{where}: {type(error).__name__}: {error}")
        failure.__cause__ = error
        return failure
    return None


def require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise CheckFailedError(otherwise)
