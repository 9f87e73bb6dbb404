"""The table of recipes: what it says of each part, and that it says what kind of images judged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks import accuracy_table
from benchmarks.accuracy_table import BEGIN, END, keep, load, markdown, refresh, rows_of

MACHINE = {
    "processor": "A Processor",
    "cores": 4,
    "usable_cores": 2,
    "caches": {"L2": "1M"},
    "memory_gb": 8.0,
    "system": "Linux 6.1",
    "python": "3.12.1",
}


def figure(name: str, kind: str, images: int, accuracy: float, **others: float | None) -> dict[str, Any]:
    return {"set": name, "kind": kind, "images": images, "accuracy": accuracy, **others}


def run(seed: int, figures: list[dict[str, Any]], seconds: float = 10.0, jobs: int = 2) -> dict[str, Any]:
    note = {"seed": seed, "seconds": seconds, "jobs": jobs, "load_before": 0.5 * seed, "load_after": 1.5}
    return note | {"date": f"2025-01-0{seed} 03:04", "parameters": 7850, "bytes": 42_000, "figures": figures}


def entry(recipe: str, runs: list[dict[str, Any]]) -> dict[str, Any]:
    command = f"python -m benchmarks.accuracy configs/{recipe}.yaml --seeds 1-{len(runs)}"
    return {"recipe": recipe, "command": command, "seeds": [1], "machine": MACHINE, "runs": runs}


@pytest.fixture
def mixed() -> dict[str, Any]:
    """Two runs judged by MNIST's test images, and by other writers each."""
    return entry(
        "mixed",
        [
            run(
                1,
                [
                    figure("mnist", "test", 10_000, 0.98, ece=0.002, sure=0.9, sure_right=0.99),
                    figure("pendigits", "validation", 750, 0.96, ece=0.01, sure=0.8, sure_right=None),
                ],
                seconds=10,
            ),
            run(
                2,
                [
                    figure("mnist", "test", 10_000, 0.99, ece=0.004, sure=0.94, sure_right=1.0),
                    figure("pendigits", "validation", 800, 0.94, ece=0.03, sure=0.9, sure_right=0.98),
                ],
                seconds=20,
            ),
        ],
    )


def test_each_part_has_a_row_and_the_recipe_is_named_once(mixed: dict[str, Any]) -> None:
    first, second = rows_of(mixed)
    assert first == [
        *("`mixed.yaml`", "mnist, 10,000 test images", "98.50 % ± 0.71 (2 seeds)", "98.00 to 99.00 %"),
        *("0.30 %", "92.00 %", "99.50 %", "15 s, 2 at once", "7,850", "0.04 MB"),
    ]
    assert second == [
        *("", "pendigits, 750 to 800 validation images", "95.00 % ± 1.41 (2 seeds)", "94.00 to 96.00 %"),
        *("2.00 %", "85.00 %", "98.00 %", "", "", ""),
    ]


def test_a_single_seed_has_no_deviation_and_figures_that_are_not_there_are_left(mixed: dict[str, Any]) -> None:
    [row] = rows_of(entry("one", [run(1, [figure("mnist", "test", 100, 0.5)], jobs=1)]))
    assert row[2:8] == ["50.00 % (one seed)", "50.00 %", "–", "–", "–", "10 s, 1 at once"]


def test_runs_of_different_numbers_of_jobs_say_so() -> None:
    figures = [figure("mnist", "test", 100, 0.5)]
    [row] = rows_of(entry("one", [run(1, figures, jobs=2), run(2, figures, jobs=1)]))
    assert row[7] == "10 s, 1/2 at once"


def test_validation_images_are_told_apart_from_test_images(mixed: dict[str, Any]) -> None:
    both = markdown([mixed])
    assert "Test images judge and nothing else." in both
    assert "these figures flatter a little" in both
    only_test = markdown([entry("one", [run(1, [figure("mnist", "test", 100, 0.5)])])])
    assert "flatter" not in only_test
    only_validation = markdown([entry("one", [run(1, [figure("sample", "validation", 100, 0.5)])])])
    assert "Test images" not in only_validation


def test_machine_load_dates_and_commands_are_told(mixed: dict[str, Any]) -> None:
    text = markdown([mixed])
    assert "A Processor, 2 of 4 cores (L2 1M), 8 GB, Linux 6.1, Python 3.12.1; load average 0.5 to 1.5" in text
    assert "2025-01-01 to 2025-01-02." in text
    assert text.endswith(f"```sh\n{mixed['command']}\n```")


def test_an_entry_takes_the_place_of_the_one_before_and_no_other(mixed: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "accuracy.json"
    assert load(path) == []
    one, again = (entry("one", [run(seed, [figure("mnist", "test", 100, 0.5)])]) for seed in (1, 2))
    for new in (one, mixed, again):
        keep(path, new)
    assert load(path) == [mixed, again]


def test_only_what_stands_between_the_marks_changes(mixed: dict[str, Any], tmp_path: Path) -> None:
    readme, path = tmp_path / "README.md", tmp_path / "accuracy.json"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    refresh(path, readme)
    assert readme.read_text() == f"before\n{BEGIN}\nNothing has been measured yet.\n{END}\nafter\n"
    keep(path, mixed)
    for _ in range(2):
        refresh(path, readme)
        assert readme.read_text(encoding="utf-8") == f"before\n{BEGIN}\n{markdown([mixed])}\n{END}\nafter\n"
    readme.write_text("no marks")
    with pytest.raises(ValueError, match=r"README\.md has no lines"):
        refresh(path, readme)


@pytest.mark.parametrize(("seconds", "shown"), [(8.34, "8.3 s"), (75, "75 s"), (240, "4.0 min"), (1500, "25 min")])
def test_times_are_shown_in_a_fitting_unit(seconds: float, shown: str) -> None:
    assert accuracy_table.duration(seconds) == shown
