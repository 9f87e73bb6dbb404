"""What the tests of the commands share: a trained model, and a way to call a command."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from apps.mnist import command, data, train
from apps.mnist.download import DownloadError
from framework.data.datasets import Examples


class Outcome(NamedTuple):
    """What a command answered."""

    status: int
    out: str
    err: str


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Calls the `main` of a command in this process, as its module does when it is run."""

    def call(main: Callable[[list[str]], int], *arguments: object) -> Outcome:
        with pytest.raises(SystemExit) as end:
            command.run(lambda: main([str(argument) for argument in arguments]))
        assert isinstance(end.value.code, int)
        return Outcome(end.value.code, *capsys.readouterr())

    return call


@pytest.fixture
def no_mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No MNIST on this machine, and no network."""

    def no_download(cache: Path) -> str:
        raise DownloadError("no network")

    monkeypatch.delenv("MNIST_DIR", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(data, "download", no_download)


@pytest.fixture
def no_plots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trains without pictures, which take longer than the training."""
    monkeypatch.setattr(train, "save_plots", lambda *_: [])


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a fresh process that runs a command from any folder, with nothing of MNIST around."""
    kept = {name: value for name, value in os.environ.items() if name != "MNIST_DIR"}
    root = str(Path(train.__file__).parents[2])
    return kept | {"PYTHONPATH": root, "OPENBLAS_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1", "HOME": str(tmp_path)}


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a short run on the sample: a model that reads about nine digits of ten."""
    folder = tmp_path_factory.mktemp("run") / "short"
    assert train.main(["--data", "sample", "augment=[]", "train.epochs=3", "--run-dir", str(folder)]) == 0
    return folder


@pytest.fixture
def mnist_test() -> Examples:
    """MNIST's official test images where MNIST_DIR says where they are, else the 1,000 that the sample holds out."""
    return data.find(os.environ.get("MNIST_DIR") or "sample").test
