"""Datasets, batches and augmentation."""

from . import datasets, transforms
from .batches import Batches
from .datasets import Data, Dataset, Examples
from .mix import Mix
from .splits import stratified_split

__all__ = ["Batches", "Data", "Dataset", "Examples", "Mix", "datasets", "stratified_split", "transforms"]
