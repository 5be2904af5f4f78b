#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""signals_test: one run or many, and how both are stopped."""
import signal

from case import PurgeCase, main, wait_until
from harness.users import now_ms


class Runs(PurgeCase):
    def gone(self, uid):
        wait_until(lambda: uid not in self.tables.uids(), f"the end of row {uid}")

    def test_of_oneshot_are_one(self):
        program = self.start("--oneshot", "--purge-interval", 0)
        self.assertEqual(0, program.wait().status)
        self.assertEqual(1, len(program.lines("run ended")))
        self.assertNotIn("next_run_in_s", program.wait_line("run ended"))

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
        uid = self.tables.old(self.nodeid)
        program.signal(signal.SIGUSR1)
        program.wait_line("run ended", 2)
        self.assertNotIn(uid, self.tables.uids())

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

    def test_by_tstp_within_a_run_ends_only_what_was_taken(self):
        uids = self.tables.many_old(30, [self.nodeid])
        before = self.tables.snapshot()
        program = self.start_held("--oneshot", "--window", 5, "--node-inflight", 2, waiting=2)
        program.signal(signal.SIGTSTP)
        program.wait_line("quiet")
        self.node.release()
        wait_until(lambda: len(self.tables.uids()) == 25, "the end of what was taken")
        for turn in (2, 3, 4):  # each is a turn of the loop that could have taken more
            program.signal(signal.SIGTSTP)
            program.wait_line("quiet", turn)
        self.assertEqual(5, len(self.node.requests))
        program.signal(signal.SIGCONT)
        result = program.wait()
        self.assertEqual((0, 30), (result.status, result.summary["purged"]), result)
        self.assert_removed(before, uids)
        self.assert_deleted(uids)

    def test_by_tstp_and_then_stopped_by_term(self):
        program = self.start("--purge-interval", "0.05")
        program.wait_line("run ended")
        program.signal(signal.SIGTSTP)
        program.wait_line("quiet")
        self.stop(program)


if __name__ == "__main__":
    main()
