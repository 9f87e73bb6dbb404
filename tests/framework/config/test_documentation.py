"""The examples in docs/configuration.md are right."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from apps.mnist.data import Mnist
from apps.mnist.strokes import Pendigits
from framework.config import loads, model_from_yaml, reader
from framework.config.errors import Problems, Source
from framework.config.settings import CheckpointSection, ModelSection, Settings, TrainSection
from framework.data import Mix
from framework.data.datasets import registry as datasets

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(autouse=True)
def mnist(stripes: None) -> None:
    for dataset in (Mnist, Pendigits, Mix):
        datasets.register(dataset)


EXPERIMENT, MIXTURE, AUGMENTATION, COMPONENTS, NESTED, ALIASES = blocks("yaml")


def test_the_experiment() -> None:
    assert loads(EXPERIMENT).settings.train.epochs == 10


@pytest.mark.parametrize("text", [COMPONENTS, ALIASES])
def test_the_layers(text: str) -> None:
    assert len(model_from_yaml(text).layers) >= 3


def test_the_nested_component() -> None:
    kept = re.sub(r"^optimizer:.*\n", "", EXPERIMENT, flags=re.MULTILINE)
    assert "cosine_decay" in loads(kept + NESTED).to_yaml()


def test_the_mixture_and_its_override() -> None:
    kept = re.sub(r"^data:.*\n", "", EXPERIMENT, flags=re.MULTILINE)
    assert "copies: 8" in loads(kept + MIXTURE, ["data.datasets.1.copies=8"]).to_yaml()


def test_the_augmentation() -> None:
    kept = re.sub(r"^augment:\n(?:  .*\n)*", "", EXPERIMENT, flags=re.MULTILINE)
    assert len(loads(kept + AUGMENTATION).settings.augment) == 4


def test_the_overrides() -> None:
    listed = blocks("sh")[-1]
    for line in listed.splitlines():
        override = line.split(" # ")[0].strip().strip("'")
        loads(EXPERIMENT, [override])


def test_the_python_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for code in blocks("python"):
        exec(compile(code, "configuration.md", "exec"), {})


@pytest.mark.parametrize("section", [Settings, ModelSection, TrainSection, CheckpointSection])
def test_every_key_is_described(section: type) -> None:
    for field in fields(section):
        assert f"\n| `{field.name}` |" in PAGE


def test_the_scalars_and_the_limits() -> None:
    values = reader.read(Source("", "[12, -3, 010, 0x10, 0o10, 1_000, no]"), Problems()).plain()
    assert values == [12, -3, 10, 16, 8, "1_000", "no"]
    for limit in (f"{reader.MAX_BYTES // 1024} KiB", f"{reader.MAX_DEPTH} levels", f"{reader.MAX_VALUES:,}"):
        assert limit in PAGE
