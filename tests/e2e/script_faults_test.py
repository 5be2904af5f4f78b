#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""script_faults_test: the known faults of the script that the program replaces are not in it."""
from pathlib import Path

from case import ONCE, SCRIPT, SECRET, PurgeCase, main, wait_until
from harness.users import HOUR, NO_NODE


class ScriptFaults(PurgeCase):
    def test_offset_past_the_backlog_does_not_end_the_run_early(self):
        uids = self.tables.many_old(30, [self.nodeid])
        before = self.tables.snapshot()
        self.assert_summary(self.purge("--max-offset", 1_000_000, "--max-per-loop", 10), purged=30)
        self.assert_removed(before, uids)

    def test_rows_are_taken_oldest_first(self):
        ages = (30, 90, 50, 70, 110)
        uids = {age: self.tables.old(self.nodeid, age_ms=age * HOUR) for age in ages}
        self.purge("--node-inflight", 1, "--max-per-loop", 2)
        self.assertEqual([uids[age] for age in sorted(ages, reverse=True)],
                         [request.uid for request in self.node.requests])

    def test_rows_of_downed_nodes_are_no_loop(self):
        _, down = self.add_node(downed=1)
        for _ in range(12):
            self.tables.old(down, age_ms=100 * HOUR)
        uids = self.tables.many_old(5, [self.nodeid])
        before = self.tables.snapshot()
        self.assert_summary(self.purge("--max-per-loop", 3), state="complete", purged=5, left=12)
        self.assert_removed(before, uids)

    def test_dry_run_is_no_loop(self):
        self.tables.many_old(12, [self.nodeid])
        self.assert_summary(self.purge("--dryrun", "--max-per-loop", 1), state="complete",
                            would_purge=12)

    def test_4xx_is_not_tried_again(self):
        for status in (400, 410, 418):
            with self.subTest(status):
                uid = self.tables.old(self.nodeid)
                self.tables.old(NO_NODE)
                self.node.heal()
                self.node.fail(status)
                self.purge(status=3)
                self.assertEqual([status], [r.status for r in self.node.requests if r.uid == uid])
                self.tables.query("DELETE FROM users")

    def test_time_out_is_tried_again(self):
        uid = self.tables.old(self.nodeid)
        before = self.tables.snapshot()
        self.node.fail(delay_s=30, times=1)
        self.assert_summary(self.purge("--request-timeout", "0.3"), purged=1, retries=1)
        self.assert_removed(before, [uid])
        self.assertEqual(2, len(self.node.requests))

    def test_connection_that_breaks_is_tried_again(self):
        uid = self.tables.old(self.nodeid)
        before = self.tables.snapshot()
        self.node.fail(drop=True, times=2)
        self.purge()
        self.assert_removed(before, [uid])

    def test_every_try_is_signed_anew(self):
        self.tables.old(self.nodeid)
        self.node.fail(503, times=2)
        self.purge()
        self.assertEqual([], self.node.refused)
        self.assertEqual(3, len({r.headers["authorization"] for r in self.node.requests}))

    def test_first_401_is_tried_again_at_once_signed_anew(self):
        uid = self.tables.old(self.nodeid)
        before = self.tables.snapshot()
        self.node.fail(401, times=1)
        self.assert_summary(self.purge(), state="complete", purged=1, failed=0)
        self.assert_removed(before, [uid])
        self.assertEqual(2, len({r.headers["authorization"] for r in self.node.requests}))

    def test_requests_are_made_at_once(self):
        self.tables.many_old(40, [self.nodeid])
        program = self.start_held("--oneshot", waiting=10)
        self.node.release()
        self.assertEqual(0, program.wait().status)

    def test_slow_node_does_not_hold_up_another(self):
        slow, slow_id = self.add_node()
        uids = self.tables.many_old(40, [slow_id, self.nodeid])
        slow.hold()
        program = self.start("--oneshot")
        wait_until(lambda: self.tables.uids() == set(uids[0::2]), "the end of the quick node's rows")
        slow.release()
        self.assertEqual(0, program.wait().status)

    def test_connections_are_kept(self):
        self.tables.many_old(300, [self.nodeid])
        self.purge("--node-inflight", 8)
        self.assertEqual(300, len(self.node.deletes))
        self.assertLessEqual(self.node.connection_count, 8)

    def test_counters_and_row_are_one_transaction(self):
        uid = self.tables.old(self.nodeid)
        before = self.tables.snapshot()
        self.tables.query("CREATE TRIGGER no_update BEFORE UPDATE ON nodes FOR EACH ROW"
                          " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no update'")
        self.assertNotEqual(0, self.purge(*ONCE, status=None).status)
        self.assert_removed(before, [])
        self.tables.query("DROP TRIGGER no_update")
        self.purge()
        self.assert_removed(before, [uid])

    def test_secret_is_not_in_ps(self):
        self.tables.old(self.nodeid)
        program = self.start_held("--oneshot", SECRET, env={"SYNC_MASTER_SECRET": None}, words=(), binary=SCRIPT)
        self.assertNotIn(SECRET.encode(), Path(f"/proc/{program.pid}/cmdline").read_bytes())
        self.node.release()
        self.assertEqual(0, program.wait().status)

    def test_run_that_failed_does_not_exit_0(self):
        self.tables.old(self.nodeid)
        self.node.fail(500)
        self.purge(*ONCE, status=1)
        self.purge(status=1, env={"SYNC_TOKENSERVER__DATABASE_URL": self.mariadb.url(database="x")})

    def test_tags_have_values(self):
        self.tables.old(self.nodeid)
        self.tables.old(NO_NODE)
        self.purge()
        totals = self.sink.totals()
        self.assertEqual(1, totals["tokenserver.delete_user#type:not_down"])
        self.assertEqual(1, totals["tokenserver.delete_user#type:nodeless"])


if __name__ == "__main__":
    main()
