"""The figures of recipes over several seeds: kept in a file, shown as a table.

An entry of the file is a mapping, as `accuracy.entry` makes it: `recipe`, `command`, `settings`, `seeds`, `machine`,
and in `runs` of each what `trainings.run` notes, with `figures` as `apps.mnist.metadata.describe` makes them.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from framework.files import write_atomically

from .report import NONE, grid, hardware, put_between

BEGIN, END = "<!-- begin: python -m benchmarks.accuracy -->", "<!-- end: python -m benchmarks.accuracy -->"
HEADER = ["recipe", "judged on", "accuracy", "lowest to highest", "ECE", "sure", "of these right"]
HEADER += ["training", "parameters", "model file"]


def load(path: Path) -> list[dict[str, Any]]:
    """The entries that are kept in a file, one a recipe, by name; none where there is no file.

    Raises ValueError when it is no JSON.
    """
    if not path.exists():
        return []
    try:
        found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is no JSON ({error}); mend or delete it") from error
    return found


def keep(path: Path, entry: dict[str, Any]) -> None:
    """Puts an entry into the file, in place of the one of the same recipe."""
    others = [other for other in load(path) if other["recipe"] != entry["recipe"]]
    entries = sorted([*others, entry], key=lambda other: str(other["recipe"]))
    write_atomically(path, (json.dumps(entries, indent=1, ensure_ascii=False) + "\n").encode())


def refresh(path: Path, readme: Path) -> None:
    """Puts the table of what is kept between its two marks. Raises ValueError where there are none."""
    put_between(readme, BEGIN, END, markdown(load(path)))


def markdown(entries: Sequence[dict[str, Any]]) -> str:
    """A row for each recipe and part of its data, how to read it, and the command behind each recipe's figures."""
    if not entries:
        return "Nothing has been measured yet."
    rows = [row for entry in entries for row in rows_of(entry)]
    return "\n\n".join([grid([HEADER, *rows]), reading(entries), commands(entries)])


def rows_of(entry: dict[str, Any]) -> list[list[str]]:
    """A recipe's rows, one for each part; what belongs to the recipe as a whole stands in the first."""
    runs = entry["runs"]
    parts = dict.fromkeys((figure["set"], figure["kind"]) for run in runs for figure in run["figures"])
    rows = []
    for part in parts:
        figures = [figure for run in runs for figure in run["figures"] if (figure["set"], figure["kind"]) == part]
        images, accuracies = [figure["images"] for figure in figures], [figure["accuracy"] for figure in figures]
        row = ["", f"{part[0]}, {_range([f'{n:,}' for n in _ends(images)])} {part[1]} images"]
        row += [f"{percent(statistics.mean(accuracies))} {deviation(accuracies)}"]
        row += [_range([f"{100 * value:.2f}" for value in _ends(accuracies)]) + " %"]
        row += [_mean(figures, "ece"), _mean(figures, "sure"), _mean(figures, "sure_right"), "", "", ""]
        rows.append(row)
    jobs = "/".join(str(jobs) for jobs in sorted({run["jobs"] for run in runs}))
    first = rows[0]
    settings = " ".join(entry.get("settings", []))
    first[0] = f"`{entry['recipe']}.yaml`" + f" with `{settings}`" * bool(settings)
    first[-3] = f"{duration(statistics.median(run['seconds'] for run in runs))}, {jobs} at once"
    first[-2] = _range([f"{n:,}" for n in _ends([run["parameters"] for run in runs])])
    first[-1] = f"{max(run['bytes'] for run in runs) / 1e6:.2f} MB"
    return rows


def reading(entries: Sequence[dict[str, Any]]) -> str:
    """What the columns mean, on what kind of machine, how busy, and when."""
    runs = [run for entry in entries for run in entry["runs"]]
    loads = [load for run in runs for load in (run["load_before"], run["load_after"]) if load is not None]
    dates = sorted({run["date"].partition(" ")[0] for run in runs})
    machines = dict.fromkeys(f"{hardware(entry['machine'])}, Python {entry['machine']['python']}" for entry in entries)
    busy = f"; load average {_range([f'{load:g}' for load in _ends(loads)])}, these trainings included" if loads else ""
    kinds = {figure["kind"] for run in runs for figure in run["figures"]}
    told = (
        "Accuracy: mean ± standard deviation over the seeds. ECE: expected calibration error. Sure: the share of "
        "answers given with at least 90 %, and how many of these were right; means over the seeds. Training: the "
        "median, and how many ran at the same time. "
    )
    if "test" in kinds:
        told += "Test images judge and nothing else. "
    if "validation" in kinds:
        told += (
            "Validation images were not trained on either, but the temperature was fitted by them, and where a recipe "
            "stops early or keeps its best epoch, that was chosen by them: these figures flatter a little. "
        )
    return f"{told}{'; '.join(machines)}{busy}. {_range([dates[0], *dates[1:][-1:]])}."


def commands(entries: Sequence[dict[str, Any]]) -> str:
    """The commands behind the figures, each once."""
    lines = dict.fromkeys(entry["command"] for entry in entries)
    return "\n".join(["```sh", *lines, "```"])


def deviation(values: Sequence[float]) -> str:
    """The standard deviation of shares, in points; nothing of a single one.

    >>> deviation([0.98, 0.99])
    '± 0.71 (2 seeds)'
    """
    return f"± {100 * statistics.stdev(values):.2f} ({len(values)} seeds)" if len(values) > 1 else "(one seed)"


def percent(share: float) -> str:
    """
    >>> percent(0.98765)
    '98.77 %'
    """
    return f"{100 * share:.2f} %"


def duration(seconds: float) -> str:
    """
    >>> duration(8.34), duration(75), duration(1500)
    ('8.3 s', '75 s', '25 min')
    """
    if seconds < 120:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 600 else f"{seconds / 60:.0f} min"


def _mean(figures: Sequence[dict[str, Any]], name: str) -> str:
    values = [figure[name] for figure in figures if figure.get(name) is not None]
    return percent(statistics.mean(values)) if values else NONE


def _ends(values: Sequence[Any]) -> list[Any]:
    """The least and the most, once where they are the same."""
    return sorted({min(values), max(values)})


def _range(texts: Sequence[str]) -> str:
    return " to ".join(dict.fromkeys(texts))
