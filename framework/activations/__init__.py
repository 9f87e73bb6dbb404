"""Activation functions with their derivatives, by name.

Each one is a class whose instances are callable (`get("relu")(x)`), and, in lower case, a plain function
as in Keras (`relu(x, negative_slope=0.1)`). Formulas and defaults are those of `keras.activations`. The families
that not every program needs are imported when one of their names is first asked for.
"""

from typing import TYPE_CHECKING

from ..on_first_use import on_first_use
from .base import Activation, ActivationSpec, get, register, registry
from .probabilities import LogSoftmax, Softmax, Sparsemax, log_softmax, softmax, sparsemax
from .rectifiers import LeakyRelu, Linear, Relu, Relu6, leaky_relu, linear, relu, relu6
from .sigmoids import (
    HardSigmoid,
    HardTanh,
    LogSigmoid,
    Sigmoid,
    Softsign,
    SparseSigmoid,
    Tanh,
    hard_sigmoid,
    hard_tanh,
    log_sigmoid,
    sigmoid,
    softsign,
    sparse_sigmoid,
    tanh,
)

if TYPE_CHECKING:
    from .exponentials import Celu, Elu, Exponential, Selu, celu, elu, exponential, selu
    from .gates import Gelu, Glu, HardSilu, Mish, Silu, gelu, glu, hard_silu, hard_swish, mish, silu, swish
    from .shrinkage import (
        HardShrink,
        SoftShrink,
        TanhShrink,
        Threshold,
        hard_shrink,
        soft_shrink,
        tanh_shrink,
        threshold,
    )
    from .smooth_rectifiers import Softplus, SparsePlus, Squareplus, softplus, sparse_plus, squareplus

_FAMILIES = {
    "exponentials": ["Celu", "Elu", "Exponential", "Selu", "celu", "elu", "exponential", "selu"],
    "gates": [
        "Gelu",
        "Glu",
        "HardSilu",
        "Mish",
        "Silu",
        "gelu",
        "glu",
        "hard_silu",
        "hard_swish",
        "mish",
        "silu",
        "swish",
    ],
    "shrinkage": [
        "HardShrink",
        "SoftShrink",
        "TanhShrink",
        "Threshold",
        "hard_shrink",
        "soft_shrink",
        "tanh_shrink",
        "threshold",
    ],
    "smooth_rectifiers": ["Softplus", "SparsePlus", "Squareplus", "softplus", "sparse_plus", "squareplus"],
}

registry.import_when_asked(f"{__name__}.{family}" for family in _FAMILIES)
__getattr__ = on_first_use(__name__, _FAMILIES)

__all__ = [
    "Activation",
    "ActivationSpec",
    "Celu",
    "Elu",
    "Exponential",
    "Gelu",
    "Glu",
    "HardShrink",
    "HardSigmoid",
    "HardSilu",
    "HardTanh",
    "LeakyRelu",
    "Linear",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "Relu",
    "Relu6",
    "Selu",
    "Sigmoid",
    "Silu",
    "SoftShrink",
    "Softmax",
    "Softplus",
    "Softsign",
    "SparsePlus",
    "SparseSigmoid",
    "Sparsemax",
    "Squareplus",
    "Tanh",
    "TanhShrink",
    "Threshold",
    "celu",
    "elu",
    "exponential",
    "gelu",
    "get",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "register",
    "registry",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
]
