"""The command that trains recipes with several seeds: what it takes, prints, and keeps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import accuracy, accuracy_table, trainings
from benchmarks.accuracy_table import BEGIN, END
from benchmarks.trainings import Training, TrainingError

RECIPE = """
data: {mnist: sample}
model: {input: [28, 28], layers: [flatten, {dense: 10}, softmax]}
loss: sparse_categorical_crossentropy
train: {epochs: 1}
"""


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The seeds that were trained, without training: seed 13 of `tiny` fails, seed n reads 90 + n % right."""
    seeds = []

    def run(training: Training, jobs: int) -> None:
        seeds.append(training.seed)
        if training.seed == 13 and training.recipe == "tiny":
            raise TrainingError("no luck")
        figure = {"set": "mnist", "kind": "test", "images": 1000, "accuracy": 0.9 + training.seed / 100}
        note = {"seed": training.seed, "seconds": 2.0, "jobs": jobs, "load_before": 0.5, "load_after": 1.0}
        note |= {"date": "2025-01-02 03:04", "parameters": 7850, "bytes": 42_000, "figures": [figure]}
        training.folder.mkdir(parents=True)
        (training.folder / trainings.NOTE).write_text(json.dumps(note))

    monkeypatch.setattr(trainings, "run", run)
    return seeds


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one recipe and a README with marks."""
    configs = tmp_path / "configs"
    configs.mkdir()
    (configs / "tiny.yaml").write_text(RECIPE)
    (configs / "README.md").write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    monkeypatch.setattr(accuracy, "ROOT", tmp_path)
    monkeypatch.setattr(accuracy, "RECIPES", configs)
    monkeypatch.setattr(accuracy, "KEPT", tmp_path / "accuracy.json")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_figures_are_printed_kept_and_shown(place: Path, trained: list, capsys) -> None:
    assert (
        accuracy.main(["configs/tiny.yaml", "--seeds", "1-3", "--set", "train.epochs={index}", "train.epochs=2"]) == 0
    )
    assert trained == [1, 2, 3]
    [entry] = accuracy_table.load(place / "accuracy.json")
    assert (entry["recipe"], entry["seeds"]) == ("tiny", [1, 2, 3])
    assert [run["figures"][0]["accuracy"] for run in entry["runs"]] == [0.91, 0.92, 0.93]
    assert entry["machine"]["cores"]
    assert entry["command"] == (
        "python -m benchmarks.accuracy configs/tiny.yaml --seeds 1-3 --set 'train.epochs={index}' train.epochs=2"
    )
    table = accuracy_table.markdown([entry])
    assert "| `tiny.yaml` with `train.epochs={index} train.epochs=2` |" in table
    assert capsys.readouterr().out == table + "\n"
    assert (place / "configs" / "README.md").read_text() == f"before\n{BEGIN}\n{table}\n{END}\nafter\n"


def test_a_measurement_goes_on_where_it_ended(place: Path, trained: list) -> None:
    assert accuracy.main(["configs/tiny.yaml", "--seeds", "1,2"]) == 0
    assert accuracy.main(["configs/tiny.yaml", "--seeds", "1-3"]) == 0
    assert trained == [1, 2, 3]
    [entry] = accuracy_table.load(place / "accuracy.json")
    assert entry["seeds"] == [1, 2, 3]


def test_a_recipe_with_a_failed_seed_is_not_kept_and_others_are(place: Path, trained: list, capsys) -> None:
    (place / "configs" / "other.yaml").write_text(RECIPE)
    assert accuracy.main(["configs/tiny.yaml", "configs/other.yaml", "--seeds", "12,13,14"]) == 1
    assert "failed: no luck" in capsys.readouterr().err
    assert [entry["recipe"] for entry in accuracy_table.load(place / "accuracy.json")] == ["other"]
    assert sorted(trained) == [12, 12, 13, 13, 14, 14]


@pytest.mark.parametrize("only_print", [True, False])
def test_what_is_no_recipe_of_ours_or_only_to_be_printed_is_not_kept(
    place: Path, trained: list, capsys, only_print: bool
) -> None:
    (place / "mine.yaml").write_text(RECIPE)
    path = "configs/tiny.yaml" if only_print else "mine.yaml"
    assert accuracy.main([path, "--seeds", "4", *(["--only-print"] if only_print else [])]) == 0
    captured = capsys.readouterr()
    assert "94.00 % (one seed)" in captured.out
    assert ("mine: figures are printed and not kept" in captured.err) is not only_print
    assert not (place / "accuracy.json").exists()
    assert "old" in (place / "configs" / "README.md").read_text()


def test_a_dry_run_prints_commands_and_what_is_done(place: Path, trained: list, capsys) -> None:
    assert accuracy.main(["configs/tiny.yaml", "--seeds", "1", "--only-print"]) == 0
    capsys.readouterr()
    assert accuracy.main(["configs/tiny.yaml", "--seeds", "1-2", "--dry-run", "--output", "runs/accuracy"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("python -m apps.mnist.train configs/tiny.yaml seed=1 --run-dir ")
    assert first.endswith("  # done")
    assert " seed=2 --run-dir " in second
    assert trained == [1]


def test_the_table_alone_can_be_written_again(place: Path, trained: list, capsys) -> None:
    assert accuracy.main(["configs/tiny.yaml", "--seeds", "1"]) == 0
    shown = (place / "configs" / "README.md").read_text()
    (place / "configs" / "README.md").write_text(f"before\n{BEGIN}{END}\nafter\n")
    assert accuracy.main(["--report"]) == 0
    assert (place / "configs" / "README.md").read_text() == shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give recipes to train, or --report alone"),
        (["--report", "configs/tiny.yaml"], "give recipes to train, or --report alone"),
        (["configs/tiny.yaml", "configs/tiny.yaml"], "two recipes of the same name"),
        (["configs/tiny.yaml", "--set", "epochs"], "--set epochs: write key=value"),
        (["configs/tiny.yaml", "--set", "train.epochs=many"], "epochs of train must be an integer, got 'many'"),
        (["configs/none.yaml"], "there is no such file"),
        (["configs/tiny.yaml", "--jobs", "1000"], "--jobs: 1000 threads: this process may use"),
        (["configs/tiny.yaml", "--seeds", "3-1"], "'3-1' is no seed; write 1-5 or 1,2,7"),
        (["configs/tiny.yaml", "--seeds", "one"], "'one' is no seed; write 1-5 or 1,2,7"),
        (["configs/tiny.yaml", "--seeds", "1-3,2"], "'1-3,2' names a seed twice"),
    ],
)
def test_mistakes_are_told_before_anything_is_trained(
    place: Path, trained: list, capsys, arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit):
        accuracy.main(arguments)
    assert said in capsys.readouterr().err
    assert trained == []


def test_figures_that_could_not_be_kept_are_told_before_anything_is_trained(place: Path, trained: list, capsys) -> None:
    (place / "accuracy.json").write_text("<<<<<<< mine")
    with pytest.raises(SystemExit):
        accuracy.main(["configs/tiny.yaml"])
    assert f"{place / 'accuracy.json'} is no JSON" in capsys.readouterr().err
    assert trained == []


@pytest.mark.parametrize("text", ["1-5", "7", "1,5,2"])
def test_seeds_are_written_as_they_are_read(text: str) -> None:
    assert accuracy.in_short(accuracy.seeds(text)) == text


@pytest.mark.skipif(not accuracy.KEPT.exists(), reason="no measurement is kept")
def test_the_readme_of_the_recipes_shows_what_is_kept() -> None:
    text = (accuracy.RECIPES / "README.md").read_text(encoding="utf-8")
    assert f"{BEGIN}\n{accuracy_table.markdown(accuracy_table.load(accuracy.KEPT))}\n{END}" in text
