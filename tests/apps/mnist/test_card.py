"""The card of a model: everything that its file says, and nothing that it does not."""

from __future__ import annotations

import math
import shlex
from pathlib import Path
from typing import Any

import pytest

from apps.mnist import card as command
from apps.mnist import evaluate
from apps.mnist.card import card, layers_in_a_line
from framework import Input, Sequential, load_model
from framework.checkpoint import CheckpointError
from framework.layers import Conv2D, Dense, Flatten

EVERYTHING: dict[str, Any] = {
    "temperature": 1.159,
    "ece": 0.004,
    "test_accuracy": 0.9904,
    "test_images": 10750,
    "figures": [
        {"set": "mnist", "kind": "test", "images": 10000, "accuracy": 0.991, "ece": 0.003, "sure": 0.97,
         "sure_right": 0.998},
        {"set": "pendigits", "kind": "validation", "images": 750, "accuracy": 0.98, "ece": 0.0125, "sure": 0.0,
         "sure_right": None},
    ],
    "run": {
        "recipe": "digits_everyone", "seed": 42, "epochs": 60, "seconds": 801.25, "date": "2030-01-02",
        "data": ["mnist: {validation: 5000}", "pendigits: {width: [1.6, 3.2], test: 3}"], "images": 91000,
        "overrides": ["train.epochs=60", "augment=[]"],
    },
}  # fmt: skip


def model(**metadata: Any) -> Sequential:
    net = Sequential([Input((28, 28)), Flatten(), Dense(10, activation="softmax")], name="net", seed=1)
    net.metadata.update(metadata)
    return net


def test_everything() -> None:
    assert (
        card(model(**EVERYTHING), "checkpoints/digits_everyone.json", 585_400)
        == """\
# digits_everyone

28x28 -> flatten -> dense 10: 7,850 parameters, 585 kB.

Trained on 2030-01-02 by the recipe `digits_everyone` with seed 42: 60 epochs in 801.2 s on 91,000 images of \
`mnist: {validation: 5000}` and `pendigits: {width: [1.6, 3.2], test: 3}`.

| images | accuracy | calibration error | sure answers | right of these |
|---|---|---|---|---|
| 10,000 test images of mnist | 99.10 % (95 % interval 98.90 to 99.27 %) | 0.30 % | 97.00 % | \
99.80 % (95 % interval 99.69 to 99.87 %) |
| 750 validation images of pendigits | 98.00 % (95 % interval 96.73 to 98.78 %) | 1.25 % | 0.00 % | - |

Test images were looked at once, after training. Validation images are none that it was trained on, but something may \
have been chosen by them.

Calibrated: temperature 1.159, fitted on validation images, with an expected calibration error of 0.40 % left. \
An answer is *sure* from a probability of 90 % on.

```sh
python -m apps.mnist.train configs/digits_everyone.yaml seed=42 train.epochs=60 'augment=[]' \
--run-dir runs/digits_everyone
python -m apps.mnist.evaluate checkpoints/digits_everyone.json --data 'mnist: {validation: 5000}'
python -m apps.mnist.evaluate checkpoints/digits_everyone.json --data 'pendigits: {width: [1.6, 3.2], test: 3}' \
--part validation
```
"""
    )


def test_of_a_file_from_before_there_were_cards() -> None:
    old = model(temperature=1.348, test_accuracy=0.9902, test_images=10_000, test_set="MNIST")
    assert (
        card(old, "old.json")
        == """\
# old

28x28 -> flatten -> dense 10: 7,850 parameters.

| images | accuracy | calibration error | sure answers | right of these |
|---|---|---|---|---|
| 10,000 test images of mnist | 99.02 % (95 % interval 98.81 to 99.20 %) | - | - | - |

Calibrated: temperature 1.348, fitted on validation images. An answer is *sure* from a probability of 90 % on.

```sh
python -m apps.mnist.evaluate old.json
```
"""
    )


def test_of_a_model_that_says_nothing() -> None:
    assert card(model(), "none.json") == "# none\n\n28x28 -> flatten -> dense 10: 7,850 parameters.\n"


def test_a_recipe_of_ones_own_corrections_and_no_seed() -> None:
    run = EVERYTHING["run"] | {"recipe": "mine.yaml", "seed": None, "data": [], "overrides": []}
    text = card(model(run=run, corrections=12), "runs/a/model.json")
    assert text.startswith("# mine\n")
    assert "with no seed: 60 epochs in 801.2 s on 91,000 images of data of its own, and 12 corrections." in text
    assert "train mine.yaml seed=null --corrections corrections.jsonl --run-dir runs/mine\n" in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"figures": "good"},
        {"run": []},
        {"run": EVERYTHING["run"] | {"recipe": None}},
        {"run": EVERYTHING["run"] | {"recipe": "two\nlines"}},
        {"run": EVERYTHING["run"] | {"seed": "42"}},
        {"run": EVERYTHING["run"] | {"seconds": "long"}},
        {"run": EVERYTHING["run"] | {"data": "mnist"}},
        {"run": EVERYTHING["run"] | {"images": "many"}},
        {"run": EVERYTHING["run"] | {"overrides": [7]}},
        {"run": {"recipe": "mnist_mlp"}},
        {"ece": "small"},
        {"corrections": "many"},
    ],
    ids=str,
)
def test_what_cannot_be_is_left_out(wrong: dict[str, Any]) -> None:
    [key] = wrong
    left = {name: value for name, value in EVERYTHING.items() if name != key}
    if key == "figures":  # what files from before there were any say is not asked then
        left["figures"] = []
    assert card(model(**EVERYTHING | wrong), "net.json") == card(model(**left), "net.json")


@pytest.mark.parametrize("wrong", ["hot", None, 0, math.inf, [1.0]])
def test_a_temperature_that_cannot_be_is_refused_as_everywhere(wrong: Any) -> None:
    with pytest.raises(CheckpointError, match=r"net\.json: metadata\.temperature must be a number"):
        card(model(temperature=wrong), "net.json")


def test_no_word_of_a_command_does_anything_else_in_a_shell() -> None:
    evil = "x; touch $(echo evil) `id` \"'"
    run = EVERYTHING["run"] | {"recipe": evil, "overrides": [evil], "data": [f"mnist: {{path: {evil}}}"]}
    text = card(model(run=run, figures=EVERYTHING["figures"][:1]), f"{evil}.json")
    trained, judged = (shlex.split(line) for line in text.splitlines() if line.startswith("python -m"))
    assert trained[3:6] == [f"configs/{evil}.yaml", "seed=42", evil]
    assert judged[3:] == [f"{evil}.json", "--data", f"mnist: {{path: {evil}}}"]


def test_every_figure_has_the_command_of_its_own_data() -> None:
    run = EVERYTHING["run"] | {"data": ["pendigits", "mnist: {validation: 5000}", "mnist: {path: sample}"]}
    figures = [{"set": name, "kind": "test", "images": 10, "accuracy": 0.5} for name in ("mnist", "mnist_2", "mix")]
    commands = [line for line in card(model(run=run, figures=figures), "a.json").splitlines() if "evaluate" in line]
    assert commands == [
        "python -m apps.mnist.evaluate a.json --data 'mnist: {validation: 5000}'",
        "python -m apps.mnist.evaluate a.json --data 'mnist: {path: sample}'",
    ]


def test_layers_that_hold_weights_say_how_many_go_out() -> None:
    net = Sequential([Input((28, 28, 1)), Conv2D(8, 3), "relu", Flatten(), Dense(10)])
    assert layers_in_a_line(net) == "28x28x1 -> conv2d 8 -> relu -> flatten -> dense 10"
    assert layers_in_a_line(Sequential([Dense(3)])) == "dense"


def test_of_a_run_is_beside_its_model_and_is_what_the_command_prints(call: Any, run_folder: Path) -> None:
    text = (run_folder / "card.md").read_text(encoding="utf-8")
    assert "by the recipe `mnist_sample` with seed 42: 3 epochs in " in text
    assert "on 4,000 images of `mnist: {path: sample}`" in text
    for place in (run_folder, run_folder / "model.json"):
        assert call(command.main, place) == (0, text, "")


def test_the_command_to_evaluate_gives_the_figures_of_the_card(call: Any, run_folder: Path) -> None:
    text = (run_folder / "card.md").read_text(encoding="utf-8")
    [line] = [line for line in text.splitlines() if line.startswith("python -m apps.mnist.evaluate")]
    out = call(evaluate.main, *shlex.split(line)[3:]).out
    [figure] = load_model(run_folder / "model.json").metadata["figures"]
    assert f"1,000 held-out images of the sample: {100 * figure['accuracy']:.2f} %" in out


def test_a_checkpoint_that_is_not_there(call: Any, tmp_path: Path) -> None:
    status, out, err = call(command.main, tmp_path / "missing.json")
    assert (status, out) == (2, "")
    assert err == f"error: {tmp_path / 'missing.json'}: no such file or directory\n"
