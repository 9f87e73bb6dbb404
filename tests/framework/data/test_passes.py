"""Passes: the same batches whether they are made ahead or not, however a pass ends and whoever else begins one."""

from __future__ import annotations

import copy
import gc
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from framework import Input, Sequential, layers
from framework.callbacks import Callback
from framework.data import Batches
from framework.data.sources import as_source
from framework.data.transforms import ElasticDistortion, RandomAffine, Transform

ROOT = Path(__file__).parents[3]
IMAGES = np.random.default_rng(0).integers(0, 256, (23, 6, 5), np.uint8)
LABELS = np.arange(23)


class Noise(Transform):
    """A user's own, which gives a new array each time."""

    def __call__(self, images: Any, rng: np.random.Generator) -> Any:
        return images + rng.random(images.shape, np.float32)


class Breaks(Transform):
    """Raises at its fifth call, after it has drawn."""

    def __init__(self, error: Any = ZeroDivisionError) -> None:
        self.error = error
        self.at = 5
        self.calls = 0

    def __call__(self, images: Any, rng: np.random.Generator) -> Any:
        noise = rng.random(images.shape, np.float32)
        self.calls += 1
        if self.calls == self.at:
            raise self.error
        return images + noise


class Where(Transform):
    """Notes in which thread the last one made, or a copy of it, runs."""

    threads: ClassVar[set[int]]

    def __init__(self) -> None:
        Where.threads = set()

    def __call__(self, images: Any, rng: np.random.Generator) -> Any:
        self.threads.add(threading.get_ident())
        return images


def batches(prefetch: bool | None, **arguments: Any) -> Batches:
    transforms = [RandomAffine(rotation=20, shift=1), ElasticDistortion(alpha=5, sigma=2), Noise()]
    given = {"batch_size": 3, "shuffle": True, "seed": 7, "scale": 1 / 255, "transforms": transforms, **arguments}
    return Batches(IMAGES, LABELS, prefetch=prefetch, **given)


def copied(several: Any) -> list[Any]:
    return [[part.copy() for part in batch] for batch in several]


def assert_equal(one: list[Any], other: list[Any]) -> None:
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        for part, twin in zip(a, b, strict=True):
            assert part.dtype == twin.dtype
            np.testing.assert_array_equal(part, twin)


def prefetching_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "prefetch"]


@pytest.fixture(autouse=True)
def _no_thread_is_left_behind() -> Any:
    yield
    gc.collect()
    for thread in prefetching_threads():
        thread.join(60)
    assert not prefetching_threads()


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"shuffle": False},
        {"transforms": []},
        {"transforms": [], "shuffle": False, "scale": None},
        {"batch_size": 1},
        {"batch_size": 12},
        {"batch_size": 100},
        {"dtype": "float64"},
        {"transforms": [Noise()], "transform_seed": 5},
    ],
    ids=str,
)
def test_batches_made_ahead_are_the_same_to_the_bit(arguments: dict[str, Any]) -> None:
    ahead, alone = batches(True, **arguments), batches(False, **arguments)
    for _ in range(3):
        assert_equal(copied(ahead), copied(alone))


def test_a_batch_is_valid_until_the_next() -> None:
    for (x, y), (x_copy, y_copy) in zip(batches(True), copied(batches(False)), strict=True):
        np.testing.assert_array_equal(x, x_copy)
        np.testing.assert_array_equal(y, y_copy)


def test_the_streams_never_show_how_far_ahead_the_thread_is() -> None:
    ahead, alone = batches(True), batches(False)
    for _ in zip(ahead, alone, strict=True):
        for one, other in ((ahead.order_rng, alone.order_rng), (ahead.transform_rng, alone.transform_rng)):
            assert one is not None
            assert other is not None
            assert one.bit_generator.state == other.bit_generator.state


@pytest.mark.parametrize("taken", [0, 1, 3, 7, 8])
def test_after_a_pass_that_was_left_early_the_next_is_what_it_would_have_been(taken: int) -> None:
    ahead, alone = batches(True), batches(False)
    for several in (ahead, alone):
        for _ in itertools.islice(several, taken):
            pass
    assert_equal(copied(ahead), copied(alone))


def test_transforms_run_in_a_thread_of_their_own_only_where_batches_are_made_ahead() -> None:
    for prefetch in (True, False):
        where = Where()
        copied(batches(prefetch, transforms=[where]))
        assert len(where.threads) == 1
        assert (where.threads == {threading.get_ident()}) is not prefetch


def test_the_last_batch_needs_no_thread() -> None:
    where = Where()
    copied(batches(True, transforms=[where], batch_size=23))
    assert where.threads == {threading.get_ident()}


class TestWhenATransformFails:
    @pytest.mark.parametrize("prefetch", [True, False])
    def test_its_error_comes_in_the_place_of_its_batch_with_its_own_traceback(self, prefetch: bool) -> None:
        one = iter(batches(prefetch, transforms=[Breaks()]))
        for _ in range(4):
            next(one)
        with pytest.raises(ZeroDivisionError) as caught:
            next(one)
        assert "in __call__" in "".join(traceback.format_tb(caught.value.__traceback__))
        assert list(one) == []

    def test_the_next_pass_is_what_it_would_have_been(self) -> None:
        ahead, alone = batches(True, transforms=[Breaks()]), batches(False, transforms=[Breaks()])
        for several in (ahead, alone):
            with pytest.raises(ZeroDivisionError):
                copied(several)
            several.transforms[0].at = 0  # type: ignore[attr-defined]
        assert_equal(copied(ahead), copied(alone))

    @pytest.mark.parametrize("prefetch", [True, False])
    def test_a_stop_iteration_does_not_look_like_the_end(self, prefetch: bool) -> None:
        with pytest.raises(RuntimeError, match="a transform raised StopIteration"):
            copied(batches(prefetch, transforms=[Breaks(StopIteration)]))


class TestSeveralPasses:
    def test_passes_that_take_turns_do_not_disturb_each_other(self) -> None:
        together = []
        for prefetch in (True, False):
            several = batches(prefetch)
            one, two = iter(several), iter(several)
            turns = [one, one, two, one, two, two, two, one, one, two, one, one, one, two, two, two]
            together.append(copied(next(each) for each in turns))
            assert list(one) == list(two) == []
        assert_equal(*together)

    def test_a_pass_that_begins_anew_ends_the_thread_of_the_last(self) -> None:
        several = batches(True)
        one = iter(several)
        next(one)
        [thread] = prefetching_threads()
        next(iter(several))
        assert not thread.is_alive()

    def test_a_pass_can_pause(self) -> None:
        ahead, seen = iter(batches(True)), []
        for _ in range(8):
            seen += copied([next(ahead)])
            ahead.pause()
            assert not prefetching_threads()
        assert_equal(seen, copied(batches(False)))


class TestWhatOthersUseMeanwhile:
    def take_turns(self, prefetches: tuple[bool, bool], **arguments: Any) -> list[Any]:
        several = [batches(prefetch, seed=seed, **arguments) for seed, prefetch in enumerate(prefetches)]
        return [batch for pair in zip(*several, strict=True) for batch in copied(pair)]

    @pytest.mark.parametrize("prefetches", [(True, True), (True, False)])
    def test_batches_may_share_a_transform(self, prefetches: tuple[bool, bool]) -> None:
        shared = RandomAffine(rotation=20, shift=1)
        turns = self.take_turns(prefetches, transforms=[shared])
        for number, prefetch in enumerate(prefetches):
            if prefetch:  # without, a batch is valid until the next call of its transform
                alone = batches(False, seed=number, transforms=[RandomAffine(rotation=20, shift=1)])
                assert_equal(turns[number::2], copied(alone))

    def test_the_thread_has_a_transform_of_its_own(self) -> None:
        class Meets(Transform):
            """Waits, in the thread, until somebody else has used the same transform."""

            begun, used = threading.Event(), threading.Event()

            def __call__(self, images: Any, rng: np.random.Generator) -> Any:
                changed = self.buffer("changed", images.shape)
                np.copyto(changed, images)
                if threading.current_thread().name == "prefetch":
                    Meets.begun.set()
                    assert Meets.used.wait(60)
                return changed

        shared = Meets()
        ahead = iter(batches(True, transforms=[shared], scale=None))
        other = batches(False, transforms=[shared], scale=None, seed=1)
        ahead._start()  # its thread makes the first batch now
        assert Meets.begun.wait(60)
        copied(other)
        Meets.used.set()
        assert_equal(copied(ahead), copied(batches(False, transforms=[], scale=None)))

    @pytest.mark.parametrize("kind", [np.random.PCG64, np.random.MT19937])
    def test_batches_may_draw_from_one_generator(self, kind: Any) -> None:
        results = []
        for prefetch in (True, False):
            shared = np.random.Generator(kind(5))
            one, two = (iter(batches(prefetch, seed=s, transforms=[Noise()], transform_seed=shared)) for s in (1, 2))
            results.append(copied(next(each) for _ in range(8) for each in (one, two)))
        assert_equal(*results)

    def test_a_transform_that_cannot_be_copied_runs_in_the_foreground(self) -> None:
        where = Where()
        where.lock = threading.Lock()  # type: ignore[attr-defined]
        copied(batches(True, transforms=[where]))
        assert where.threads == {threading.get_ident()}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("takes_over", [False, True])
def test_a_pass_goes_on_in_a_fork_of_the_process(takes_over: bool) -> None:
    several, alone = batches(True), batches(False)
    one, other = iter(several), iter(alone)
    next(one), next(other)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.alarm(60)  # instead of waiting for ever
            if takes_over:
                assert_equal(copied(several), copied(alone))
            assert_equal(copied(one), copied(other))
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert_equal(copied(one), copied(other))


@pytest.mark.parametrize("prefetch", [True, False])
@pytest.mark.parametrize("taken", [0, 1, 5, 7, 8])
def test_a_pass_goes_on_elsewhere_from_its_state(taken: int, prefetch: bool) -> None:
    several = batches(prefetch)
    copied(several)
    one = iter(several)
    for _ in range(taken):
        next(one)
    state = json.loads(json.dumps(one.state))
    assert state["batch"] == taken
    other = batches(not prefetch, seed=99)
    copied(other)
    assert_equal(copied(other.resume(state)), copied(one))
    assert_equal(copied(other), copied(several))  # and so do those that follow


def test_transforms_can_have_a_stream_of_their_own() -> None:
    seed, stream = np.random.default_rng(1), np.random.default_rng(2)
    several = batches(True, seed=seed, transform_seed=stream)
    assert (several.order_rng, several.transform_rng) == (seed, stream)
    expected = copied(batches(False, seed=1, transform_seed=2))
    assert_equal(copied(several), expected)
    assert stream.bit_generator.state != np.random.default_rng(2).bit_generator.state


def test_batches_can_be_copied_while_a_pass_is_under_way() -> None:
    several = batches(True)
    one = iter(several)
    next(one)
    twin, other = copy.deepcopy(several), copy.deepcopy(several)
    other.prefetch = False
    assert len(copied(one)) == 7
    assert_equal(copied(twin), copied(other))


def test_nobody_wants_it_any_more_so_it_ends() -> None:
    one = iter(batches(True))
    next(one)
    [thread] = prefetching_threads()
    del one
    thread.join(60)
    assert not thread.is_alive()


def test_a_program_ends_while_a_pass_is_under_way() -> None:
    program = (
        "import numpy as np; from framework.data import Batches\n"
        "one = iter(Batches(np.zeros((1000, 4)), batch_size=2, prefetch=True)); next(one); print('end')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert (done.stdout, done.stderr) == ("end\n", "")


class After(Callback):
    """Does something after so many batches, and notes the threads between the epochs."""

    def __init__(self, count: int, action: Any = None) -> None:
        self.count = count
        self.action = action
        self.threads: list[threading.Thread] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.count -= 1
        if self.count == 0:
            assert prefetching_threads()
            self.action(self.model)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.threads += prefetching_threads()


def interrupt(model: Any) -> None:
    raise KeyboardInterrupt


def stop(model: Any) -> None:
    model.stop_training = True


class TestTraining:
    def fitted(self, several: Batches, *callbacks: Callback, **arguments: Any) -> Sequential:
        parts = [Input((6, 5)), layers.Flatten(), layers.Dense(23, "softmax")]
        model = Sequential(parts, seed=1)
        model.compile("sgd", "sparse_categorical_crossentropy")
        try:
            model.fit(several, verbose=0, callbacks=callbacks, **arguments)
        except KeyboardInterrupt as error:
            assert not prefetching_threads(), "while the error is still under way"
            del error
        return model

    @pytest.mark.parametrize("arguments", [{"epochs": 3}, {"epochs": 5, "steps_per_epoch": 3}])
    def test_it_learns_the_same_to_the_bit_and_no_thread_runs_between_the_epochs(
        self, arguments: dict[str, Any]
    ) -> None:
        watch = After(-1)
        ahead, alone = (self.fitted(batches(prefetch), watch, **arguments) for prefetch in (True, False))
        np.testing.assert_array_equal(ahead.parameters.value, alone.parameters.value)
        assert not watch.threads

    @pytest.mark.parametrize("action", [interrupt, stop])
    def test_a_run_that_ends_early_leaves_no_thread_and_the_streams_as_they_should_be(self, action: Any) -> None:
        several, alone = batches(True), batches(False)
        self.fitted(several, After(11, action), epochs=3)
        assert not prefetching_threads()
        for _ in itertools.islice(itertools.chain(alone, alone), 11):
            pass
        assert_equal(copied(several), copied(alone))

    def test_a_generator_is_asked_where_it_was_made(self) -> None:
        def generator() -> Any:
            while True:
                assert threading.current_thread() is threading.main_thread()
                yield IMAGES[:4].astype(np.float32), LABELS[:4]

        model = self.fitted(generator(), steps_per_epoch=3, epochs=2)  # type: ignore[arg-type]
        assert model.history is not None
        assert len(model.history.epoch) == 2


def test_an_epoch_that_is_left_pauses_its_pass() -> None:
    epoch = as_source(batches(True)).epoch()
    next(epoch)
    assert prefetching_threads()
    epoch.close()  # type: ignore[attr-defined]
    assert not prefetching_threads()
