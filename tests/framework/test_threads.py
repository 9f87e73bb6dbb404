"""One setting for all threads, and work that is spread over them without a trace in the results."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

import framework
from framework import threads
from framework.registry import ArgumentError
from framework.threads import blas_on_one_thread, get_blas_threads, get_threads, hold_blas, limited_to, shares, spread

PATIENCE = 60  # seconds, after which something hangs


@pytest.fixture(autouse=True)
def _as_before():
    with limited_to(get_threads()):
        yield


def run(code, **environment):
    """What a fresh interpreter prints."""
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], env=variables, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("n", [1, 2, np.int64(3)])
def test_what_is_set_is_what_one_gets(n):
    framework.set_threads(n)
    assert framework.get_threads() == n
    assert type(get_threads()) is int


def test_none_stands_for_all_cores_that_the_process_may_use():
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    framework.set_threads(None)
    assert get_threads() == cores
    assert run("import framework; print(framework.get_threads())") == str(cores)


@pytest.mark.parametrize("n", [0, -1, 1.5, 2.0, True, "2", [2]])
def test_what_is_no_number_of_threads_is_refused(n):
    before = get_threads()
    with pytest.raises(ArgumentError, match=r"^threads must be a positive whole number, or None for all cores, got "):
        framework.set_threads(n)
    assert get_threads() == before


def test_a_limit_holds_inside_of_its_block_alone():
    framework.set_threads(3)
    with limited_to(2):
        assert get_threads() == 2
        with limited_to(None):
            assert get_threads() == 2
    assert get_threads() == 3
    with pytest.raises(KeyError), limited_to(1):
        raise KeyError
    assert get_threads() == 3


@pytest.mark.parametrize("first_out", [0, 1])
def test_limits_of_two_threads_that_overlap_leave_no_trace(first_out):
    framework.set_threads(3)
    limits = [limited_to(2), limited_to(1)]
    for limit in limits:
        limit.__enter__()
    limits.pop(first_out).__exit__(None, None, None)
    assert get_threads() == (1 if first_out == 0 else 2)
    limits.pop().__exit__(None, None, None)
    assert get_threads() == 3


class TestBlas:
    def counts(self):
        control = pytest.importorskip("threadpoolctl")
        return {info["num_threads"] for info in control.ThreadpoolController().select(user_api="blas").info()}

    def test_has_as_many_threads_as_are_set(self):
        framework.set_threads(2)
        assert self.counts() == {get_blas_threads()} == {2}
        framework.set_threads(1)
        assert self.counts() == {get_blas_threads()} == {1}

    def test_has_one_when_something_has_been_spread_until_threads_are_set_again(self):
        framework.set_threads(2)
        spread(lambda part: None, [1, 2])
        assert self.counts() == {get_blas_threads()} == {1}
        assert get_threads() == 2
        framework.set_threads(2)
        assert self.counts() == {2}

    def test_is_given_back_what_it_had(self):
        framework.set_threads(2)
        with limited_to(1):
            assert self.counts() == {1}
        assert self.counts() == {2}
        with blas_on_one_thread():
            assert self.counts() == {1}
            assert get_threads() == 2
        assert self.counts() == {2}
        assert get_blas_threads() == 2

    def test_stays_as_it_is_without_threadpoolctl_and_nothing_is_spread_unless_it_has_one_thread(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "threadpoolctl", None)
        monkeypatch.setattr(threads, "_libraries", threads._UNKNOWN)
        for name in threads.ONE_THREAD:
            monkeypatch.delenv(name, raising=False)
        framework.set_threads(2)
        seen = set()
        spread(lambda part: seen.add(threading.get_ident()), range(8))
        assert seen == {threading.get_ident()}
        assert not hold_blas()
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
        assert hold_blas()


class TestSpread:
    @pytest.mark.parametrize("n", [1, 2, 3])
    @pytest.mark.parametrize("number", [0, 1, 2, 3, 50])
    def test_every_part_is_done_once(self, n, number):
        framework.set_threads(n)
        done = []
        spread(done.append, range(number))
        assert sorted(done) == list(range(number))

    @pytest.mark.parametrize("n", [2, 4])
    def test_as_many_threads_as_are_set_work_at_the_same_time(self, n):
        framework.set_threads(n)
        together = threading.Barrier(n, timeout=PATIENCE)
        for _ in range(3):
            spread(lambda part: together.wait(), range(n))

    def test_one_of_them_is_the_caller(self):
        framework.set_threads(2)
        together = threading.Barrier(2, timeout=PATIENCE)
        seen = set()

        def part(number):
            together.wait()
            seen.add(threading.get_ident())

        spread(part, range(2))
        assert threading.get_ident() in seen
        assert len(seen) == 2

    def test_inside_of_a_part_nothing_is_spread_any_further(self):
        framework.set_threads(2)
        together = threading.Barrier(2, timeout=PATIENCE)
        alike = []

        def part(number):
            together.wait()
            inside = set()
            spread(lambda _: inside.add(threading.get_ident()), range(5))
            alike.append(inside == {threading.get_ident()})

        spread(part, range(2))
        assert alike == [True, True]
        spread(lambda number: together.wait(), range(2))  # and afterwards again

    @pytest.mark.parametrize("n", [1, 2, 3])
    def test_what_the_first_of_the_parts_that_fail_raises_is_raised_and_the_pool_goes_on(self, n):
        framework.set_threads(n)
        together = threading.Barrier(n, timeout=PATIENCE)

        def part(number):
            if number < n:
                together.wait()
            raise ValueError(number)

        with pytest.raises(ValueError, match=r"^0$"):
            spread(part, range(20))
        spread(lambda number: together.wait(), range(n))

    def test_no_part_begins_after_one_has_failed(self):
        framework.set_threads(2)
        begun = []

        def part(number):
            begun.append(number)
            raise KeyError(number)

        with pytest.raises(KeyError):
            spread(part, range(100))
        assert len(begun) <= 2

    def test_the_callers_way_with_floating_point_errors_holds_for_all(self):
        framework.set_threads(2)
        together = threading.Barrier(2, timeout=PATIENCE)
        large = np.full(4, 3e38, np.float32)

        def part(number):
            together.wait()
            large * 2

        with np.errstate(over="ignore"):
            spread(part, range(2))
        with np.errstate(over="raise"), pytest.raises(FloatingPointError):
            spread(part, range(2))

    def test_several_threads_may_spread_at_the_same_time(self):
        framework.set_threads(3)
        sums = [0] * 4

        def caller(own):
            for _ in range(50):
                found = [0] * 6
                spread(lambda k, found=found: found.__setitem__(k, k), range(6))
                sums[own] += sum(found)

        callers = [threading.Thread(target=caller, args=(own,)) for own in range(4)]
        for thread in callers:
            thread.start()
        for thread in callers:
            thread.join(PATIENCE)
        assert sums == [50 * 15] * 4

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
    def test_a_process_that_is_forked_off_makes_threads_of_its_own(self):
        code = """
import os, threading
from framework.threads import set_threads, spread
set_threads(2)
together = threading.Barrier(2, timeout=60)
spread(lambda part: together.wait(), range(2))
child = os.fork()
together = threading.Barrier(2, timeout=60)
spread(lambda part: together.wait(), range(2))
if child:
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status))
else:
    os._exit(7)
"""
        assert run(code) == "7"

    def test_a_program_ends_while_threads_wait_for_work(self):
        code = """
import threading
from framework.threads import set_threads, spread
set_threads(3)
together = threading.Barrier(3, timeout=60)
spread(lambda part: together.wait(), range(3))
print("end")
"""
        assert run(code) == "end"


def test_parts_are_of_like_size():
    for length in range(12):
        for number in range(1, 5):
            parts = shares(length, number)
            assert [k for part in parts for k in range(length)[part]] == list(range(length))
            sizes = [part.stop - part.start for part in parts]
            assert len(sizes) == number
            assert max(sizes) - min(sizes) <= 1


def test_importing_the_framework_costs_nothing_of_all_this():
    loaded = "{'threadpoolctl', 'concurrent.futures', 'queue', 'framework.threads'} & set(sys.modules)"
    assert run(f"import sys, framework; print({loaded})") == "set()"
