"""Whether the parts of an experiment fit each other: found before any data is loaded."""

from __future__ import annotations

import numpy as np
import pytest

from framework.callbacks import Callback, EarlyStopping, Logs
from framework.callbacks import registry as callbacks
from framework.config import ConfigError, loads
from framework.config.checks import Checks
from framework.config.errors import Problems, Source
from framework.config.reader import read
from framework.parameters import ParameterVector

from .conftest import Stripes


def problems(text: str, *overrides: str) -> list[tuple[int, str]]:
    try:
        loads(text, overrides)
    except ConfigError as error:
        return [(p.line if p.file != "command line" else 0, p.message) for p in error.problems]
    return []


def test_a_good_file_has_no_problems_and_loads_no_data(good: str) -> None:
    assert problems(good) == []
    assert Stripes.loads == 0


def test_nothing_is_allocated(good: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    original = ParameterVector.__init__

    def spy(self: ParameterVector, *arguments: object, **named: object) -> None:
        original(self, *arguments, **named)  # type: ignore[arg-type]
        sizes.append(self.size)

    monkeypatch.setattr(ParameterVector, "__init__", spy)
    loads(good)
    assert sum(sizes) == 0


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("reshape: [3, -1]", "layer 'reshape' cannot arrange (4, 4) (16 numbers) as (3, -1)"),
        (
            "input: [3, 3]",
            "an example has the shape [3, 3] here, but [4, 4] in the data or in the model's 'input'",
        ),
    ],
)
def test_shapes_are_followed_through_the_layers(good: str, layer: str, message: str) -> None:
    [(line, found)] = problems(good.replace("- flatten", f"- {layer}\n    - flatten"))
    assert line == 7
    assert found.startswith(message)


def test_a_shape_goes_wrong_in_a_later_layer(good: str) -> None:
    [(line, _)] = problems(good.replace("- dense: 2", "- reshape: [3]"))
    assert line == 12


def test_shapes_are_followed_up_to_a_layer_that_is_wrong(good: str) -> None:
    text = good.replace("- flatten", "- reshape: [5]").replace("dense: 8", "dense: x")
    assert [line for line, _ in problems(text)] == [7, 10]


def test_an_input_layer_gives_the_shape(good: str) -> None:
    text = good.replace("  input: [4, 4]\n", "").replace("- flatten", "- input: [4, 4]\n    - reshape: [5]")
    assert [line for line, _ in problems(text)] == [7]


def test_without_an_input_shape_the_shapes_are_left_to_the_data(good: str) -> None:
    assert problems(good.replace("  input: [4, 4]\n", "").replace("flatten", "reshape: [5]")) == []


def test_an_initializer_that_draws_matrices_only(good: str) -> None:
    [(line, message)] = problems(good.replace("dense: 8", "dense: {units: 8, bias_initializer: orthogonal}"))
    assert line == 10
    assert "Orthogonal needs two dimensions or more" in message


def test_two_layers_of_one_name(good: str) -> None:
    text = good.replace("- flatten", "- flatten\n    - {reshape: {target_shape: [16], name: a}}").replace(
        "- relu\n    - dense: 8", "- {dense: {units: 8, name: a}}"
    )
    [(line, message)] = problems(text)
    assert line == 10
    assert "a" in message
    assert "unique" in message


def test_an_input_in_the_middle(good: str) -> None:
    [(line, message)] = problems(good.replace("- dense: 8", "- input: [16]"))
    assert line == 10
    assert "an Input can only come first" in message


LOGITS = "{sparse_categorical_crossentropy: {from_logits: true}}"


@pytest.mark.parametrize("end", ["- dense: {units: 2, activation: softmax}", "- dense: 2\n    - activation: softmax"])
def test_softmax_in_another_layer_is_softmax(good: str, end: str) -> None:
    text = good.replace("- dense: 2\n    - softmax", end)
    [(_, message)] = problems(text, f"loss={LOGITS}")
    assert message.startswith("from_logits: true is for a model without softmax at its end")


def test_logits_are_fine_without_softmax(good: str) -> None:
    assert problems(good.replace("    - softmax\n", ""), f"loss={LOGITS}") == []


def test_sigmoid_with_binary_logits(good: str) -> None:
    text = good.replace("- dense: 2\n    - softmax", "- dense: 1\n    - sigmoid")
    assert problems(text, "loss=binary_crossentropy") == []
    [(_, message)] = problems(text, "loss={binary_crossentropy: {from_logits: true}}")
    assert "without sigmoid at its end" in message


def test_a_single_output_for_many_classes(good: str) -> None:
    [(line, message)] = problems(good.replace("dense: 2", "dense: 1"))
    assert line == 13
    assert message == (
        "sparse_categorical_crossentropy needs one output for each class, and the last layer has a single one; "
        "give it more units, or use the loss binary_crossentropy"
    )


@pytest.mark.parametrize("monitor", ["loss", "val_loss", "accuracy", "val_accuracy"])
def test_monitors_that_exist(good: str, monitor: str) -> None:
    assert problems(good, f"callbacks.0.monitor={monitor}") == []


def test_a_monitor_goes_by_the_name_a_metric_was_given(good: str) -> None:
    overrides = ("metrics=[acc, {accuracy: {name: hits}}]", "callbacks.0.monitor=val_hits")
    assert problems(good, *overrides) == []
    assert problems(good, "metrics=[acc]", "callbacks.0.monitor=val_acc") == []
    [(_, message)] = problems(good, "metrics=[acc]", "callbacks.0.monitor=val_accuracy")
    assert "'val_accuracy' will not be there" in message


def test_the_monitor_of_a_checkpoint(good: str) -> None:
    checkpoint = "{model_checkpoint: {filepath: a.json, monitor: val_acuracy, save_best_only: true}}"
    [(_, message)] = problems(good, f"callbacks=[{checkpoint}]")
    assert "did you mean 'val_accuracy'?" in message


class Noise(Callback):
    """A callback of a user's, with a figure for others to watch."""

    log_names = ("noise",)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        assert logs is not None
        logs["noise"] = 1.0 / (epoch + 1)


@pytest.fixture
def noise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callbacks, "_classes", dict(callbacks._classes))
    monkeypatch.setattr(callbacks, "_names", dict(callbacks._names))
    callbacks.register(Noise)


@pytest.mark.usefixtures("noise")
def test_what_a_callback_logs_may_be_watched_by_a_later_one(good: str) -> None:
    override = "callbacks=[noise, {early_stopping: {monitor: noise, patience: 3}}]"
    assert problems(good, override) == []
    assert loads(good, [override]).run().history["noise"] == [1.0, 0.5]


@pytest.mark.usefixtures("noise")
def test_what_a_later_callback_logs_comes_too_late(good: str) -> None:
    [(_, message)] = problems(good, "callbacks=[{early_stopping: {monitor: noise, patience: 3}}, noise]")
    assert message.endswith("list Noise before EarlyStopping")


@pytest.mark.parametrize("monitor", ["noise", "learning_rate"])
def test_what_no_callback_logs_is_refused_in_the_words_of_fit(good: str, monitor: str) -> None:
    [(line, message)] = problems(good, f"callbacks.0.monitor={monitor}")
    assert line == 0
    data = loads(good).load_data()
    assert data.validation is not None
    with pytest.raises(ValueError) as caught:
        loads(good).build().fit(
            data.train.x / 255,
            data.train.y,
            validation_data=(data.validation.x / 255, data.validation.y),
            verbose=0,
            callbacks=[EarlyStopping(monitor)],
        )
    assert message == str(caught.value)


def test_a_wrong_metric_does_not_make_the_monitor_wrong(good: str) -> None:
    [(_, message)] = problems(good, "metrics=[acuracy]", "callbacks.0.monitor=val_accuracy")
    assert message.startswith("unknown metric 'acuracy'; did you mean 'accuracy'?")


def test_two_metrics_of_one_name(good: str) -> None:
    [(line, message)] = problems(good.replace("[accuracy]", "[accuracy, accuracy]"))
    assert line == 16
    assert message == "two figures would be reported as 'accuracy': give a metric another name"


@pytest.mark.parametrize("text", ["", "loss: null", "loss: "])
def test_a_missing_loss(good: str, text: str) -> None:
    [(_, message)] = problems(good.replace("loss: sparse_categorical_crossentropy", text))
    assert message == "missing key 'loss' at the top level; add 'loss: …' (a loss, such as mean_squared_error)"


@pytest.mark.parametrize("reduction", ["none", "null"])
def test_a_loss_that_gives_many_numbers(good: str, reduction: str) -> None:
    loss = f"{{sparse_categorical_crossentropy: {{reduction: {reduction}}}}}"
    [(line, message)] = problems(good.replace("loss: sparse_categorical_crossentropy", f"loss: {loss}"))
    assert line == 14
    assert "gives a loss for every sample" in message


def test_targets_that_the_loss_cannot_compare(good: str) -> None:
    found = Problems()
    checks = Checks(read(Source("a.yaml", good), found), found)
    checks.targets_fit(np.array([0, 1]), (2,))
    assert len(found) == 0
    checks.targets_fit(np.array([0, 2]), (2,))
    [problem] = found.error().problems
    assert (problem.line, problem.column) == (14, 7)


def test_figures_that_are_no_list_are_told_once() -> None:
    with pytest.raises(ConfigError) as raised:
        loads(
            "model: {input: 4, layers: [{dense: 3}, softmax]}\nloss: sparse_categorical_crossentropy\n"
            "metrics: accuracy\ncallbacks: [{early_stopping: {monitor: val_accuracy}}]"
        )
    assert [problem.line for problem in raised.value.problems] == [3]
