# SPDX-License-Identifier: MPL-2.0
"""wait: until something is true; the only place of the tests that lets time pass."""
import time


def wait_until(condition, what="the condition", timeout_s=20.0):
    """Returns the first true result of `condition`; AssertionError when there is none in time."""
    deadline = time.monotonic() + timeout_s
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {timeout_s:g} s")
        time.sleep(0.005)
