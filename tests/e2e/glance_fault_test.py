#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""glance_fault_test: two purgers at once, kill -9, a lost server, a million rows."""
import os
import random
import signal
import threading
import time

from glance_case import GlanceCase, main
from harness.mariadb import numbers
from harness.wait import wait_until

MILLION = int(os.environ.get("PURGEFLEET_TEST_ROWS", "1000000"))


class Faults(GlanceCase):
    def fill(self, count, live=0):
        """Soft-deleted tags in no order of dates, and live ones between them."""
        step = 1 if live == 0 else (count + live) // live
        self.glance.query(
            "INSERT INTO image_tags (image_id, value, created_at, deleted_at, deleted) "
            f"SELECT '{self.glance.live_image}', seq, '2019-01-01', "
            f"IF({step} > 1 AND seq MOD {step} = 0, NULL, '2020-01-01' + INTERVAL (seq * 7919) MOD 1000 SECOND), "
            f"{step} = 1 OR seq MOD {step} <> 0 FROM {numbers(count + live)}")

    def old(self):
        return self.glance.count("image_tags", "deleted_at < '2021-01-01'")

    def test_two_purgers_keep_their_limits_exactly(self):
        self.fill(5000)
        purgers = [self.start("--max-rows", 1000, "--max-per-loop", 50, "--chunk-rows", 10)
                   for _ in range(2)]
        results = [purger.wait() for purger in purgers]
        self.assertEqual([0, 0], [result.status for result in results], results[0])
        self.assertEqual([1000, 1000], [result.summary["purged"] for result in results])
        self.assertEqual(3000, self.old())

    def test_two_purgers_without_a_limit_take_every_row_once(self):
        self.fill(20000)
        for _ in range(200):
            self.glance.task(40)
        purgers = [self.start("--max-rows", -1) for _ in range(2)]
        results = [purger.wait() for purger in purgers]
        self.assertEqual([0, 0], [result.status for result in results], results[0])
        self.assertEqual(20200, sum(result.summary["purged"] for result in results))
        self.assertEqual(0, self.old() + self.glance.count("tasks") + self.glance.count("task_info"))

    def test_killed_at_any_moment_it_leaves_no_half_of_anything(self):
        chance = random.Random(7)
        self.glance.many("INSERT INTO tasks (id, type, status, owner, created_at, deleted_at, deleted) "
                         "VALUES (%s, 't', 's', 'o', '2019-01-01', '2020-01-01', 1)",
                         [(f"task{number}",) for number in range(20000)])
        self.glance.query("INSERT INTO task_info (task_id) SELECT id FROM tasks")
        live = self.glance.task(None)
        for _ in range(8):
            purger = self.start("--max-rows", -1, "--chunk-rows", 50)
            time.sleep(chance.random() * 0.4)  # the moment is the test
            purger.signal(signal.SIGKILL)
            purger.wait()
            self.glance.query("START TRANSACTION WITH CONSISTENT SNAPSHOT")  # its last commit may still be under way
            self.assertEqual(self.glance.ids("tasks"), self.glance.ids("task_info"))
            self.glance.query("COMMIT")
        self.purge("--max-rows", -1)
        self.assertEqual(({live}, {live}), (self.glance.ids("tasks"), self.glance.ids("task_info")))

    def test_goes_on_when_the_server_was_away(self):
        self.fill(30000)
        purger = self.start("--max-rows", 25000, "--chunk-rows", 20, "--max-per-loop", 100)
        wait_until(lambda: self.old() < 29000, "the first thousand rows to go")
        self.mariadb.kill()
        self.mariadb.restart()
        result = purger.wait()
        self.assertEqual(0, result.status, result)
        self.glance._connection = self.mariadb.connect("glance")  # pylint: disable=protected-access
        self.assertEqual(5000, self.old())
        self.assertEqual(25000, result.summary["purged"])

    def test_a_row_that_comes_back_to_life_stays(self):
        self.fill(3000)
        stop = threading.Event()
        connection = self.mariadb.connect("glance")
        revived = set()

        def revive():
            chance = random.Random(3)
            with connection.cursor() as cursor:
                while not stop.is_set():
                    number = chance.randrange(1, 3001)
                    if cursor.execute("UPDATE image_tags SET deleted_at = NULL, deleted = 0 WHERE id = %s", [number]):
                        revived.add(number)

        reviver = threading.Thread(target=revive)
        reviver.start()
        try:
            result = self.purge("--max-rows", -1, "--chunk-rows", 20)
        finally:
            stop.set()
            reviver.join()
        self.assertTrue(revived)
        self.assertEqual(revived, self.glance.ids("image_tags"))
        self.assertEqual(3000 - len(revived), result.summary["purged"])

    def test_sigterm_ends_between_transactions(self):
        self.fill(50000)
        purger = self.start("--max-rows", -1, "--chunk-rows", 10)
        purger.wait_line("Purging deleted rows older than 30 day(s) from table image_tags")
        purger.signal(signal.SIGTERM)
        result = purger.wait()
        self.assertEqual(0, result.status, result)
        self.assertEqual(50000 - self.old(), result.summary["purged"])


class Million(GlanceCase):
    server_options = ("--innodb-buffer-pool-size=256M", "--innodb-flush-log-at-trx-commit=2")

    def test_a_million_rows_need_little_memory_and_small_transactions(self):
        self.glance.query(
            "INSERT INTO image_tags (image_id, value, created_at, deleted_at, deleted) "
            f"SELECT '{self.glance.live_image}', seq, '2019-01-01', IF(seq MOD 100 = 0, NULL, '2020-01-01'), 1 "
            f"FROM {numbers(MILLION)}")
        purger = self.start("--max-rows", -1)
        peak_bytes, locked = 0, 0
        while not purger.ended():
            peak_bytes = max(peak_bytes, purger.resident_bytes())
            rows = self.glance.query("SELECT COALESCE(MAX(trx_rows_modified), 0) FROM information_schema.INNODB_TRX")
            locked = max(locked, rows[0][0])
            time.sleep(0.12)  # asked more often, the server repeats its last answer
        result = purger.wait()
        self.assertEqual(0, result.status, result)
        self.assertEqual(MILLION // 100, self.glance.count("image_tags"))
        self.assertEqual(MILLION - MILLION // 100, result.summary["purged"])
        self.assertLess(peak_bytes, 96 << 20)
        self.assertGreater(locked, 0)
        self.assertLessEqual(locked, 3 * 500)  # 500 rows a transaction, each counted with its index entries


if __name__ == "__main__":
    main()
