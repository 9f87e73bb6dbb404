"""Files that cannot be read, and texts that describe a single component."""

from __future__ import annotations

from pathlib import Path

import pytest

from framework.config import ConfigError, component, load
from framework.layers import registry


def refused(path: Path | str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path)
    [problem] = caught.value.problems
    assert (problem.file, problem.line, problem.column) == (str(path), 1, 1)
    return problem.message


def test_a_missing_file_is_answered_with_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "mnist_mlp.yaml").write_text("")
    near = tmp_path / "mnist_mlp.yaml"
    assert refused(tmp_path / "mnist_mpl.yaml") == f"there is no such file; did you mean {near}?"
    assert refused(tmp_path / "nowhere" / "a.yaml") == "there is no such file"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert refused(tmp_path).startswith("this file cannot be read: ")


def test_a_name_that_no_file_can_have() -> None:
    assert refused("a\0.yaml").startswith("this file cannot be read: ")


def test_a_file_that_is_too_long(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"#" * 300_000)
    assert refused(path) == "this is longer than 128 KiB; a configuration is shorter"


def test_byte_order_mark_and_windows_line_ends(tmp_path: Path, good: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + good.replace("\n", "\r\n").encode())
    assert load(path).settings.model.name == "small"
    path.write_bytes(b"\xef\xbb\xbf" + good.replace("momentum", "x").replace("\n", "\r\n").encode())
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert (caught.value.problems[0].line, caught.value.problems[0].column) == (15, 39)
    assert "\r" not in str(caught.value)


class TestComponent:
    def test_is_created_from_its_name_or_with_arguments(self) -> None:
        assert component("flatten", registry).registered_name == "flatten"
        assert component("dense: {units: 3, activation: relu}", registry).get_config()["units"] == 3
        assert component("{leaky_relu: 0.2}", registry).get_config()["negative_slope"] == 0.2

    @pytest.mark.parametrize(
        ("text", "column", "message"),
        [
            ("dens: 3", 1, "unknown layer 'dens'; did you mean 'dense'?"),
            ("dense: {units: many}", 16, "units of dense must be "),
            ("dense: {unit: 3}", 9, "unknown key 'unit' in dense; did you mean 'units'?"),
            ("dense: {units: 0}", 16, "Dense: units must be "),
            ("3", 1, "this must be a layer, got 3"),
            ("", 1, "this must be a layer, got null"),
            ("dense: [", 9, "a value is missing here"),
        ],
    )
    def test_mistakes_are_told_as_in_a_file(self, text: str, column: int, message: str) -> None:
        with pytest.raises(ConfigError) as caught:
            component(text, registry, name="--layer")
        [problem] = caught.value.problems
        assert (problem.file, problem.line, problem.column) == ("--layer", 1, column)
        assert problem.message.startswith(message)
