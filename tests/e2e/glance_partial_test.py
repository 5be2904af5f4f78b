#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""glance_partial_test: what went of a chunk counts, however its removal ended."""
import signal
import threading

from glance_case import main
from glance_lock_test import LockCase
from harness.mariadb import numbers
from harness.wait import wait_until


class Partial(LockCase):
    def trap(self, row):
        """Who deletes this row has the connection ended."""
        self.glance.query(f"CREATE TRIGGER trap BEFORE DELETE ON image_tags FOR EACH ROW "
                          f"BEGIN IF OLD.id = {row} THEN DO SLEEP(60); END IF; END")
        self.addCleanup(self.glance.query, "DROP TRIGGER trap")
        self.addCleanup(self.other.rollback)
        stop = threading.Event()

        def kill():
            while not stop.wait(0.12):  # asked more often, the server repeats its last answer
                self.mariadb.kill_connections("state = 'User sleep'")

        killer = threading.Thread(target=kill)
        killer.start()
        self.addCleanup(killer.join)
        self.addCleanup(stop.set)

    def tasks(self, count):
        self.glance.query(
            "INSERT INTO tasks (id, type, status, owner, created_at, deleted_at, deleted) "
            f"SELECT CONCAT('t', LPAD(seq, 4, '0')), 't', 's', 'o', '2019-01-01', '2020-01-01', 1 FROM {numbers(count)}")
        self.glance.query("INSERT INTO task_info (task_id) SELECT id FROM tasks")

    def lose_server(self, table, left):
        """While a locked row is waited for: no commit is under way."""
        wait_until(lambda: self.glance.count(table) == left, "the first rows to go")
        self.mariadb.kill()

    def server_is_back(self):
        self.mariadb.start()
        self.glance._connection = self.mariadb.connect("glance")  # pylint: disable=protected-access

    def test_a_row_that_ends_every_connection_stays_alone(self):
        tags = self.tags(500)
        before = self.glance.all_ids()
        self.trap(tags[400])
        result = self.purge("--max-rows", -1, status=1)
        self.assert_gone(before, image_tags=set(tags) - {tags[400]})
        self.assertEqual({str(tags[400]): "unknown"}, self.told(result))
        self.assertEqual((499, 1), (result.summary["purged"], result.summary["failed"]))
        self.assertIn("Deleted 499 row(s) from table image_tags", result.stderr)

    def test_the_limit_holds_when_connections_end_between_the_pieces(self):
        tags = self.tags(1500)
        self.trap(tags[400])
        self.other_does("SELECT * FROM image_tags WHERE id = %s FOR UPDATE", tags[100])
        result = self.purge("--max-rows", 500, status=1)
        self.assertEqual(1000, self.glance.count("image_tags"))
        self.assertEqual((500, 2), (result.summary["purged"], result.summary["failed"]))
        self.assertEqual({str(tags[100]): "database", str(tags[400]): "unknown"}, self.told(result))

    def test_what_went_before_the_server_was_lost_for_good_is_told(self):
        tags = self.tags(500)
        self.other_does("SELECT * FROM image_tags WHERE id = %s FOR UPDATE", tags[400])
        purger = self.start("--max-rows", -1, "--database-patience", "0.5")
        self.lose_server("image_tags", 100)
        result = purger.wait()
        self.server_is_back()
        self.assertEqual(100, self.glance.count("image_tags"))
        self.assertEqual(1, result.status)
        self.assertEqual((400, 100), (result.summary["purged"], result.summary["postponed"]))

    def test_rows_that_go_with_others_are_counted_over_a_lost_connection(self):
        self.tasks(500)
        self.other_does("SELECT * FROM tasks WHERE id = 't0400' FOR UPDATE")
        purger = self.start("--max-rows", -1)
        self.lose_server("tasks", 101)
        self.server_is_back()
        result = purger.wait()
        self.assertEqual(0, result.status, result)
        self.assertEqual((500, 1000), (result.summary["purged"], result.summary["removed_rows"]))
        self.assertIn("Deleted 500 row(s) from table task_info", result.stderr)

    def cut_off(self, *options, orders):
        self.glance.query("DELETE FROM image_tags")
        tags = self.tags(500)
        self.other_does("SELECT * FROM image_tags WHERE id IN (%s, %s, %s) FOR UPDATE", tags[300], tags[400], tags[450])
        purger = self.start("--max-rows", -1, *options)
        wait_until(lambda: self.glance.count("image_tags") == 200, "the first rows to go")
        for order in range(orders):
            purger.signal(signal.SIGTERM)
            if order == 0:
                purger.wait_line("stopping: what is in work is brought to its end; again to stop at once")
        result = purger.wait()
        self.other.rollback()
        return result

    def test_a_run_that_is_cut_off_says_which_rows_it_does_not_know_about(self):
        for options, orders in ((), 2), (("--drain-timeout", "0.2"), 1):
            with self.subTest(options):
                result = self.cut_off(*options, orders=orders)
                self.assertEqual(1, result.status)
                self.assertEqual((0, 0, 500), tuple(result.summary[key] for key in ("purged", "postponed", "in_work")))


if __name__ == "__main__":
    main()
