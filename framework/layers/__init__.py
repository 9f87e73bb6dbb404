"""Layers, by family; `register` makes a layer of your own known by name.

The families that not every program needs are imported when one of their names is first asked for.
"""

from typing import TYPE_CHECKING

from ..on_first_use import on_first_use
from .activations import ELU, Activation, LeakyReLU, PReLU, ReLU, Sigmoid, Softmax, Tanh
from .base import Layer, LayerSpec, registry
from .dense import Dense
from .input import Input
from .regularization import ActivityRegularization, Dropout, SpatialDropout1D, SpatialDropout2D
from .reshaping import Flatten, Permute, RepeatVector, Reshape

if TYPE_CHECKING:
    from .batch_normalization import BatchNormalization
    from .convolution import Conv1D, Conv2D
    from .depthwise import DepthwiseConv2D
    from .embedding import Embedding
    from .global_pooling import (
        GlobalAveragePooling1D,
        GlobalAveragePooling2D,
        GlobalAvgPool1D,
        GlobalAvgPool2D,
        GlobalMaxPool1D,
        GlobalMaxPool2D,
        GlobalMaxPooling1D,
        GlobalMaxPooling2D,
    )
    from .identity import Identity
    from .noise import GaussianDropout, GaussianNoise
    from .normalization import GroupNormalization, LayerNormalization
    from .pooling import (
        AveragePooling1D,
        AveragePooling2D,
        AvgPool1D,
        AvgPool2D,
        MaxPool1D,
        MaxPool2D,
        MaxPooling1D,
        MaxPooling2D,
    )
    from .residual import Residual
    from .spatial import Cropping2D, UpSampling2D, ZeroPadding2D
    from .transposed_convolution import Conv2DTranspose
    from .unit_normalization import RMSNormalization, UnitNormalization

_FAMILIES = {
    "batch_normalization": ["BatchNormalization"],
    "convolution": ["Conv1D", "Conv2D"],
    "depthwise": ["DepthwiseConv2D"],
    "embedding": ["Embedding"],
    "global_pooling": [
        f"Global{kind}{axes}D" for kind in ("AveragePooling", "AvgPool", "MaxPooling", "MaxPool") for axes in (1, 2)
    ],
    "identity": ["Identity"],
    "noise": ["GaussianDropout", "GaussianNoise"],
    "normalization": ["GroupNormalization", "LayerNormalization"],
    "pooling": [f"{kind}{axes}D" for kind in ("AveragePooling", "AvgPool", "MaxPooling", "MaxPool") for axes in (1, 2)],
    "residual": ["Residual"],
    "spatial": ["Cropping2D", "UpSampling2D", "ZeroPadding2D"],
    "transposed_convolution": ["Conv2DTranspose"],
    "unit_normalization": ["RMSNormalization", "UnitNormalization"],
}

registry.import_when_asked(f"{__name__}.{family}" for family in _FAMILIES)
register = registry.register
get = registry.create
__getattr__ = on_first_use(__name__, _FAMILIES)

__all__ = [
    "ELU",
    "Activation",
    "ActivityRegularization",
    "AveragePooling1D",
    "AveragePooling2D",
    "AvgPool1D",
    "AvgPool2D",
    "BatchNormalization",
    "Conv1D",
    "Conv2D",
    "Conv2DTranspose",
    "Cropping2D",
    "Dense",
    "DepthwiseConv2D",
    "Dropout",
    "Embedding",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GroupNormalization",
    "Identity",
    "Input",
    "Layer",
    "LayerNormalization",
    "LayerSpec",
    "LeakyReLU",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPooling1D",
    "MaxPooling2D",
    "PReLU",
    "Permute",
    "RMSNormalization",
    "ReLU",
    "RepeatVector",
    "Reshape",
    "Residual",
    "Sigmoid",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "Tanh",
    "UnitNormalization",
    "UpSampling2D",
    "ZeroPadding2D",
    "get",
    "register",
    "registry",
]
