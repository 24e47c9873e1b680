"""Settings that every test shares."""

import os

from hypothesis import HealthCheck, settings

# Figures are drawn without a screen, in this process and in the commands that tests start.
os.environ["MPLBACKEND"] = "Agg"

# No profile measures time: what passes on one machine passes on a slower one.
settings.register_profile(
    "ci",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "long",
    derandomize=False,
    deadline=None,
    max_examples=2000,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
