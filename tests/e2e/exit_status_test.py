#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""exit_status_test: 0 complete, 3 some rows failed, 1 the run failed, 2 usage."""
import subprocess

from case import ONCE, PurgeCase, main, purgefleet
from harness.users import NO_NODE


class Complete(PurgeCase):
    def assert_complete(self, *options, **summary):
        self.assert_summary(self.purge(*options, status=0), state="complete", **summary)
        self.assertEqual(1, self.sink.totals().get("tokenserver.purge.run.success"))

    def test_nothing_to_do_is_0(self):
        self.assert_complete()

    def test_all_purged_is_0(self):
        self.tables.old(self.nodeid)
        self.assert_complete(purged=1)

    def test_all_rightly_left_is_0(self):
        self.tables.old(self.add_node(downed=1)[1])
        self.assert_complete(purged=0, left=1)

    def test_node_that_recovers_within_a_run_is_0(self):
        uid = self.tables.old(self.nodeid)
        self.node.fail(503, times=2)
        before = self.tables.snapshot()
        self.assert_complete(purged=1, failed=0, retries=2)
        self.assert_removed(before, [uid])
        self.assertEqual([503, 503, 200], [r.status for r in self.node.requests])


class Partial(PurgeCase):
    def assert_partial(self, *options, **summary):
        self.assert_summary(self.purge(*options, status=3), state="partial", **summary)
        totals = self.sink.totals()
        self.assertEqual(1, totals.get("tokenserver.purge.run.success"))
        self.assertNotIn("tokenserver.purge.run.failure", totals)

    def test_one_row_that_fails_is_3(self):
        for status, reason in ((400, "http_4xx"), (500, "http_5xx"), (302, "http_other")):
            with self.subTest(status):
                bad, good = self.tables.old(self.nodeid), self.tables.old(self.nodeid)
                before = self.tables.snapshot()
                self.node.fail(status, uids={bad})
                self.assert_partial(*ONCE, purged=1, failed=1, **{f"failed_{reason}": 1})
                self.assert_removed(before, [good])
                self.tables.query("DELETE FROM users")
                self.sink.clear()

    def test_one_row_that_times_out_is_3(self):
        bad, good = self.tables.old(self.nodeid), self.tables.old(self.nodeid)
        self.node.fail(delay_s=30, uids={bad})
        before = self.tables.snapshot()
        self.assert_partial(*ONCE, "--request-timeout", "0.3", purged=1, failed_timeout=1)
        self.assert_removed(before, [good])

    def test_one_node_that_is_away_is_3(self):
        away, away_id = self.add_node()
        away.down()
        self.tables.old(away_id)
        good = self.tables.old(self.nodeid)
        before = self.tables.snapshot()
        self.assert_partial(*ONCE, purged=1, failed_connect=1)
        self.assert_removed(before, [good])

    def test_rows_that_wait_for_a_node_that_is_away_are_postponed(self):
        away, away_id = self.add_node()
        away.down()
        uids = self.tables.many_old(40, [self.nodeid, away_id])
        before = self.tables.snapshot()
        result = self.purge("--retry-time", 1, status=3)
        summary = result.summary
        self.assertEqual(20, summary["failed"] + summary["postponed"], result)
        self.assert_removed(before, uids[0::2])

    def test_redirect_is_not_followed(self):
        other, _ = self.add_node()
        self.tables.old(self.nodeid)
        self.tables.old(NO_NODE)
        self.node.fail(307, headers={"Location": other.url + "/1.5/1"})
        self.assert_partial(*ONCE, failed_http_other=1)
        self.assertEqual([], other.requests)


class Failed(PurgeCase):
    def assert_failed(self, *options, words=(), env=None, **summary):
        """`words` are said with the severity of an error."""
        result = self.purge(*options, env=env, status=1)
        self.assert_summary(result, state="failed", **summary)
        for word in words:
            self.assertIn(word, result.errors)
        totals = self.sink.totals()
        self.assertEqual(1, totals.get("tokenserver.purge.run.failure"))
        self.assertNotIn("tokenserver.purge.run.success", totals)
        return result

    def test_requests_fail_and_nothing_at_all_is_purged_is_1(self):
        for status in (400, 503):
            with self.subTest(status):
                self.tables.old(self.nodeid)
                before = self.tables.snapshot()
                self.node.heal()
                self.node.fail(status)
                self.assert_failed(*ONCE, purged=0)
                self.assert_removed(before, [])
                self.sink.clear()

    def test_no_row_goes_though_the_nodes_delete_is_1(self):
        self.tables.many_old(30, [self.nodeid, NO_NODE])
        self.tables.query("CREATE TRIGGER no_delete BEFORE DELETE ON users FOR EACH ROW"
                          " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'")
        before = self.tables.snapshot()
        self.assert_failed(purged=0, failed_unknown=30, node_deletes=15,
                           words=["no row could be removed", "look at the database"])
        self.assert_removed(before, [])

    def test_nobody_answers_is_1(self):
        self.tables.old(self.nodeid)
        self.node.down()
        result = self.assert_failed(*ONCE, purged=0, failed_connect=1, words=["nodes"])
        self.assertIn(self.node.url, result.stderr)

    def test_wrong_secret_is_1_and_names_it(self):
        self.tables.many_old(20, [self.nodeid])
        before = self.tables.snapshot()
        self.assert_failed(env={"SYNC_MASTER_SECRET": "wrong"}, purged=0,
                           words=["secret", "clock", self.node.url])
        self.assert_removed(before, [])
        self.assertEqual([], self.node.deletes)

    def test_wrong_secret_for_one_node_is_1_and_purges_the_others(self):
        _, other_id = self.add_node(secret="another secret")
        uids = self.tables.many_old(40, [self.nodeid, other_id])
        before = self.tables.snapshot()
        self.assert_failed(purged=20, words=["secret"])
        self.assert_removed(before, uids[0::2])

    def test_node_that_forbids_everything_is_1_and_is_not_asked_for_ever(self):
        _, other_id = self.add_node()
        uids = self.tables.many_old(400, [self.nodeid, other_id])
        before = self.tables.snapshot()
        self.node.fail(403)
        self.assert_failed(purged=200, words=[self.node.url, "403"])
        self.assert_removed(before, uids[1::2])
        self.assertLess(len(self.node.requests), 100)

    def test_one_row_that_is_refused_is_3_and_stops_no_one(self):
        uids = self.tables.many_old(20, [self.nodeid])
        self.node.fail(401, uids={uids[3]})
        before = self.tables.snapshot()
        result = self.purge(status=3)
        self.assert_summary(result, state="partial", purged=19, failed=1, failed_http_4xx=1)
        self.assert_removed(before, set(uids) - {uids[3]})

    def test_run_that_would_purge_nearly_all_is_1_until_it_is_approved(self):
        uids = self.tables.many_old(1100, [NO_NODE])
        before = self.tables.snapshot()
        self.assert_failed(purged=0, words=["--max-fraction", "1100"])
        self.assert_removed(before, [])
        self.assert_summary(self.purge("--max-fraction", 0), purged=1100)
        self.assert_removed(before, uids)

    def test_share_is_of_all_rows_live_ones_included(self):
        uids = self.tables.many_old(1100, [NO_NODE])
        self.tables.query("UPDATE users SET replaced_at = NULL WHERE uid %% 5 = 0")
        self.assert_summary(self.purge(), state="complete",
                            purged=sum(1 for uid in uids if uid % 5 != 0))


class Usage(PurgeCase):
    def test_wrong_option_is_2_and_nothing_happens(self):
        self.tables.old(self.nodeid)
        before = self.tables.snapshot()
        self.purge("--no-such-thing", status=2)
        self.assert_removed(before, [])
        self.assert_no_requests()
        self.assertEqual([], self.sink.lines())

    def assert_usage(self, words, said):
        result = purgefleet.run(words, self.environment())
        self.assertEqual(2, result.status, result)
        self.assertIn(said, result.stderr)

    def test_file_that_cannot_be_read_is_2_in_every_command(self):
        for words in (["run", "tokenserver"], ["produce", "tokenserver"], ["work", "tokenserver"],
                      ["topics", "tokenserver", "show"], ["decode"]):
            with self.subTest(words):
                self.assert_usage([*words, "--config", "/nowhere.ini"], "/nowhere.ini")

    def test_unknown_word_of_topics_is_2_and_is_told_what_there_is(self):
        self.assert_usage(["topics", "tokenserver", "crate"], "wants one of: create, show; not 'crate'")

    def test_range_that_holds_no_uid_is_2_in_every_command_that_scans(self):
        for command in ("run", "produce"):
            for start, end in ((5, 5), (6, 5)):
                with self.subTest((command, start, end)):
                    self.assert_usage([command, "tokenserver", "--range_start", str(start), "--range_end", str(end)],
                                      "'--range-start' must be less than '--range-end'")


class Shown(PurgeCase):
    """What nobody can read because the disk is full, or the reader went away, was not shown."""

    def show(self, *words):
        for out in (purgefleet.full_disk, purgefleet.closed_pipe):
            with self.subTest(words=words, out=out.__name__), out() as file:
                done = subprocess.run([purgefleet.BINARY, *words], env=self.environment(), stdin=subprocess.DEVNULL,
                                      stdout=file, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
                self.assertEqual(1, done.returncode, done)
                self.assertIn("\npurgefleet: cannot write to standard output", "\n" + done.stderr)

    def test_help_that_cannot_be_written_is_a_failure(self):
        for words in (["--help"], ["--version"], ["run", "--help"], ["work", "tokenserver", "--help"]):
            self.show(*words)

    def test_a_plan_that_cannot_be_written_is_a_failure(self):
        self.tables.old(self.nodeid)
        self.show("run", "tokenserver", "--oneshot", "--dryrun")


if __name__ == "__main__":
    main()
