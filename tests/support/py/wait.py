# SPDX-License-Identifier: MPL-2.0
"""wait: until a condition holds; never for a time."""
import time


def wait_until(condition, timeout_s=20.0, what="condition"):
    """Returns the condition's first true value."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout_s} s in vain for: {what}")
        time.sleep(0.01)
