"""The file of corrections: nothing in it gets lost, and nothing malformed gets through."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.mnist import corrections
from apps.mnist.corrections import Correction, append, examples, read, remove_last
from apps.mnist.files import DataError
from apps.mnist.recognizer import Prediction
from framework.version import __version__

ROOT = Path(__file__).parents[3]
BLANK: Any = [[0] * 28] * 28
NUMBERS = st.floats(-1e6, 1e6)


def correction(label: int = 1, **changes: Any) -> Correction:
    fields: dict[str, Any] = {
        "time": "2030-01-02T03:04:05+00:00",
        "label": label,
        "predicted": 7,
        "probabilities": [0.1] * 10,
        "strokes": [[(0.5, 0.1), (0.5, 0.9)]],
        "image": BLANK,
        "model": "mnist_mlp.json",
        "version": "0.1.0",
    }
    return Correction(**fields | changes)


@st.composite
def any_correction(draw: st.DrawFn) -> Correction:
    return Correction(
        time=draw(st.datetimes()).isoformat(),
        label=draw(st.integers(0, 9)),
        predicted=draw(st.integers(0, 9)),
        probabilities=tuple(draw(st.lists(st.floats(0, 1), min_size=10, max_size=10))),
        strokes=draw(st.lists(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=4), max_size=3)),  # type: ignore[arg-type]
        image=np.random.default_rng(draw(st.integers(0, 9))).integers(0, 256, (28, 28)),  # type: ignore[arg-type]
        model=draw(st.text(max_size=9)),
        version=draw(st.text(max_size=9)),
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "corrections.jsonl"


def line(**changes: Any) -> bytes:
    """A record as JSON with some of its fields changed, or left out where they are None."""
    record = asdict(correction()) | changes
    return json.dumps({name: value for name, value in record.items() if value is not None}).encode()


def with_first(row: list[Any]) -> list[list[Any]]:
    """A blank image with another first row."""
    return [row, *BLANK[1:]]


class TestRoundTrips:
    @settings(max_examples=30)  # each writes and flushes several files
    @given(st.lists(any_correction(), min_size=1, max_size=4), st.integers(0, 3))
    def test_what_is_appended_is_read_and_can_be_removed(self, records: list[Correction], chosen: int) -> None:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "new" / "corrections.jsonl"
            for record in records:
                append(path, record)
            assert read(path) == records
            before, gone = path.read_bytes(), records[chosen % len(records)]
            assert remove_last(path, gone)
            last = len(records) - 1 - records[::-1].index(gone)
            assert read(path) == records[:last] + records[last + 1 :]
            if last == len(records) - 1:
                append(path, gone)
                assert path.read_bytes() == before

    def test_a_line_is_plain_json(self, file: Path) -> None:
        append(file, correction(label=3))
        (text,) = file.read_text().splitlines()
        assert list(json.loads(text)) == [
            "time", "label", "predicted", "probabilities", "strokes", "image", "model", "version",
        ]  # fmt: skip
        assert json.loads(text)["strokes"] == [[[0.5, 0.1], [0.5, 0.9]]]


class TestAppend:
    @pytest.mark.parametrize("content", [b"", b"\n\n", b"not ours", b"not ours\n", b"\xff\r\n{"])
    def test_keeps_what_is_there_to_the_byte(self, file: Path, content: bytes) -> None:
        file.write_bytes(content)
        append(file, correction())
        end = b"" if content.endswith(b"\n") or not content else b"\n"
        assert file.read_bytes() == content + end + line() + b"\n"

    def test_completes_a_last_line_without_an_end(self, file: Path) -> None:
        file.write_bytes(line(label=2))
        append(file, correction(label=3))
        assert [record.label for record in read(file)] == [2, 3]

    def test_a_full_file_stays_as_it_is(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        append(file, correction())
        before = file.read_bytes()
        monkeypatch.setattr(corrections, "LIMIT", len(before) + 10)
        with pytest.raises(DataError, match=r"corrections\.jsonl: is full, it may have [\d,]+ bytes; train with it"):
            append(file, correction())
        assert file.read_bytes() == before

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(OSError, match="directory"):
            append(tmp_path, correction())


class TestRemoveLast:
    def test_takes_the_last_of_equals_and_nothing_else(self, file: Path) -> None:
        for label in (1, 2, 1, 3):
            append(file, correction(label))
        assert remove_last(file, correction(1))
        assert [record.label for record in read(file)] == [1, 2, 3]

    def test_leaves_other_lines_alone_be_they_damaged(self, file: Path) -> None:
        file.write_bytes(b"damaged\r\n\n" + line(label=1) + b"\n[1]\n")
        assert remove_last(file, correction(1))
        assert file.read_bytes() == b"damaged\r\n\n[1]\n"

    def test_what_is_not_there_changes_nothing(self, file: Path) -> None:
        assert not remove_last(file, correction())
        assert not file.exists()
        append(file, correction(1))
        before = file.read_bytes()
        assert not remove_last(file, replace(correction(1), time="2031-01-01"))
        assert file.read_bytes() == before


class TestRead:
    def test_empty_lines_are_passed_over(self, file: Path) -> None:
        file.write_bytes(b"\n" + line(label=4) + b"\r\n  \n\n" + line(label=5))
        assert [record.label for record in read(file)] == [4, 5]

    def test_a_file_without_any(self, file: Path) -> None:
        file.write_bytes(b"\n")
        assert read(file) == []

    def test_a_file_that_is_not_there(self, file: Path) -> None:
        with pytest.raises(FileNotFoundError):
            read(file)

    def test_a_file_that_is_too_large(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file.write_bytes(line())
        monkeypatch.setattr(corrections, "LIMIT", 100)
        with pytest.raises(DataError, match=r"has more than the 100 bytes of a file of corrections; check the path"):
            read(file)

    def test_a_line_that_is_too_long_is_not_parsed(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(corrections, "LONGEST", len(line().strip()) - 1)
        file.write_bytes(b"\n" + line())
        with pytest.raises(DataError, match=r"line 2: it has [\d,]+ bytes, no correction has more than"):
            read(file)

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (b"hello", "it is not JSON, or was cut short"),
            (line()[:-5], "it is not JSON, or was cut short"),
            (b"\xff\xfe", "it is not JSON, or was cut short"),
            (b"[" * 100_000, "it is not JSON, or was cut short"),
            (b"[1, 2]", "it is no JSON object"),
            (line(label=None), "label is missing"),
            (line(**{"x" * 5000: 1}), f"{'x' * 40!r} is no field of a correction"),
            (line(strokes=[[[True, 0.5]]]), "strokes must be a list of strokes"),
            (line(strokes=[[["1", "2"]]]), "strokes must be a list of strokes"),
            (line(strokes=[["12"]]), "strokes must be a list of strokes"),
            (line(strokes=[[[10**400, 0.5]]]), "strokes must be a list of strokes"),
            (line(colour="red"), "'colour' is no field of a correction"),
            (line(time="yesterday"), "time must be a time in ISO 8601"),
            (line(time=5), "time must be a time in ISO 8601"),
            (line(label=10), "label must be a whole number from 0 to 9"),
            (line(label=-1), "label must be a whole number from 0 to 9"),
            (line(label=True), "label must be a whole number from 0 to 9"),
            (line(label=3.0), "label must be a whole number from 0 to 9"),
            (line(predicted="3"), "predicted must be a whole number from 0 to 9"),
            (line(probabilities=[0.1] * 9), "probabilities must be 10 numbers from 0 to 1"),
            (line(probabilities=[0.1] * 9 + [float("nan")]), "probabilities must be 10 numbers from 0 to 1"),
            (line(probabilities=[0.1] * 9 + [1.5]), "probabilities must be 10 numbers from 0 to 1"),
            (line(probabilities=1), "probabilities must be 10 numbers from 0 to 1"),
            (line(strokes="none"), "strokes must be a list of strokes"),
            (line(strokes=[[1, 2]]), "strokes must be a list of strokes"),
            (line(strokes=[[[1, 2, 3]]]), "strokes must be a list of strokes"),
            (line(strokes=[[[1, float("inf")]]]), "strokes must be a list of strokes"),
            (line(strokes=[[[1, 10**400]]]), "strokes must be a list of strokes"),
            (line(image=BLANK[1:]), "image must be 28 rows of 28 whole numbers from 0 to 255"),
            (line(image=with_first([0] * 27)), "image must be 28 rows"),
            (line(image=with_first([256] * 28)), "image must be 28 rows"),
            (line(image=with_first([-1] * 28)), "image must be 28 rows"),
            (line(image=with_first([0.5] * 28)), "image must be 28 rows"),
            (line(image=with_first([10**40] * 28)), "image must be 28 rows"),
            (line(image="black"), "image must be 28 rows"),
            (line(model=7), "model must be a text"),
            (line(version=[]), "version must be a text"),
        ],
    )
    def test_names_the_line_and_what_is_wrong(self, file: Path, content: bytes, problem: str) -> None:
        file.write_bytes(line() + b"\n\n" + content + b"\n" + line())
        with pytest.raises(DataError) as raised:
            read(file)
        assert str(raised.value).startswith(f"{file}, line 3: {problem}")
        assert str(raised.value).endswith("; mend that line, or delete it")
        assert "\n" not in str(raised.value)


class TestCorrection:
    def test_is_made_of_a_prediction(self) -> None:
        image = np.zeros((28, 28), np.float32)
        image[3, 4], image[3, 5] = 1.0, 0.5
        prediction = Prediction(7, np.eye(10)[7], image)
        strokes = [np.array([[0.25, 0.5], [0.5, 0.75]])]
        record = Correction.of(prediction, 2, strokes, "model.json")
        assert (record.label, record.predicted, record.model, record.version) == (2, 7, "model.json", __version__)
        assert record.probabilities == (0,) * 7 + (1, 0, 0)
        assert record.strokes == (((0.25, 0.5), (0.5, 0.75)),)
        assert record.image[3][3:7] == (0, 255, 128, 0)
        assert datetime.fromisoformat(record.time).utcoffset() is not None

    def test_lists_and_arrays_are_the_same(self) -> None:
        strokes = np.array([[[0.5, 0.1], [0.5, 0.9]]])
        assert correction(strokes=strokes, image=np.zeros((28, 28), np.uint8)) == correction()
        assert len({correction(), correction()}) == 1

    def test_a_picture_has_no_strokes(self) -> None:
        assert correction(strokes=[]).strokes == ()

    def test_an_image_of_shares_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"^image must be 28 rows of 28 whole numbers from 0 to 255$"):
            correction(image=np.zeros((28, 28), np.float32))


class TestExamples:
    def test_are_bytes_like_mnists(self) -> None:
        image = np.arange(784).reshape(28, 28) % 256
        learned = examples([correction(3, image=image), correction(4)])
        assert (learned.x.shape, learned.x.dtype, learned.y.dtype) == ((2, 28, 28), np.uint8, np.uint8)
        np.testing.assert_array_equal(learned.x[0], image)
        assert learned.y.tolist() == [3, 4]

    def test_of_none(self) -> None:
        assert examples([]).x.shape == (0, 28, 28)


WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from apps.mnist import corrections
from apps.mnist.corrections import append, read, remove_last
corrections.PATIENCE = 60  # the other one does not pause
path = Path(sys.argv[1])
[record] = read(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for number in range(40):
    append(path, replace(record, label=int(sys.argv[3]), predicted=number % 10))
    if number % 4 == 3:
        assert remove_last(path, replace(record, label=int(sys.argv[3]), predicted=number % 10))
"""


def test_two_programs_that_write_at_once_lose_nothing(file: Path, tmp_path: Path) -> None:
    append(tmp_path / "one.jsonl", correction())
    command = [sys.executable, "-c", WRITER, str(file), str(tmp_path / "one.jsonl")]
    processes = [
        subprocess.Popen([*command, label], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for label in ("3", "8")
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    records = [(record.label, record.predicted) for record in read(file)]
    expected = [number % 10 for number in range(40) if number % 4 != 3]
    for label in (3, 8):
        assert [predicted for given, predicted in records if given == label] == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corrections.jsonl", "one.jsonl"]


def test_a_file_that_somebody_keeps_locked_is_an_os_error(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(file, correction())
    monkeypatch.setattr(corrections, "PATIENCE", 0)
    with corrections._locked(file):
        for write in (append, remove_last):
            with pytest.raises(OSError, match="is used by this process already"):
                write(file, correction())
    assert read(file) == [correction()]


def test_taking_back_from_no_file_makes_nothing(file: Path) -> None:
    assert not remove_last(file.parent / "none" / "file.jsonl", correction())
    assert not any(file.parent.iterdir())
