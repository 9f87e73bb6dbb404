"""What is kept of a measurement, and what can be said of it."""

from __future__ import annotations

import json

import pytest

from benchmarks.results import Comparison, Curve, Entry, Run, entries_of, merged
from benchmarks.spread import Spread


def comparison(unit: str = "s", **fields) -> Comparison:
    entries = [
        Entry("ours", "this framework", [0.1, 0.2, 0.1], 0.3, 0.973),
        Entry("slow", "Slow", [0.2, 0.4, 0.3], 2.0, 0.971),
        Entry("gone", "Gone", [], error="it fell"),
    ]
    return Comparison("mlp", "An epoch", "all of it", 1, unit, entries, **fields)


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    c = comparison()
    assert c.ratio(c.entries[0]) == Spread(1.0, 1.0, 1.0)
    assert c.ratio(c.entries[1]) == pytest.approx((2.0, 2.0, 2.5))
    assert c.ratio(c.entries[2]) is None


def test_without_a_base_there_is_no_ratio() -> None:
    assert comparison(base=None).ratio(comparison().entries[1]) is None
    c = comparison()
    c.entries[0].values = []
    assert c.ratio(c.entries[1]) is None


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [
        ("s", 0.4125, "0.412 s"),
        ("s", 12.34, "12.3 s"),
        ("µs", 15.31e-6, "15.3 µs"),
        ("ms", 0.01234, "12.3 ms"),
        ("images/s", 0.5, "12,800 images/s"),
        ("MB", 144.6, "145 MB"),
        ("bytes/parameter", 16.02, "16.0 bytes/parameter"),
    ],
)
def test_figures_are_shown_in_their_unit(unit, value, shown) -> None:
    assert comparison(unit, images=6400).shown(value) == shown


def test_who_did_other_work_stands_out() -> None:
    c = comparison()
    assert c.out_of_line() == []
    c.entries.append(Entry("lazy", "Lazy", [0.01], accuracy=0.95))
    assert c.out_of_line() == ["Lazy"]


def test_a_curve_finds_the_constant() -> None:
    curve = Curve("batch size", "", [1, 2, 4], [100, 50, 25], "step", 1, [[1.5], [1.0], [0.75]])
    assert curve.fit() == pytest.approx((0.5, 0.01))


def test_a_run_survives_its_file(tmp_path) -> None:
    curve = Curve("images", "", [10.0, 20.0], [10.0, 20.0], "image", 1, [[0.1, 0.2], [0.3, 0.4]])
    run = Run("python -m benchmarks", {"cores": 2}, "MNIST", 3, {"numpy": "2"}, {"Y": "pip install y"})
    run.comparisons, run.curves = [comparison()], [curve]
    run.save(tmp_path / "r.json")
    assert Run.load(tmp_path / "r.json") == run
    assert '"values": [0.1, 0.2, 0.1]' in (tmp_path / "r.json").read_text()  # and not a line each


def test_more_digits_than_a_clock_has_are_not_kept(tmp_path) -> None:
    run = Run("", {}, "", 1, comparisons=[comparison()])
    run.comparisons[0].entries[0].values = [0.12345678901]
    run.save(tmp_path / "r.json")
    assert json.loads((tmp_path / "r.json").read_text())["comparisons"][0]["entries"][0]["values"] == [0.123457]


@pytest.mark.parametrize("text", ["{", "[]", '{"comparisons": []}', '{"comparisons": [{}], "curves": []}'])
def test_another_file_is_refused_by_name(tmp_path, text) -> None:
    (tmp_path / "r.json").write_text(text)
    with pytest.raises(ValueError, match=r"r\.json is not what `python -m benchmarks` writes"):
        Run.load(tmp_path / "r.json")


def test_entries_have_values_or_an_error() -> None:
    made = entries_of({"a": "A", "b": "B"}, {"a": [1.0]}, {"b": "it fell"})
    assert [(e.label, e.values, e.error) for e in made] == [("A", [1.0], None), ("B", [], "it fell")]


def test_of_several_runs_the_last_word_counts_in_each_comparison() -> None:
    machine = {"processor": "P", "cores": 2}
    again = comparison()
    again.entries[0].values = [0.5]
    other = comparison(images=7)
    other.title = "Another"
    runs = [
        Run("first", machine, "MNIST", 3, comparisons=[comparison(), other]),
        Run("second", machine, "MNIST", 3, comparisons=[again]),
    ]
    both = merged(runs)
    assert [c.title for c in both.comparisons] == ["An epoch", "Another"]
    assert both.comparisons[0].entries[0].values == [0.5]
    assert both.command == "first`, `second"
    runs[1].data = "the sample"
    with pytest.raises(ValueError, match="do not go into one table"):
        merged(runs)
