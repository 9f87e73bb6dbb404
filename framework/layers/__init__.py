"""Layers, by family; `register` makes a layer of your own known by name."""

from .activations import ELU, Activation, LeakyReLU, PReLU, ReLU, Sigmoid, Softmax, Tanh
from .base import Layer, LayerSpec, registry
from .batch_normalization import BatchNormalization
from .convolution import Conv1D, Conv2D
from .dense import Dense
from .depthwise import DepthwiseConv2D
from .embedding import Embedding
from .global_pooling import GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalMaxPooling1D, GlobalMaxPooling2D
from .identity import Identity
from .input import Input
from .noise import GaussianDropout, GaussianNoise
from .normalization import GroupNormalization, LayerNormalization
from .pooling import AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D
from .regularization import ActivityRegularization, Dropout, SpatialDropout1D, SpatialDropout2D
from .reshaping import Flatten, Permute, RepeatVector, Reshape
from .residual import Residual
from .spatial import Cropping2D, UpSampling2D, ZeroPadding2D
from .transposed_convolution import Conv2DTranspose
from .unit_normalization import RMSNormalization, UnitNormalization

register = registry.register
get = registry.create

# Keras's short names.
AvgPool1D = AveragePooling1D
AvgPool2D = AveragePooling2D
GlobalAvgPool1D = GlobalAveragePooling1D
GlobalAvgPool2D = GlobalAveragePooling2D
GlobalMaxPool1D = GlobalMaxPooling1D
GlobalMaxPool2D = GlobalMaxPooling2D
MaxPool1D = MaxPooling1D
MaxPool2D = MaxPooling2D

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
