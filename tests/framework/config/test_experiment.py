"""Loading, building, running and writing an experiment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framework.callbacks import BackupAndRestore, Callback
from framework.config import ConfigError, Experiment, load, loads
from framework.data.datasets import registry as datasets
from framework.threads import get_threads, limited_to

from .conftest import Stripes


def refused(text: str, *overrides: str) -> str:
    with pytest.raises(ConfigError) as caught:
        loads(text, overrides)
    [problem] = caught.value.problems
    return problem.message


def test_a_file_is_built_and_run(good: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(good)
    experiment = load(path, ["train.epochs=30", "callbacks="])
    history = experiment.run()
    assert len(history.epoch) == 30
    assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert history.history["val_accuracy"][-1] == 1.0
    assert experiment.data is not None
    assert experiment.data.source == "stripes"
    assert experiment.model is not None
    assert experiment.model.name == "small"


def test_each_build_is_a_fresh_model_with_the_same_weights(good: str) -> None:
    experiment = loads(good)
    first, second = experiment.build(), experiment.build()
    assert first is not second
    assert first.compiled
    assert np.array_equal(first.parameters.value, second.parameters.value)
    other = loads(good, ["seed=1"]).build()
    assert not np.array_equal(first.parameters.value, other.parameters.value)


def test_two_runs_give_the_same_bits(good: str) -> None:
    experiment = loads(good)
    weights = []
    for _ in range(2):
        experiment.run()
        assert experiment.model is not None
        weights.append(experiment.model.parameters.value.copy())
    assert np.array_equal(*weights)
    assert Stripes.loads == 1  # the data is kept


def test_a_null_seed_is_fresh_entropy(good: str) -> None:
    experiment = loads(good, ["seed=null"])
    assert not np.array_equal(experiment.build().parameters.value, experiment.build().parameters.value)


def test_defaults_are_those_of_keras(good: str) -> None:
    settings = loads("model: {layers: [{dense: 1}]}\nloss: mse").settings
    assert (settings.seed, settings.train.epochs, settings.train.batch_size) == (42, 1, 32)
    assert settings.train.shuffle
    assert settings.optimizer == "rmsprop"


def test_the_model_s_type(good: str) -> None:
    experiment = loads(good, ["model.dtype=float64"])
    experiment.run()
    assert experiment.model is not None
    assert experiment.model.parameters.dtype == np.float64


def test_the_shape_can_come_from_the_data(good: str) -> None:
    experiment = loads(good.replace("  input: [4, 4]\n", ""))
    experiment.run()
    assert experiment.model is not None
    assert experiment.model.input_shape == (4, 4)


def test_more_callbacks_can_be_given(good: str) -> None:
    class Counter(Callback):
        epochs = 0

        def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
            self.epochs += 1

    counter = Counter()
    loads(good).run(callbacks=[counter], verbose=0)
    assert counter.epochs == 2


@pytest.mark.parametrize(("override", "during"), [("threads=2", 2), ("threads=null", 3), ("threads=1", 1)])
def test_a_run_has_the_threads_of_its_file_and_leaves_the_setting_as_it_was(
    good: str, override: str, during: int
) -> None:
    seen = []

    class Watch(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(get_threads())

    with limited_to(3):
        loads(good, [override]).run(callbacks=[Watch()])
        assert set(seen) == {during}
        assert get_threads() == 3


def test_threads_stay_in_a_file_that_is_written(good: str) -> None:
    assert "threads" not in loads(good).to_yaml()
    assert "threads: 2\n" in loads(good, ["threads=2"]).to_yaml()


def test_training_images_are_augmented_and_validation_images_are_not(good: str) -> None:
    plain, augmented = (loads(good, [f"augment={a}"]).run() for a in ("[]", "[{random_affine: {shift: 2}}]"))
    assert plain.history["loss"] != augmented.history["loss"]
    frozen = ["optimizer.learning_rate=0", "augment=[{random_affine: {shift: 2}}]"]
    history = loads(good, frozen).run().history
    assert history["val_loss"][0] == history["val_loss"][1]
    assert history["loss"][0] != history["loss"][1]


def test_a_run_with_augmentation_goes_on_where_it_was_cut_off(good: str, tmp_path: Path) -> None:
    class Crash(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch == 1:
                raise KeyboardInterrupt

    overrides = ["train.epochs=4", "callbacks=", "augment=[{random_affine: {shift: 2, rotation: 20}}]"]
    whole, cut, resumed = (loads(good, overrides) for _ in range(3))
    whole.run()
    with pytest.raises(KeyboardInterrupt):
        cut.run([BackupAndRestore(str(tmp_path)), Crash()])
    resumed.run([BackupAndRestore(str(tmp_path))])
    assert whole.model is not None
    assert resumed.model is not None
    np.testing.assert_array_equal(resumed.model.parameters.value, whole.model.parameters.value)


@pytest.mark.parametrize(
    "override", ["train.class_weight={0: 5, 1: 0.5}", "train.steps_per_epoch=1", "train.shuffle=false"]
)
def test_the_keys_of_train_reach_fit(good: str, override: str) -> None:
    assert loads(good).run().history["loss"] != loads(good, [override]).run().history["loss"]


def test_validation_every_other_epoch(good: str) -> None:
    history = loads(good, ["train.validation_freq=2", "callbacks=", "train.validation_steps=1"]).run().history
    assert len(history["loss"]) == 2
    assert len(history["val_loss"]) == 1


def test_a_share_is_held_back_where_the_data_has_no_validation(good: str) -> None:
    overrides = ["data.validation=0", "train.validation_split=0.25"]
    assert "val_loss" in loads(good, overrides).run().history


def test_a_monitor_of_validation_without_validation(good: str) -> None:
    experiment = loads(good, ["data.validation=0"])
    with pytest.raises(ConfigError) as caught:
        experiment.run()
    [problem] = caught.value.problems
    assert problem.line == 19
    assert "there is no validation data" in problem.message


def test_data_of_another_shape(good: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loads(good, ["model.input=16"]).run()
    assert caught.value.problems[0].message == (
        "the data has examples of shape [4, 4]; write input: [4, 4], or leave it out"
    )


def test_data_that_the_layers_cannot_take(good: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loads(good.replace("  input: [4, 4]\n", "").replace("flatten", "reshape: [5]")).run()
    assert caught.value.problems[0].line == 6


def test_targets_that_do_not_fit_the_loss(good: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loads(good, ["model.layers.0=relu"]).run()
    assert (caught.value.problems[0].line, caught.value.problems[0].column) == (14, 7)


def test_running_needs_data(good: str) -> None:
    experiment = loads(good.replace("data: {stripes: {size: 64}}\n", ""))
    assert experiment.build().compiled
    with pytest.raises(ConfigError, match="missing key 'data' at the top level; add 'data: …'"):
        experiment.run()


def test_a_dataset_that_nobody_has_imported(good: str) -> None:
    assert refused(good, "data=strips").startswith("unknown dataset 'strips'; did you mean 'stripes'?")
    datasets._classes.clear()
    datasets._names.clear()
    assert refused(good) == (
        "unknown dataset 'stripes': none is registered; first import the module that registers it, "
        "as 'import apps.mnist.data' does for the dataset 'mnist'"
    )


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed=-1", "seed must be at least 0, got -1"),
        ("threads=0", "threads must be at least 1, got 0"),
        ("threads=true", "threads must be an integer, got true"),
        ("train.epochs=0", "epochs of train must be at least 1, got 0"),
        ("train.validation_split=1", "validation_split of train must be at least 0 and less than 1, got 1.0"),
        ("train.verbose=3", "verbose of train must be 'auto', 0, 1 or 2, got 3"),
        ("model.name=a/b", "name of model must be a text without '/', which separates names, got 'a/b'"),
        ("model.layers=[input: [4, 4]]", "this is all that layers of model has; list at least one layer behind it"),
        ("model.layers=[]", "layers of model is empty; list at least one layer"),
        (
            "model.dtype=float16",
            "dtype of model must be 'float32' or 'float64', got 'float16'; did you mean 'float64'?",
        ),
        (
            "metrics=accuracy",
            "metrics must be a list, each item a metric, got 'accuracy'; put it in a list: [accuracy]",
        ),
    ],
)
def test_values_out_of_range(good: str, override: str, message: str) -> None:
    assert refused(good, override) == message


def test_an_input_shape_of_no_counts(good: str) -> None:
    assert refused(good, "model.input=[4, 0]").startswith("input of model must ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there is nothing here; an experiment has at least the keys model and loss"),
        (
            "# all commented out\n",
            "there is nothing here; an experiment has at least the keys model and loss",
        ),
        (
            "- a",
            "an experiment must be a mapping (keys: seed, threads, data, augment, model, loss, optimizer, metrics, "
            "weighted_metrics, train, checkpoint, callbacks), got [a]",
        ),
    ],
)
def test_files_that_are_no_experiment(text: str, message: str) -> None:
    assert refused(text) == message


def test_an_empty_file_can_be_filled_by_overrides() -> None:
    assert loads("", ["model={layers: [{dense: 1}]}", "loss=mse"]).build().compiled


def test_empty_keys_count_as_left_out(good: str) -> None:
    text = good.replace("metrics: [accuracy]", "metrics:").replace("train: {epochs: 2", "train:\n#  {epochs: 2")
    text = text[: text.index("callbacks:")] + "callbacks:\n"
    settings = loads(text).settings
    assert (list(settings.metrics), settings.train.epochs, list(settings.callbacks)) == ([], 1, [])


def test_the_resolved_experiment_is_an_experiment(good: str) -> None:
    experiment = loads(good, ["train.class_weight={0: 2}", "augment=[random_affine]"])
    text = experiment.to_yaml()
    again = loads(text)
    assert again.to_yaml() == text
    assert experiment.run().history == again.run().history


def test_the_resolved_experiment_has_the_defaults(good: str) -> None:
    text = loads(good).to_yaml()
    assert "learning_rate: 0.1, momentum: 0.9, nesterov: false, use_ema: false" in text
    assert "validation_freq: 1" in text
    assert "    - dense: {units: 16, use_bias: true, kernel_initializer: he_normal, bias_initializer: zeros}" in text
    assert "seed: 42\n" in text
    assert "seed: null\n" in loads(good, ["seed=null"]).to_yaml()


def test_a_callback_with_functions_stays_as_it_was_written(good: str) -> None:
    assert "- lambda_callback\n" in loads(good, ["callbacks=[lambda_callback]"]).to_yaml()


def test_an_experiment_is_the_public_class(good: str) -> None:
    assert isinstance(loads(good), Experiment)
