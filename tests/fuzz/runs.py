"""Fuzzes one target for a while, in rounds of new random seeds, and keeps what went wrong."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, Phase

from . import findings
from .guard import attempt, warm_up
from .target import Target

ROUND = 250
"""Examples of one random seed."""


@dataclass
class Tally:
    """What came of a target's examples. seconds, memory: of the slowest and of the largest one, in seconds and bytes.

    failures: for each kind of failure, the file of its smallest input, and what was raised.
    """

    target: str
    examples: int = 0
    valid: int = 0
    refused: int = 0
    seconds: float = 0.0
    memory: int = 0
    spent: float = 0.0
    failures: list[tuple[str, str]] = field(default_factory=list)


def options(examples: int, **more: object) -> hypothesis.settings:
    """Hypothesis without a clock, a database or opinions on how large inputs may be."""
    return hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        print_blob=False,
        **more,  # type: ignore[arg-type]
    )


def fuzz(
    target: Target,
    seconds: float,
    examples: int | None,
    seed: int,
    told: Callable[[Tally], None] = lambda tally: None,
    current: Path | None = None,
    folder: Path = findings.FOLDER,
) -> Tally:
    """Feeds the target until the time is over or so many examples were tried.

    told: is called after each example. current: the file that holds the input of the moment, for whoever finds this
    process dead. folder: where findings are kept. A failure of a kind that was found already is passed over.
    """
    tally = Tally(target.name)
    begin = time.monotonic()
    known: set[str] = set()
    failing: list[bytes] = []

    def over() -> bool:
        return time.monotonic() - begin >= seconds or (examples is not None and tally.examples >= examples)

    def one(content: bytes) -> None:
        if over() and not failing:
            return
        if current is not None:
            current.write_bytes(content)
        tally.examples += 1
        try:
            valid, took, memory = attempt(target, content)
        except Exception as error:
            if kind_of(error) in known:
                return
            failing[:] = [content]
            raise
        finally:
            tally.spent = time.monotonic() - begin
            told(tally)
        tally.valid, tally.refused = tally.valid + valid, tally.refused + (not valid)
        tally.seconds, tally.memory = max(tally.seconds, took), max(tally.memory, memory)

    warm_up(target)
    inputs = target.inputs()
    number = 0
    while not over():
        failing.clear()
        run = hypothesis.given(inputs)(one)
        size = ROUND if examples is None else max(10, min(ROUND, examples - tally.examples))
        try:
            hypothesis.seed(seed + number)(options(size)(run))()
        except Exception as error:
            if not failing:
                raise
            known.add(kind_of(error))
            said = traceback.format_exception_only(error)[0].strip()
            tally.failures.append((str(findings.keep(target.name, failing[0], folder)), said))
        number += 1
    tally.spent = time.monotonic() - begin
    return tally


def kind_of(error: BaseException) -> str:
    """What tells one failure from another: the exception, and where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "hypothesis" not in frame.filename]
    last = own[-1] if own else None
    return f"{type(error).__name__} {last and (last.filename, last.lineno)}"
