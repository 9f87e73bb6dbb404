"""What was measured, raw, as it is written to JSON and read back."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from .spread import Spread, line, ratios, spread

SECONDS = {"s": 1.0, "ms": 1e3, "µs": 1e6}


@dataclass
class Entry:
    """What one peer did.

    values: its cost in each round, in seconds or in the comparison's unit. first: the one before the rounds, in which
    some compile. accuracy: on the test images, at the end, from 0 to 1. error: why there is no more, if it failed.
    """

    name: str
    label: str
    values: list[float] = field(default_factory=list)
    first: float | None = None
    accuracy: float | None = None
    error: str | None = None


@dataclass
class Comparison:
    """The same work, done by several.

    title: in a few words; work: in full. unit: "s", "ms", "µs" and "images/s" are kept as seconds; "MB" and
    "bytes/parameter" as they are. images: how many there are in the work that takes the seconds. base: the entry
    that is 1, if any. headline: whether it is for the overview.
    """

    suite: str
    title: str
    work: str
    threads: int
    unit: str
    entries: list[Entry]
    base: str | None = "ours"
    images: int | None = None
    headline: bool = True

    @property
    def is_rate(self) -> bool:
        """Whether what is shown is the larger, the less a thing costs."""
        return self.unit == "images/s"

    def entry(self, name: str | None) -> Entry | None:
        """The entry of this name that has any values."""
        return next((entry for entry in self.entries if entry.name == name and entry.values), None)

    def ratio(self, entry: Entry) -> Spread | None:
        """How many times the base's cost an entry's is; None without either."""
        base = self.entry(self.base)
        if base is None or not entry.values:
            return None
        return spread(ratios(entry.values, base.values))

    def shown(self, value: float) -> str:
        """A value with the comparison's unit."""
        return f"{self.bare(value)} {self.unit}"

    def bare(self, value: float) -> str:
        """A value in the comparison's unit, without it; three digits count."""
        value = (self.images or 1) / value if self.is_rate else value * SECONDS.get(self.unit, 1.0)
        digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3
        return f"{value:,.{digits}f}"

    def out_of_line(self, tolerance: float = 0.01) -> list[str]:
        """The labels of those whose accuracy is farther than that from the middle one: theirs was other work."""
        known = [entry for entry in self.entries if entry.accuracy is not None]
        middle = spread([entry.accuracy or 0.0 for entry in known]).median if known else 0.0
        return [entry.label for entry in known if abs((entry.accuracy or 0.0) - middle) > tolerance]


@dataclass
class Curve:
    """Our time for an epoch as one thing about it grows.

    axis: what grows; `x`: its values. label: what else there is to know. values: the seconds at each x, in each round.
    linear: at each x, what the time should be a straight line of; one of it is called `per`.
    """

    axis: str
    label: str
    x: list[float]
    linear: list[float]
    per: str
    threads: int
    values: list[list[float]] = field(default_factory=list)

    def fit(self) -> tuple[float, float]:
        """(a, b) of seconds = a + b · linear, fitted to the medians."""
        return line(self.linear, [spread(values).median for values in self.values])


@dataclass
class Run:
    """All of one call of `python -m benchmarks`.

    missing: the peers that are not installed, and how to install them.
    """

    command: str
    machine: dict[str, Any]
    data: str
    repeats: int
    versions: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    comparisons: list[Comparison] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)

    def save(self, path: Path) -> None:
        text = json.dumps(_rounded(asdict(self)), indent=1, ensure_ascii=False)
        text = re.sub(r"\[\s+([-+.\de,\s]+?)\s+\]", lambda numbers: f"[{' '.join(numbers[1].split())}]", text)
        path.write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Run:
        """Raises ValueError for a file that holds something else."""
        try:
            fields = json.loads(path.read_text(encoding="utf-8"))
            fields["comparisons"] = [
                Comparison(**{**c, "entries": [Entry(**e) for e in c["entries"]]}) for c in fields["comparisons"]
            ]
            fields["curves"] = [Curve(**c) for c in fields["curves"]]
            return cls(**fields)
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise ValueError(f"{path} is not what `python -m benchmarks` writes: {error}") from error


def merged(runs: list[Run]) -> Run:
    """One run with all that several have measured, of what they have in common the last; where they ran must agree.

    Raises ValueError for runs on different machines or data.
    """
    first = runs[0]
    for run in runs[1:]:
        if (run.machine["processor"], run.machine["cores"], run.data) != (
            first.machine["processor"],
            first.machine["cores"],
            first.data,
        ):
            raise ValueError("measurements on different machines, or on other data, do not go into one table")
    comparisons = {(c.title, c.threads): c for run in runs for c in run.comparisons}
    curves = {(c.axis, c.label, c.threads): c for run in runs for c in run.curves}
    order = sorted(comparisons.values(), key=lambda c: c.threads)  # each table whole, as one run has measured it
    command = "`, `".join(run.command for run in runs)
    machine = first.machine | {"load_after": runs[-1].machine.get("load_after")}
    return replace(first, machine=machine, command=command, comparisons=order, curves=list(curves.values()))


def entries_of(labels: dict[str, str], values: dict[str, list[float]], errors: dict[str, str]) -> list[Entry]:
    """An entry for each label, with what `in_turn` gave."""
    return [Entry(n, label, values.get(n, []), error=errors.get(n)) for n, label in labels.items()]


def _rounded(value: Any) -> Any:
    """Six digits of every number are more than any clock is good for."""
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value
