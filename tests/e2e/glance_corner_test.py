#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""glance_corner_test: odd dates, keys, clocks and words of a purge of Glance's database."""
import datetime
import json
import random
import signal
import time

from glance_case import FAILURE, GlanceCase, main
from harness.mariadb import numbers

TABLES_TOLD = ("image_properties", "image_tags", "image_locations", "image_members", "task_info", "tasks")


class Dates(GlanceCase):
    server_options = ("--default-time-zone=-07:00",)

    def test_a_server_zone_behind_utc_does_not_matter(self):
        young = datetime.timedelta(days=7) - datetime.timedelta(minutes=10)
        old = datetime.timedelta(days=7, minutes=10)
        self.glance.child("image_tags", young / datetime.timedelta(days=1))
        gone = self.glance.child("image_tags", old / datetime.timedelta(days=1))
        before = self.glance.all_ids()
        self.purge("--age-in-days", 7)
        self.assert_gone(before, image_tags=[gone])

    def test_microseconds_decide_the_order_and_keys_the_ties(self):
        self.glance.query("ALTER TABLE image_tags MODIFY deleted_at DATETIME(6)")
        at = datetime.datetime(2020, 1, 1)
        tags = [self.glance.child("image_tags", 1, deleted_at=at + datetime.timedelta(microseconds=later))
                for later in (5, 1, 1, 1, 0, 5, 5, 3)]
        before = self.glance.all_ids()
        self.purge("--max-rows", 3, "--max-per-loop", 1, "--chunk-rows", 1)
        self.assert_gone(before, image_tags=[tags[4], tags[1], tags[2]])
        before = self.glance.all_ids()
        self.purge("--max-rows", 3, "--max-per-loop", 2)
        self.assert_gone(before, image_tags=[tags[3], tags[7], tags[0]])

    def test_age_0_takes_what_was_deleted_just_now_and_nothing_of_the_future(self):
        now, future = self.glance.child("image_tags", 0), self.glance.child("image_tags", -1)
        before = self.glance.all_ids()
        self.purge("--age-in-days", 0, "--max-rows", -1)
        self.assert_gone(before, image_tags=[now])
        self.assertIn(future, self.glance.ids("image_tags"))

    def test_a_clock_that_is_far_off_is_refused(self):
        self.glance.child("image_tags", 40)
        for ahead, status in ((3600, 1), (-61, 1), (30, 0)):
            with self.subTest(ahead=ahead):
                self.glance.query("SET GLOBAL init_connect = %s", f"SET timestamp = {int(time.time()) + ahead}")
                self.addCleanup(self.glance.query, "SET GLOBAL init_connect = ''")
                url = self.mariadb.add_user("plain", "SELECT, DELETE ON glance.*", database="glance")
                result = self.purge("--database-url", url, status=status)
                if status:
                    self.assertIn("clock", result.errors)
                    self.assertEqual(1, self.glance.count("image_tags"))
                    self.assertEqual(FAILURE, result.stderr.splitlines()[-1])
        self.assertEqual(0, self.glance.count("image_tags"))


class Keys(GlanceCase):
    IDS = ("a'b\\", "%s;--", "", "ü€", "A" * 36, "x y\n", '"`')

    def test_any_text_may_be_a_key(self):
        for options in (("--max-rows", 4, "--max-per-loop", 1), ("--max-rows", -1, "--chunk-rows", 1)):
            with self.subTest(options=options):
                for key in self.IDS:
                    self.glance.image(400, id=key)
                for _ in range(2):
                    self.purge(*options, preset="glance-images")
                self.assertEqual({self.glance.live_image}, self.glance.ids("images"))

    def test_any_blocked_key_is_named(self):
        blocked = [self.glance.image(400, id=key) for key in self.IDS if key]
        for key in blocked:
            self.glance.child("image_tags", None, key)
        result = self.purge(preset="glance-images", status=1)
        line = next(line for line in result.lines if line["message"] == "rows failed")
        self.assertEqual(len(blocked), line["rows"])
        for key in blocked:
            self.assertIn(key, line["ids"])


class BlockedImages(GlanceCase):
    def fill(self, count, blocked):
        """The oldest `blocked` images have a live tag."""
        self.glance.query(
            "INSERT INTO images (id, status, created_at, deleted_at, deleted) SELECT CONCAT('image', LPAD(seq, 6, '0')), "
            f"'deleted', '2019-01-01', '2019-06-01' + INTERVAL seq SECOND, 1 FROM {numbers(count)}")
        self.glance.query(
            "INSERT INTO image_tags (image_id, value, created_at, deleted) "
            f"SELECT id, 'v', '2019-01-01', 0 FROM images WHERE id <= 'image{blocked:06d}' AND status = 'deleted'")

    def test_two_purgers_keep_their_limits_beside_blocked_images(self):
        self.fill(3000, 100)
        purgers = [self.start("--max-rows", 1000, "--chunk-rows", 20, preset="glance-images") for _ in range(2)]
        results = [purger.wait() for purger in purgers]
        for result in results:
            summary = next(line for line in result.lines if line["message"] == "run ended")
            self.assertEqual((1, 1000, 100), (result.status, summary["purged"], summary["failed_blocked"]), result)
        self.assertEqual(1000, self.glance.count("images", "status = 'deleted'"))
        self.assertEqual(100, self.glance.count("images", "id <= 'image000100' AND status = 'deleted'"))

    def test_killed_at_any_moment_it_takes_no_blocked_image(self):
        self.fill(4000, 40)
        tags = self.glance.all_ids()["image_tags"]
        chance = random.Random(11)
        for _ in range(6):
            purger = self.start("--max-rows", -1, "--chunk-rows", 25, preset="glance-images")
            time.sleep(chance.random() * 0.3)  # the moment is the test
            purger.signal(signal.SIGKILL)
            purger.wait()
        self.purge("--max-rows", -1, preset="glance-images", status=1)
        self.assertEqual(tags, self.glance.ids("image_tags"))
        self.assertEqual(40, self.glance.count("images", "status = 'deleted'"))


class Words(GlanceCase):
    def test_several_wrong_values_are_told_of_one_at_a_time_in_the_old_order(self):
        cases = (
            (("purge", "", ""), "Invalid int value for age_in_days: "),
            (("purge", "1", "x"), "Invalid int value for max_rows: x"),
            (("purge", "--", "-1", "-2"), "Must supply a non-negative value for age."),
            (("purge", "2147483647", "2147483648"), "Maximal age is count of days since epoch."),
            (("purge_images_table", "--", "1", "-2"), "Minimal rows limit is -1."),
            (("purge_images_table", "1", "2147483648"), "'max_rows' value out of range, must not exceed 2147483647."),
        )
        for words, text in cases:
            with self.subTest(words=words):
                # Before the database is looked for.
                result = self.purge_glance("--database-url", "mysql://a:b@127.0.0.1:1/c", *words, status=1)
                self.assertEqual(text, result.stderr.splitlines()[-1])
        result = self.purge_glance("purge", "--age_in_days", "x", "--max_rows", "y", status=2)
        self.assertIn("'--age-in-days' wants a whole number, not 'x'", result.stderr)

    def test_a_wrong_password_fails_with_the_old_words_last(self):
        for words in (("purge",), ("purge_images_table", "--human-logs"), ("purge", "--log-level", "error")):
            result = self.purge_glance(
                *words, "--database-url", self.mariadb.url(password="wrong", database="glance"), status=1)
            self.assertEqual(FAILURE, result.stderr.splitlines()[-1])
            self.assertIn("1045", result.stderr)

    def test_logs_every_table_also_when_nothing_goes(self):
        told = [f"{what} {table}" for table in TABLES_TOLD
                for what in ("Purging deleted rows older than 30 day(s) from table", "Deleted 0 row(s) from table")]
        for days, options in ((None, ()), (40, ("--max_rows", 0))):
            with self.subTest(options=options):
                self.glance.child("image_tags", days)
                self.glance.task(days)
                before = self.glance.all_ids()
                result = self.purge_glance("purge", "--database-url", self.glance.url(), *options)
                self.assert_gone(before)
                self.assertEqual(sorted(told), sorted(
                    line["message"] for line in result.lines if line["message"].endswith(TABLES_TOLD)))

    def test_the_old_words_are_last_in_every_kind_of_log(self):
        image = self.glance.image(400)
        self.glance.child("image_tags", None, image)
        words = ("purge_images_table", "--database-url", self.glance.url())
        for options, is_named in (((), True), (("--human-logs",), True), (("--log-level", "error"), False)):
            with self.subTest(options=options):
                result = self.purge_glance(*words, *options, status=1)
                self.assertEqual(FAILURE, result.stderr.splitlines()[-1])
                self.assertEqual(is_named, image in result.stderr)
        human = self.purge_glance(*words, "--human-logs", status=1).stderr.splitlines()
        self.assertTrue(any("Deleted 0 row(s) from table images" in line for line in human), human)
        with self.assertRaises(ValueError):
            json.loads(human[0])


if __name__ == "__main__":
    main()
