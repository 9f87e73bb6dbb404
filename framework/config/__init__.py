"""Experiments and models in YAML: read, checked against the signatures, built, run and written."""

from .errors import ConfigError, Problem
from .experiment import Experiment, load, loads
from .loading import component
from .models import model_from_yaml, model_to_yaml

__all__ = ["ConfigError", "Experiment", "Problem", "component", "load", "loads", "model_from_yaml", "model_to_yaml"]
