#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""guard_test: a run that would purge more of the table than anyone wants asks first; a dry run tells what it would do."""
import re
import signal

from case import PurgeCase, main
from harness.mariadb import numbers
from harness.users import NO_NODE


class Guard(PurgeCase):
    def fill(self, old, live):
        uids = self.tables.many_old(old, [NO_NODE])
        lives = self.tables.many_old(live, [NO_NODE]) if live else []
        if lives:
            self.tables.query("UPDATE users SET replaced_at = NULL WHERE uid >= %s", lives[0])
        return uids

    def assert_refused(self, *options):
        """Nothing is touched; returns what was said."""
        before = self.tables.snapshot()
        result = self.purge(*options, status=1)
        self.assert_summary(result, state="failed", guard="refused", purged=0, requests=0)
        self.assert_removed(before, [])
        self.assert_no_requests()
        self.assertEqual(1, self.sink.totals()["tokenserver.purge.run.failure"])
        return result.summary["error"]

    def test_lets_as_many_go_as_the_limit_allows(self):
        self.tables.many_old(2000, [self.nodeid])
        self.assert_summary(self.purge("--max-records", 10), purged=10, guard="passed")

    def test_adds_records_without_a_node_to_the_limit_they_do_not_count_towards(self):
        self.tables.many_old(3000, [self.nodeid])
        self.tables.live(self.nodeid)
        nodes = self.tables.query("SELECT * FROM nodes")
        self.tables.query("DELETE FROM nodes")
        self.assertIn("3000 of 3001 rows", self.assert_refused("--max-records", 10))
        self.tables.add_node(nodes[0]["node"])
        self.tables.query("UPDATE nodes SET id = %s", self.nodeid)
        self.tables.query("UPDATE users SET nodeid = %s WHERE uid %% 10 = 0", NO_NODE)
        result = self.purge("--max-records", 10)
        self.assert_summary(result, guard="passed")
        self.assertEqual(10, len(self.node.deletes))

    def test_lets_a_thousand_rows_go_whatever_their_share(self):
        self.fill(1000, 0)
        self.assert_summary(self.purge(), state="complete", purged=1000, guard="passed")

    def test_refuses_more_than_nine_tenths_and_names_the_option_that_approves(self):
        uids = self.fill(1001, 50)
        self.tables.old(self.nodeid)
        said = self.assert_refused()
        self.assertIn("1002 of 1052 rows", said)
        option = re.search(r"--max-fraction \S+$", said).group().split()
        self.assert_summary(self.purge(*option), state="complete", purged=1002, guard="off")
        self.assertEqual(set(), self.tables.uids() & set(uids))

    def test_counts_rows_of_nodes_that_are_down_as_rows_that_could_go(self):
        self.tables.many_old(1100, [self.add_node(downed=1)[1]])
        self.assertEqual(
            "refused: 1100 of 1100 rows could be purged, more than --max-fraction 0.9 allows; "
            "try a few with --max-records N, or approve this run with --max-fraction 0", self.assert_refused())

    def test_lets_less_than_nine_tenths_go(self):
        self.fill(1001, 120)
        self.assert_summary(self.purge(), state="complete", purged=1001, guard="passed")

    def test_has_the_share_that_was_asked_for(self):
        self.fill(1001, 1100)
        self.assertIn("more than --max-fraction 0.25 allows",
                      self.assert_refused("--max-fraction", "0.25"))
        self.assert_summary(self.purge("--max-fraction", "0.5"), purged=1001)

    def test_counts_within_the_range(self):
        uids = self.fill(1300, 3000)
        self.assertIn("1200 of 1200 rows", self.assert_refused("--range_end", uids[1200]))
        self.assert_summary(self.purge("--range_end", uids[900]), purged=900)

    def test_refuses_each_run_of_a_program_that_goes_on(self):
        self.fill(1100, 0)
        program = self.start("--purge-interval", "0.1")
        line = program.wait_line("run ended", 3)
        self.assertEqual(("failed", "refused"), (line["state"], line["guard"]))
        program.signal(signal.SIGTERM)
        program.wait()
        self.assertEqual(1100, len(self.tables.uids()))

    def test_counts_what_stays_whatever_the_server_thinks_of_the_size_of_the_table(self):
        self.tables.query("ALTER TABLE users STATS_PERSISTENT = 1, STATS_AUTO_RECALC = 0")
        self.tables.query(
            "INSERT INTO users (service, email, generation, client_state, created_at, replaced_at, nodeid)"
            f" SELECT %s, CONCAT(seq, '@x'), 1, 'aa', 1, IF(seq > 10000, 1, NULL), %s FROM {numbers(110001)}",
            self.tables.service, NO_NODE)
        self.tables.query("UPDATE mysql.innodb_table_stats SET n_rows = 2000000 WHERE table_name = 'users'")
        self.tables.query("RENAME TABLE users TO renamed, renamed TO users")  # reads them anew
        size = self.tables.query("SELECT TABLE_ROWS AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
                                 " AND TABLE_NAME = 'users'")
        self.assertEqual(2_000_000, size[0]["n"])
        checksums = "CHECKSUM TABLE users, nodes"
        before = self.tables.query(checksums)
        result = self.purge(status=1)
        self.assert_summary(result, guard="refused", purged=0, backlog=100_001)
        self.assertIn("refused: 100001 of 110001 rows", result.summary["error"])
        self.assertEqual(before, self.tables.query(checksums))


class DryRun(PurgeCase):
    def test_of_what_would_be_refused_says_so_and_plans_all_the_same(self):
        self.tables.many_old(1100, [NO_NODE])
        before = self.tables.snapshot()
        result = self.purge("--dryrun", status=1)
        self.assert_removed(before, [])
        self.assertIn("--max-fraction 0", result.summary["error"])
        self.assert_summary(result, dryrun=True, would_purge=1100, guard="refused")
        self.assertIn("1100", result.stdout)

    def test_plans_by_outcome_and_node(self):
        _, down_id = self.add_node(downed=1)
        self.tables.many_old(7, [self.nodeid])
        self.tables.many_old(3, [NO_NODE])
        self.tables.many_old(2, [down_id])
        self.tables.twin(self.tables.old(self.nodeid))
        self.tables.old(self.nodeid, client_state="not hex")
        before = self.tables.snapshot()
        result = self.purge("--dryrun", status=None)
        self.assert_removed(before, [])
        self.assert_no_requests()
        self.assert_summary(result, dryrun=True, left_node_down=2)
        self.assertIn(self.node.url, result.stdout)
        for words in ("node and row", "row only, no node", "row only, data in use",
                      "would leave: node_down", "would fail:  unknown"):
            self.assertIn(words, result.stdout)

    def test_plans_no_more_than_max_records(self):
        self.tables.many_old(30, [self.nodeid])
        before = self.tables.snapshot()
        self.assert_summary(self.purge("--dryrun", "--max-records", 10), would_purge=10)
        self.assert_removed(before, [])
        self.assert_no_requests()


if __name__ == "__main__":
    main()
