"""Random models and how they are trained, as plain data: seed 17 is the same model for everybody."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from framework import layers, optimizers
from framework.parameters import Shape

Spec = Any

SENSITIVE = ("lion", "lamb", "adafactor")
"""Optimizers that step as far for a gradient of 1e-17 as for one of 1. The bias of a layer before a normalisation has a
gradient of nothing but rounding errors, which these would turn into steps: they train models without any. So does a
softmax over anything but the last axis."""

ACTIVATIONS: list[Spec] = [
    "relu", "tanh", "sigmoid", "elu", "selu", "softplus", "softsign", "silu", "hard_sigmoid", "hard_silu", "mish",
    "relu6", "log_sigmoid", "tanh_shrink", "soft_shrink", "hard_tanh", "sparse_plus", "sparse_sigmoid", "squareplus",
    "celu", "softmax", "log_softmax", {"leaky_relu": 0.125}, {"elu": 0.5}, {"relu": {"max_value": 1.5}}, "linear",
]  # fmt: skip
"""All but gelu (Keras keeps its constants in float32), sparsemax (wrong in Keras), and those that grow or jump."""

INITIALIZERS = ["glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal",
                {"truncated_normal": {"stddev": 0.5}}, {"variance_scaling": {"mode": "fan_out"}}]  # fmt: skip
# Keras's OrthogonalRegularizer cannot compute in double precision.
PENALTIES = [{"l1": 0.015625}, {"l2": 0.03125}, {"l1_l2": {"l1": 0.0078125, "l2": 0.015625}}]
CONSTRAINTS = ["non_neg", {"max_norm": 0.75}, "unit_norm", {"min_max_norm": {"min_value": 0.25, "rate": 0.5}}]

SOFTMAX_LOSSES: list[Spec] = [
    "categorical_crossentropy", {"categorical_crossentropy": {"label_smoothing": 0.125}},
    {"categorical_focal_crossentropy": {"alpha": 0.5, "gamma": 1.5}}, "kl_divergence", "categorical_hinge", "poisson",
    {"categorical_crossentropy": {"reduction": "sum"}},
]  # fmt: skip
SPARSE_LOSSES: list[Spec] = [
    "sparse_categorical_crossentropy", "crossentropy", {"sparse_categorical_crossentropy": {"ignore_class": 1}},
    {"categorical_generalized_cross_entropy": {"q": 0.75}},
]  # fmt: skip
LOGIT_LOSSES: list[Spec] = [
    # The focal one is left to its own test: Keras clips its probabilities even where it is given logits.
    {"categorical_crossentropy": {"from_logits": True, "label_smoothing": 0.25}},
    {"categorical_crossentropy": {"from_logits": True}},
]
SIGMOID_LOSSES: list[Spec] = [
    "binary_crossentropy", {"binary_crossentropy": {"label_smoothing": 0.25}}, "dice", {"tversky": {"alpha": 0.75}},
    {"binary_focal_crossentropy": {"apply_class_balancing": True}},
    {"binary_crossentropy": {"reduction": "mean_with_sample_weight"}},
]  # fmt: skip
LINEAR_LOSSES: list[Spec] = [
    "mse", "mae", "huber", {"huber": {"delta": 0.25}}, "hinge", "squared_hinge", "cosine_similarity", "mape",
    {"mse": {"reduction": "sum"}}, {"binary_crossentropy": {"from_logits": True}},
]  # fmt: skip

OPTIONS: list[dict[str, Any]] = [
    {}, {"clipnorm": 0.25}, {"clipvalue": 0.0625}, {"global_clipnorm": 0.5}, {"weight_decay": 0.03125},
    {"use_ema": True, "ema_momentum": 0.75}, {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 2},
    {"gradient_accumulation_steps": 2}, {"gradient_accumulation_steps": 3, "clipnorm": 0.5, "weight_decay": 0.0625},
]  # fmt: skip
OWN_OPTIONS: dict[str, list[dict[str, Any]]] = {
    "sgd": [{}, {"momentum": 0.75}, {"momentum": 0.875, "nesterov": True}],
    "rmsprop": [{}, {"momentum": 0.5}, {"centered": True, "rho": 0.75}],
    "adam": [{}, {"amsgrad": True}, {"beta_1": 0.75, "beta_2": 0.875}],
    "adamw": [{}, {"amsgrad": True}],
    "nadam": [{}],
    "adamax": [{}, {"beta_2": 0.75}],
    "adagrad": [{}, {"initial_accumulator_value": 0.5}],
    "adadelta": [{}, {"rho": 0.75}],
    # With its usual accumulator, Ftrl begins by forgetting the weights, and all would be noise around zero.
    "ftrl": [
        {"initial_accumulator_value": 2.0**-20},
        {"initial_accumulator_value": 2.0**-20, "l1_regularization_strength": 2.0**-10, "beta": 2.0**-10},
    ],
    "lion": [{}, {"beta_1": 0.75}],
    "lamb": [{}],
    "adafactor": [{}, {"relative_step": False}],
}
SCHEDULES: list[Spec] = [
    {"exponential_decay": {"initial_learning_rate": 0.0625, "decay_steps": 4, "decay_rate": 0.5}},
    {"inverse_time_decay": {"initial_learning_rate": 0.0625, "decay_steps": 2, "decay_rate": 0.5, "staircase": True}},
    {"polynomial_decay": {"initial_learning_rate": 0.0625, "decay_steps": 5, "power": 2.0, "cycle": True}},
    {"piecewise_constant_decay": {"boundaries": [1, 3], "values": [0.0625, 0.03125, 0.015625]}},
    {
        "cosine_decay": {
            "initial_learning_rate": 0.0078125,
            "decay_steps": 6,
            "warmup_target": 0.0625,
            "warmup_steps": 2,
        }
    },
    {"cosine_decay_restarts": {"initial_learning_rate": 0.0625, "first_decay_steps": 3}},
]


@dataclasses.dataclass
class Experiment:
    """A model, its data and its training; printed where they fail, so that they can be made again."""

    seed: int
    input_shape: Shape
    tokens: int  # how many words there are, where the examples are word numbers; otherwise 0
    layers: list[Spec]
    loss: Spec
    optimizer: Spec
    metrics: list[Spec]
    weighted_metrics: list[Spec]
    targets: str  # "one-hot", "classes", "bits", "signs" or "numbers"
    output_shape: Shape
    weights: str  # "none", "samples" or "classes"

    def data(
        self, batch: int, number: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, dict[int, float] | None]:
        """A batch: x, y, sample weights and class weights, of numbers that float32 has."""
        rng = np.random.default_rng([self.seed, number])
        if self.tokens:
            x = rng.integers(0, self.tokens, (batch, *self.input_shape)).astype(np.float32)
        else:
            x = rng.standard_normal((batch, *self.input_shape), np.float32)
        *rows, width = (batch, *self.output_shape)
        classes = rng.integers(0, width, rows)
        y = {
            "one-hot": lambda: np.eye(width, dtype=np.float32)[classes],
            "classes": lambda: classes,
            "bits": lambda: rng.integers(0, 2, (*rows, width)).astype(np.float32),
            "signs": lambda: rng.choice(np.float32([-1, 1]), (*rows, width)),
            "numbers": lambda: (
                np.copysign(1, rng.standard_normal((*rows, width))).astype(np.float32)
                + rng.random((*rows, width), np.float32) / 2
            ),
        }[self.targets]()
        samples = rng.uniform(0, 2, batch).astype(np.float32) if self.weights == "samples" else None
        of_classes = {0: 0.5, 1: 2.0} if self.weights == "classes" else None
        return x, y, samples, of_classes


class Generator:
    """Draws an experiment; every draw is from one stream."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = np.random.default_rng(seed)
        self.optimizer_name = sorted(OWN_OPTIONS)[seed % len(OWN_OPTIONS)]
        self.normalizes = self.optimizer_name not in SENSITIVE

    # Draws.

    def one(self, choices: list[Any]) -> Any:
        return choices[int(self.rng.integers(len(choices)))]

    def chance(self, p: float) -> bool:
        return bool(self.rng.random() < p)

    def whole(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high + 1))

    def experiment(self) -> Experiment:
        kind = ("features", "sequence", "image", "tokens")[self.seed // len(OWN_OPTIONS) % 4]
        tokens = self.whole(5, 9) if kind == "tokens" else 0
        shape: Shape = {
            "features": (self.whole(3, 7),),
            "sequence": (self.whole(5, 8), self.whole(2, 4)),
            "image": (self.whole(5, 7), self.whole(5, 7), self.whole(1, 3)),
            "tokens": (self.whole(3, 6),),
        }[kind]
        input_shape, stack = shape, []
        if tokens:
            stack.append(self.embedding(tokens))
        for _ in range(self.whole(1, 4)):
            stack.append(self.layer(output_of(stack, input_shape)))
        if len(output_of(stack, input_shape)) == 3 or (len(output_of(stack, input_shape)) == 2 and self.chance(0.8)):
            stack.append(self.to_vector(output_of(stack, input_shape)))
        weights = "none" if len(output_of(stack, input_shape)) == 2 else self.one(["none", "samples", "classes"])
        width = self.whole(3, 5)
        end, loss, targets, metrics = self.goal()
        if targets != "one-hot" and targets != "classes" and weights == "classes":
            weights = "samples"
        if any(name in str(loss) for name in ("dice", "tversky", "mean_with")):
            weights = "none" if "mean_with" not in str(loss) else weights
        stack.append({"dense": {"units": width, **end}})
        if len(output_of(stack, input_shape)) == 2:  # Keras's F1Score takes matrices only
            metrics = [metric for metric in metrics if metric != "f1_score"]
        return Experiment(
            seed=self.seed,
            input_shape=input_shape,
            tokens=tokens,
            layers=stack,
            loss=loss,
            optimizer=self.optimizer(),
            metrics=metrics,
            weighted_metrics=metrics[:1] if self.chance(0.5) else [],
            targets=targets,
            output_shape=output_of(stack, input_shape),
            weights=weights,
        )

    # Layers.

    def embedding(self, tokens: int) -> Spec:
        options: dict[str, Any] = {"input_dim": tokens, "output_dim": self.whole(2, 4)}
        return {"embedding": options | self.some("embeddings", penalties=PENALTIES[1:], constraints=CONSTRAINTS[1:3])}

    def layer(self, shape: Shape) -> Spec:
        makers = [self.dense, self.activation, self.shaping]
        makers += [self.convolution, self.convolution, self.pooling] * (len(shape) > 1)
        makers += [self.normalization] * self.normalizes
        makers += [self.residual, self.nested] * (self.chance(0.5))
        for _ in range(20):
            spec = self.one(makers)(shape)
            if spec is not None and math.prod(output_of([spec], shape)) <= 400:
                return frozen(spec) if self.chance(0.1) else spec
        return {"dense": 3}

    def some(self, of: str, penalties: list[Spec] = PENALTIES, constraints: list[Spec] = CONSTRAINTS) -> dict[str, Any]:
        """Perhaps a regularizer and a constraint for a weight, and how it begins."""
        options: dict[str, Any] = {}
        if self.chance(0.3):
            options[f"{of}_regularizer"] = self.one(penalties)
        if self.chance(0.3):
            options[f"{of}_constraint"] = self.one(constraints)
        return options

    def affine(self, kernel: str = "kernel") -> dict[str, Any]:
        """What all layers with a kernel, a bias and an activation have in common."""
        options = self.some(kernel) | {f"{kernel}_initializer": self.one(INITIALIZERS)}
        if self.chance(0.6):
            options["activation"] = self.one(ACTIVATIONS)
        if self.chance(0.2):
            options["use_bias"] = False
        else:
            options |= self.some("bias", constraints=CONSTRAINTS[:2])
        if self.chance(0.1):
            options["activity_regularizer"] = self.one(PENALTIES)
        return options

    def dense(self, shape: Shape) -> Spec:
        return {"dense": {"units": self.whole(3, 6), **self.affine()}}

    def activation(self, shape: Shape) -> Spec:
        prelu: dict[str, Any] = self.some("alpha") | {"alpha_initializer": {"random_uniform": {}}}
        if len(shape) > 1 and self.chance(0.5):
            prelu["shared_axes"] = list(range(1, len(shape)))
        return self.one([
            {"activation": {"activation": self.one(ACTIVATIONS)}},
            {"relu": {"max_value": 2.0, "negative_slope": 0.25, "threshold": 0.5}},
            {"leaky_relu": 0.25},
            {"elu": 0.75},
            {"prelu": prelu},
            {"softmax": {"axis": 1 if self.normalizes else -1}},  # over positions, it leaves a bias without gradient
        ])  # fmt: skip

    def shaping(self, shape: Shape) -> Spec:
        quiet = [{"dropout": 0.0}, {"gaussian_noise": 0.0}, "identity", {"activity_regularization": {"l2": 0.0078125}}]
        if len(shape) == 1:
            return self.one([*quiet, {"repeat_vector": 3}, {"reshape": [-1, 1]}, {"reshape": [1, -1, 1]}])
        if len(shape) == 2:
            return self.one([*quiet, {"permute": [2, 1]}, {"spatial_dropout1d": 0.0}, {"reshape": [*shape, 1]}])
        images = [{"permute": [2, 3, 1]}, {"spatial_dropout2d": 0.0}, {"zero_padding2d": [[1, 0], [0, 2]]}]
        images += [{"cropping2d": [[1, 0], [0, 1]]}] * (min(shape[:2]) > 3) + [{"up_sampling2d": [1, 2]}]
        images += [{"reshape": [shape[0], shape[1] * shape[2]]}]
        return self.one([*quiet[:1], *images])

    def convolution(self, shape: Shape) -> Spec:
        length, channels = min(shape[:-1]), shape[-1]
        kernel, filters = self.whole(1, min(3, length)), self.whole(2, 4)
        dilates = self.chance(0.25) and 2 * (kernel - 1) < length
        options: dict[str, Any] = {"kernel_size": kernel, "padding": self.one(["valid", "same"])}
        options |= {"dilation_rate": 2} if dilates else {"strides": self.whole(1, 2)}
        if channels == 4 and self.chance(0.2):
            options |= {"groups": 2}
            filters = 4
        if len(shape) == 2:
            if self.chance(0.3) and "groups" not in options:
                options["padding"] = "causal"
            return {"conv1d": {"filters": filters, **options, **self.affine()}}
        kind = self.one(["conv2d", "conv2d", "depthwise_conv2d", "conv2d_transpose"])
        if kind == "conv2d":
            return {kind: {"filters": filters, **options, **self.affine()}}
        options.pop("groups", None)
        if kind == "depthwise_conv2d":
            return {kind: options | {"depth_multiplier": self.whole(1, 2)} | self.affine("depthwise")}
        options.pop("dilation_rate", None)  # which TensorFlow cannot do here on a CPU
        return {kind: {"filters": filters, **options, **self.affine()}}

    def pooling(self, shape: Shape) -> Spec:
        size = self.whole(1, min(3, *shape[:-1]))
        options = {"pool_size": size, "strides": self.one([None, 1, 2]), "padding": self.one(["valid", "same"])}
        axes = f"{len(shape) - 1}d"
        whole = [{f"global_average_pooling{axes}": {}}, {f"global_max_pooling{axes}": {"keepdims": self.chance(0.3)}}]
        return self.one([{f"max_pooling{axes}": options}, {f"average_pooling{axes}": options}, *whole])

    def normalization(self, shape: Shape) -> Spec:
        batch: dict[str, Any] = {"momentum": 0.75, "epsilon": 0.0078125, "center": self.chance(0.8)}
        batch |= {"scale": self.chance(0.8)} | self.some("gamma", constraints=CONSTRAINTS[:2])
        axes = self.one([-1, list(range(1, len(shape) + 1))])
        # As large as the differences within an example or more, so that small ones are not blown up.
        group = {"groups": self.one([g for g in (-1, 1, 2, 3) if g < 0 or shape[-1] % g == 0]), "epsilon": 0.125}
        return self.one([
            {"batch_normalization": batch},
            {"batch_normalization": batch | {"trainable": False}},
            {"layer_normalization": {"axis": axes, "epsilon": 0.125, "center": self.chance(0.8)}},
            {"group_normalization": group},
            {"rms_normalization": {"epsilon": 0.0625}},
            "unit_normalization",
        ])  # fmt: skip

    def residual(self, shape: Shape) -> Spec:
        if len(shape) == 3:
            return {"residual": [{"conv2d": {"filters": shape[-1], "kernel_size": 3, "padding": "same"}}, "tanh"]}
        inside = [self.dense(shape), self.activation(shape), {"dense": {"units": shape[-1], **self.affine()}}]
        return {"residual": inside}

    def nested(self, shape: Shape) -> Spec:
        inside = [self.activation(shape), self.dense(shape)]
        if self.normalizes:
            inside.insert(1, self.normalization(shape))
        return {"sequential": {"layers": inside}}

    def to_vector(self, shape: Shape) -> Spec:
        axes = f"{len(shape) - 1}d"
        return self.one(["flatten", "flatten", f"global_average_pooling{axes}", f"global_max_pooling{axes}"])

    # What it is trained for, and how.

    def goal(self) -> tuple[dict[str, Any], Spec, str, list[Spec]]:
        """The end of the last layer, a loss, the kind of the targets, and metrics that fit them."""
        kind = self.one(["softmax", "sparse", "logits", "sparse logits", "sigmoid", "linear"])
        if kind == "softmax":
            metrics = ["accuracy", "categorical_crossentropy", "f1_score"]
            return {"activation": "softmax"}, self.one(SOFTMAX_LOSSES), "one-hot", self.some_of(metrics)
        if kind == "sparse":
            metrics = ["accuracy", {"sparse_categorical_crossentropy": {"name": "ce"}}]
            return {"activation": "softmax"}, self.one(SPARSE_LOSSES), "classes", self.some_of(metrics)
        if kind == "logits":
            metrics = ["accuracy", {"categorical_crossentropy": {"from_logits": True}}]
            return {}, self.one(LOGIT_LOSSES), "one-hot", self.some_of(metrics)
        if kind == "sparse logits":
            loss = {"sparse_categorical_crossentropy": {"from_logits": True}}
            return {}, loss, "classes", self.some_of(["accuracy"])
        if kind == "sigmoid":
            metrics = ["binary_accuracy", "precision", "recall", "mse", {"auc": {"num_thresholds": 20}}]
            return {"activation": "sigmoid"}, self.one(SIGMOID_LOSSES), "bits", self.some_of(metrics)
        loss = self.one(LINEAR_LOSSES)
        targets = {"hinge": "signs", "squared_hinge": "signs"}.get(
            str(loss), "bits" if "bin" in str(loss) else "numbers"
        )
        return {}, loss, targets, self.some_of(["mae", "root_mean_squared_error", "mape", "cosine_similarity"])

    def some_of(self, choices: list[Spec]) -> list[Spec]:
        return [choice for choice in choices if self.chance(0.5)]

    def optimizer(self) -> Spec:
        rate = self.one(SCHEDULES) if self.chance(0.3) else self.one([0.03125, 0.0078125])
        own, common = self.one(OWN_OPTIONS[self.optimizer_name]), self.one(OPTIONS)
        return {self.optimizer_name: {"learning_rate": rate, **own, **common}}


def output_of(stack: list[Spec], shape: Shape) -> Shape:
    for spec in stack:
        [_, *shape] = layers.get(spec).compute_output_shape((None, *shape))
    return tuple(shape)


def frozen(spec: Spec) -> Spec:
    """The same layer, with weights that are not trained."""
    if isinstance(spec, str):
        return {spec: {"trainable": False}}
    [(name, options)] = spec.items()
    return {name: options | {"trainable": False}} if isinstance(options, dict) else spec


def experiment(seed: int) -> Experiment:
    return Generator(seed).experiment()


assert set(OWN_OPTIONS) == {
    name for name in optimizers.registry if optimizers.registry[name].__module__[:10] == "framework."
}
