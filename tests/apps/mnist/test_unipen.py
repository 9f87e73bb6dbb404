"""Digits as pen strokes: what is right is read, whatever is wrong is refused by its line."""

from __future__ import annotations

import base64
import gzip
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from apps.mnist import unipen
from apps.mnist.files import DataError
from apps.mnist.preprocess import image_from_strokes
from apps.mnist.unipen import FILE, file_in, read_pen_digits, training_file

HEAD = """\
.INCLUDE        dene.doc

.LEXICON "0" "1" "2" "3" "4" "5" "6" "7" "8" "9"
.HIERARCHY      DIGIT

"""
ONE = """\
.SEGMENT DIGIT    0 ? "1"
.COMMENT 1 12  224
.PEN_DOWN
 250  400
 251  300
 250    0
.PEN_UP
.DT 100
"""
FOUR = """\

.SEGMENT DIGIT 1-2 ? "4"
.COMMENT 4  3    7
.PEN_DOWN
 100  500
 100  250
 300  250
.PEN_UP
.DT 100
.PEN_DOWN
   0    1
.PEN_UP
.DT 100
"""
GOOD = HEAD + ONE + FOUR
COMPRESSED = base64.b85decode(
    "ADxgck~kT{qzaKDAQCD}NT!UNGA_ux8KXdf3noRdBpLF=2?!A|M0|`PQiP0>GfL7ZS)-(lk~d1?D49cqMI=dzNC_fk2$C!d6B0>s"
    "Bng#@E~XSY(xiwJDj<dyg{lw+h#w<uy5QKP=~ECfz{*G{Lk10tP@H}t^5lvW1t4V9unK|(3>a|bh6OR>Zr-^I@w!Os<VzJO7KuQO"
    ";n$*4rcR+sH43)HSgayeTIA{#Dvg9Q7T!RsmaSX3jOotB3-&JAxp4c^l`ELAVZ<&Jx2|2f?c1sgV~{R<IPqe?"
)
"""GOOD, as the program `compress` packs it."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / FILE
    path.write_text(GOOD)
    return path


def assert_good(path: Path | str) -> None:
    one, four = read_pen_digits(path)
    assert (one.label, one.writer, four.label, four.writer) == (1, 12, 4, 3)
    found = [stroke.tolist() for digit in (one, four) for stroke in digit.strokes]
    assert found == [[[250, 100], [251, 200], [250, 500]], [[100, 0], [100, 250], [300, 250]], [[0, 499]]]
    assert [len(digit.strokes) for digit in (one, four)] == [1, 2]
    assert all(stroke.dtype == np.float64 for digit in (one, four) for stroke in digit.strokes)


class TestGoodFiles:
    def test_a_file(self, file: Path) -> None:
        assert_good(file)

    def test_a_folder(self, file: Path) -> None:
        assert_good(file.parent)
        assert_good(str(file.parent))

    def test_home(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(file.parent))
        monkeypatch.setenv("USERPROFILE", str(file.parent))
        assert_good(f"~/{FILE}")

    def test_gzipped(self, file: Path) -> None:
        packed = file.with_name(f"{FILE}.gz")
        packed.write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
        assert_good(packed)
        assert_good(file.parent)

    def test_the_bytes_tell_what_is_gzipped_not_the_name(self, file: Path) -> None:
        file.write_bytes(gzip.compress(file.read_bytes()))
        assert_good(file)

    def test_in_the_form_that_uci_serves(self, tmp_path: Path) -> None:
        (tmp_path / f"{FILE}.Z").write_bytes(COMPRESSED)
        assert_good(tmp_path)
        assert_good(tmp_path / f"{FILE}.Z")

    def test_the_file_of_a_folder(self, file: Path) -> None:
        assert training_file(file.parent) == training_file(str(file)) == file
        packed = file.rename(file.with_name(f"{FILE}.gz"))
        assert training_file(file.parent) == packed
        assert file_in(file.parent, "pendigits-orig.tes") is None

    def test_another_name(self, file: Path) -> None:
        assert_good(file.rename(file.with_name("pendigits-orig.tes")))

    @pytest.mark.parametrize(
        "text",
        [
            GOOD.replace("\n", "\r\n"),
            GOOD.replace("\n", "\n\n"),
            GOOD.replace(".DT 100\n", ""),
            GOOD.rstrip("\n"),
            ONE + FOUR,
        ],
        ids=["carriage returns", "blank lines", "no times", "no last newline", "no head"],
    )
    def test_what_makes_no_difference(self, file: Path, text: str) -> None:
        file.write_bytes(text.encode())
        assert_good(file)

    def test_is_what_the_preprocessing_takes(self, file: Path) -> None:
        one, _ = read_pen_digits(file)
        image = image_from_strokes(one.strokes)
        assert image is not None
        assert image.shape == (28, 28)


class TestBadFiles:
    @pytest.mark.parametrize(
        ("old", "new", "line", "expected"),
        [
            (".PEN_UP", ".PEN_SIDE", 12, "'.PEN_SIDE', expected a point, x and y from 0 to 500, or .PEN_UP"),
            (".DT 100", ".SPEED 3", 13, "'.SPEED 3', expected .SEGMENT, or the end of the file, behind the 1 stroke"),
            (".DT 100", ".DT", 13, "'.DT', expected .DT and a time"),
            (".PEN_DOWN", ".PEN_DOWN 1", 8, "'.PEN_DOWN 1', expected .PEN_DOWN"),
            (".PEN_DOWN", " 251  300", 8, "'251 300', expected .PEN_DOWN"),
            (" 251  300\n", " 251\n", 10, "'251', expected a point"),
            (" 251  300\n", " 251  300 1\n", 10, "'251 300 1', expected a point"),
            (" 251  300\n", " 251  x\n", 10, "'251 x', expected a point"),
            (" 251  300\n", " 251  3.5\n", 10, "'251 3.5', expected a point"),
            (" 251  300\n", " 251  nan\n", 10, "'251 nan', expected a point"),
            (" 251  300\n", " 251  -3\n", 10, "'251 -3', expected a point"),
            (" 251  300\n", " 251  501\n", 10, "'251 501', expected a point"),
            (" 251  300\n", " 251  1_0\n", 10, "'251 1_0', expected a point"),
            (" 251  300\n", " 251  3²\n", 10, r"'251 3\\xc2\\xb2', expected a point"),
            (" 251  300\n", f" 251  {'9' * 5000}\n", 10, f"'251 {'9' * 53}...', expected a point"),
            (" 250  400\n 251  300\n 250    0\n", "", 9, "'.PEN_UP', expected at least one point behind .PEN_DOWN"),
            ('? "1"', '? "x"', 6, """'.SEGMENT DIGIT 0 ? "x"', expected .SEGMENT DIGIT, its first and last stroke"""),
            ('? "1"', '? "10"', 6, 'and the label from "0" to "9" in quotes'),
            ('? "1"', "? 1", 6, 'and the label from "0" to "9" in quotes'),
            ("0 ?", "?", 6, "expected .SEGMENT DIGIT, its first"),
            ("0 ?", "1-0 ?", 6, "expected .SEGMENT DIGIT, its first"),
            ("0 ?", "0-1-2 ?", 6, "expected .SEGMENT DIGIT, its first"),
            ("0 ?", "-1 ?", 6, "expected .SEGMENT DIGIT, its first"),
            ("DIGIT    0", "LETTER 0", 6, "expected .SEGMENT DIGIT, its first"),
            ("0 ?", "0-1 ?", 15, "expected .PEN_DOWN"),
            ("0 ?", "0-999999999 ?", 15, "expected .PEN_DOWN"),
            (' 1-2 ? "4"', ' 1 ? "4"', 23, "'.PEN_DOWN', expected .SEGMENT, or the end of the file, behind the 1"),
            (".COMMENT 1 12  224\n", "", 7, "'.PEN_DOWN', expected .COMMENT, the label 1 again, the writer"),
            (".COMMENT 1 12  224", ".COMMENT 1 12", 7, "expected .COMMENT"),
            (".COMMENT 1 12  224", ".COMMENT 1 me 224", 7, "expected .COMMENT"),
            (".COMMENT 1 12  224", ".COMMENT 2 12 224", 7, "'.COMMENT 2 12 224', expected .COMMENT, the label 1 again"),
            (".LEXICON", "LEXICON", 3, "expected a UNIPEN line, which begins with a dot"),
        ],
    )
    def test_a_line(self, file: Path, old: str, new: str, line: int, expected: str) -> None:
        assert old in GOOD
        file.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(DataError) as error:
            read_pen_digits(file)
        assert str(error.value).startswith(f"{file}, line {line}: ")
        assert expected in str(error.value)
        assert str(error.value).endswith("; fetch the file again")
        assert len(str(error.value)) < len(str(file)) + 250

    def test_every_cut(self, file: Path) -> None:
        """A file that ends too early is one with fewer digits only where it ends between two of them."""
        whole = [len(HEAD + ONE), len(GOOD)]
        for length in range(len(GOOD)):
            file.write_text(GOOD[:length])
            try:
                digits = read_pen_digits(file)
            except DataError:
                continue
            # The time behind the last stroke, which may be missing, and the blank line before the next digit.
            assert -9 <= length - whole[len(digits) - 1] <= 1

    def test_says_that_it_is_cut_short(self, file: Path) -> None:
        file.write_text(GOOD[: GOOD.index("   0    1")])
        with pytest.raises(DataError, match=r"is cut short: it ends where at least one point .* is expected; fetch"):
            read_pen_digits(file)

    def test_every_cut_of_a_gzipped_file(self, file: Path) -> None:
        packed = gzip.compress(GOOD.encode())
        for length in range(len(packed)):
            file.write_bytes(packed[:length])
            with pytest.raises(DataError, match=FILE):
                read_pen_digits(file)

    @pytest.mark.parametrize("damage", [b"more", b"\0" * 3 + b"\1"])
    def test_more_behind_the_end_of_a_gzipped_file(self, file: Path, damage: bytes) -> None:
        file.write_bytes(gzip.compress(GOOD.encode()) + damage)
        with pytest.raises(DataError, match=f"{FILE}: cannot be read"):
            read_pen_digits(file)

    @pytest.mark.parametrize("text", ["", "\n\n", HEAD])
    def test_no_digits(self, file: Path, text: str) -> None:
        file.write_text(text)
        with pytest.raises(DataError, match=f"{FILE}: holds no digits .*; give UCI's {FILE}"):
            read_pen_digits(file)

    def test_another_kind_of_file(self, file: Path) -> None:
        file.write_bytes(bytes(range(256)))
        with pytest.raises(DataError, match=r"line 1: .*, expected a UNIPEN line"):
            read_pen_digits(file)

    def test_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="nowhere: no such file or folder; check the path"):
            read_pen_digits(tmp_path / "nowhere")

    def test_a_folder_without_it(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match=f"has no file {FILE} or {FILE}.gz; give the folder"):
            read_pen_digits(tmp_path)

    @pytest.mark.parametrize(("name", "content"), [(f"{FILE}.Z", GOOD.encode()), (FILE, b"\x1f\x9d\x90\xff\x03")])
    def test_what_compress_did_not_write(self, tmp_path: Path, name: str, content: bytes) -> None:
        (tmp_path / name).write_bytes(content)
        for path in (tmp_path, tmp_path / name):
            with pytest.raises(DataError, match=f"{name}: (does not begin as|holds the code).*; fetch the file again"):
                read_pen_digits(path)

    @pytest.mark.parametrize("packed", [False, True])
    def test_too_large(self, file: Path, packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(unipen, "LIMIT", len(GOOD))
        content = GOOD.encode()
        file.write_bytes(gzip.compress(content) if packed else content)
        assert_good(file)
        file.write_bytes(gzip.compress(content + b"\n") if packed else content + b"\n")
        with pytest.raises(DataError, match=f"holds more than {len(GOOD)} bytes of text"):
            read_pen_digits(file)

    def test_a_bomb_stays_packed(self, file: Path) -> None:
        file.write_bytes(gzip.compress(bytes(4 * unipen.LIMIT), 1))
        with pytest.raises(DataError, match="holds more than 4,194,304 bytes of text"):
            read_pen_digits(file)


@pytest.mark.slow
def test_all_of_the_file() -> None:
    folder = os.environ.get("PENDIGITS_DIR")
    if not folder:
        pytest.skip(f"needs UCI's pen digits: set PENDIGITS_DIR to a folder with {FILE} or {FILE}.gz")
    digits = read_pen_digits(folder)
    assert len(digits) == 7494
    assert sorted(Counter(digit.writer for digit in digits)) == list(range(1, 31))
    assert Counter(len(digit.strokes) for digit in digits) == {1: 5564, 2: 1921, 3: 9}
    assert min(Counter(digit.label for digit in digits).values()) == 719
    points = np.concatenate([stroke for digit in digits for stroke in digit.strokes])
    assert points.shape == (304_216, 2)
    assert points.min(axis=0).tolist() == [44, 51]
    assert points.max(axis=0).tolist() == [439, 488]
    # People begin most digits at the top: y points down.
    assert np.mean([digit.strokes[0][0, 1] < digit.strokes[-1][-1, 1] for digit in digits]) > 0.8
