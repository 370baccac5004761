"""How property tests run: without a clock, for machines are slow at times, and alike on CI."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "service",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    # A run that must pass tries the same examples each time; others look for new ones.
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("service")
