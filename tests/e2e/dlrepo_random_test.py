#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""dlrepo_random_test: random repositories end as the rules say, and as dlrepo itself leaves them.

PURGEFLEET_TEST_TREES says how many. A failing one can be run alone:
`PURGEFLEET_SEED=7 tests/e2e/dlrepo_random_test.py`.
"""
import os
import random
import tempfile
import time

from dlrepo_case import DlrepoCase, main
from dlrepo_world import World
from harness.dlrepo import snapshot, without
from harness.dlrepo_model import directories, must_go, surplus
from harness.dlrepo_public import PublicServer
from harness.dlrepo_upstream import Child, clean_all

TREES = int(os.environ.get("PURGEFLEET_TEST_TREES", "40"))
WITH_WAIT = 20  # each so-manieth as beside a running server
WITH_URL = 3    # and with a public server


class Random(DlrepoCase):
    @classmethod
    def setUpClass(cls):
        cls.public = PublicServer()
        cls.addClassCleanup(cls.public.close)
        auth = tempfile.NamedTemporaryFile("w", prefix="purgefleet-test-")
        cls.addClassCleanup(auth.close)
        auth.write("me:pa:ss\n")
        auth.flush()
        cls.published = {"DLREPO_PUBLISH_URL": cls.public.url, "DLREPO_PUBLISH_AUTH": auth.name}
        cls.upstream = {}
        for is_published, env in ((True, cls.published), (False, None)):
            cls.upstream[is_published] = Child("clean", env=env)
            cls.addClassCleanup(cls.upstream[is_published].close)

    def setUp(self):
        self.programs = []  # and a repository for each seed, not for each test

    def build(self, seed, is_published):
        root = self.directory()
        return World(root, random.Random(seed), is_published), root

    @staticmethod
    def is_stuck(root):
        """A surplus tag is released, and nothing says where it was published."""
        return any(surplus(branch, True) != surplus(branch, False)
                   for branch in directories(root / "branches"))

    def check(self, seed):
        """Whether dlrepo itself was asked too."""
        is_published = seed % WITH_URL == 0
        world, root = self.build(seed, is_published)
        before = snapshot(root)
        tags, orphans = must_go(root, time.time(), 600, is_published)
        is_stuck = not is_published and self.is_stuck(root)
        options = () if seed % WITH_WAIT == 0 else ("--no-server",)
        has_trouble = world.has_trouble or is_stuck
        status = None if world.is_odd else int(has_trouble)
        result = self.run_dlrepo(*options, root=root, status=status,
                                 env=self.published if is_published else None)
        after = snapshot(root)
        self.assertEqual(self.rest(without(before, tags | orphans)), self.rest(after), result)
        self.assertEqual(self.dangling(root, after) - \
                         self.dangling(root, before, before), set(), result)
        self.assert_said(result, f"Deleted {len(tags)} tags")
        is_compared = world.is_compared and not is_stuck
        if is_compared:
            self.compare(seed, is_published, after, world.excused)
        return is_compared

    @staticmethod
    def rest(taken):
        """All but the products, and without link counts, which the removed took with them."""
        return {name: seen[:2] for name, seen in taken.items()
                if not name.startswith("products/") and name != "products"}

    @staticmethod
    def dangling(root, taken, known=None):
        """The links to formats that lead nowhere; with `known`: led nowhere at that time."""
        def is_there(name, target):
            path = os.path.normpath(os.path.join(os.path.dirname(name), target))
            return path in known if known is not None else os.path.exists(os.path.join(root, path))
        return {name for name, seen in taken.items() if name.startswith("products/")
                and seen[0] == "link" and not is_there(name, seen[1])}

    def compare(self, seed, is_published, ours, excused):
        """The same repository again, for dlrepo itself: it leaves the same, and what the rules as
        the tests know them leave."""
        _, root = self.build(seed, is_published)
        due = set().union(*must_go(root, time.time(), 600, is_published))
        expected = self.rest(without(snapshot(root), due))
        told = clean_all(self.upstream[is_published], root)
        self.assertIsNone(told["crash"], told)
        theirs = snapshot(root)
        for others, own in ((theirs, ours), (self.rest(theirs), expected)):
            others, own = ({name: seen for name, seen in taken.items() if name not in excused}
                           for taken in (others, own))
            self.assertEqual(others, own, told)

    def test_repositories_end_as_they_must(self):
        seeds = os.environ.get("PURGEFLEET_SEED", " ".join(map(str, range(TREES)))).split()
        compared = 0
        for seed in map(int, seeds):
            with self.subTest(seed=seed):
                compared += self.check(seed)
            self.doCleanups()
        if len(seeds) == TREES:
            self.assertGreater(compared, TREES // 3)


if __name__ == "__main__":
    main()
