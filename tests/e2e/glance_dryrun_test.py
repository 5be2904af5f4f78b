#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""glance_dryrun_test: a dry run of a purge of Glance's database promises what a real run would do, and no more."""
from glance_case import GlanceCase, main
from harness.glance import TABLES


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
                          f"SELECT '{self.glance.live_image}', seq, '2020-01-01', '2020-01-01', 1 FROM seq_1_to_1100")
        self.assertEqual("refused", self.summary(self.dryrun("--max-rows", -1, "--max-fraction", 0.5, status=1))["guard"])
        result = self.dryrun("--max-rows", 100, "--max-fraction", 0.5)
        self.assertEqual("passed", self.summary(result)["guard"])
        self.assert_counts(result, 1156, 156)


if __name__ == "__main__":
    main()
