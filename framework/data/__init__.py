"""Datasets, batches and augmentation."""

from . import datasets, transforms
from .batches import Batches
from .datasets import Data, Dataset, Examples
from .splits import stratified_split

__all__ = ["Batches", "Data", "Dataset", "Examples", "datasets", "stratified_split", "transforms"]
