"""The table of layers."""

from __future__ import annotations

import pytest

from framework import Input, Sequential, layers
from framework.layers import Layer
from framework.summary import summarize


def test_the_table_is_in_the_format_of_keras() -> None:
    model = Sequential([Input((28, 28)), layers.Flatten(), layers.Dense(128, "relu"), layers.Dense(10)], name="digits")
    assert summarize(model, line_length=60).splitlines() == [
        'Model: "digits"',
        "┏━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━┓",
        "┃ Layer (type)             ┃ Output Shape      ┃   Param # ┃",
        "┡━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━┩",
        "│ flatten (Flatten)        │ (None, 784)       │         0 │",
        "├──────────────────────────┼───────────────────┼───────────┤",
        "│ dense (Dense)            │ (None, 128)       │   100,480 │",
        "├──────────────────────────┼───────────────────┼───────────┤",
        "│ dense_1 (Dense)          │ (None, 10)        │     1,290 │",
        "└──────────────────────────┴───────────────────┴───────────┘",
        " Total params: 101,770 (397.54 KB)",
        " Trainable params: 101,770 (397.54 KB)",
        " Non-trainable params: 0 (0.00 B)",
    ]


def test_frozen_layers_count_as_non_trainable_and_are_marked_on_request() -> None:
    model = Sequential([Input((4,)), layers.Dense(3, trainable=False), layers.Dropout(0.5), layers.Dense(2)])
    text = summarize(model, show_trainable=True)
    assert [line.split("│")[4].strip() for line in text.splitlines() if line.startswith("│")] == ["N", "-", "Y"]
    assert " Trainable params: 8 (32.00 B)" in text
    assert " Non-trainable params: 15 (60.00 B)" in text


def test_columns_are_as_wide_as_those_of_keras() -> None:
    """Widths that Keras 3.15 prints by default, with and without the column of what may be trained."""
    model = Sequential([Input((4,)), layers.Dense(3)])
    assert [len(part) for part in summarize(model).splitlines()[1].strip("┏┓").split("┳")] == [38, 29, 17]
    wide = summarize(model, show_trainable=True)
    assert [len(part) for part in wide.splitlines()[1].strip("┏┓").split("┳")] == [
        39,
        31,
        16,
        11,
    ]  # not cut to "Traina…"


def test_layers_inside_are_shown_on_request() -> None:
    inner = Sequential([Input((4,)), layers.Dense(2), layers.Dense(4)], name="inner")
    model = Sequential([Input((4,)), inner, layers.Residual([layers.Dense(4)])])
    assert names(summarize(model)) == ["inner (Sequential)", "residual (Residual)"]
    assert names(summarize(model, expand_nested=True)) == [
        "inner (Sequential)",
        "└ dense (Dense)",
        "└ dense_1 (Dense)",
        "residual (Residual)",
        "└ dense (Dense)",
    ]


def names(text: str) -> list[str]:
    return [line.split("│")[1].strip() for line in text.splitlines() if line.startswith("│")]


class TestRange:
    model = Sequential([Input((4,)), *(layers.Dense(4, name=name) for name in ("a", "b1", "b2", "c"))])

    def test_shows_from_one_layer_to_another(self) -> None:
        assert names(summarize(self.model, layer_range=["a", "b1"])) == ["a (Dense)", "b1 (Dense)"]
        assert names(summarize(self.model, layer_range=["b", "b"])) == ["b1 (Dense)", "b2 (Dense)"]

    def test_names_the_layers_when_there_is_no_such_one(self) -> None:
        with pytest.raises(ValueError, match=r"has no layer 'd' \(layers: a, b1, b2, c\)"):
            summarize(self.model, layer_range=["a", "d"])

    def test_needs_two_names(self) -> None:
        with pytest.raises(ValueError, match="must be the names of two layers"):
            summarize(self.model, layer_range=["a"])


def test_positions_must_fit_the_columns() -> None:
    with pytest.raises(ValueError, match="positions must be 3 rising shares"):
        summarize(Sequential([Input((4,))]), positions=[0.5, 1.0])


def test_the_optimizer_does_not_count() -> None:
    model = Sequential([Input((4,)), layers.Dense(3)])
    before = summarize(model)
    model.compile("adam", "mse")
    assert summarize(model) == before


class Scalar(Layer):
    def build(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return ()


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (Sequential(), None),
        (Sequential([Input((4,))]), None),
        (Sequential([layers.Dense(3)]), "?"),
        (Sequential([Sequential([layers.Dense(3)])]), "?"),
        (Sequential([Input((4,)), Sequential([layers.Dense(3)])]), "(None, 3)"),
        (Sequential([Input((4,)), Scalar()]), "(None,)"),
    ],
    ids=["empty", "only an input", "unbuilt", "unbuilt and nested", "nested", "scalars"],
)
def test_any_model_has_a_summary(model: Sequential, shape: str | None) -> None:
    rows = [line for line in summarize(model).splitlines() if line.startswith("│")]
    assert [row.split("│")[2].strip() for row in rows] == ([] if shape is None else [shape])
    assert all(("0 (unbuilt)" in row) == (shape == "?") for row in rows)


def test_a_long_name_widens_the_table_and_is_never_cut() -> None:
    model = Sequential([Input((4,)), layers.Dense(3, name="a_name_that_is_longer_than_any_column_would_be_by_itself")])
    lines = summarize(model, line_length=40).splitlines()
    assert "a_name_that_is_longer_than_any_column_would_be_by_itself (Dense)" in lines[4]
    assert len({len(line) for line in lines[1:6]}) == 1


def test_summary_prints_or_hands_the_text_on(capsys: pytest.CaptureFixture[str]) -> None:
    model, texts = Sequential([Input((4,)), layers.Dense(3)]), []
    model.summary()
    model.summary(print_fn=texts.append)
    assert capsys.readouterr().out == texts[0] + "\n"


@pytest.mark.parametrize(
    ("units", "dtype", "size"),
    [
        (1, "float32", "4 (16.00 B)"),
        (1000, "float64", "4,000 (31.25 KB)"),
        (700_000, "float32", "2,800,000 (10.68 MB)"),
    ],
)
def test_sizes_follow_the_type_in_steps_of_1024(units: int, dtype: str, size: str) -> None:
    assert f" Total params: {size}" in summarize(
        Sequential([Input((3,)), layers.Dense(units, kernel_initializer="zeros")], dtype=dtype)
    )
