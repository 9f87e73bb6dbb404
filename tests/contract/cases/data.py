"""Cases of the transforms and the datasets."""

from apps.mnist.data import Mnist
from framework.data import transforms

TRANSFORMS = [
    transforms.RandomAffine(),
    transforms.RandomAffine(rotation=10.0, scale=[0.9, 1.2], shear=5.0, shift=1.5, fill=0.5),
    transforms.ElasticDistortion(),
    transforms.ElasticDistortion(alpha=3.0, sigma=0.5, fill=0.5, affine={"random_affine": {"shift": 1.5}}),
]

DATASETS = [Mnist(), Mnist("sample", validation=100)]
