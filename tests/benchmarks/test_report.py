"""Tables, and the section of the README, from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import report
from benchmarks.results import Comparison, Curve, Entry, Run

MACHINE = {
    "processor": "A Processor",
    "cores": 4,
    "usable_cores": 2,
    "caches": {"L2": "1M"},
    "memory_gb": 8.0,
    "system": "Linux 6.1",
    "python": "3.12.1",
    "date": "2025-01-02 03:04",
    "load_before": 0.1,
    "load_after": 0.9,
    "blas": "openblas 1",
}


@pytest.fixture
def run() -> Run:
    epoch = Comparison(
        "mlp",
        "An epoch",
        "one pass over all of it",
        1,
        "s",
        [
            Entry("slow", "Slow", [0.2, 0.3, 0.2], 2.5, 0.97),
            Entry("ours", "this framework", [0.1, 0.1, 0.1], 0.1, 0.97),
            Entry("gone", "Gone", error="OSError: it fell"),
            Entry("lazy", "Lazy", [0.05, 0.05, 0.05], 0.1, 0.91),
        ],
    )
    image = Comparison(
        "latency",
        "One image",
        "one image",
        1,
        "µs",
        [
            Entry("ours: a", "this framework, a", [2e-6]),
            Entry("ours: b", "this framework, b", [1e-6]),
            Entry("slow: a", "Slow, a", [3e-6]),
            Entry("slow: b", "Slow, b", [8e-6]),
        ],
        base="ours: a",
    )
    alone = Comparison("pipeline", "Alone", "ours", 1, "images/s", [Entry("x", "X", [0.5])], base=None, images=100)
    curve = Curve("images", "784-10", [10, 20, 40], [10, 20, 40], "image", 1, [[0.011], [0.021], [0.041]])
    versions, missing = {"numpy": "2.0"}, {"Absent": "pip install absent"}
    return Run("python -m benchmarks mlp", MACHINE, "MNIST", 3, versions, missing, [epoch, image, alone], [curve])


def test_the_table_has_the_quickest_first_and_who_failed_below(run) -> None:
    lines = report.table(run.comparisons[0]).splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert rows[0] == "|  | median | × | first | test accuracy |"
    assert rows[2] == "| Lazy | 0.050 s (0.050 to 0.050) | ×0.50 | 0.100 s | 91.00 % |"
    assert rows[3] == "| **this framework** | 0.100 s (0.100 to 0.100) | ×1.00 | 0.100 s | 97.00 % |"
    assert rows[4] == "| Slow | 0.200 s (0.200 to 0.250) | ×2.00 | 2.50 s | 97.00 % |"
    assert len(rows) == 5
    assert "Gone failed: OSError: it fell" in lines
    assert "More than a point of accuracy away from the middle: Lazy" in lines


def test_a_table_without_a_base_has_no_ratios_and_rates_run_from_low_to_high(run) -> None:
    run.comparisons[2].entries[0].values = [0.5, 1.0, 0.25]
    rows = [line for line in report.table(run.comparisons[2]).splitlines() if line.startswith("|")]
    assert rows == ["|  | median |", "|---|---:|", "| X | 200 images/s (133 to 267) |"] or rows[2].startswith(
        "| X | 200"
    )


def test_all_of_a_run_is_told(run) -> None:
    text = report.markdown(run)
    for part in ("A Processor, 2 of 4 cores (L2 1M), 8 GB", "numpy 2.0", "2025-01-02", "`python -m benchmarks mlp`"):
        assert part in text
    assert "load average 0.1 before and 0.9 after" in text
    assert "- Absent: `pip install absent`" in text
    assert "| images | 784-10 | 1.0 ms | image 1e+03 µs |" in text


def test_the_overview_has_each_peer_at_its_best_and_ours_as_what_is_one(run) -> None:
    assert report.overview(run, 1).splitlines() == [
        "|  | An epoch | One image |",
        "|---|---:|---:|",
        "| Slow | 0.200 s (×2.00) | 3.00 µs (×1.50) |",
        "| **this framework** | 0.100 s | 2.00 µs |",
        "| Gone | – | – |",
        "| Lazy | 0.050 s (×0.50) | – |",
    ]


def test_the_section_goes_between_its_marks_and_nothing_else_changes(run, tmp_path) -> None:
    pytest.importorskip("matplotlib")
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    for _ in range(2):
        report.refresh_readme(run, readme, tmp_path)
        assert readme.read_text() == f"before\n{report.BEGIN}\n{report.section(run)}\n{report.END}\nafter\n"
    assert (tmp_path / "speed.png").exists()
    assert (tmp_path / "scaling.png").exists()


def test_a_readme_without_marks_is_left_alone(run, tmp_path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("before\n")
    with pytest.raises(ValueError, match=r"README\.md has no lines"):
        report.refresh_readme(run, readme, tmp_path)
    assert readme.read_text() == "before\n"


def test_the_command_prints_what_was_measured(run, tmp_path, capsys) -> None:
    run.save(tmp_path / "results.json")
    assert report.main([str(tmp_path / "results.json")]) == 0
    assert capsys.readouterr().out == report.markdown(run) + "\n"
    with pytest.raises(SystemExit):
        report.main([str(tmp_path / "none.json")])
    assert "No such file" in capsys.readouterr().err


@pytest.mark.skipif(not report.KEPT.exists(), reason="no measurement is kept")
def test_the_readme_shows_the_measurement_that_is_kept() -> None:
    text = (Path(report.ROOT) / "README.md").read_text(encoding="utf-8")
    assert f"{report.BEGIN}\n{report.section(Run.load(report.KEPT))}\n{report.END}" in text
