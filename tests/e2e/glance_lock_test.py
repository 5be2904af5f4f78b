#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""glance_lock_test: rows that somebody else has locked stay and are named; the others go."""
from glance_case import FAILURE, GlanceCase, main
from harness.mariadb import numbers
from harness.wait import wait_until


class LockCase(GlanceCase):
    def setUp(self):
        super().setUp()
        self.other = self.mariadb.connect("glance")
        self.other.autocommit(False)
        self.addCleanup(self.other.close)

    def other_does(self, sql, *values):
        with self.other.cursor() as cursor:
            cursor.execute(sql, values or None)

    def tags(self, count):
        self.glance.query(
            "INSERT INTO image_tags (image_id, value, created_at, deleted_at, deleted) "
            f"SELECT '{self.glance.live_image}', seq, '2019-01-01', '2020-01-01', 1 FROM {numbers(count)}")
        return sorted(self.glance.ids("image_tags"))

    def waits(self):
        """How many times the server let anybody wait for a lock of a row."""
        return int(self.glance.query("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_waits'")[0][1])

    def told(self, result):
        """Ids of rows that stay, with the reason."""
        told = {}
        for line in result.lines:
            if line["message"] in ("row failed", "rows failed"):
                ids = [line["id"]] if "id" in line else line["ids"].split(" ")
                self.assertEqual(line.get("rows", 1), len(ids))
                told.update(dict.fromkeys(ids, line["reason"]))
        return told


class Locks(LockCase):
    def test_one_locked_row_does_not_keep_its_chunk(self):
        tags = self.tags(1000)
        self.other_does("SELECT * FROM image_tags WHERE id = %s FOR UPDATE", tags[10])
        before = self.glance.all_ids()
        waits = self.waits()
        result = self.purge("--max-rows", -1, status=1)
        self.assertLessEqual(self.waits() - waits, 2, "once for the chunk, once for that row")
        self.assert_gone(before, image_tags=set(tags) - {tags[10]})
        self.assertEqual({str(tags[10]): "database"}, self.told(result))
        self.assertIn("Lock wait timeout", result.stderr)
        self.assertEqual(FAILURE, result.stderr.splitlines()[-1])
        summary = next(line for line in result.lines if line["message"] == "run ended")
        self.assertEqual((999, 1), (summary["purged"], summary["failed_database"]))
        self.other.rollback()
        self.purge()
        self.assertEqual(set(), self.glance.ids("image_tags"))

    def test_a_child_that_is_not_committed_keeps_its_image_only(self):
        images = [self.glance.image(400) for _ in range(30)]
        self.other_does("INSERT INTO image_tags (image_id, value, created_at, deleted) VALUES (%s, 'x', NOW(), 0)",
                        images[7])
        blocked = images[20]
        self.glance.child("image_tags", None, blocked)
        before = self.glance.all_ids()
        result = self.purge(preset="glance-images", status=1)
        self.assert_gone(before, images=set(images) - {images[7], blocked})
        self.assertEqual({images[7]: "database", blocked: "blocked"}, self.told(result))

    def test_a_locked_task_keeps_its_info(self):
        tasks = [self.glance.task(40) for _ in range(20)]
        self.other_does("SELECT * FROM tasks WHERE id = %s FOR UPDATE", tasks[3])
        before = self.glance.all_ids()
        result = self.purge(status=1)
        gone = set(tasks) - {tasks[3]}
        self.assert_gone(before, tasks=gone, task_info=gone)
        self.assertEqual({tasks[3]: "database"}, self.told(result))

    def test_a_task_that_comes_back_while_its_lock_is_waited_for_keeps_its_info(self):
        tasks = [self.glance.task(40) for _ in range(3)]
        self.other_does("UPDATE tasks SET deleted_at = NULL, deleted = 0 WHERE id = %s", tasks[1])
        before = self.glance.all_ids()
        purger = self.start()
        # Not from innodb_trx, which shows nothing new to who asks often.
        waits = "SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'"
        wait_until(lambda: self.glance.query(waits)[0][1] != "0", "the purge to wait for the lock")
        self.other.commit()
        result = purger.wait()
        gone = {tasks[0], tasks[2]}
        self.assertEqual((0, 2), (result.status, result.summary["purged"]), result)
        self.assert_gone(before, tasks=gone, task_info=gone)

    def test_many_locked_rows_do_not_hold_up_the_run(self):
        tags = self.tags(500)
        locked = tags[::7]
        keys = ", ".join(map(str, locked))
        # By a scan of the table it would lock all of it, which MariaDB 11.8 would do.
        self.other_does(f"SELECT * FROM image_tags FORCE INDEX (PRIMARY) WHERE id IN ({keys}) FOR UPDATE")
        before = self.glance.all_ids()
        waits = self.waits()
        result = self.purge("--max-rows", -1, status=1)
        self.assertLessEqual(self.waits() - waits, 4, "once for the chunk, and for three rows")
        self.assert_gone(before, image_tags=set(tags) - set(locked))
        self.assertEqual(dict.fromkeys(map(str, locked), "database"), self.told(result))

    def test_a_lock_on_all_rows_of_a_chunk_is_waited_for(self):
        tags = self.tags(50)
        self.other_does("SELECT * FROM image_tags FOR UPDATE")
        purger = self.start("--max-rows", -1)
        # Single rows are waited for a second at most, so a longer wait is the whole chunk's.
        for wanted in (1, 0, 1):
            wait_until(lambda wanted=wanted: wanted == self.glance.query(
                "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'DELETE%%' AND TIME > 2")[0][0],
                "the chunk to be tried again")
        self.other.rollback()
        result = purger.wait()
        self.assertEqual(0, result.status, result)
        self.assertEqual(set(), set(tags) & self.glance.ids("image_tags"))


class LostServer(LockCase):
    def test_what_went_before_the_server_was_lost_is_counted(self):
        tags = self.tags(500)
        self.other_does("SELECT * FROM image_tags WHERE id = %s FOR UPDATE", tags[400])
        purger = self.start("--max-rows", -1)
        wait_until(lambda: self.glance.count("image_tags") < 500, "the first piece to go")
        self.mariadb.kill()
        self.mariadb.restart()
        result = purger.wait()
        self.assertEqual((0, 500), (result.status, result.summary["purged"]), result)

    def test_what_others_took_meanwhile_is_not_counted(self):
        tags = self.tags(500)
        # Three are waited for, a second each.
        self.other_does("SELECT * FROM image_tags WHERE id BETWEEN %s AND %s FOR UPDATE", tags[400], tags[402])
        purger = self.start("--max-rows", -1)
        wait_until(lambda: self.glance.count("image_tags") == 100, "all before the locked rows to go")
        self.glance.query("DELETE FROM image_tags WHERE id BETWEEN %s AND %s", tags[450], tags[459])
        self.mariadb.kill()
        self.mariadb.restart()
        result = purger.wait()
        self.assertEqual((0, 490, 10), (result.status, result.summary["purged"], result.summary["gone"]), result)


if __name__ == "__main__":
    main()
