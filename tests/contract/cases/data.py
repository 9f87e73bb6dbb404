"""Cases of the transforms and the datasets."""

from apps.mnist.data import Mnist
from apps.mnist.fashion import FashionMnist
from apps.mnist.strokes import Pendigits
from framework.data import Mix, transforms

TRANSFORMS = [
    transforms.RandomAffine(),
    transforms.RandomAffine(rotation=10.0, scale=[0.9, 1.2], shear=5.0, shift=1.5, fill=0.5),
    transforms.RandomAffine(rotation=10.0, shift=1.5, stretch=0.25),
    transforms.ElasticDistortion(),
    transforms.ElasticDistortion(alpha=3.0, sigma=0.5, fill=0.5, affine={"random_affine": {"shift": 1.5}}),
    transforms.StrokeThickness(),
    transforms.StrokeThickness(thinner=0.0, thicker=2.0),
    transforms.RandomBlur(),
    transforms.RandomBlur(0.7),
    transforms.RandomErasing(),
    transforms.RandomErasing(area=[0.1, 0.3], ratio=1.5, fill=0.5),
    transforms.Sometimes("random_affine"),
    transforms.Sometimes({"stroke_thickness": {"thicker": 2.0}}, probability=0.9),
]

DATASETS = [
    Mnist(),
    Mnist("sample", validation=100),
    FashionMnist(),
    FashionMnist("a folder", validation=100),
    Pendigits(),
    Pendigits("a folder", [1.6, 3.2], slant=15.0, rotation=8.0, stretch=0.2, jitter=0.01, copies=4, test=5, fold=1),
    Mix(["mnist", {"pendigits": {"width": [1.6, 3.2]}}]),
    Mix([Mnist("sample"), {"mix": ["pendigits", {"pendigits": {"fold": 1}}]}]),
]
