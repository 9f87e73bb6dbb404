"""Files that cannot be written do not end a run that could write before."""

import copy
import errno
import os
from pathlib import Path

import pytest

from framework.callbacks.writing import KeepGoing


def attempt(keep_going: KeepGoing, path: Path, fails: bool, last: bool = False, number: int = errno.ENOSPC) -> None:
    with keep_going.writing(path, last):
        if fails:
            raise OSError(number, os.strerror(number), str(path))


def test_the_first_of_all_writes_raises(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep_going = KeepGoing("Somebody")
    for _ in range(2):
        with pytest.raises(PermissionError):
            attempt(keep_going, tmp_path / "file", True, number=errno.EACCES)
    assert keep_going.failing
    assert keep_going.raises
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_unless_the_path_is_not_to_blame(tmp_path: Path, capsys: pytest.CaptureFixture[str], number: int) -> None:
    keep_going = KeepGoing("Somebody")
    attempt(keep_going, tmp_path / "file", True, number=number)
    assert keep_going.failing
    assert capsys.readouterr().err.endswith("; training goes on, and it is tried again\n")
    attempt(keep_going, tmp_path / "file", True, number=errno.EACCES)


def test_later_ones_are_told_once_until_it_works_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep_going, path, told = KeepGoing("Somebody"), tmp_path / "file", []
    for fails in (False, True, True, False, False, True):
        attempt(keep_going, path, fails)
        told.append(capsys.readouterr().err)
        assert keep_going.failing is fails
    failed = f"Somebody: {path} cannot be written (no space left on device); training goes on, and it is tried again\n"
    assert told == ["", failed, "", f"Somebody: {path} could be written again\n", "", failed]
    attempt(keep_going, path, True, last=True)
    assert capsys.readouterr().err.endswith("it stays as it was\n")


def test_a_folder_that_has_gone_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep_going, path = KeepGoing("Somebody"), tmp_path / "run" / "file"
    path.parent.mkdir()
    attempt(keep_going, path, False)
    path.parent.rmdir()
    attempt(keep_going, path, True)
    assert capsys.readouterr().err.splitlines()[0].startswith(f"Somebody: the folder {path.parent} has gone in mid-run")
    attempt(keep_going, path, True)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("another")])
def test_anything_else_is_raised(tmp_path: Path, error: BaseException) -> None:
    keep_going = KeepGoing("Somebody")
    attempt(keep_going, tmp_path / "file", False)
    with pytest.raises(type(error)), keep_going.writing(tmp_path / "file"):
        raise error
    assert not copy.deepcopy(keep_going).raises


def test_an_error_without_file_or_reason_is_told_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep_going = KeepGoing("Somebody")
    attempt(keep_going, tmp_path / "file", False)
    with keep_going.writing(tmp_path / "file"):
        raise OSError("Out of paper")
    assert f"{tmp_path / 'file'} cannot be written (out of paper)" in capsys.readouterr().err
