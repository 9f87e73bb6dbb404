"""`python -m benchmarks.report RESULTS.json`: tables of what was measured; `--readme` puts them into the README.

Every figure comes from the JSON file that `python -m benchmarks` wrote.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from framework.files import write_atomically

from .peers import OURS
from .results import Comparison, Curve, Entry, Run, merged
from .spread import spread

ROOT = Path(__file__).parents[1]
KEPT = Path(__file__).parent / "results.json"
"""The measurement that the README shows."""
BEGIN, END = "<!-- begin: python -m benchmarks.report -->", "<!-- end: python -m benchmarks.report -->"
NONE = "–"


def markdown(run: Run) -> str:
    """All of a run: what it ran on, a table for each comparison, and the costs of a step."""
    parts = ["# Benchmarks", conditions(run), *(table(comparison) for comparison in run.comparisons)]
    if run.curves:
        parts.append(curves_table(run.curves))
    if run.missing:
        rows = [f"- {label}: `{remedy}`" for label, remedy in run.missing.items()]
        parts.append("\n".join(["Not installed and left out:", "", *rows]))
    return "\n\n".join(parts) + "\n"


def conditions(run: Run) -> str:
    """Machine, versions, data, date and command, in a paragraph."""
    m = run.machine
    busy = f"load average {m['load_before']} before and {m.get('load_after')} after"
    versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
    return (
        f"{hardware(m)}, Python {m['python']}, {m.get('blas', '')}; {versions}. {m['date']}, "
        f"{run.repeats} rounds, {busy}; data: {run.data}. Medians, in brackets the quartiles; × is the median of the "
        f"rounds' ratios to ours. Command: `{run.command}`"
    )


def hardware(machine: Mapping[str, Any]) -> str:
    """Processor, cores, caches, memory and system, of what `machine.describe` found."""
    caches = ", ".join(f"{name} {size}" for name, size in machine["caches"].items())
    cores = f"{machine['usable_cores']} of {machine['cores']} cores" + (f" ({caches})" if caches else "")
    memory = f", {machine['memory_gb']:g} GB" if machine["memory_gb"] else ""
    return f"{machine['processor']}, {cores}{memory}, {machine['system']}"


def table(comparison: Comparison) -> str:
    """A comparison: the quickest first, and last those that failed."""
    c = comparison
    with_first = any(entry.first is not None for entry in c.entries)
    with_accuracy = any(entry.accuracy is not None for entry in c.entries)
    header = ["", "median", *(["×"] if c.base else []), *(["first"] if with_first else [])]
    header += ["test accuracy"] if with_accuracy else []
    rows = []
    for entry in by_cost(c):
        s, ratio = spread(entry.values), c.ratio(entry)
        row = [f"**{entry.label}**" if is_ours(entry) else entry.label]
        low, high = (s.high, s.low) if c.is_rate else (s.low, s.high)
        row.append(f"{c.shown(s.median)} ({c.bare(low)} to {c.bare(high)})")
        row += [times(ratio.median) if ratio else NONE] if c.base else []
        row += [NONE if entry.first is None else c.shown(entry.first)] if with_first else []
        row += [NONE if entry.accuracy is None else f"{100 * entry.accuracy:.2f} %"] if with_accuracy else []
        rows.append(row)
    lines = [f"## {c.title}, {in_words(c.threads)}", "", f"{c.work[0].upper()}{c.work[1:]}.", "", grid([header, *rows])]
    lines += [f"\n{entry.label} failed: {entry.error}" for entry in c.entries if entry.error]
    if odd := c.out_of_line():
        lines.append(f"\nMore than a point of accuracy away from the middle: {', '.join(odd)}")
    return "\n".join(lines)


def curves_table(curves: Iterable[Curve]) -> str:
    """The straight lines that fit our time for an epoch."""
    rows = [["an epoch against", "", "takes", "and for each"]]
    for curve in curves:
        constant, slope = curve.fit()
        rows.append([curve.axis, curve.label, f"{1e3 * constant:.1f} ms", f"{curve.per} {1e6 * slope:.3g} µs"])
    note = "Lines that fit the medians with the least squares of relative errors; forward multiplications are counted."
    return "\n".join(["## Growth", "", note, "", grid(rows)])


def overview(run: Run, threads: int) -> str:
    """A row for each peer, a column for each comparison on so many threads: the medians, and × ours."""
    columns = [c for c in headlines(run) if c.threads == threads]
    best = [_one_a_peer(c) for c in columns]
    labels: dict[str, str] = {}
    for entry in (entry for c in columns for entry in c.entries):
        labels.setdefault(peer_of(entry), entry.label.partition(",")[0])
    rows = [["", *(c.title for c in columns)]]
    for name, label in labels.items():
        cells = []
        for c, entries in zip(columns, best, strict=True):
            measured = entries.get(name)
            ratio = c.ratio(measured) if measured else None
            shown = NONE if measured is None else c.shown(spread(measured.values).median)
            cells.append(shown if ratio is None or name == OURS.name else f"{shown} ({times(ratio.median)})")
        rows.append([f"**{label}**" if name == OURS.name else label, *cells])
    return grid(rows)


def headlines(run: Run) -> list[Comparison]:
    """The comparisons that have a place in the overview: more than one peer has done the work."""
    return [c for c in run.comparisons if c.headline and c.entry(c.base) and len(_one_a_peer(c)) > 1]


def _one_a_peer(c: Comparison) -> dict[str, Entry]:
    """By the peer's name its entry, of several the quickest; of ours that which is 1."""
    base = c.entry(c.base)
    found: dict[str, Entry] = {peer_of(base): base} if base else {}
    for entry in by_cost(c):
        found.setdefault(peer_of(entry), entry)
    return found


def by_cost(comparison: Comparison) -> list[Entry]:
    """The entries that have values, the least cost first; where none is the base, as they come."""
    measured = [entry for entry in comparison.entries if entry.values]
    return sorted(measured, key=lambda e: spread(e.values).median) if comparison.base else measured


def is_ours(entry: Entry) -> bool:
    return peer_of(entry) == OURS.name


def peer_of(entry: Entry) -> str:
    """The peer's name, without the way in which it does the work."""
    return entry.name.partition(":")[0]


def times(ratio: float) -> str:
    """
    >>> times(1.234), times(56.7)
    ('×1.23', '×57')
    """
    return f"×{ratio:.2f}" if ratio < 10 else f"×{ratio:.0f}"


def in_words(threads: int) -> str:
    """
    >>> in_words(1), in_words(2)
    ('one thread', '2 threads')
    """
    return "one thread" if threads == 1 else f"{threads} threads"


def grid(rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown, the first row its header; all columns but the first are flush right."""
    header, *others = ("| " + " | ".join(row) + " |" for row in rows)
    return "\n".join([header, "|---" + "|---:" * (len(rows[0]) - 1) + "|", *others])


def write(run: Run, folder: Path) -> str:
    """Writes results.json, results.md and the plots into a folder; returns the Markdown."""
    run.save(folder / "results.json")
    text = markdown(run)
    (folder / "results.md").write_text(text, encoding="utf-8")
    try:
        from . import plot
    except ImportError:
        print("No plots: pip install matplotlib", file=sys.stderr)
    else:
        plot.save(run, folder)
    return text


def section(run: Run) -> str:
    """What the README says of a run: tables, plots, conditions and the command."""
    plots = [("speed", "The time that each peer takes, in times ours", bool(headlines(run)))]
    plots += [("scaling", "Our time for an epoch, as images, batch size, width and depth grow", bool(run.curves))]
    parts = []
    for threads in dict.fromkeys(c.threads for c in headlines(run)):
        parts.append(
            f"On {in_words(threads)}, in brackets the time or memory in times ours:\n\n{overview(run, threads)}"
        )
    parts += [f"![{text}](docs/images/{name}.png)" for name, text, shown in plots if shown]
    return "\n\n".join([*parts, conditions(run)])


def refresh_readme(run: Run, readme: Path, images: Path) -> None:
    """Puts the section between its two marks in the README, and draws the plots anew.

    Raises ValueError when the README has no such marks.
    """
    put_between(readme, BEGIN, END, section(run))
    from . import plot

    plot.save(run, images)


def put_between(path: Path, begin: str, end: str, section: str) -> None:
    """Replaces what stands between two marks in a file. Raises ValueError, changing nothing, where they are not."""
    text = path.read_text(encoding="utf-8")
    before, begun, rest = text.partition(begin)
    _, ended, after = rest.partition(end)
    if not begun or not ended:
        raise ValueError(f"{path} has no lines {begin} and {end} for the section to stand between")
    write_atomically(path, f"{before}{begin}\n{section}\n{end}{after}".encode())


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument(
        "results", type=Path, nargs="*", help="results.json of one or several runs (default: what the README shows)"
    )
    parser.add_argument("--readme", action="store_true", help="show this measurement in the README, and keep it")
    options = parser.parse_args(arguments)
    try:
        run = merged([Run.load(path) for path in options.results or [KEPT]])
        if options.readme:
            refresh_readme(run, ROOT / "README.md", ROOT / "docs" / "images")
            run.save(KEPT)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if not options.readme:
        print(markdown(run))
    return 0


if __name__ == "__main__":
    sys.exit(main())
