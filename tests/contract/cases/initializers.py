"""Cases of the initializers."""

from framework import initializers

INITIALIZERS = [
    initializers.Zeros(),
    initializers.Ones(),
    initializers.Constant(0.5),
    initializers.Identity(2.0),
    initializers.Orthogonal(),
    initializers.RandomNormal(1.0, 0.1, seed=3),
    initializers.RandomUniform(),
    initializers.TruncatedNormal(),
    initializers.VarianceScaling(2.0, "fan_avg", "uniform"),
    initializers.GlorotUniform(),
    initializers.GlorotNormal(seed=1),
    initializers.HeUniform(),
    initializers.HeNormal(),
    initializers.LecunUniform(),
    initializers.LecunNormal(),
]
