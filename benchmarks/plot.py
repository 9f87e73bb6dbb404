"""Pictures of what was measured: how the peers compare, and how our time grows with the work."""

from __future__ import annotations

import math
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from .report import by_cost, headlines, in_words, is_ours, times
from .results import Comparison, Curve, Run
from .spread import spread

INK, MUTED, GRID = "#333333", "#9aa5b1", "#e3e7eb"
OURS, THEIRS, SECOND = "#1f5fa8", "#c3ccd5", "#d08a00"
LONGEST = 4.0
"""Bars of more than so many times ours are cut, or else the others could not be told apart."""


def save(run: Run, folder: Path) -> None:
    """Draws speed.png and scaling.png, as far as there is anything to draw."""
    if shown := headlines(run):
        speed(run, shown).savefig(folder / "speed.png", dpi=150)
    if run.curves:
        scaling(run.curves).savefig(folder / "scaling.png", dpi=150)


def speed(run: Run, comparisons: list[Comparison], columns: int = 3) -> Figure:
    """A panel for each comparison: a bar for each entry, as long as its ratio to ours, with the quartiles."""
    rows = math.ceil(len(comparisons) / columns)
    columns = min(columns, len(comparisons))
    tallest = [max(len(by_cost(c)) for c in comparisons[row * columns : (row + 1) * columns]) for row in range(rows)]
    heights = [0.24 * bars + 0.75 for bars in tallest]
    figure = Figure(figsize=(4.9 * columns, sum(heights) + 0.35), layout="constrained")
    spec = figure.add_gridspec(rows, columns, height_ratios=heights)
    for number, comparison in enumerate(comparisons):
        row, column = divmod(number, columns)
        _bars(figure.add_subplot(spec[row, column]), comparison, tallest[row])
    m = run.machine
    figure.supxlabel(
        f"times ours, shorter is better; medians and quartiles of {run.repeats} rounds; {m['processor']}, {m['date']}",
        fontsize=8,
        color=MUTED,
    )
    return figure


def _bars(axes: Axes, comparison: Comparison, places: int) -> None:
    entries = by_cost(comparison)
    for place, entry in enumerate(entries):
        ratio, own = comparison.ratio(entry), is_ours(entry)
        assert ratio is not None
        length, colour = min(ratio.median, LONGEST), OURS if own else THEIRS
        axes.barh(place, length, height=0.7, color=colour)
        end = length
        if ratio.median <= LONGEST:
            low, high = ratio.median - ratio.low, min(ratio.high, LONGEST) - ratio.median
            axes.errorbar(ratio.median, place, xerr=[[low], [high]], color=INK, linewidth=0.9, capsize=2)
            end = max(end, ratio.median + high)
        else:
            axes.text(length - 0.28, place, "//", color="white", va="center", ha="center", fontsize=9, weight="bold")
        figures = comparison.shown(spread(entry.values).median)
        text = figures if entry.name == comparison.base else f"{times(ratio.median)}  {figures}"
        colour = OURS if own else INK
        box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}  # covers the line of ours
        axes.text(end + 0.08, place, text, va="center", fontsize=7.5, color=colour, bbox=box)
    axes.vlines(1, -0.5, len(entries) - 0.5, color=OURS, linewidth=0.8, linestyle=(0, (3, 3)), zorder=0)
    axes.set_yticks(range(len(entries)), [entry.label for entry in entries], fontsize=7.5)
    for label, entry in zip(axes.get_yticklabels(), entries, strict=True):
        label.set_color(OURS if is_ours(entry) else INK)
    axes.set_ylim(places - 0.5, -0.5)
    axes.set_xlim(0, LONGEST * 1.55)
    axes.set_xticks([])
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_title(f"{comparison.title}, {in_words(comparison.threads)}", fontsize=9, loc="left", color=INK)


def scaling(curves: list[Curve]) -> Figure:
    """The seconds of an epoch against what grows, and the straight line that fits; a panel for each axis."""
    axes_names = list(dict.fromkeys(curve.axis for curve in curves))
    figure = Figure(figsize=(10, 3.4 * math.ceil(len(axes_names) / 2)), layout="constrained")
    for number, name in enumerate(axes_names, start=1):
        axes = figure.add_subplot(math.ceil(len(axes_names) / 2), 2, number)
        of_axis = [curve for curve in curves if curve.axis == name]
        for curve, colour in zip(of_axis, (OURS, SECOND), strict=False):
            _curve(axes, curve, colour)
        _dress(axes, of_axis[0])
    figure.supxlabel("lines: what is written beside them, fitted; dots: medians and quartiles", fontsize=8, color=MUTED)
    return figure


def _curve(axes: Axes, curve: Curve, colour: str) -> None:
    spreads = [spread(values) for values in curve.values]
    errors = [[s.median - s.low for s in spreads], [s.high - s.median for s in spreads]]
    constant, slope = curve.fit()
    label = f"{curve.label}:\n{1e3 * constant:.1f} ms and {1e6 * slope:.3g} µs for each {curve.per}"
    axes.plot(curve.x, [constant + slope * value for value in curve.linear], color=colour, linewidth=1, label=label)
    axes.errorbar(
        curve.x, [s.median for s in spreads], errors, color=colour, marker="o", markersize=4, linestyle="none"
    )


def _dress(axes: Axes, curve: Curve) -> None:
    if curve.axis != "depth":  # few enough to be counted; the others double
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    else:
        axes.set_ylim(bottom=0)
    axes.set_xticks(curve.x, [f"{value:,.0f}" for value in curve.x])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.minorticks_off()
    axes.set_xlabel(curve.axis, fontsize=9)
    axes.set_ylabel("seconds an epoch", fontsize=9)
    axes.tick_params(labelsize=8, colors=INK)
    axes.grid(color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(frameon=False, fontsize=8)
