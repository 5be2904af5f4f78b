#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""glance_dryrun_test: a dry run of a purge of Glance's database promises what a real run would do, and no more."""
from glance_case import GlanceCase, main
from harness.glance import TABLES
from harness.mariadb import numbers


class DryRunCase(GlanceCase):
    def dryrun(self, *options, preset="glance", status=0):
        before = self.glance.all_ids()
        result = self.purge("--dryrun", *options, preset=preset, status=status)
        self.assertEqual(before, self.glance.all_ids())
        return result

    def messages(self, result):
        return [line["message"] for line in result.lines]

    def summary(self, result):
        return [line for line in result.lines if line["message"] == "run ended"][0]


class Obstacles(DryRunCase):
    def setUp(self):
        super().setUp()
        self.glance.child("image_tags", 40)

    def assert_plans_and_fails_as_a_real_run(self, words, url):
        """Says what it would do, and that a real run would not."""
        result = self.dryrun("--database-url", url, status=1)
        self.assertRegex(result.stdout, "would purge: delete rows +1 .* image_tags\n")
        self.assertIn(f"a real run would fail: {words}", result.stdout)
        real = self.purge("--database-url", url, status=1)
        self.assertEqual(self.summary(real)["error"], self.summary(result)["error"])
        self.assertEqual(1, self.glance.count("image_tags"))

    def test_of_an_account_that_may_only_read(self):
        url = self.mariadb.add_user("reader", "SELECT, REFERENCES ON glance.*", database="glance")
        self.assert_plans_and_fails_as_a_real_run("cannot delete from table 'task_info': 1142", url)

    def test_of_an_account_that_may_not_delete_from_one_table(self):
        tables = set(TABLES) - {"images", "tasks"}
        url = self.mariadb.add_user("most", "SELECT, REFERENCES ON glance.*",
                                    *[f"DELETE ON glance.{table}" for table in tables], database="glance")
        self.assert_plans_and_fails_as_a_real_run("cannot delete from table 'tasks': 1142", url)

    def test_of_a_server_that_is_read_only(self):
        self.glance.query("SET GLOBAL read_only = 1")
        self.addCleanup(self.glance.query, "SET GLOBAL read_only = 0")
        url = self.mariadb.add_user("writer", "ALL ON glance.*", database="glance")
        self.assert_plans_and_fails_as_a_real_run("1290: the server is read-only", url)

    def test_are_none_for_the_account_of_a_real_run(self):
        url = self.mariadb.add_user("purger", "SELECT, DELETE ON glance.*", database="glance")
        self.assertNotIn("would fail", self.dryrun("--database-url", url).stdout)


class Limits(DryRunCase):
    def setUp(self):
        super().setUp()
        for table, rows in (("image_properties", 25), ("image_tags", 25), ("image_members", 6)):
            for _ in range(rows):
                self.glance.child(table, 40)

    def assert_counts(self, result, backlog, wanted):
        summary = self.summary(result)
        self.assertEqual((backlog, wanted), (summary["backlog"], summary.get("wanted", summary["backlog"])))

    def test_do_not_change_how_many_rows_are_old_enough(self):
        result = self.dryrun("--max-rows", 10)
        self.assertIn("  rows old enough: 56\n  limits let go of them: 26\n", result.stdout)
        told = self.messages(result)
        self.assertIn("Would delete 10 row(s) from table image_tags of 25 that are old enough (limit 10)", told)
        self.assertIn("Would delete 6 row(s) from table image_members", told)
        self.assert_counts(result, 56, 26)
        self.assert_counts(self.dryrun("--max-rows", 0), 56, 0)
        self.assert_counts(self.purge("--max-rows", 10), 56, 26)
        self.assert_counts(self.purge("--max-rows", 10), 30, 20)

    def test_are_not_mentioned_where_they_hold_nothing_back(self):
        for options in ((), ("--max-rows", -1)):
            result = self.dryrun(*options)
            self.assertNotIn("limit", result.stdout + "".join(self.messages(result)))
            self.assert_counts(result, 56, 56)

    def test_are_what_the_guard_judges(self):
        self.glance.query("INSERT INTO image_locations (image_id, value, created_at, deleted_at, deleted) "
                          f"SELECT '{self.glance.live_image}', seq, '2020-01-01', '2020-01-01', 1 FROM {numbers(1100)}")
        self.assertEqual("refused", self.summary(self.dryrun("--max-rows", -1, "--max-fraction", 0.5, status=1))["guard"])
        result = self.dryrun("--max-rows", 100, "--max-fraction", 0.5)
        self.assertEqual("passed", self.summary(result)["guard"])
        self.assert_counts(result, 1156, 156)


class Blocked(DryRunCase):
    STAY = "{} row(s) of table images would stay, because other rows refer to them"
    UNKNOWN = "Rows of table {} that other rows refer to would stay; these could not be counted"

    def setUp(self):
        super().setUp()
        self.held = [self.glance.image(400) for _ in range(5)]
        self.free = [self.glance.image(300) for _ in range(3)]
        for number, image in enumerate(self.held):
            self.glance.child(("image_tags", "image_members")[number % 2], (None, 400)[number % 2], image)
        self.glance.child("image_tags", None, self.held[1])  # held twice, counted once

    def assert_as_a_real_run(self, *options, goes, stays):
        result = self.dryrun(*options, preset="glance-images")
        summary, told = self.summary(result), self.messages(result)
        self.assertEqual((goes, stays), (summary["would_purge"], summary.get("left_blocked", 0)))
        self.assertTrue(any(line.startswith(f"Would delete {goes} row(s) from table images") for line in told), told)
        self.assertIn(self.STAY.format(stays), told)
        self.assertRegex(result.stdout, f"would leave: +blocked +{stays}\n")
        real = self.summary(self.purge(*options, preset="glance-images", status=1))
        self.assertEqual(goes, real["purged"])

    def test_images_are_not_among_those_that_would_go(self):
        self.assert_as_a_real_run(goes=3, stays=5)
        self.assertEqual({self.glance.live_image, *self.held}, self.glance.ids("images"))

    def test_images_do_not_use_up_the_limit(self):
        self.assert_as_a_real_run("--max-rows", 2, "--max-per-loop", 1, goes=2, stays=5)

    def test_images_are_counted_without_limit_and_with_an_index(self):
        for statement in ("DO 1", "CREATE INDEX at ON images (deleted_at)"):
            self.glance.query(statement)
            self.assert_as_a_real_run("--max-rows", -1, goes=3, stays=5)
            self.free = [self.glance.image(300) for _ in range(3)]

    def test_rows_whose_referrers_go_first_are_not_held(self):
        preset = self.file("".join(
            f"[{table}]\nkey = id\nage = deleted_at\nflag = deleted\nindex = optional\n"
            for table in ("image_tags", "image_members", "images")))
        options = "--age-in-days", 200, "--max-rows", 100
        result = self.dryrun(*options, preset=preset)
        self.assertEqual((2 + 3 + 1, 4), (self.summary(result)["would_purge"], self.summary(result)["left_blocked"]))
        self.assertEqual(6, self.summary(self.purge(*options, preset=preset, status=3))["purged"])
        self.assertNotIn(self.held[3], self.glance.ids("images"))

    def test_keys_of_several_columns_and_of_other_databases_hold(self):
        glance = self.glance
        glance.query("CREATE TABLE pairs (id INT PRIMARY KEY, a INT, b INT, deleted_at DATETIME, UNIQUE (a, b))")
        glance.query("CREATE TABLE users_of_pairs (a INT, b INT, FOREIGN KEY (a, b) REFERENCES pairs (a, b))")
        glance.query("CREATE DATABASE beside")
        self.addCleanup(glance.query, "DROP DATABASE beside")
        glance.query("CREATE TABLE beside.pairs (pair INT, FOREIGN KEY (pair) REFERENCES glance.pairs (id))")
        glance.query("INSERT INTO pairs VALUES (1, 1, 1, '2020-01-01'), (2, 1, 2, '2020-01-01'), (3, 2, 1, '2020-01-01'), "
                     "(4, 2, 2, '2020-01-01')")
        glance.query("INSERT INTO users_of_pairs VALUES (1, 2), (2, NULL)")
        glance.query("INSERT INTO beside.pairs VALUES (3)")
        preset = self.file("[pairs]\nkey = id\nage = deleted_at\nindex = optional\n")
        url = self.mariadb.add_user("here", "ALL ON glance.*", "REFERENCES ON beside.*", database="glance")
        options = "--age-in-days", 1, "--max-rows", 100
        self.assertEqual(2, self.summary(self.dryrun(*options, preset=preset))["left_blocked"])
        unseen = self.dryrun(*options, "--database-url", url, preset=preset)
        self.assertEqual((4, 0), (self.summary(unseen)["would_purge"], self.summary(unseen)["left"]))
        self.assertTrue(any(self.UNKNOWN.format("pairs") in line for line in self.messages(unseen)), unseen)
        self.assertEqual(2, self.summary(self.purge(*options, preset=preset, status=3))["purged"])

    def test_rows_that_cannot_be_counted_are_told_of(self):
        with self.mariadb.connect("glance") as other, other.cursor() as cursor:
            cursor.execute("LOCK TABLES image_tags WRITE")
            result = self.purge("--dryrun", preset="glance-images", status=1)  # nor can they be deleted
        self.assertEqual((8, 0, 8), tuple(self.summary(result)[key] for key in ("would_purge", "left", "backlog")))
        self.assertTrue(any(self.UNKNOWN.format("images") in line for line in self.messages(result)), result)

    def test_rows_are_not_called_free_by_an_account_that_cannot_see_the_foreign_keys(self):
        grants = [f"SELECT ON glance.{table}" for table in TABLES]
        url = self.mariadb.add_user("reader", *grants, database="glance")
        result = self.dryrun("--database-url", url, preset="glance-images", status=1)
        self.assertTrue(any("or more row(s) of table images would stay" in line for line in self.messages(result)), result)


if __name__ == "__main__":
    main()
