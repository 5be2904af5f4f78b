#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""glance_dryrun_test: a dry run of a purge of Glance's database promises what a real run would do, and no more."""
from glance_case import GlanceCase, main


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
