#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""glance_purge_test: what a purge of Glance's database removes, and what it leaves."""
import datetime

from glance_case import FAILURE, GlanceCase, main
from harness.glance import CHILDREN, TABLES
from harness.mariadb import numbers


class Rows(GlanceCase):
    def old_rows(self, count, days=40):
        """So many old rows in every table but images."""
        rows = {table: [self.glance.child(table, days) for _ in range(count)] for table in CHILDREN}
        rows["tasks"] = [self.glance.task(days) for _ in range(count)]
        rows["task_info"] = rows["tasks"]
        return rows

    def test_takes_only_what_is_older_than_the_age(self):
        glance = self.glance
        old = {}
        for table in CHILDREN:
            glance.child(table, None)
            glance.child(table, 0)
            old[table] = [glance.child(table, 10)]
        glance.task(None), glance.task(0)
        old["tasks"] = old["task_info"] = [glance.task(10)]
        before = glance.all_ids()
        result = self.purge("--age-in-days", 7, "--max-rows", 100)
        self.assert_gone(before, **old)
        self.assertEqual("complete", result.summary["state"])
        self.assertEqual(5, result.summary["purged"])
        self.assertEqual(6, result.summary["removed_rows"])

    def test_never_touches_images_in_the_same_run(self):
        image = self.glance.image(400)
        self.glance.child("image_tags", 400, image)
        before = self.glance.all_ids()
        self.purge("--age-in-days", 1, "--max-rows", -1)
        self.assertEqual(before["images"], self.glance.ids("images"))
        self.assertEqual(0, self.glance.count("image_tags"))
        before = self.glance.all_ids()
        self.purge("--age-in-days", 1, preset="glance-images")
        self.assert_gone(before, images=[image])

    def test_leaves_rows_without_a_date(self):
        self.glance.child("image_tags", None, deleted=True)
        before = self.glance.all_ids()
        self.purge("--age-in-days", 0, "--max-rows", -1)
        self.assert_gone(before)

    def test_takes_a_date_whatever_the_flag_says_unless_asked(self):
        row = self.glance.child("image_tags", 40, deleted=False)
        before = self.glance.all_ids()
        self.purge("--require-flag")
        self.assert_gone(before)
        self.purge()
        self.assert_gone(before, image_tags=[row])

    def test_has_the_defaults_of_the_program_that_it_replaces(self):
        for _ in range(101):
            self.glance.child("image_tags", 31)
        self.glance.child("image_tags", 29)
        self.purge()
        self.assertEqual(2, self.glance.count("image_tags"))
        images = [self.glance.image(181) for _ in range(101)]
        self.glance.image(179)
        self.purge(preset="glance-images")
        self.assertEqual(1, len(set(images) & self.glance.ids("images")))
        self.assertEqual(3, self.glance.count("images"))

    def test_a_limit_holds_for_every_table(self):
        for limit, left in ((0, 5), (1, 4), (3, 1), (-1, 0)):
            if limit == 0:
                self.old_rows(5)
            with self.subTest(limit=limit):
                self.purge("--max-rows", limit)
                for table in TABLES[1:]:
                    self.assertEqual(left, self.glance.count(table), table)

    def test_takes_the_oldest_first_and_ties_by_key(self):
        glance = self.glance
        at = datetime.datetime(2020, 1, 1)
        old = [glance.child("image_tags", 1, deleted_at=at) for _ in range(6)]
        older = glance.child("image_tags", 1, deleted_at=at - datetime.timedelta(seconds=1))
        before = glance.all_ids()
        self.purge("--max-rows", 3)
        self.assert_gone(before, image_tags=[older, *old[:2]])

    def test_a_task_and_its_info_go_together_when_dates_tie(self):
        at = datetime.datetime(2020, 1, 1)
        for _ in range(20):
            self.glance.task(1, deleted_at=at)
        for left in (13, 6, 0):
            self.purge("--max-rows", 7)
            self.assertEqual(left, self.glance.count("tasks"))
            self.assertEqual(self.glance.ids("tasks"), self.glance.ids("task_info"))

    def test_a_task_without_info_goes_and_info_of_a_live_task_stays(self):
        gone = self.glance.task(40, info=False)
        self.glance.task(None)
        before = self.glance.all_ids()
        self.purge()
        self.assert_gone(before, tasks=[gone])

    def test_engine_limit_is_exact_over_all_tables(self):
        self.old_rows(5)
        before = sum(self.glance.count(table) for table in TABLES[1:-1])
        result = self.purge("--max-records", 7)
        self.assertEqual(7, result.summary["purged"])
        self.assertEqual(before - 7, sum(self.glance.count(table) for table in TABLES[1:-1]))

    def test_says_what_it_does_table_by_table(self):
        self.old_rows(3)
        result = self.purge("--max-rows", 2)
        told = [line["message"] for line in result.lines if "row(s)" in line["message"] or "Purging" in line["message"]]
        order = [["image_properties"], ["image_tags"], ["image_locations"], ["image_members"],
                 ["task_info", "tasks"]]
        expected = []
        for tables in order:
            expected += [f"Purging deleted rows older than 30 day(s) from table {table}" for table in tables]
            expected += [f"Deleted 2 row(s) from table {table}" for table in tables]
        self.assertEqual(expected, told)

    def test_a_dry_run_changes_nothing_and_says_what_would_go(self):
        self.old_rows(3)
        before = self.glance.all_ids()
        result = self.purge("--dryrun")
        self.assert_gone(before)
        self.assertRegex(result.stdout, r"delete rows +3 .*image_locations")
        self.assertRegex(result.stdout + result.stderr, "knowledge of where the data of deleted images was stored")
        self.assertEqual(15, result.summary["would_purge"])

    def test_pages_and_chunks_of_any_size_take_all(self):
        for options in (("--max-per-loop", 1, "--chunk-rows", 1), ("--max-per-loop", 3, "--chunk-rows", 2)):
            for limit in (-1, 1000, 17):
                with self.subTest(options=options, limit=limit):
                    self.glance.query("DELETE FROM image_tags")
                    if limit == 1000:
                        self.glance.query("CREATE INDEX at ON image_tags (deleted_at)")
                    for number in range(25):
                        self.glance.child("image_tags", 40 + number % 3)
                    self.purge("--max-rows", limit, *options)
                    self.assertEqual(8 if limit == 17 else 0, self.glance.count("image_tags"))
                    if limit == 1000:
                        self.glance.query("DROP INDEX at ON image_tags")

    def test_takes_all_rows_of_a_table_unless_a_share_is_given(self):
        fill = ("INSERT INTO image_tags (image_id, value, created_at, deleted_at, deleted) "
                f"SELECT '{self.glance.live_image}', seq, '2020-01-01', '2020-01-01', 1 FROM {numbers(2000)}")
        self.glance.query(fill)
        result = self.purge("--max-rows", -1, "--max-fraction", 0.9, status=1)
        self.assertIn("--max-fraction", result.errors)
        self.purge_glance("--database-url", self.glance.url(), "purge", 30, -1, "--max-fraction", 0.9, status=1)
        self.assertEqual(2000, self.glance.count("image_tags"))
        self.purge("--max-rows", -1)
        self.assertEqual(0, self.glance.count("image_tags"))
        self.glance.query(fill)
        self.purge_glance("--database-url", self.glance.url(), "purge", 30, -1)
        self.assertEqual(0, self.glance.count("image_tags"))

    def fill_share(self, index):
        """1100 rows that may go and 123, just enough for nine tenths, that stay for one reason each."""
        self.glance.query("DROP TABLE IF EXISTS w")
        self.glance.query(f"CREATE TABLE w (id INT PRIMARY KEY AUTO_INCREMENT, at DATETIME, gone INT{index})")
        fill = "INSERT INTO w (at, gone) SELECT {}, {} FROM {}"
        old = "'2020-01-01'"
        for age, flag, count in ((old, "1", 1100), ("NULL", "1", 20), ("'1970-01-01'", "1", 20), (old, "0", 20),
                                 (old, "NULL", 20), ("UTC_TIMESTAMP() - INTERVAL 1 DAY", "seq % 2", 43)):
            self.glance.query(fill.format(age, flag, numbers(count)))

    def test_counts_every_row_that_stays_and_no_other_for_a_share(self):
        preset = self.file("[w]\nkey = id\nage = at\nflag = gone\nindex = optional\n")
        options = ("--require-flag", "--age-in-days", 30, "--max-rows", -1, "--max-fraction", 0.9)
        for index in ("", ", KEY (at)"):
            with self.subTest(index=index):
                self.fill_share(index)
                self.glance.query("DELETE FROM w WHERE gone = 0 LIMIT 1")
                result = self.purge(*options, preset=preset, status=1)
                self.assertIn("refused: 1100 of 1222 rows", result.errors)
                self.glance.query("INSERT INTO w (at, gone) VALUES ('2020-01-01', 0)")
                self.purge(*options, preset=preset)
                self.assertEqual(123, self.glance.count("w"))


class Blocked(GlanceCase):
    def purge_images(self, *options, status):
        return self.purge("--age-in-days", 30, *options, preset="glance-images", status=status)

    def test_live_children_block_their_images_only_and_are_named(self):
        glance = self.glance
        images = [glance.image(40) for _ in range(30)]
        held = {images[3]: "image_tags", images[17]: "image_members", images[29]: "image_properties"}
        for image, table in held.items():
            glance.child(table, None, image)
        before = glance.all_ids()
        result = self.purge_images("--max-rows", -1, status=1)
        self.assert_gone(before, images=set(images) - set(held))
        told = {line["id"]: line for line in result.lines if line["message"] == "row failed"}
        self.assertEqual(set(held), set(told))
        for image, table in held.items():
            self.assertEqual("blocked", told[image]["reason"])
            self.assertIn(f"{table}_ibfk_1", told[image]["error"])
        self.assertEqual(FAILURE, result.stderr.splitlines()[-1])
        self.assertEqual(27, [line for line in result.lines if line["message"] == "run ended"][0]["purged"])

    def test_all_blocked_images_are_named_however_many(self):
        glance = self.glance
        glance.query("INSERT INTO images (id, status, created_at, deleted_at, deleted) "
                     f"SELECT UUID(), 'deleted', '2019-01-01', '2019-06-01', 1 FROM {numbers(700)}")
        glance.query("INSERT INTO image_tags (image_id, value, created_at, deleted) "
                     "SELECT id, 'v', '2019-01-01', 0 FROM images WHERE status = 'deleted'")
        result = self.purge_images("--max-rows", -1, status=1)
        lines = [line for line in result.lines if line["message"] == "rows failed"]
        named = [image for line in lines for image in line["ids"].split(" ")]
        self.assertEqual(sorted(glance.ids("images") - {glance.live_image}), sorted(named))
        self.assertEqual([700, 700], [len(named), sum(line["rows"] for line in lines)])
        self.assertLess(len(lines), 70)
        for line in lines:
            self.assertEqual("blocked", line["reason"])
            self.assertIn("image_tags_ibfk_1", line["error"])
            self.assertLess(len(line["ids"]), 512)

    def test_blocked_images_do_not_use_up_the_limit(self):
        glance = self.glance
        blocked = [glance.image(50) for _ in range(10)]
        for image in blocked:
            glance.child("image_tags", None, image)
        free = [glance.image(40) for _ in range(10)]
        before = glance.all_ids()
        self.purge_images("--max-rows", 10, status=1)
        self.assert_gone(before, images=free)

    def test_blocked_images_do_not_make_it_read_the_table_again_and_again(self):
        glance = self.glance
        glance.query("INSERT INTO images (id, status, created_at, deleted_at, deleted) SELECT CONCAT('image', seq), 'deleted', "
                     f"'2019-01-01', '2019-06-01' + INTERVAL seq SECOND, 1 FROM {numbers(3000)}")
        glance.query("INSERT INTO image_tags (image_id, value, created_at, deleted) "
                     "SELECT id, 'v', '2019-01-01', 0 FROM images WHERE deleted_at < '2019-06-01' + INTERVAL 995 SECOND")
        before = glance.all_ids()

        def rows_read():
            return int(glance.query("SHOW GLOBAL STATUS LIKE 'Handler_read_rnd_next'")[0][1])
        already = rows_read()
        self.purge_images("--max-rows", 10, status=1)
        self.assertLess(rows_read() - already, 4 * 3000)
        self.assert_gone(before, images={f"image{number}" for number in range(995, 1005)})

    def test_says_how_many_were_deleted_without_those_that_are_held(self):
        self.glance.child("image_tags", None, self.glance.image(40))
        self.glance.image(40)
        result = self.purge_images(status=1)
        self.assertTrue(any(line["message"] == "Deleted 1 row(s) from table images" for line in result.lines), result)

    def test_a_task_that_is_held_keeps_its_info(self):
        glance = self.glance
        glance.query("CREATE TABLE task_notes (task_id VARCHAR(36), FOREIGN KEY (task_id) REFERENCES tasks (id)) "
                     "DEFAULT CHARACTER SET utf8")
        held, free = glance.task(40), glance.task(40)
        glance.query("INSERT INTO task_notes VALUES (%s)", held)
        before = glance.all_ids()
        self.purge(status=1)
        self.assert_gone(before, tasks=[free], task_info=[free])


class OtherZone(GlanceCase):
    server_options = ("--default-time-zone=+05:30",)

    def test_the_zone_of_the_server_does_not_matter(self):
        glance = self.glance
        young = datetime.timedelta(days=7) - datetime.timedelta(minutes=10)
        old = datetime.timedelta(days=7, minutes=10)
        glance.child("image_tags", young / datetime.timedelta(days=1))
        gone = glance.child("image_tags", old / datetime.timedelta(days=1))
        before = glance.all_ids()
        self.purge("--age-in-days", 7)
        self.assert_gone(before, image_tags=[gone])


if __name__ == "__main__":
    main()
