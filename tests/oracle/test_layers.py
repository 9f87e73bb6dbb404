"""Every layer: outputs, gradients, and what becomes of its state, in double precision and in float32."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs Keras: pip install -e '.[oracle]'")

import tensorflow as tf

from framework import activations, layers
from framework.layers import Layer

from ..contract.cases.activations import ACTIVATIONS
from ..contract.cases.layers import LAYERS
from .agreement import DOUBLE, agree, agree_in_single
from .twins import floatx, in_single, round_numbers, twin, weights_of

RANDOM = (
    layers.Dropout,
    layers.SpatialDropout1D,
    layers.SpatialDropout2D,
    layers.GaussianDropout,
    layers.GaussianNoise,
)
CASES = [*LAYERS, *((layers.Activation(function), (4, 4)) for function in ACTIVATIONS)]

NOT_COMPARED = {
    "sparsemax": lambda layer: isinstance(_function(layer), activations.Sparsemax),
    "axes apart": lambda layer: isinstance(layer, layers.RMSNormalization) and isinstance(layer.axis, list),
    "dilated": lambda layer: isinstance(layer, layers.Conv2DTranspose) and layer.dilation_rate not in (1, (1, 1)),
    "from the end": lambda layer: "Softmax(axis=[-" in repr(_function(layer)),
}
REASONS = {
    "sparsemax": "Keras 3.15 is wrong where more than one number survives (keras issue 23425)",
    "axes apart": "Keras's RMSNormalization cannot multiply by its scale unless the axes are the last ones",
    "dilated": "TensorFlow has no dilated transposed convolution on a CPU",
    "from the end": "Keras's softmax takes a list of axes only if they are counted from the beginning",
}

TOLERANCES = {
    # class: tolerance and reason, where Keras itself is not that exact
    activations.Gelu: (1e-7, "Keras keeps the square roots of 2 and of 2/π in float32"),
    layers.UpSampling2D: (3e-7, "TensorFlow resizes in float32, whatever the type of the images"),
}


def _function(layer: Layer) -> Any:
    activation = getattr(layer, "activation", None)
    return None if activation is None else activations.get(activation)


def comparable(layer: Layer) -> None:
    for name, concerns in NOT_COMPARED.items():
        if concerns(layer):
            pytest.skip(REASONS[name])


def tolerance(layer: Layer) -> float:
    return TOLERANCES.get(type(_function(layer) or layer), (DOUBLE,))[0]


def batch(case: tuple[Any, ...]) -> np.ndarray:
    shape = (5, *case[1])
    draw = case[2] if len(case) > 2 else np.random.default_rng(0).standard_normal
    return np.asarray(draw(shape), np.float32)


def ready(layer: Layer, x: np.ndarray, dtype: str) -> tuple[Layer, Any]:
    """Ours, built, with weights that are neither zeros nor ones, and Keras's with the same."""
    ours = in_single(layer)
    ours.set_dtype(dtype)
    ours(x[:1])
    round_numbers(ours)
    rng = np.random.default_rng(1)
    ours.set_weights([0.3 + 0.5 * rng.random(w.shape, np.float32) for w in ours.get_weights()])
    theirs = twin(ours)
    theirs.build((None, *x.shape[1:]))
    theirs.set_weights(ours.get_weights())
    theirs.trainable = layer.trainable
    return ours, theirs


def results(ours: Layer, x: np.ndarray, training: bool) -> dict[str, list[np.ndarray]]:
    y = ours.forward(x, training).copy()
    dy = np.random.default_rng(2).standard_normal(y.shape, np.float32).astype(x.dtype)
    added = [np.asarray(sum(ours.losses))]
    dx = ours.backward(dy)
    gradients = [p.grad.copy() for p in ours.trainable_weights]
    dx = [] if isinstance(ours, layers.Embedding) or dx is None else [dx.copy()]
    return {"y": [y], "losses": added, "dx": dx, "gradients": gradients, "weights": ours.get_weights()}


def keras_results(theirs: Any, x: np.ndarray, training: bool, adds: bool, has_dx: bool) -> dict[str, list[np.ndarray]]:
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = theirs(x, training=training)
        dy = np.random.default_rng(2).standard_normal(y.shape, np.float32).astype(x.dtype.as_numpy_dtype)
        weighted = tf.reduce_sum(y * dy)
        if adds:  # the penalty on outputs comes first; those on weights are no business of a layer's backward
            weighted += theirs.losses[0]
    dx, *gradients = tape.gradient(weighted, [x, *theirs.trainable_weights], unconnected_gradients="zero")
    return {
        "y": [y.numpy()],
        "losses": [np.asarray(sum(float(loss) for loss in theirs.losses))],
        "dx": [dx.numpy()] * has_dx,
        "gradients": [tf.convert_to_tensor(gradient).numpy() for gradient in gradients],
        "weights": weights_of(theirs),
    }


def both(case: tuple[Any, ...], training: bool, dtype: str) -> tuple[dict[str, Any], dict[str, Any]]:
    x = batch(case).astype(dtype)
    with floatx(dtype):
        ours, theirs = ready(case[0], x, dtype)
        found = results(ours, x, training)
        expected = keras_results(theirs, x, training, ours.added_loss is not None, bool(found["dx"]))
    return found, expected


@pytest.mark.parametrize("training", [False, True], ids=["inference", "training"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case[0]))
def test_outputs_gradients_and_state_agree(case: tuple[Any, ...], training: bool) -> None:
    comparable(case[0])
    if training and isinstance(case[0], RANDOM):
        pytest.skip("its random numbers are its own")
    found, expected = both(case, training, "float64")
    for part in found:
        agree(f"layers: {part}", found[part], expected[part], tolerance(case[0]))


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case[0]))
def test_float32_loses_no_more_than_in_keras(case: tuple[Any, ...]) -> None:
    comparable(case[0])
    training = not isinstance(case[0], RANDOM)
    exact, _ = both(case, training, "float64")
    found, expected = both(case, training, "float32")
    for part in found:
        agree_in_single(f"layers: {part}", exact[part], found[part], expected[part])


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case[0]))
def test_shapes_are_promised_alike(case: tuple[Any, ...]) -> None:
    if isinstance(_function(case[0]), activations.Glu):
        pytest.skip("Keras's Activation says nothing of the axis that glu halves")
    x = batch(case)
    ours, theirs = ready(case[0], x, "float64")
    assert tuple(ours.compute_output_shape(x.shape)) == tuple(theirs.compute_output_shape(x.shape))


def test_no_layer_is_left_out() -> None:
    own = {cls for cls in map(layers.registry.__getitem__, layers.registry) if cls.__module__.startswith("framework.")}
    assert {type(case[0]) for case in CASES} >= own
