"""Datasets, batches and augmentation."""

from . import datasets, transforms
from .batches import Batches
from .datasets import Data, Dataset, Examples

__all__ = ["Batches", "Data", "Dataset", "Examples", "datasets", "transforms"]
