#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""random_test: random tables, faults and options; what must hold always holds.

A failing seed can be run alone: `PURGEFLEET_SEED=7 tests/e2e/random_test.py`.
"""
import os
import random

from case import PurgeCase, main
from world import World

SEEDS = (*range(8), 17, 18, 56, 81, 101, 107)


class Random(PurgeCase):
    def setUp(self):
        pass  # a world for each seed, not for each test

    def check(self, seed):
        super().setUp()
        world = World(self, random.Random(seed))
        before = self.tables.snapshot()
        result = self.purge(*world.options, status=None)
        said = f"seed {seed}, options {world.options}\n{result}"
        self.assertIn(result.status, (0, 1, 3), said)
        removed = set(before.users) - self.tables.uids()
        self.assert_removed(before, removed)
        self.assertLessEqual(removed, world.eligible, said)
        deleted = [r.uid for node in self.nodes for r in node.requests if r.status in (200, 404)]
        refusals = {request.refusal for node in self.nodes for request in node.refused}
        # A dropped connection makes libcurl send the same nonce again by itself.
        self.assertLessEqual(refusals, {"signature or nonce"} if world.faults else set(), said)
        self.assertLessEqual(set(deleted), world.with_delete, said)
        self.assertLessEqual(removed & world.with_delete, set(deleted), said)
        self.assertEqual(len(removed), result.summary["removed_rows"], said)
        self.check_summary(world, result, removed, said)

    def check_summary(self, world, result, removed, said):
        summary = result.summary
        with_node = [uid for uid in removed if uid in world.with_node]
        if world.max_records:
            self.assertLessEqual(len(with_node), world.max_records, said)
        else:
            told = sum(summary[name] for name in ("purged", "gone", "left", "failed", "postponed"))
            self.assertEqual(summary["rows"], told, said)
            self.assertEqual(len(world.eligible), summary["rows"] - world.left_down, said)
        if not world.faults and not world.max_records:
            self.assertEqual(world.eligible, removed, said)
            self.assertEqual("complete", summary["state"], said)
        if not world.faults and world.max_records:
            expected = min(world.max_records, len(world.with_node))
            self.assertEqual(expected, len(with_node), said)

    def test_worlds_end_as_they_must(self):
        seeds = os.environ.get("PURGEFLEET_SEED", " ".join(map(str, SEEDS)))
        for seed in map(int, seeds.split()):
            with self.subTest(seed=seed):
                self.check(seed)
                self.doCleanups()


if __name__ == "__main__":
    main()
