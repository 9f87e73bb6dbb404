"""The pictures show every entry, ours in its colour, and no bar runs out of its panel."""

from __future__ import annotations

import pytest

pytest.importorskip("matplotlib")

from matplotlib.colors import to_hex

from benchmarks import plot
from benchmarks.results import Comparison, Curve, Entry, Run


def comparison(*entries: Entry) -> Comparison:
    return Comparison("mlp", "An epoch", "work", 1, "s", list(entries))


def test_bars_are_as_long_as_the_ratios_and_cut_where_they_would_hide_the_others() -> None:
    ours, half, far = Entry("ours", "Ours", [0.2] * 3), Entry("a", "A", [0.1] * 3), Entry("b", "B", [20.0] * 3)
    run = Run("", {"processor": "P", "date": "D"}, "", 3, comparisons=[comparison(far, ours, half)])
    [axes] = plot.speed(run, run.comparisons).axes
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([0.5, 1.0, plot.LONGEST])
    assert [to_hex(bar.get_facecolor()) == plot.OURS for bar in axes.patches] == [False, True, False]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["A", "Ours", "B"]
    texts = [text.get_text() for text in axes.texts]
    assert texts == ["×0.50  0.100 s", "0.200 s", "//", "×100  20.0 s"]
    assert axes.get_xlim()[1] > plot.LONGEST


def test_curves_of_the_same_axis_share_a_panel(tmp_path) -> None:
    def curve(axis: str, label: str) -> Curve:
        return Curve(axis, label, [1, 2, 4], [1, 2, 4], "step", 1, [[0.1, 0.1, 0.2], [0.2], [0.4]])

    curves = [curve("images", "one"), curve("batch size", "one"), curve("batch size", "two"), curve("depth", "one")]
    figure = plot.scaling(curves)
    assert [axes.get_xlabel() for axes in figure.axes] == ["images", "batch size", "depth"]
    assert [len(axes.get_legend().get_texts()) for axes in figure.axes] == [1, 2, 1]


def test_only_what_there_is_is_drawn(tmp_path) -> None:
    run = Run("", {}, "", 3, comparisons=[comparison(Entry("ours", "Ours", [1.0]))])  # nobody to compare with
    plot.save(run, tmp_path)
    assert not list(tmp_path.iterdir())
