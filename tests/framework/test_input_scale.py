"""Images of 0 to 255 are refused where they reach the first kernel as they are, and only there."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framework import Sequential, layers
from framework.data import Batches
from framework.data.transforms import Transform
from framework.input_scale import check_scale, check_scale_of_batches

BYTES = (np.arange(6 * 64) * 7 % 256).astype(np.uint8).reshape(6, 8, 8)
BYTES[:2] = 0
Y = np.array([0, 1, 2, 0, 1, 2])


class Rescale(layers.Layer):
    def __init__(self, factor: float) -> None:
        self.factor = factor

    def forward(self, x: Any, training: bool = False) -> Any:
        return x * self.factor

    def backward(self, dy: Any) -> Any:
        return dy * self.factor


class Shrink(Transform):
    def __call__(self, images: Any, rng: np.random.Generator) -> Any:
        return images / np.float32(255)


class Same(Transform):
    def __call__(self, images: Any, rng: np.random.Generator) -> Any:
        return images


class Fragile(Transform):
    def __call__(self, images: Any, rng: np.random.Generator) -> Any:
        raise RuntimeError("not yet")


def network(*first: Any) -> Sequential:
    return Sequential([*first, "flatten", layers.Dense(3, "softmax")], seed=1)


@pytest.mark.parametrize("x", [BYTES, BYTES.reshape(6, 64), BYTES.astype(np.float32), BYTES.astype(np.int64)])
@pytest.mark.parametrize(
    "first", [(), ({"dropout": 0.5},), ("relu",), (layers.Residual(["relu"]),), (Sequential(["relu"]),)]
)
def test_levels_as_they_come_are_refused(x: Any, first: Any) -> None:
    net = network(*copy.deepcopy(first))
    with pytest.raises(ValueError, match=r"such as \d+ in sample 2, which reach the kernel of layer 'dense' unscaled"):
        check_scale(net, x)


def test_the_message_says_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"pass x / 255 or .*scale=1 / 255.* BatchNormalization; .*scale=1\)$"):
        check_scale(network(), BYTES)
    with pytest.raises(ValueError, match=r"as they are, pass x.astype\('float32'\)$"):
        check_scale(network(), BYTES.reshape(6, 64))


@pytest.mark.parametrize("first", [("batch_normalization",), ("prelu",), (Rescale(1 / 255),), (Rescale(1 / 16),)])
def test_layers_that_bring_them_to_scale_may_have_them(first: Any) -> None:
    check_scale(network(*first), BYTES)


def test_class_numbers_for_an_embedding_are_no_images() -> None:
    check_scale(Sequential([layers.Embedding(256, 4), "flatten", layers.Dense(3)]), BYTES.reshape(6, 64))


def test_a_model_without_a_kernel_may_have_anything() -> None:
    check_scale(Sequential(["flatten", "softmax"]), BYTES)


@pytest.mark.parametrize("x", [BYTES / 255, BYTES // 200, BYTES.reshape(6, 64).astype(np.float32)])
def test_other_numbers_are_let_pass(x: Any) -> None:
    check_scale(network(), x)


class TestBatches:
    @pytest.mark.parametrize("scale", [1 / 255, 1, 0.5])
    def test_a_scale_says_that_somebody_has_thought_of_it(self, scale: float) -> None:
        check_scale_of_batches(network(), Batches(BYTES, Y, scale=scale))

    def test_without_a_scale_they_are_refused(self) -> None:
        with pytest.raises(ValueError, match="unscaled"):
            check_scale_of_batches(network(), Batches(BYTES, Y))

    def test_what_transforms_make_of_them_counts(self) -> None:
        check_scale_of_batches(network(), Batches(BYTES, Y, transforms=[Shrink()]))
        with pytest.raises(ValueError, match="unscaled"):
            check_scale_of_batches(network(), Batches(BYTES, Y, transforms=[Same()]))

    def test_what_a_transform_cannot_tell_yet_is_not_guessed(self) -> None:
        check_scale_of_batches(network(), Batches(BYTES, Y, transforms=[Fragile()]))

    def test_no_random_stream_moves(self) -> None:
        batches = Batches(BYTES, Y, transforms=[Shrink()], seed=1, shuffle=True)
        assert batches.transform_rng is not None
        before = repr((batches.transform_rng.bit_generator.state, batches.order_rng.bit_generator.state))
        check_scale_of_batches(network(), batches)
        assert repr((batches.transform_rng.bit_generator.state, batches.order_rng.bit_generator.state)) == before

    def test_files_are_judged_by_their_beginning(self, tmp_path: Path) -> None:
        np.save(tmp_path / "x.npy", BYTES)
        with pytest.raises(ValueError, match="unscaled"):
            check_scale_of_batches(network(), Batches(np.load(tmp_path / "x.npy", mmap_mode="r"), Y))


def test_fit_and_evaluate_ask() -> None:
    for verb in ("fit", "evaluate"):
        net = network()
        net.compile("sgd", "sparse_categorical_crossentropy")
        with pytest.raises(ValueError, match="x holds bytes"):
            getattr(net, verb)(BYTES, Y, verbose=0)
        getattr(net, verb)(Batches(BYTES, Y, scale=1 / 255), verbose=0)


def test_others_who_predict_meanwhile_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """The layers are watched by functions in their place, which nobody else may run through."""
    from framework import input_scale

    model = Sequential([layers.Flatten(), layers.Dense(3)])
    true_first_layer, owned = input_scale.first_layer, []

    def first_layer(*arguments: Any, **named: Any) -> Any:
        owned.append(model.lock._is_owned())  # type: ignore[attr-defined]
        return true_first_layer(*arguments, **named)

    monkeypatch.setattr(input_scale, "first_layer", first_layer)
    with pytest.raises(ValueError, match="unscaled"):
        check_scale(model, BYTES)
    assert owned == [True]
