import numpy as np
import pytest

from framework import threads
from framework.layers import products
from framework.layers.products import SMALL, at_a_time, column_pieces, row_pieces


@pytest.fixture(autouse=True)
def one_thread_with_small_kernels(monkeypatch):
    monkeypatch.setattr(products, "takes_small_ones_as_they_lie", lambda: True)
    monkeypatch.setattr(threads, "get_blas_threads", lambda: 1)


@pytest.mark.parametrize(
    ("rows", "inputs", "outputs"), [(32, 784, 128), (100, 784, 64), (33, 1000, 249), (128, 256, 99)]
)
def test_pieces_are_small_and_cover_all_rows_in_order(rows, inputs, outputs):
    x, y = np.zeros((rows, inputs), np.float32), np.full((rows, outputs), np.nan, np.float32)
    parts = row_pieces(x, y)
    assert len(parts) > 1
    for part, (a, b) in enumerate(parts):
        assert len(a) == len(b)
        assert len(a) * inputs * outputs <= SMALL
        assert np.shares_memory(a, x)
        b[...] = part
    assert not np.isnan(y).any()
    assert (np.diff(y[:, 0]) >= 0).all()


@pytest.mark.parametrize(("rows", "inputs", "outputs"), [(32, 784, 128), (16, 784, 256), (64, 256, 100)])
def test_columns_are_small_and_all_there_in_order(rows, inputs, outputs):
    x, dy = np.zeros((rows, inputs), np.float32), np.zeros((rows, outputs), np.float32)
    gradient = np.full((inputs, outputs), np.nan, np.float32)
    parts = column_pieces(x, dy, gradient)
    assert len(parts) > 1
    for part, (a, b) in enumerate(parts):
        assert a.shape[1] == b.shape[1]
        assert rows * inputs * a.shape[1] <= SMALL
        assert np.shares_memory(a, dy)
        b[...] = part
    assert not np.isnan(gradient).any()
    assert (np.diff(gradient[0]) >= 0).all()


def test_whole_kernels_are_taken_at_a_time():
    for inputs in (100, 300, 784, 1900):
        assert at_a_time(512, inputs * 128, whole_kernels=8, least=4) % 4 == 0
        assert at_a_time(128, inputs * 32, whole_kernels=16, least=16) % 16 == 0


@pytest.mark.parametrize(("count", "work"), [(7, 784 * 128), (1, 2000 * 2000), (512, 1000 * 1000), (64, 640)])
def test_what_is_small_already_or_can_never_be_stays_whole(count, work):
    assert at_a_time(count, work, whole_kernels=8, least=4) == count


def test_several_threads_share_the_whole(monkeypatch):
    monkeypatch.setattr(threads, "get_blas_threads", lambda: 2)
    assert at_a_time(512, 784 * 128, whole_kernels=8, least=4) == 512


def test_without_such_kernels_products_stay_whole(monkeypatch):
    monkeypatch.setattr(products, "takes_small_ones_as_they_lie", lambda: False)
    assert at_a_time(512, 784 * 128, whole_kernels=8, least=4) == 512


def test_numpy_can_be_asked_what_it_multiplies_with():
    config = np.show_config(mode="dicts")
    assert "blas" in config["Build Dependencies"]
    assert "found" in config["SIMD Extensions"]


def test_products_in_pieces_are_those_of_the_whole():
    rng = np.random.default_rng(0)
    x, w = rng.random((50, 784), np.float32), rng.random((784, 128), np.float32)
    y = np.empty((50, 128), np.float32)
    for a, b in row_pieces(x, y):
        a.dot(w, out=b)
    np.testing.assert_allclose(y, x @ w, rtol=1e-5)


def test_gradients_in_pieces_are_those_of_the_whole():
    rng = np.random.default_rng(0)
    x, dy = rng.random((32, 784), np.float32), rng.random((32, 128), np.float32)
    gradient = np.empty((784, 128), np.float32)
    for columns, part in column_pieces(x, dy, gradient):
        np.matmul(x.T, columns, out=part)
    np.testing.assert_allclose(gradient, x.T @ dy, rtol=1e-5)
