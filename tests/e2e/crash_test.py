#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""crash_test: kill -9 at any moment costs only repeated work."""
import os
import random
import signal
import time

from case import PurgeCase, main, wait_until
from harness.users import HOUR, NO_NODE, now_ms

KILLS = 20
TRIES = 60  # some of the moments come after the end
SEED = int(os.environ.get("PURGEFLEET_SEED") or time.time_ns() % 1_000_000_007)


class Crash(PurgeCase):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.made = set()    # all that ought to go
        self.spared = set()  # of these: only the row, its data is in use
        self.nodeless = set()
        self.other, self.other_id = self.add_node()
        _, self.down_id = self.add_node(downed=1)
        self.tables.many_old(20, [self.down_id])
        for _ in range(20):
            self.tables.live(self.nodeid)
            self.tables.young(self.nodeid)

    def add_rows(self):
        """Old rows of all kinds, among them some whose data another record still needs."""
        nodeids = [self.nodeid, self.other_id, self.nodeid, NO_NODE]
        uids = self.tables.many_old(300, nodeids)
        self.made |= set(uids)
        self.nodeless |= set(uids[3::4])
        for uid in self.random.sample(uids[0::4], 5):
            self.tables.twin(uid, replaced_at=self.random.choice((None, now_ms() - HOUR)))
            self.spared.add(uid)

    def wait_moment(self, program):
        """A random moment: from the start of the process to somewhere in the middle of its work."""
        if self.random.random() < 0.2:
            began = time.monotonic()
            delay_s = self.random.random() * 0.1
            wait_until(lambda: time.monotonic() - began > delay_s or program.ended(), "a moment")
            return
        seen = len(self.node.requests) + len(self.other.requests)
        gone = len(self.tables.uids())
        if self.random.random() < 0.5:
            more = self.random.randrange(1, 150)
            wait_until(lambda: len(self.node.requests) + len(self.other.requests) >= seen + more
                       or program.ended(), "more requests")
        else:
            less = self.random.randrange(1, 200)
            wait_until(lambda: len(self.tables.uids()) <= gone - less or program.ended(),
                       "fewer rows")

    def wait_sessions_end(self):
        """The server has noticed: what the dead process began is committed or rolled back."""
        wait_until(lambda: len(self.tables.query(
            "SELECT id FROM information_schema.processlist WHERE user = 'purger'")) == 0,
            "the end of the dead sessions")

    def assert_right_so_far(self, before):
        """No row is gone without its DELETE, nothing live was touched, the counters are exact."""
        removed = set(before.users) - self.tables.uids()
        self.assertLessEqual(removed, self.made)
        self.assert_removed(before, removed)
        deleted = {uid for node in self.nodes for uid in node.deleted_uids}
        self.assertLessEqual(removed - self.nodeless - self.spared, deleted)
        self.assertLessEqual(deleted, self.made - self.nodeless - self.spared)
        self.assertEqual([], [r.refusal for node in self.nodes for r in node.refused])
        return removed

    def test_at_random_moments_loses_no_data_and_no_count(self):
        url = self.mariadb.add_user("purger", "SELECT, DELETE, UPDATE ON tokenserver.*")
        env = {"SYNC_TOKENSERVER__DATABASE_URL": url}
        killed = tries = 0
        with self.subTest(seed=SEED):
            while killed < KILLS:
                tries += 1
                self.assertLessEqual(tries, TRIES, f"only {killed} kills met a process that ran")
                self.add_rows()
                before = self.tables.snapshot()
                batch = self.random.choice((1, 7, 50, 500))
                program = self.start("--oneshot", "--batch-rows", batch, "--max-fraction", 0,
                                     "--max-per-loop", self.random.choice((5, 100, 1000)), env=env)
                self.wait_moment(program)
                program.signal(signal.SIGKILL)
                killed += program.wait().status == -signal.SIGKILL
                self.wait_sessions_end()
                self.assert_right_so_far(before)
            before = self.tables.snapshot()
            self.purge("--max-fraction", 0)
            self.assert_right_so_far(before)
            self.assertEqual(set(), self.made & self.tables.uids())


if __name__ == "__main__":
    main()
