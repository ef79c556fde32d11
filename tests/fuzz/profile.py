"""How long the fuzzing takes, and how what it finds can be run again."""

import os

from hypothesis import HealthCheck, settings

# Each run tries something else, but on CI the same each time: what is new there is the change, and not the dice.
# print_blob: a failure ends with the line that repeats it, @reproduce_failure(...).
PROVE = settings(
    deadline=None,
    derandomize="CI" in os.environ,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)

# Werkzeug leaves the beginning of a file whose body broke off to the garbage collector, which then complains.
BROKEN_OFF = "ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning"
