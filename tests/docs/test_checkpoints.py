"""The models that come with the project: small, of their recipes, and with cards that say what their files say."""

from __future__ import annotations

from pathlib import Path

import pytest

import apps.mnist.data  # noqa: F401  # registers the datasets
import framework
from apps.mnist.card import card
from framework import config

ROOT = Path(__file__).parents[2]
MODELS = sorted((ROOT / "checkpoints").glob("*.json"))
LIMIT = 2_000_000


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
class TestModel:
    def test_is_small_and_of_its_recipe(self, path: Path) -> None:
        assert path.stat().st_size < LIMIT
        model = framework.load_model(path, compile=False)
        recipe = config.load(ROOT / "configs" / f"{path.stem}.yaml")
        assert model.get_config() == recipe.build().get_config()
        assert model.metadata["run"]["seed"] == recipe.settings.seed
        assert model.metadata["run"]["epochs"] == recipe.settings.train.epochs

    def test_has_a_card_that_is_up_to_date(self, path: Path) -> None:
        model = framework.load_model(path, compile=False)
        text = card(model, f"checkpoints/{path.name}", path.stat().st_size)
        assert path.with_suffix(".md").read_text(encoding="utf-8") == text

    def test_is_listed(self, path: Path) -> None:
        listed = (ROOT / "checkpoints" / "README.md").read_text(encoding="utf-8")
        assert f"| `{path.name}` | [card]({path.stem}.md) |" in listed


def test_every_card_is_of_a_model() -> None:
    cards = {path.stem for path in (ROOT / "checkpoints").glob("*.md")} - {"README"}
    assert cards == {path.stem for path in MODELS}
