"""The log of events: one JSON object a line, there at once, and never in the way."""

from __future__ import annotations

import errno
import json
from contextlib import closing
from pathlib import Path

import pytest

from apps.mnist.ui.events_log import EventsLog


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def test_each_event_is_a_line_that_is_there_at_once(path: Path) -> None:
    log = EventsLog(path)
    log("ready", window=[1000, 660], canvas=[8, 40, 532])
    assert path.read_text() == '{"event": "ready", "window": [1000, 660], "canvas": [8, 40, 532]}\n'
    log("prediction", digit=None, probabilities=None, strokes=0, points=0, ms=0.0)
    assert [json.loads(line)["event"] for line in path.read_text().splitlines()] == ["ready", "prediction"]
    log.close()


def test_is_utf_8_and_no_text_breaks_a_line(path: Path) -> None:
    with closing(EventsLog(path)) as log:
        log("error", message='Ziffer "ä"\r\n\u2028 zwei')
    content = path.read_bytes()
    assert "ä".encode() in content
    assert content.count(b"\n") == 1
    assert json.loads(content)["message"] == 'Ziffer "ä"\r\n\u2028 zwei'


def test_names_that_are_no_text_are_escaped(path: Path) -> None:
    """What Python makes of a file's name that is no UTF-8."""
    with closing(EventsLog(path)) as log:
        log("error", message="caf\udce9.png: no such file")
    assert json.loads(path.read_bytes())["message"] == "caf\udce9.png: no such file"


def test_begins_anew(path: Path) -> None:
    path.write_text("old\n")
    with closing(EventsLog(path)) as log:
        log("quit")
    assert path.read_text() == '{"event": "quit"}\n'


def test_without_a_path_nothing_is_written(tmp_path: Path) -> None:
    log = EventsLog(None)
    log("clear")
    log.close()
    assert list(tmp_path.iterdir()) == []


def test_closed_twice_and_used_afterwards(path: Path) -> None:
    log = EventsLog(path)
    log.close()
    log.close()
    log("clear")
    assert path.read_text() == ""


def test_a_file_that_cannot_be_made_is_told(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        EventsLog(path / "nowhere.jsonl")
    with pytest.raises(IsADirectoryError):
        EventsLog(path.parent)


class FullDisk:
    """A file that can be written and not be flushed, not even when it is closed."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, text: str) -> None:
        self.written.append(text)

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    close = flush


def test_a_full_disk_silences_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = FullDisk()
    monkeypatch.setattr(Path, "open", lambda *_, **__: disk)
    log = EventsLog(path)
    log("clear")
    log("quit")
    log.close()
    assert len(disk.written) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_disk_that_is_really_full() -> None:
    log = EventsLog(Path("/dev/full"))
    log("clear")
    log("quit")
    log.close()
