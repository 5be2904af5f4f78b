#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""softdelete_tree_test: a table that refers to itself is purged in one run, children first."""
from glance_case import GlanceCase, main
from harness.mariadb import numbers

PRESET = "[entry]\nkey = id\nage = deleted_at\nindex = optional\n"
OLD, NEW, LIVE = "'2020-01-01'", "UTC_TIMESTAMP()", "NULL"


class Tree(GlanceCase):
    def make(self, *rows, key="INT"):
        """Rows as (id, parent, deleted_at)."""
        self.glance.query(f"CREATE TABLE entry (id {key} PRIMARY KEY, parent {key}, deleted_at DATETIME, "
                          "FOREIGN KEY up (parent) REFERENCES entry (id))")
        self.glance.query("SET foreign_key_checks = 0")
        for number, parent, at in rows:
            self.glance.query(f"INSERT INTO entry VALUES (%s, %s, {at})", number, parent)
        self.glance.query("SET foreign_key_checks = 1")

    def run_preset(self, *options, status=0):
        return self.purge("--age-in-days", 30, *options, preset=self.file(PRESET), status=status)

    def assert_as_promised(self, *options, goes, stays=0, status=0):
        """A dry run promises what the real one does."""
        dry = self.run_preset("--dryrun", *options).summary
        self.assertEqual((goes, stays), (dry["would_purge"], dry["left"]))
        real = self.run_preset(*options, status=status)
        self.assertEqual((goes, stays), (real.summary["purged"], real.summary["failed"]))
        return real

    def test_a_chain_goes_in_one_run(self):
        self.make((1, None, OLD), (2, 1, OLD), (3, 2, OLD), (4, 3, OLD), (5, 4, OLD), (6, None, LIVE))
        for options in (("--max-rows", -1), ("--max-rows", 100), ("--max-rows", -1, "--chunk-rows", 1)):
            self.assert_as_promised(*options, goes=5)
            self.assertEqual({6}, self.glance.ids("entry"))
            self.glance.query("DROP TABLE entry")
            self.make((1, None, OLD), (2, 1, OLD), (3, 2, OLD), (4, 3, OLD), (5, 4, OLD), (6, None, LIVE))

    def test_keys_that_are_text_and_parents_that_are_spelled_otherwise(self):
        self.make(("a", None, OLD), ("b", "A", OLD), ("c", "B", OLD), key="VARCHAR(36)")
        self.assert_as_promised(goes=3)

    def test_a_row_in_use_keeps_all_above_it_and_each_is_named(self):
        for at in (LIVE, NEW):
            self.make((1, None, OLD), (2, 1, OLD), (3, 2, OLD), (4, 3, at), (5, 2, OLD), (6, None, OLD))
            real = self.assert_as_promised(goes=2, stays=3, status=3)
            self.assertEqual({1, 2, 3, 4}, self.glance.ids("entry"))
            self.assertIn("a row of table entry refers to it, constraint", real.stderr)
            self.glance.query("DROP TABLE entry")

    def test_a_limit_takes_children_first(self):
        self.make((1, None, OLD), (2, 1, OLD), (3, 2, OLD), (4, None, OLD))
        self.assert_as_promised("--max-rows", 3, goes=3)
        self.assertEqual({1}, self.glance.ids("entry"))
        self.assert_as_promised("--max-rows", 3, goes=1)

    def test_a_circle_is_told_and_comes_to_an_end(self):
        self.make((1, 3, OLD), (2, 1, OLD), (3, 2, OLD), (4, 3, OLD), (5, 5, OLD))
        words = "4 row(s) of table entry stay, because they refer to each other in a circle"
        self.assertIn(words, self.run_preset("--dryrun").stderr)
        real = self.assert_as_promised(goes=1, stays=4, status=3)
        self.assertIn(words, real.stderr)
        self.assertEqual({1, 2, 3, 5}, self.glance.ids("entry"))

    def test_many_rows_on_many_levels(self):
        self.make()
        self.glance.query("SET foreign_key_checks = 0")
        self.glance.query("INSERT INTO entry SELECT seq, IF(seq > 100, seq - 100, NULL), '2020-01-01' "
                          f"FROM {numbers(20000)}")
        self.glance.query("ANALYZE TABLE entry")
        self.assert_as_promised("--max-rows", -1, goes=20000)


if __name__ == "__main__":
    main()
