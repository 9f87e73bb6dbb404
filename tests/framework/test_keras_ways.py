"""Ways of writing that Keras users bring along, and what they are told where there is no such way."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import framework as keras
from framework import Input, Sequential, layers
from framework.registry import ArgumentError

X = np.random.default_rng(0).standard_normal((12, 4)).astype(np.float32)
Y = X.sum(axis=1)


def regression(**compiled: Any) -> Sequential:
    model = Sequential([Input((4,)), layers.Dense(1)], seed=0)
    model.compile(**{"optimizer": "sgd", "loss": "mse"} | compiled)
    return model


class TestNames:
    def test_classes_have_the_names_that_keras_gives_them_beside_their_own(self) -> None:
        assert keras.regularizers.l2(0.1).l2 == 0.1
        assert keras.regularizers.l1_l2 is keras.regularizers.L1L2
        assert keras.initializers.he_normal is keras.initializers.HeNormal
        assert keras.constraints.max_norm(3).max_value == 3
        assert keras.optimizers.schedules.CosineDecay is keras.schedules.CosineDecay
        assert not hasattr(keras.initializers, "no_such_thing")

    def test_functions_of_the_activations_stand_for_their_classes(self) -> None:
        layer = layers.Dense(3, activation=keras.activations.gelu)
        assert layer.get_config()["activation"] == "gelu"
        assert layers.Activation(keras.activations.softmax).output_layer().__class__ is layers.Softmax

    @pytest.mark.parametrize("name", ["Layer", "models", "utils", "ops", "Model"])
    def test_what_is_elsewhere_is_pointed_at(self, name: str) -> None:
        with pytest.raises(AttributeError, match=f"module 'framework' has no attribute '{name}'; "):
            getattr(keras, name)
        with pytest.raises(AttributeError, match=r"has no attribute 'no_such_thing'$"):
            _ = keras.no_such_thing


class TestArguments:
    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (
                lambda: layers.Dense(3, activaton="relu"),
                "Dense: unknown argument 'activaton'; did you mean 'activation'?",
            ),
            (lambda: keras.optimizers.Adam(lr=0.1), "Adam: unknown argument 'lr'; did you mean 'learning_rate'?"),
            (lambda: keras.losses.Huber(detla=1.0), "Huber: unknown argument 'detla'; did you mean 'delta'?"),
        ],
    )
    def test_a_wrong_one_is_answered_with_the_right_one(self, make: Any, message: str) -> None:
        with pytest.raises(TypeError) as caught:
            make()
        assert str(caught.value).startswith(message)

    def test_those_of_a_family_need_not_be_listed(self) -> None:
        class Steady(keras.optimizers.Optimizer):
            def __init__(self, learning_rate: float = 0.1) -> None:
                super().__init__(learning_rate)

            def update(self, value: Any, grad: Any, learning_rate: float) -> None:
                value -= learning_rate * np.sign(grad)

        assert Steady(0.5, clipnorm=1.0).clipnorm == 1.0
        with pytest.raises(ArgumentError, match="clipnorm must be a number above 0, got -1"):
            Steady(clipnorm=-1)

    def test_functions_without_a_derivative_are_refused_with_the_way_out(self) -> None:
        with pytest.raises(TypeError, match=r"the gradient of the function '<lambda>' is not known: .*losses\.Loss"):
            regression(loss=lambda y_true, y_pred: y_true - y_pred)
        with pytest.raises(TypeError, match=r"the derivative of the function '<lambda>' is not known"):
            layers.Dense(3, activation=lambda x: x)

    def test_a_layer_is_no_activation(self) -> None:
        with pytest.raises(TypeError, match=r"PReLU\(\) is a layer, and no activation: put it behind this one"):
            layers.Dense(3, activation=layers.PReLU())

    def test_a_setting_that_comes_too_late_is_named(self) -> None:
        model = regression()
        model.optimizer.use_ema = True
        with pytest.raises(ValueError, match="the optimizer keeps no 'ema': a setting that needs it was changed"):
            model.train_on_batch(X, Y)


class TestModels:
    def test_a_model_in_front_says_what_comes_in(self) -> None:
        base = Sequential([Input((4,)), layers.Dense(3)])
        base.trainable = False
        model = Sequential([base, layers.Dense(1)])
        assert (model.built, model.input_shape, len(model.trainable_weights)) == (True, (4,), 2)

    def test_layers_of_a_model_that_could_not_be_made_are_free_again(self) -> None:
        dense = layers.Dense(3)
        with pytest.raises(TypeError):
            Sequential([Input((4,)), dense, 3])
        assert Sequential([Input((4,)), dense]).layers == [dense]

    def test_a_layer_that_is_taken_can_be_copied_with_its_weights(self) -> None:
        model = regression()
        with pytest.raises(ValueError, match=r"belongs to model 'sequential' already; copy\.deepcopy\(layer\)"):
            Sequential(model.layers)

    @pytest.mark.parametrize("layer", ["relu", {"dense": 3}, layers.Dense(3)])
    def test_layers_are_a_list(self, layer: Any) -> None:
        with pytest.raises(TypeError, match="the layers of a model are a list, got"):
            Sequential(layer)

    def test_files_are_replaced_unless_asked_not_to(self, tmp_path: Path) -> None:
        model = regression()
        model.save(tmp_path / "model.json")
        model.save(tmp_path / "model.json")
        with pytest.raises(FileExistsError, match="is there already: choose another name, or overwrite=True"):
            model.save(tmp_path / "model.json", overwrite=False)

    def test_files_name_registered_classes_only(self, tmp_path: Path) -> None:
        regression().save(tmp_path / "model.json")
        assert keras.load_model(tmp_path / "model.json", custom_objects=None, safe_mode=True).compiled
        with pytest.raises(TypeError, match="load_model takes no custom_objects: a file may name registered classes"):
            keras.load_model(tmp_path / "model.json", custom_objects={"Mine": object})
        with pytest.raises(TypeError, match="load_model has no unsafe mode"):
            keras.load_model(tmp_path / "model.json", safe_mode=False)

    def test_a_class_with_a_constructor_of_its_own_is_no_file(self, tmp_path: Path) -> None:
        class Mine(Sequential):
            def __init__(self, units: int = 3) -> None:
                super().__init__([Input((4,)), layers.Dense(units)])
                self.units = units

        with pytest.raises(TypeError, match="a Mine has a constructor of its own, which no file could call"):
            Mine().save(tmp_path / "model.json")
        Mine().save_weights(tmp_path / "weights.json")

    def test_shapes_that_are_not_known_are_refused(self) -> None:
        with pytest.raises(ValueError, match=r"only the batch size may be None, got \(None, None, 4\)"):
            layers.Dense(3).compute_output_shape((None, None, 4))

    def test_a_model_comes_back_from_json(self) -> None:
        assert keras.model_from_json(regression().to_json()).count_params() == 5


class TestTraining:
    def test_a_loss_that_no_targets_could_satisfy_is_no_crash_of_compile(self) -> None:
        model = Sequential([Input((4,)), layers.Dense(1, activation="softmax")])
        model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
        with pytest.raises(ValueError, match="needs at least two classes"):
            model.fit(X, Y[:, None], verbose=0)

    def test_a_metric_of_ones_own_sees_targets_and_predictions_of_one_rank(self) -> None:
        def error(y_true: Any, y_pred: Any) -> Any:
            return np.abs(y_true - y_pred)

        logs = regression(metrics=["mae", error]).test_on_batch(X, Y, return_dict=True)
        assert logs["error"] == pytest.approx(logs["mae"])

    def test_values_that_have_been_broadcast_are_refused(self) -> None:
        def right(y_true: Any, y_pred: Any) -> Any:
            return y_true == y_pred.argmax(axis=-1)  # (n, 1) against (n,)

        model = Sequential([Input((4,)), layers.Dense(3)])
        model.compile("sgd", "mse", metrics=[right])
        with pytest.raises(ValueError, match=r"right: the values of the samples have shape \(12, 12\)"):
            model.trainer.metrics[0].update_state(np.zeros((12, 1)), np.zeros((12, 3)))

    def test_classes_that_there_are_not_have_no_weight(self) -> None:
        with pytest.raises(ValueError, match=r"class_weight names class 5, but .* 2 classes apart, numbered 0 to 1"):
            regression().fit(X, Y, class_weight={5: 1.0}, verbose=0)

    @pytest.mark.parametrize("data", [(X[:, :2], Y), (X, Y[:3])])
    def test_what_is_wrong_with_validation_data_is_said_of_them(self, data: Any) -> None:
        with pytest.raises(ValueError, match=r"^validation_data: "):
            regression().fit(X, Y, validation_data=data, verbose=0)

    def test_a_run_that_diverges_warns_of_nothing_but_in_its_figures(self) -> None:
        model = regression(optimizer={"sgd": {"learning_rate": 1e30}})
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            history = model.fit(X, Y, epochs=3, verbose=0, callbacks=["terminate_on_nan"])
            model.evaluate(X, Y, verbose=0)
        assert not np.isfinite(history.history["loss"][-1])

    def test_a_generator_leaves_the_users_length_of_an_epoch_alone(self) -> None:
        schedule = keras.schedules.ExponentialDecay(0.1, 1, 0.5, unit="epochs")
        schedule.steps_per_epoch = 3
        model = regression(optimizer=keras.optimizers.SGD(schedule))
        model.fit(((X, Y) for _ in range(3)), verbose=0)
        assert schedule.steps_per_epoch == 3
        assert model.optimizer.learning_rate == pytest.approx(0.05)
