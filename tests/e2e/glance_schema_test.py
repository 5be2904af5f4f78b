#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""glance_schema_test: a preset that does not fit the database is refused before anything is touched."""
from glance_case import GlanceCase, main
from harness import purgefleet
from harness.glance import TABLES
from harness.mariadb import ON_MYSQL

TAGS = "[image_tags]\nkey = id\nage = deleted_at\nindex = optional\n"


class Refusals(GlanceCase):
    def refuse(self, preset, *words, status=1):
        self.glance.child("image_tags", 400)
        before = self.glance.all_ids()
        result = self.purge("--age-in-days", 1, "--max-rows", 10, preset=self.file(preset), status=status)
        self.assertEqual(before, self.glance.all_ids())
        for word in words:
            self.assertIn(word, result.stderr)

    def test_what_is_not_in_the_database(self):
        cases = (
            (TAGS + "[nothing]\nkey = id\nage = deleted_at\n", "there is no table 'nothing'"),
            (TAGS + "[tasks]\nkey = uuid\nage = deleted_at\n", "'tasks' has no column 'uuid'"),
            (TAGS + "[tasks]\nkey = id\nage = removed_at\n", "'tasks' has no column 'removed_at'"),
            (TAGS + "[tasks]\nkey = id\nage = deleted_at\nindex = ix_at\n", "'tasks' has no index 'ix_at'"),
            (TAGS + "[tasks]\nkey = id\nage = deleted_at\nindex = ix_tasks_status\n", "does not begin with 'deleted_at'"),
            (TAGS + "[tasks]\nkey = id\nage = deleted_at\n", "CREATE INDEX deleted_at_idx ON tasks (deleted_at)"),
            (TAGS + "[tasks]\nkey = status\nage = deleted_at\nindex = optional\n", "the primary key of table 'tasks'"),
            (TAGS + "flag = delted\n", "'image_tags' has no column 'delted'"),
            (TAGS + "[tasks]\nkey = id\nage = owner\nindex = optional\n", "is not a date with time"),
            (TAGS + "[tasks]\nkey = id\nage = deleted_at\nage_kind = ms\nindex = optional\n", "is not a number"),
        )
        for preset, words in cases:
            with self.subTest(words=words):
                self.refuse(preset, words)

    def test_a_flag_that_is_wanted_and_that_the_preset_does_not_name(self):
        tag = self.glance.child("image_tags", 400)
        result = self.purge("--age-in-days", 1, "--require-flag", preset=self.file(TAGS), status=1)
        self.assertIn("--require-flag: the preset names no 'flag' for table 'image_tags'", result.stderr)
        self.assertEqual({tag}, self.glance.ids("image_tags"))

    def test_an_order_that_violates_a_foreign_key(self):
        images = "[images]\nkey = id\nage = deleted_at\nindex = optional\n"
        self.refuse(images + TAGS, "the order violates foreign key 'image_tags_ibfk_1'", "must stand before")
        self.refuse("[tasks]\nkey = id\nage = deleted_at\nindex = optional\n"
                    "[task_info]\nkey = task_id\nage = deleted_at\n", "task_info")

    def test_the_right_order_is_taken(self):
        image = self.glance.image(40)
        self.glance.child("image_tags", 40, image)
        images = "[images]\nkey = id\nage = deleted_at\nindex = optional\n"
        self.purge("--age-in-days", 1, preset=self.file(TAGS + images))
        self.assertEqual((1, 0), (self.glance.count("images"), self.glance.count("image_tags")))

    def test_a_foreign_key_that_removes_more_than_was_asked_for(self):
        for rule in ("CASCADE", "SET NULL"):
            self.glance.query("CREATE TABLE notes (tag INT, FOREIGN KEY notes_1 (tag) REFERENCES image_tags (id) "
                              f"ON DELETE {rule})")
            self.refuse(TAGS, f"ON DELETE {rule}", "refused")
            self.glance.query("DROP TABLE notes")

    def test_tables_without_transactions(self):
        self.glance.query("CREATE TABLE plain (id INT PRIMARY KEY, deleted_at DATETIME) ENGINE = MyISAM")
        self.refuse(TAGS + "[plain]\nkey = id\nage = deleted_at\nindex = optional\n", "MyISAM")

    def test_an_index_that_the_server_ignores_is_none(self):
        self.glance.query("CREATE TABLE w (id INT PRIMARY KEY, deleted_at DATETIME, KEY at_idx (deleted_at))")
        self.glance.query("INSERT INTO w VALUES (1, '2020-01-01'), (2, NULL)")
        self.glance.query("ALTER TABLE w ALTER INDEX at_idx " + ("INVISIBLE" if ON_MYSQL else "IGNORED"))
        cure = "VISIBLE" if ON_MYSQL else "NOT IGNORED"
        for index in ("needed", "at_idx"):
            self.refuse(f"[w]\nkey = id\nage = deleted_at\nindex = {index}\n",
                        "index 'at_idx' of table 'w' is ignored", f"cure: ALTER TABLE `w` ALTER INDEX `at_idx` {cure}")
        self.purge("--age-in-days", 1, preset=self.file("[w]\nkey = id\nage = deleted_at\nindex = optional\n"))
        self.assertEqual({2}, self.glance.ids("w"))

    def test_a_preset_that_cannot_be_read(self):
        cases = (
            ("", "names no table"),
            ("key = id\n", "line 1: no section"),
            ("[image_tags]\nkey = id\n", "neither 'age' nor 'goes_with'"),
            ("[image_tags]\nage = deleted_at\n", "has no 'key'"),
            (TAGS + "colour = red\n", "unknown key 'colour'"),
            (TAGS + "max_rows = many\n", "no good value: 'many'"),
            (TAGS + TAGS, "a second section of table 'image_tags'"),
            (TAGS + "[task_info]\nkey = task_id\ngoes_with = tasks\n", "no section"),
            (TAGS + "nonsense\n", "line 5"),
            (TAGS + "[tasks\n", "must end with ']'"),
        )
        for preset, words in cases:
            with self.subTest(words=words):
                self.refuse(preset, words, status=2)

    def test_a_user_without_the_right_to_delete(self):
        self.glance.child("image_tags", 400)
        url = self.mariadb.add_user("reader", "SELECT ON glance.*", database="glance")
        result = self.purge("--database-url", url, status=1)
        self.assertIn("cannot delete from table", result.stderr)

    def test_a_user_who_cannot_see_all_foreign_keys_is_warned(self):
        deletes = [f"DELETE ON glance.{table}" for table in TABLES]
        sighted = (
            (["SELECT, DELETE ON glance.*"], ()),
            (["SELECT, REFERENCES ON glance.*", *deletes], ()),
            (["SELECT, REFERENCES ON `glanc%`.*", *deletes], ()),
            (["SELECT, DELETE ON *.*"], ()),
            (["SELECT ON glance.*"], ("--dryrun",)),
            (["SELECT ON *.*", *deletes], ()),
            (["SELECT ON glance.*", *deletes], ()),
            ([f"SELECT, DELETE ON glance.{table}" for table in TABLES], ()),
        )
        blind = 7 if ON_MYSQL else 4  # from here on; MySQL shows a foreign key to whom it lets read the table
        for number, (grants, options) in enumerate(sighted):
            with self.subTest(grants=grants):
                url = self.mariadb.add_user("few", *grants, database="glance")
                result = self.purge("--database-url", url, *options, status=1 if options else 0)
                warning = "could not check the foreign keys" in result.stderr
                self.assertEqual(number >= blind, warning)
                self.assertEqual(number >= blind, "GRANT SELECT, REFERENCES ON glance.*" in result.stderr)

    def test_the_rights_that_the_docs_ask_for_show_every_foreign_key(self):
        lines = (purgefleet.ROOT / "deploy/grants-glance.sql").read_text(encoding="utf-8").splitlines()
        for line in ["DROP USER IF EXISTS 'purgefleet'@'%'", *lines]:
            if line and not line.startswith("--"):
                self.glance.query(line)
        url = self.mariadb.url(user="purgefleet", password="change me", database="glance")
        self.glance.child("image_tags", 400)
        self.assertNotIn("could not check", self.purge("--database-url", url).stderr)
        self.purge("--database-url", url, preset="glance-images")
        self.glance.query("CREATE TABLE notes (tag INT, FOREIGN KEY notes_1 (tag) REFERENCES image_tags (id) "
                          "ON DELETE CASCADE)")
        self.assertIn("ON DELETE CASCADE", self.purge("--database-url", url, status=1).stderr)

    def test_ages_in_numbers_and_limits_of_a_table(self):
        self.glance.query("CREATE TABLE spans (id BIGINT PRIMARY KEY, at_ms BIGINT, at_s INT, KEY (at_ms), KEY (at_s))")
        self.glance.many("INSERT INTO spans VALUES (%s, 1000 * (UNIX_TIMESTAMP() - %s), UNIX_TIMESTAMP() - %s)",
                         [(number, number * 86400, number * 86400) for number in range(-5, 20)])
        self.purge("--age-in-days", 10, "--max-rows", -1,
                   preset=self.file("[spans]\nkey = id\nage = at_ms\nage_kind = ms\nmax_rows = 4\n"))
        self.assertEqual({*range(-5, 16)}, self.glance.ids("spans"))
        self.purge("--age-in-days", 3, "--max-rows", 100,
                   preset=self.file("[spans]\nkey = id\nage = at_s\nage_kind = s\n"))
        self.assertEqual({*range(-5, 3)}, self.glance.ids("spans") - {3})


if __name__ == "__main__":
    main()
