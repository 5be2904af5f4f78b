#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""dryrun_test: a dry run says what would happen, and nothing happens."""
import signal

from case import PurgeCase, main
from harness.users import DAY, NO_NODE


class DryRun(PurgeCase):
    def dryrun(self, *options, status=0, env=None):
        """Runs dry; whatever it says, nothing must be sent or changed."""
        before = self.tables.snapshot()
        result = self.purge("--dryrun", *options, status=status, env=env)
        self.assert_removed(before, [])
        self.assert_no_requests()
        return result

    def test_sends_and_changes_nothing_and_counts_all(self):
        for _ in range(3):
            self.tables.old(self.nodeid)
        self.tables.old(NO_NODE)
        self.tables.old(self.add_node(downed=1)[1])
        self.tables.twin(self.tables.old(self.nodeid))
        result = self.dryrun()
        self.assert_summary(result, state="complete", dryrun=True, would_purge=5, removed_rows=0,
                            left=1, left_node_down=1, backlog=6)

    def test_says_its_plan_on_standard_output(self):
        for _ in range(3):
            self.tables.old(self.nodeid)
        for _ in range(2):
            self.tables.old(NO_NODE)
        result = self.dryrun()
        self.assertRegex(result.stdout, r"\b3\b")
        self.assertRegex(result.stdout, r"\b2\b")
        self.assertIn(self.node.url, result.stdout)
        self.assertRegex(result.stdout, r"\n +rows  the oldest to the newest +where\n  would purge: ")

    def test_says_that_there_is_nothing(self):
        self.assertRegex(self.dryrun().stdout, r"\b(0|nothing)\b")

    def test_sends_its_backlog_and_no_deletes_as_metrics(self):
        self.tables.old(self.nodeid)
        self.tables.old(NO_NODE)
        self.dryrun()
        totals = self.sink.totals()
        self.assertEqual([2], totals["tokenserver.purge.backlog.size"])
        self.assertEqual(1, totals["tokenserver.purge.run.success"])
        self.assertFalse([name for name in totals if "delete" in name], totals)

    def test_shows_where_forced_deletes_would_go(self):
        other, _ = self.add_node()
        _, down = self.add_node(downed=1)
        self.tables.old(down)
        result = self.dryrun("--force", "--override_node", other.url)
        self.assert_summary(result, would_purge=1, left=0)
        self.assertIn(other.url, result.stdout)

    def test_ends_with_pages_smaller_than_the_backlog(self):
        self.tables.many_old(25, [self.nodeid])
        self.assert_summary(self.dryrun("--max-per-loop", 4), would_purge=25, pages=7)

    def test_keeps_to_the_limit(self):
        self.tables.many_old(25, [self.nodeid])
        self.assert_summary(self.dryrun("--max-records", 10), would_purge=10)

    def test_needs_no_node_and_no_right_secret(self):
        self.tables.old(self.nodeid)
        self.node.down()
        self.assert_summary(self.dryrun(env={"SYNC_MASTER_SECRET": "wrong"}), would_purge=1)

    def reader(self, *grants):
        """The environment of an account that may read, and what is granted besides."""
        url = self.mariadb.add_user("reader", "SELECT ON tokenserver.*", *grants)
        return {"SYNC_TOKENSERVER__DATABASE_URL": url}

    def assert_plans_and_fails_as_a_real_run(self, words, *options, env=None):
        result = self.dryrun(*options, status=1, env=env)
        self.assert_summary(result, state="failed", would_purge=1)
        self.assertRegex(result.stdout, r"would purge: node and row +1 ")
        self.assertIn(f"a real run would fail: {words}", result.stdout)
        real = self.purge(*options, status=1, env=env)
        self.assertEqual(real.summary["error"], result.summary["error"])
        self.assertEqual(1, len(self.tables.uids()))

    def test_plans_without_the_rights_of_a_real_run_and_says_that_it_would_fail(self):
        self.tables.old(self.nodeid)
        delete, count = "DELETE ON tokenserver.users", "UPDATE ON tokenserver.nodes"
        self.assert_plans_and_fails_as_a_real_run(
            "cannot delete from table 'users'", env=self.reader())
        self.assert_plans_and_fails_as_a_real_run(
            "cannot update table 'nodes'", env=self.reader(delete))
        self.assert_plans_and_fails_as_a_real_run(
            "cannot update table 'users'", "--on-failure=defer", env=self.reader(delete, count))
        self.assert_summary(self.dryrun(env=self.reader(delete, count)), state="complete",
                            would_purge=1)

    def test_plans_on_a_server_that_is_read_only_and_says_that_a_real_run_would_fail(self):
        self.tables.old(self.nodeid)
        self.tables.query("SET GLOBAL read_only = 1")
        self.addCleanup(self.tables.query, "SET GLOBAL read_only = 0")
        self.assert_plans_and_fails_as_a_real_run(
            "cannot delete from table 'users': 1290",
            env=self.reader("ALL ON tokenserver.*"))

    def test_knows_the_rows_that_would_fail(self):
        self.tables.many_old(3, [self.nodeid])
        self.tables.old(self.nodeid, client_state="not hex", age_ms=DAY * 9)
        self.tables.old(self.tables.add_node("ftp://x"), age_ms=DAY * 9)
        result = self.dryrun("--max-records", 2, status=3)
        self.assert_summary(result, state="partial", would_purge=2, failed=2, failed_unknown=2)
        self.assertRegex(result.stdout, r"would purge: node and row +2 ")
        self.assertRegex(result.stdout, r"would fail: +unknown +2\n")

    def test_is_made_again_and_again_when_asked(self):
        self.tables.old(self.nodeid)
        before = self.tables.snapshot()
        program = self.start("--dryrun", "--purge-interval", "0.05")
        program.wait_line("run ended", 3)
        program.signal(signal.SIGTERM)
        result = program.wait()
        self.assertEqual(0, result.status, result)
        self.assertRegex(result.stdout, r"(Dry run: [^D]* node and row +1 [^D]*){3}")
        self.assert_removed(before, [])
        self.assert_no_requests()

    def test_shows_what_the_guard_would_refuse(self):
        self.tables.many_old(1100, [NO_NODE])
        result = self.dryrun(status=1)
        self.assertIn("--max-fraction", result.stdout + result.errors)

    def test_that_did_not_come_to_counting_does_not_blame_the_time(self):
        self.tables.query("UPDATE services SET service = 'other'")
        result = self.dryrun(status=1)
        self.assertIn("rows old enough: unknown\n", result.stdout)
        self.assertIn("a real run would fail: the table 'services' has no", result.stdout)

    def test_never_defers(self):
        self.tables.old(self.nodeid, client_state="not hex")
        self.tables.old(self.nodeid)
        self.dryrun("--on-failure=defer", status=None)


if __name__ == "__main__":
    main()
