#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""signals_test: one run or many, and how both are stopped."""
import signal
import time
from datetime import datetime

from case import PurgeCase, main, wait_until
from harness.admin import Admin
from harness.users import NO_NODE, now_ms

STILL = "quiet: nothing is in work any more"


class Runs(PurgeCase):
    def gone(self, uid):
        wait_until(lambda: uid not in self.tables.uids(), f"the end of row {uid}")

    def test_of_oneshot_are_one(self):
        program = self.start("--oneshot", "--purge-interval", "0.001")
        self.assertEqual(0, program.wait().status)
        self.assertEqual(1, len(program.lines("run ended")))
        self.assertNotIn("next_run_in_s", program.wait_line("run ended"))
        self.assertEqual([], program.lines("next run"))

    def test_follow_each_other_by_the_interval(self):
        program = self.start("--purge-interval", "0.05")
        for i in range(3):
            self.gone(self.tables.old(self.nodeid))
            program.wait_line("run ended", i + 1)
        self.stop(program)

    def test_go_on_after_one_that_failed(self):
        program = self.start("--purge-interval", "0.05")
        program.wait_line("run ended")
        self.tables.query("RENAME TABLE users TO hidden")
        wait_until(lambda: [line for line in program.lines("run ended")
                            if line["state"] == "failed"], "a run that fails")
        self.tables.query("RENAME TABLE hidden TO users")
        self.gone(self.tables.old(self.nodeid))
        self.stop(program)

    def test_start_at_once_on_usr1(self):
        program = self.start("--purge-interval", 3600)
        pause_s = program.wait_line("run ended")["next_run_in_s"]
        self.assertTrue(0.7 * 3600 - 1 <= pause_s <= 1.3 * 3600, pause_s)
        told = program.wait_line("next run")
        due = datetime.fromisoformat(told["at"].replace("Z", "+00:00")).timestamp()
        self.assertAlmostEqual(due, time.time() + pause_s, delta=60)
        uid = self.tables.old(self.nodeid)
        program.signal(signal.SIGUSR1)
        program.wait_line("run ended", 2)
        self.assertNotIn(uid, self.tables.uids())

    def test_without_an_interval_come_only_by_usr1(self):
        program = self.start("--purge-interval", 0)
        self.assertNotIn("next_run_in_s", program.wait_line("run ended"))
        for number in (2, 3):
            uid = self.tables.old(self.nodeid)
            program.signal(signal.SIGUSR1)
            program.wait_line("run ended", number)
            self.assertNotIn(uid, self.tables.uids())
        self.stop(program)
        self.assertEqual(3, len(program.lines("run started")))
        self.assertEqual([], program.lines("next run"))

    def test_wait_for_the_first_usr1(self):
        uid = self.tables.old(self.nodeid)
        admin = Admin()
        program = self.start("--no-at-start", "--purge-interval", 0, *admin.words)
        wait_until(lambda: admin.status("/readyz") == 200, "it is ready")
        program.wait_line("each run is asked for; there is no timer")
        program.signal(signal.SIGUSR1)
        program.wait_line("run ended")
        self.assertNotIn(uid, self.tables.uids())
        self.stop(program)
        self.assertEqual(1, len(program.lines("run started")))

    def test_of_oneshot_do_not_wait_for_it(self):
        program = self.start("--oneshot", "--no-at-start")
        self.assertEqual(0, program.wait().status)
        self.assertEqual(1, len(program.lines("run ended")))

    def test_asked_for_while_one_runs_are_followed_by_one(self):
        self.tables.old(self.nodeid)
        program = self.start_held("--purge-interval", 3600)
        for _ in range(5):
            program.signal(signal.SIGUSR1)
        uid = self.tables.old(self.nodeid)
        self.node.release()
        program.wait_line("run ended", 2)
        self.assertNotIn(uid, self.tables.uids())
        program.signal(signal.SIGTERM)
        program.wait()
        self.assertEqual(2, len(program.lines("run ended")))

    def test_end_with_nothing_by_hup(self):
        program = self.start("--purge-interval", 3600)
        program.wait_line("run ended")
        program.signal(signal.SIGHUP)
        program.wait_line("SIGHUP: there is nothing to reload; going on")
        uid = self.tables.old(self.nodeid)
        program.signal(signal.SIGUSR1)
        program.wait_line("run ended", 2)
        self.assertNotIn(uid, self.tables.uids())

    def test_that_failed_do_not_make_a_later_term_a_failure(self):
        self.tables.old(self.nodeid)
        self.node.fail(400)
        program = self.start("--purge-interval", 3600)
        self.assertEqual("failed", program.wait_line("run ended")["state"])
        self.stop(program)


class Stop(PurgeCase):
    def begin(self, *options):
        """A program of whose 20 rows two are with their node, which does not answer yet."""
        self.uids = self.tables.many_old(20, [self.nodeid])
        self.before = self.tables.snapshot()
        return self.start_held("--node-inflight", 2, *options, waiting=2)

    def test_by_term_brings_what_is_begun_to_its_end(self):
        for options in (["--oneshot"], []):
            with self.subTest(options):
                self.tables.query("DELETE FROM users")
                self.node.requests.clear()
                program = self.begin(*options)
                program.signal(signal.SIGTERM)
                program.wait_line("stopping")
                self.node.release()
                result = program.wait()
                self.assertEqual(0, result.status, result)
                self.assert_summary(result, purged=2, failed=0)
                self.assertEqual(2, len(self.node.requests))
                self.assert_removed(self.before, self.node.deleted_uids)

    def test_by_int_is_the_same(self):
        program = self.begin()
        program.signal(signal.SIGINT)
        program.wait_line("stopping")
        self.node.release()
        self.assertEqual(0, program.wait().status)
        self.assert_removed(self.before, self.node.deleted_uids)

    def test_by_a_second_term_is_now(self):
        program = self.begin()
        program.signal(signal.SIGTERM)
        program.wait_line("stopping")
        self.assertFalse(program.ended())
        program.signal(signal.SIGTERM)
        program.wait(timeout_s=20)  # the node still holds its answers
        self.assertEqual(2, self.node.waiting)
        self.assert_removed(self.before, [])
        self.assertEqual(1, self.sink.totals().get("tokenserver.purge.run.failure"))

    def test_waits_no_longer_than_the_drain_timeout(self):
        program = self.begin("--drain-timeout", "0.2")
        program.signal(signal.SIGTERM)
        self.assertEqual(1, program.wait(timeout_s=20).status)
        self.assert_removed(self.before, [])
        self.assertEqual(1, self.sink.totals().get("tokenserver.purge.run.failure"))

    def test_between_two_runs_is_at_once(self):
        program = self.start("--purge-interval", 3600)
        program.wait_line("run ended")
        program.signal(signal.SIGTERM)
        self.assertEqual(0, program.wait(timeout_s=20).status)

    def test_by_kill_costs_only_repeated_work(self):
        program = self.begin()
        self.node.on_request = None
        self.node.release()
        wait_until(lambda: len(self.node.deletes) >= 4, "some deletes")
        program.signal(signal.SIGKILL)
        program.wait()
        removed = set(self.uids) - self.tables.uids()
        self.assertLessEqual(removed, set(self.node.deleted_uids))
        self.assert_removed(self.before, removed)
        self.purge()
        self.assert_removed(self.before, self.uids)


class Quiet(PurgeCase):
    def test_by_tstp_takes_nothing_new_until_cont(self):
        program = self.start("--purge-interval", "0.05")
        program.wait_line("run ended", 2)
        program.signal(signal.SIGTSTP)
        program.wait_line("quiet")
        uid = self.tables.old(self.nodeid)
        program.signal(signal.SIGUSR1)
        began = now_ms()
        wait_until(lambda: now_ms() - began > 500, "half a second")
        self.assertIn(uid, self.tables.uids())
        self.assert_no_requests()
        program.signal(signal.SIGCONT)
        program.wait_line("SIGCONT: going on")
        wait_until(lambda: uid not in self.tables.uids(), "the row's end")

    def quiet(self, program):
        """Until nothing is in work any more. Returns how many records then wait."""
        program.signal(signal.SIGTSTP)
        program.wait_line("quiet: nothing new is begun")
        self.node.release()
        return program.next_line(STILL, process_stops=False)["waiting"]

    def test_by_tstp_ends_only_what_was_with_the_node_though_the_window_is_full(self):
        uids = self.tables.many_old(3000, [self.nodeid])
        before = self.tables.snapshot()
        program = self.start_held("--oneshot", "--max-fraction", 0, "--node-inflight", 8, waiting=8)
        self.assertGreater(self.quiet(program), 500)
        self.assertEqual(8, len(self.node.requests))
        self.assertEqual(2992, len(self.tables.uids()))
        self.assertEqual(set(before.users) - self.tables.uids(), set(self.node.deleted_uids))
        program.signal(signal.SIGCONT)
        result = program.wait()
        self.assertEqual((0, 3000), (result.status, result.summary["purged"]), result)
        self.assert_removed(before, uids)
        self.assert_deleted(uids)

    def test_by_tstp_begins_no_removal_of_rows_without_a_node(self):
        uids = self.tables.many_old(1000, [NO_NODE])
        before = self.tables.snapshot()
        with self.mariadb.connect() as connection, connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT uid FROM users FOR UPDATE")
            program = self.start("--oneshot", "--batch-rows", 100)
            wait_until(lambda: len(self.tables.query("SELECT id FROM information_schema.processlist "
                                                     "WHERE info LIKE '%%FOR UPDATE'")) == 2, "both threads")
            program.signal(signal.SIGTSTP)
            program.wait_line("quiet: nothing new is begun")
            cursor.execute("ROLLBACK")
        program.next_line(STILL, waiting=800)
        self.assertEqual(800, len(self.tables.uids()))
        program.signal(signal.SIGCONT)
        self.assertEqual(1000, program.wait().summary["purged"])
        self.assert_removed(before, uids)

    def test_a_pause_uses_up_no_patience(self):
        """Rows whose first try failed wait for their next one for longer than --retry-time."""
        uids = self.tables.many_old(30, [self.nodeid])
        before = self.tables.snapshot()
        self.node.fail(500)
        program = self.start("--oneshot", "--retry-time", "2", "--attempts", 50)
        wait_until(lambda: len(self.node.requests) >= 30, "a try of each")
        self.assertEqual(30, self.quiet(program))
        self.node.heal()
        began = now_ms()
        wait_until(lambda: now_ms() - began > 2500, "longer than --retry-time")
        program.signal(signal.SIGCONT)
        result = program.wait()
        self.assertEqual((0, 30), (result.status, result.summary["purged"]), result)
        self.assert_removed(before, uids)

    def test_by_tstp_and_then_stopped_by_term(self):
        program = self.start("--purge-interval", "0.05")
        program.wait_line("run ended")
        program.signal(signal.SIGTSTP)
        program.wait_line(STILL)
        self.stop(program)

    def test_by_tstp_within_a_run_and_then_stopped_by_term(self):
        self.tables.many_old(30, [self.nodeid])
        program = self.start_held("--oneshot", "--node-inflight", 2, waiting=2)
        self.assertEqual(28, self.quiet(program))
        self.stop(program)
        self.assertEqual(28, len(self.tables.uids()))


if __name__ == "__main__":
    main()
