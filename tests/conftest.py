"""What holds for every test."""

import hypothesis

# How long an example takes says how busy the machine is, not whether the promise holds.
hypothesis.settings.register_profile(
    "promises", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("promises")
