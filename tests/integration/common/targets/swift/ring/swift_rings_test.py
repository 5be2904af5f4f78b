#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""swift_rings_test: in random rings of swift-ring-builder we read what Swift reads.

PURGEFLEET_TEST_RINGS says how many. A failing one can be made alone by `tests/support/swift_rings.py DIRECTORY SEED`.
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parents[5]
sys.path.insert(0, str(TESTS))
from harness import purgefleet, venv  # noqa: E402

venv.enter()

DUMP = str(Path(purgefleet.BINARY).parent / "tests" / "ring_dump")
MAKE = str(TESTS / "support" / "swift_rings.py")
RINGS = int(os.environ.get("PURGEFLEET_TEST_RINGS", "40"))


def text_of(wanted):
    """What ring_dump is to print."""
    for device in wanted["devices"]:
        yield " ".join(["device", *map(str, device)]) if device else "hole"
    for nodes in wanted["nodes"]:
        yield " ".join(["partition", *map(str, nodes)])
    for place in wanted["places"]:
        yield " ".join(["place", str(place["partition"]), *map(str, place["shards"])])


class Rings(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="purgefleet-test-")
        self.addCleanup(directory.cleanup)
        self.home = Path(directory.name)

    def check(self, seed):
        wanted = json.loads((self.home / f"{seed}.json").read_text())
        names = "".join(" ".join(place["names"]) + "\n" for place in wanted["places"])
        result = subprocess.run([DUMP, str(self.home / f"{seed}.ring.gz"), "pfx", "sfx"], input=names,
                                capture_output=True, text=True, check=False)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(result.stdout.splitlines(), list(text_of(wanted)))

    def test_random_rings_read_as_swift_reads_them(self):
        seeds = range(RINGS)
        subprocess.run([sys.executable, MAKE, str(self.home), *map(str, seeds)], check=True)
        for seed in seeds:
            with self.subTest(seed=seed):
                self.check(seed)


if __name__ == "__main__":
    unittest.main()
