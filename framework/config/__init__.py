"""Experiments and models in YAML: read, checked against the signatures, built, run and written."""

from .errors import ConfigError, Problem
from .experiment import Experiment, load, loads
from .models import model_from_yaml, model_to_yaml

__all__ = ["ConfigError", "Experiment", "Problem", "load", "loads", "model_from_yaml", "model_to_yaml"]
