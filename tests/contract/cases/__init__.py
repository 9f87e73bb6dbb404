"""One or more instances of every registered class; `test_contract.py` puts all of them through the same tests.

A class that is registered and has no case here fails the suite.
"""

import framework
from framework.data import datasets, transforms

from .activations import ACTIVATIONS
from .callbacks import CALLBACKS
from .callbacks import PYTHON_ONLY as CALLBACKS_OF_FUNCTIONS
from .constraints import CONSTRAINTS
from .data import DATASETS, TRANSFORMS
from .initializers import INITIALIZERS
from .layers import LAYERS
from .losses import LOSSES
from .metrics import METRICS
from .metrics import PYTHON_ONLY as METRICS_OF_FUNCTIONS
from .optimizers import OPTIMIZERS
from .regularizers import REGULARIZERS
from .schedules import SCHEDULES

COMPONENTS = {
    framework.activations.registry: ACTIVATIONS,
    framework.layers.registry: [case[0] for case in LAYERS],
    framework.losses.registry: [case[0] for case in LOSSES],
    framework.optimizers.registry: OPTIMIZERS,
    framework.initializers.registry: INITIALIZERS,
    framework.regularizers.registry: REGULARIZERS,
    framework.constraints.registry: CONSTRAINTS,
    framework.schedules.registry: SCHEDULES,
    framework.metrics.registry: [metric for metric, _ in METRICS],
    framework.callbacks.registry: CALLBACKS,
    transforms.registry: TRANSFORMS,
    datasets.registry: DATASETS,
}

PYTHON_ONLY = (*CALLBACKS_OF_FUNCTIONS, *METRICS_OF_FUNCTIONS)
"""Classes whose arguments are functions, which no file can hold."""
