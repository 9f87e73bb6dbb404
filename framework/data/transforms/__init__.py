"""Random changes to training images (augmentation); `register` makes a transform of your own known by name."""

from typing import TYPE_CHECKING

from ...on_first_use import on_first_use
from .base import Transform, TransformSpec, registry

if TYPE_CHECKING:
    from .affine import RandomAffine
    from .blur import RandomBlur
    from .elastic import ElasticDistortion
    from .erasing import RandomErasing
    from .sometimes import Sometimes
    from .thickness import StrokeThickness
    from .warping import warp

_FAMILIES = {
    "affine": ["RandomAffine"],
    "blur": ["RandomBlur"],
    "elastic": ["ElasticDistortion"],
    "erasing": ["RandomErasing"],
    "sometimes": ["Sometimes"],
    "thickness": ["StrokeThickness"],
}

registry.import_when_asked(f"{__name__}.{family}" for family in _FAMILIES)
register = registry.register
get = registry.create
__getattr__ = on_first_use(__name__, {**_FAMILIES, "warping": ["warp"]})

__all__ = [
    "ElasticDistortion",
    "RandomAffine",
    "RandomBlur",
    "RandomErasing",
    "Sometimes",
    "StrokeThickness",
    "Transform",
    "TransformSpec",
    "get",
    "register",
    "registry",
    "warp",
]
