"""Batches: what they hold, in which order and type, and what they cost."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framework.data import Batches
from framework.data.batches import check_lengths
from framework.data.transforms import Transform

PIXELS = np.arange(7 * 4, dtype=np.uint8).reshape(7, 2, 2)
LABELS = np.arange(7)


def copied(batches: Batches) -> list[tuple[Any, ...]]:
    return [tuple(part.copy() for part in batch) for batch in batches]


def test_a_pass_holds_every_example_once_and_the_last_batch_what_is_left() -> None:
    batches = Batches(PIXELS, LABELS, batch_size=3, shuffle=True, seed=1)
    assert len(batches) == 3
    seen = copied(batches)
    assert [len(x) for x, _ in seen] == [3, 3, 1]
    assert sorted(np.concatenate([y for _, y in seen])) == list(LABELS)
    for x, y in seen:  # rows stay together
        assert np.array_equal(x, PIXELS[y])


def test_without_shuffling_the_order_stays() -> None:
    batches = Batches(PIXELS, LABELS, batch_size=4)
    for _ in range(2):
        assert np.concatenate([y for _, y in copied(batches)]).tolist() == list(range(7))


def test_each_pass_has_an_order_of_its_own_and_the_same_seed_the_same_orders() -> None:
    def orders(seed: int) -> list[list[int]]:
        batches = Batches(PIXELS, LABELS, batch_size=7, shuffle=True, seed=seed)
        return [copied(batches)[0][1].tolist() for _ in range(3)]

    assert orders(1) == orders(1)
    assert orders(1) != orders(2)
    assert len({tuple(order) for order in orders(1)}) == 3


def test_the_global_generator_is_left_alone() -> None:
    before = np.random.get_state()[1].tolist()  # type: ignore[index,union-attr] # noqa: NPY002
    copied(Batches(PIXELS, shuffle=True))
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index,union-attr] # noqa: NPY002


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("source", [np.uint8, np.float64, np.int32, bool, ">i2", ">f4"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_x_is_cast_and_scaled_batch_by_batch(shuffle: bool, source: Any, dtype: str) -> None:
    x = PIXELS.astype(source)
    batches = Batches(x, LABELS, batch_size=3, shuffle=shuffle, seed=3, scale=0.5, dtype=dtype)
    for part, y in copied(batches):
        assert part.dtype == dtype
        np.testing.assert_array_equal(part, x[y].astype(dtype) * np.dtype(dtype).type(0.5))


@pytest.mark.parametrize(
    ("labels", "dtype"), [(np.uint8, np.uint8), (np.int64, np.int64), (bool, bool), (np.float64, np.float32)]
)
def test_class_numbers_stay_whole_and_other_targets_take_the_type(labels: Any, dtype: Any) -> None:
    [(_, y, weight)] = Batches(PIXELS, LABELS.astype(labels), np.ones(7), batch_size=7)
    assert (y.dtype, weight.dtype) == (np.dtype(dtype), np.dtype(np.float32))


def test_one_buffer_serves_all_batches() -> None:
    batches = iter(Batches(PIXELS, batch_size=3, shuffle=True, seed=1, scale=1 / 255))
    first, second = next(batches)[0], next(batches)[0]
    assert np.shares_memory(first, second)


@pytest.mark.parametrize("shuffle", [False, True])
def test_the_users_arrays_are_never_written_to(shuffle: bool) -> None:
    x = np.linspace(0, 1, 12, dtype=np.float32).reshape(6, 2)
    x.flags.writeable = False
    copied(Batches(x, batch_size=4, shuffle=shuffle, scale=2.0))


@pytest.mark.parametrize(
    "x",
    [
        np.asfortranarray(np.arange(28.0, dtype=np.float32).reshape(7, 4)),
        np.arange(56.0, dtype=np.float32).reshape(7, 8)[:, ::2],
        np.arange(28.0, dtype=np.float32).reshape(7, 4)[::-1],
        np.arange(28.0, dtype=">f4").reshape(7, 4),
    ],
    ids=["fortran", "every other column", "backwards", "big-endian"],
)
def test_arrays_in_any_layout_are_taken_row_by_row(x: Any) -> None:
    for part, y in copied(Batches(x, LABELS, batch_size=3, shuffle=True, seed=1)):
        assert np.array_equal(part, x[y])


def test_an_array_that_is_not_contiguous_is_not_copied_whole_for_every_batch() -> None:
    class Counting(np.ndarray[Any, Any]):
        def take(self, *_: Any, **__: Any) -> Any:  # type: ignore[override]
            raise AssertionError("take copies the whole of an array that is not contiguous")

    copied(Batches(np.asfortranarray(np.zeros((7, 4), np.float32)).view(Counting), batch_size=2, shuffle=True))


def test_a_memory_map_is_read_batch_by_batch(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", PIXELS)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    batches = Batches(mapped, LABELS, batch_size=3, shuffle=True, seed=1)
    assert isinstance(batches.x, np.memmap)
    for part, y in copied(batches):
        assert np.array_equal(part, PIXELS[y])


class AddsNoise(Transform):
    def __call__(self, images: Any, rng: np.random.Generator) -> Any:
        return images + rng.random(images.shape, np.float32)


def test_transforms_draw_from_the_seed_and_not_from_the_order() -> None:
    def first(shuffle: bool) -> Any:
        batches = Batches(
            np.zeros((7, 2, 2), np.float32), batch_size=7, shuffle=shuffle, seed=1, transforms=[AddsNoise()]
        )
        return copied(batches)[0][0]

    assert np.array_equal(first(False), first(False))
    assert np.array_equal(first(False), first(True))
    assert first(True).std() > 0.1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": PIXELS, "y": LABELS[:5]}, "the arrays differ in length: x has 7, y has 5"),
        ({"x": PIXELS, "y": LABELS, "sample_weight": [1.0]}, "x has 7, y has 7, sample_weight has 1"),
        ({"x": PIXELS[:0]}, "x holds no examples"),
        ({"x": 3.0}, "x must be an array of examples, got"),
        ({"x": PIXELS, "y": 3}, "y must be an array of examples, got"),
        ({"x": PIXELS, "sample_weight": np.ones(7)}, "sample_weight weighs targets: give y, too"),
        ({"x": PIXELS, "batch_size": 0}, "batch_size must be a positive whole number, got 0"),
        ({"x": PIXELS, "batch_size": 2.0}, "batch_size must be a positive whole number, got 2.0"),
        ({"x": PIXELS, "batch_size": True}, "batch_size must be a positive whole number, got True"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Batches(**arguments)


def test_lengths_of_what_is_not_given_do_not_count() -> None:
    check_lengths({"x": [1, 2], "y": None})


@pytest.mark.parametrize("prefetch", [False, True])
def test_a_pass_allocates_nothing_of_the_size_of_a_batch(prefetch: bool) -> None:
    transforms = ["random_affine", {"elastic_distortion": 8.0}]
    images = np.zeros((128 * 6, 28, 28), np.uint8)
    batches = Batches(
        images, np.zeros(len(images)), batch_size=128, shuffle=True, scale=0.5, transforms=transforms, prefetch=prefetch
    )
    copied(batches)  # now every buffer is there
    tracemalloc.start()
    try:
        one = iter(batches)
        next(one)  # the pass has its order, and its thread
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        for _ in one:
            pass
        taken = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert taken < 128 * 28 * 28


@pytest.mark.parametrize(
    ("threads", "arguments", "pays"),
    [
        (2, {"transforms": ["random_affine"], "batch_size": 64}, True),
        (2, {"transforms": ["random_affine"], "batch_size": 32}, False),
        (2, {"transforms": ["random_affine"], "batch_size": 32, "prefetch": True}, True),
        (2, {"transforms": ["random_affine"], "batch_size": 64, "prefetch": False}, False),
        (1, {"transforms": ["random_affine"], "batch_size": 64}, False),
        (2, {"batch_size": 100}, False),
    ],
)
def test_batches_are_made_ahead_where_that_pays(
    threads: int, arguments: dict[str, Any], pays: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framework.threads.get_threads", lambda: threads)
    assert Batches(np.zeros((100, 28, 28), np.uint8), **arguments).pays_to_prefetch() is pays


@pytest.mark.parametrize("view", [lambda x: x, lambda x: x[10:], np.asarray])
def test_batches_of_an_array_on_disk_are_made_ahead(tmp_path: Path, view: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framework.threads.get_threads", lambda: 2)
    np.save(tmp_path / "x.npy", np.zeros((100, 784), np.float32))
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert Batches(view(mapped), batch_size=64).pays_to_prefetch()
    assert not Batches(view(mapped), batch_size=8).pays_to_prefetch()
    assert not Batches(np.array(mapped), batch_size=64).pays_to_prefetch()


def test_one_generator_cannot_be_both_seeds() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="seed and transform_seed must be different generators"):
        Batches(np.zeros((4, 2)), seed=rng, transform_seed=rng)
    Batches(np.zeros((4, 2)), seed=0, transform_seed=0)
