#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""names_test: called purge_old_records it takes the script's words and keeps the script's habits."""
import os
import tempfile

from case import ONCE, SECRET, PurgeCase, main, purgefleet
from harness.users import NO_NODE, now_ms


class PurgeOldRecords(PurgeCase):
    def setUp(self):
        super().setUp()
        place = tempfile.TemporaryDirectory(prefix="purgefleet-")
        self.addCleanup(place.cleanup)
        self.binary = os.path.join(place.name, "purge_old_records")
        os.symlink(purgefleet.BINARY, self.binary)

    def call(self, *options, status=0, env=None):
        env = self.environment(**{"SYNC_MASTER_SECRET": None, **(env or {})})
        result = purgefleet.run([*map(str, options)], env, self.binary)
        self.assertEqual(status, result.status, result)
        return result

    def test_tells_its_version(self):
        self.assertRegex(self.call("--version").stdout, r"^purgefleet \d+\.\d+\.\d+\S*\n$")

    def test_takes_the_words_of_the_script(self):
        up, nodeless = self.tables.old(self.nodeid), self.tables.old(NO_NODE)
        before = self.tables.snapshot()
        self.call("--oneshot", "--purge-interval", 3600, "--grace-period=86400", "--max-per-loop",
                  10, "--max-offset", 0, "--request-timeout=60", "--range_start", up - 1,
                  "--max-records=0", "--human_logs", SECRET)
        self.assert_removed(before, [up, nodeless])
        self.assert_deleted([up])

    def test_takes_the_secret_first_as_well(self):
        uid = self.tables.old(self.nodeid)
        self.call(SECRET, "--oneshot")
        self.assert_deleted([uid])

    def test_is_quiet_when_all_is_well(self):
        self.tables.old(self.nodeid)
        result = self.call("--oneshot", SECRET)
        self.assertEqual(("", ""), (result.stdout, result.stderr))

    def test_reads_ten_rows_at_a_time(self):
        self.tables.many_old(25, [self.nodeid])
        result = self.call("--oneshot", "-v", SECRET)
        self.assertEqual(3, result.summary["pages"])

    def test_puts_a_failed_row_off_for_one_grace(self):
        bad, good = self.tables.old(self.nodeid), self.tables.old(self.nodeid)
        self.node.fail(400, uids={bad})
        before, began = self.tables.snapshot(), now_ms()
        self.call("--oneshot", *ONCE, SECRET)
        after = self.tables.user(bad)
        self.assertTrue(began - 1000 <= after["replaced_at"] <= now_ms() + 1000)
        before.users[bad]["replaced_at"] = after["replaced_at"]
        self.assert_removed(before, [good])
        totals = self.sink.totals()
        self.assertEqual(1, totals["tokenserver.purge.run.success"])
        self.assertEqual(1, totals["tokenserver.row_failure#reason:http_4xx"])
        self.assertNotIn("tokenserver.row_failure_bump_failed", totals)
        self.call("--oneshot", SECRET)
        self.assertEqual(1, len([r for r in self.node.requests if r.uid == bad]))

    def test_does_not_put_off_a_row_that_changed_meanwhile(self):
        bad, good = self.tables.old(self.nodeid), self.tables.old(self.nodeid)
        self.node.fail(400, uids={bad})
        connection = self.mariadb.connect()

        def use_again(request):
            if request.uid == bad:
                with connection.cursor() as cursor:
                    cursor.execute("UPDATE users SET replaced_at = NULL WHERE uid = %s", (bad,))

        self.node.on_request = use_again
        self.call("--oneshot", *ONCE, SECRET)
        self.assertIsNone(self.tables.user(bad)["replaced_at"])
        self.assertEqual({bad}, self.tables.uids() - {good})

    def test_tells_when_a_row_cannot_be_put_off(self):
        bad, good = self.tables.old(self.nodeid), self.tables.old(self.nodeid)
        self.node.fail(400, uids={bad})
        self.tables.query("CREATE TRIGGER no_bump BEFORE UPDATE ON users FOR EACH ROW"
                          " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no bump'")
        self.call("--oneshot", *ONCE, SECRET)
        self.assertEqual({bad}, self.tables.uids() - {good})
        self.assertEqual(1, self.sink.totals().get("tokenserver.row_failure_bump_failed"))

    def test_purges_nearly_all_without_a_question(self):
        uids = self.tables.many_old(1100, [NO_NODE])
        before = self.tables.snapshot()
        self.call("--oneshot", SECRET)
        self.assert_removed(before, uids)

    def test_spares_live_data_too(self):
        uid = self.tables.old(self.nodeid)
        self.tables.twin(uid)
        before = self.tables.snapshot()
        self.call("--oneshot", SECRET)
        self.assert_removed(before, [uid])
        self.assert_no_requests()

    def test_fails_when_the_database_is_away(self):
        self.call("--oneshot", "--database-patience", 0, SECRET, status=1,
                  env={"SYNC_TOKENSERVER__DATABASE_URL": "mysql://test:test@127.0.0.1:1/x"})

    def test_may_be_told_otherwise(self):
        bad = self.tables.old(self.nodeid)
        self.tables.old(NO_NODE)
        self.node.fail(400, uids={bad})
        before = self.tables.user(bad)
        self.call("--oneshot", "--on-failure", "leave", *ONCE, SECRET)
        self.assertEqual(before, self.tables.user(bad))

    def test_knows_no_other_words(self):
        result = self.call("--no-such-thing", SECRET, status=2)
        self.assertIn("--no-such-thing", result.stderr)

    def test_deferring_can_be_asked_for_by_the_other_name_too(self):
        bad = self.tables.old(self.nodeid)
        self.tables.old(NO_NODE)
        self.node.fail(400, uids={bad})
        before = self.tables.user(bad)["replaced_at"]
        self.assert_summary(self.purge(*ONCE, "--on-failure=defer", status=3), failed=1, deferred=1)
        self.assertGreater(self.tables.user(bad)["replaced_at"], before)


if __name__ == "__main__":
    main()
