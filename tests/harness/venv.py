# SPDX-License-Identifier: MPL-2.0
"""venv: the Python that `./dev setup test` made."""
import hashlib
import importlib.util
import os
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
REQUIREMENTS = [TESTS / "requirements.txt", TESTS / "requirements-bare.txt"]
PACKAGES = ("dlrepo", "hawkauthlib", "oslo_config", "pymysql", "requests", "swift", "tokenlib", "webob")


def enter():
    """Starts this program again with that Python when this one lacks what we need."""
    if all(importlib.util.find_spec(package) for package in PACKAGES):
        return
    key = hashlib.sha256(b"".join(file.read_bytes() for file in REQUIREMENTS)).hexdigest()[:12]
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "purgefleet"
    cache = Path(os.environ.get("PURGEFLEET_CACHE") or home)
    python = os.environ.get("PURGEFLEET_VENV") or str(cache / f"venv-{key}" / "bin" / "python")
    if not os.path.exists(python) or os.environ.get("PURGEFLEET_IN_VENV"):
        sys.exit("the Python packages of the tests are missing: run ./dev setup test")
    os.environ["PURGEFLEET_IN_VENV"] = "1"
    os.execv(python, [python, *sys.argv])
