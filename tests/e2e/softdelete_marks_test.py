#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""softdelete_marks_test: what marks a row as deleted, and what only looks like it."""
from glance_case import GlanceCase, main
from harness.mariadb import ON_MYSQL, mariadb_only
from harness.wait import wait_until

DAY = 86400


class MarksCase(GlanceCase):
    def make(self, columns, *rows):
        """A table `w` with these columns behind its key; the rows' keys are 1, 2, …"""
        self.glance.query("SET sql_mode = ''")  # zero dates may be written
        self.glance.query(f"CREATE TABLE w (id BIGINT PRIMARY KEY AUTO_INCREMENT, {columns})")
        for row in rows:
            self.glance.query(f"INSERT INTO w VALUES (NULL, {row})")

    def run_preset(self, *lines, options=(), status=0):
        text = "\n".join(("[w]", "key = id", *lines)) + "\n"
        return self.purge("--age-in-days", 30, "--max-rows", -1, *options, preset=self.file(text), status=status)

    def left(self):
        return self.glance.ids("w")


def ago(days, unit=1):
    return f"{unit} * (UNIX_TIMESTAMP() - {days * DAY})"


class Sentinels(MarksCase):
    def test_numbers_that_stand_for_not_deleted(self):
        for kind, unit in (("s", 1), ("ms", 1000)):
            for index in ("needed", "optional"):
                with self.subTest(kind=kind, index=index):
                    self.make("deleted_at BIGINT NOT NULL DEFAULT 0, KEY (deleted_at)",
                              "0", "0", "-1", "1", f"{31535999 * unit if kind == 's' else 5}", ago(400, unit), ago(1, unit))
                    lines = ("age = deleted_at", f"age_kind = {kind}", f"index = {index}")
                    dry = self.run_preset(*lines, options=("--dryrun",))
                    self.assertIn("Would delete 1 row(s) from table w", dry.stderr)
                    self.run_preset(*lines)
                    self.assertEqual({1, 2, 3, 4, 5, 7}, self.left())
                    self.glance.query("DROP TABLE w")

    def test_rows_that_were_due_long_ago_are_told(self):
        self.make("deleted_at BIGINT NOT NULL DEFAULT 0, KEY (deleted_at)", ago(400), ago(62), ago(58), ago(1))
        result = self.run_preset("age = deleted_at", "age_kind = s", options=("--dryrun",))
        named = [line for line in result.lines if line["message"].startswith("record has not been purged")]
        self.assertEqual([("w/1", None), ("w/2", None)], [(line["id"], line["node"]) for line in named], result)
        self.assertEqual((2, named[0]["since"]), (result.summary["overdue"], result.summary["oldest_due_at"]))

    def test_an_unsigned_number(self):
        self.make("deleted_at BIGINT UNSIGNED NOT NULL DEFAULT 0, KEY (deleted_at)", "0", "0", ago(400), ago(1))
        self.run_preset("age = deleted_at", "age_kind = s")
        self.assertEqual({1, 2, 4}, self.left())

    def test_dates_that_stand_for_not_deleted(self):
        for kind in ("DATETIME", "DATETIME(6)", "TIMESTAMP(6)"):
            for limit in ((), ("--max-rows", 100)):
                with self.subTest(kind=kind, limit=limit):
                    early = ["'0001-01-01'", "'1970-12-31 23:59:59'"] if kind != "TIMESTAMP(6)" else ["'1970-06-01'"] * 2
                    self.make(f"deleted_at {kind} NOT NULL DEFAULT 0", "'0000-00-00 00:00:00'", *early,
                              "UTC_TIMESTAMP() - INTERVAL 400 DAY", "UTC_TIMESTAMP() - INTERVAL 1 DAY")
                    self.run_preset("age = deleted_at", "index = optional", options=limit)
                    self.assertEqual({1, 2, 3, 5}, self.left())
                    self.glance.query("DROP TABLE w")

    def test_a_row_that_is_alive_again_by_a_sentinel_stays(self):
        """The DELETE itself asks again: here between the scan and the removal."""
        self.make("deleted_at BIGINT NOT NULL, KEY (deleted_at)", ago(400), ago(400))
        connection = self.mariadb.connect(database="glance")
        self.addCleanup(connection.close)
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("UPDATE w SET deleted_at = 0 WHERE id = 1")
            program = self.start("--age-in-days", 30, preset=self.file(
                "[w]\nkey = id\nage = deleted_at\nage_kind = s\n"))
            wait_until(lambda: self.glance.query(
                "SELECT 1 FROM information_schema.processlist WHERE info LIKE 'DELETE %'"), "the DELETE")
            cursor.execute("COMMIT")
        program.wait()
        self.assertEqual({1}, self.left())


class Units(MarksCase):
    def refuse(self, kind, value, *words):
        self.make("deleted_at BIGINT NOT NULL DEFAULT 0", "0", value)
        result = self.run_preset("age = deleted_at", f"age_kind = {kind}", "index = optional", status=1)
        for word in words:
            self.assertIn(word, result.stderr)
        self.assertEqual({1, 2}, self.left())

    def test_seconds_are_not_taken_for_milliseconds(self):
        self.refuse("ms", ago(400), "column 'deleted_at' of table 'w'", "milliseconds is January 1970", "'age_kind = s'")

    def test_milliseconds_are_not_taken_for_seconds(self):
        self.refuse("s", ago(400, 1000), "thousands of years from now", "'age_kind = ms'")


    def test_a_value_for_never_is_no_wrong_unit(self):
        self.make("deleted_at BIGINT NOT NULL DEFAULT 253402300799", "253402300799", ago(400))
        self.run_preset("age = deleted_at", "age_kind = s", "index = optional")
        self.assertEqual({1}, self.left())


class Ages(MarksCase):
    """A time that nobody set by marking the row says nothing."""

    def test_columns_that_the_server_sets_are_refused(self):
        now, then = ("CURRENT_TIMESTAMP", "2001-01-01 00:00:00") if ON_MYSQL else ("current_timestamp()", "'2001-01-01 00:00:00'")
        for column, words in (
                ("at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP", f"by DEFAULT {now}"),
                ("at DATETIME NULL ON UPDATE CURRENT_TIMESTAMP", "is set by every change of a row"),
                ("at DATETIME NOT NULL DEFAULT '2001-01-01'", f"by DEFAULT {then}"),
                ("at DATETIME AS ('2001-01-01') VIRTUAL", "is computed")):
            with self.subTest(column=column):
                self.make(f"{column}, deleted INT DEFAULT 0", "DEFAULT, 0")
                result = self.run_preset("age = at", "index = optional", status=1)
                self.assertIn("column 'at' of table 'w'", result.stderr)
                self.assertIn(words, result.stderr)
                self.assertEqual({1}, self.left())
                self.glance.query("DROP TABLE w")

    def test_numbers_with_a_default_are_judged_in_their_unit(self):
        for kind, default, status in (("s", 1000000000, 1), ("ms", 1000000000, 0), ("ms", 1000000000000, 1), ("s", -1, 0)):
            with self.subTest(kind=kind, default=default):
                self.make(f"at BIGINT NOT NULL DEFAULT {default}", "0")
                self.run_preset("age = at", f"age_kind = {kind}", "index = optional", status=status)
                self.glance.query("DROP TABLE w")

    def test_a_default_that_means_never_is_no_time_of_deletion(self):
        self.make("at DATETIME NOT NULL DEFAULT '9999-12-31'", "DEFAULT", "'2001-01-01'")
        self.run_preset("age = at", "index = optional")
        self.assertEqual({1}, self.left())
        self.glance.query("DROP TABLE w")
        self.make("at BIGINT NOT NULL DEFAULT 253402300799", "DEFAULT", ago(400))
        self.run_preset("age = at", "age_kind = s", "index = optional")
        self.assertEqual({1}, self.left())

    def test_they_may_serve_beside_a_flag(self):
        self.make("at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, deleted INT",
                  "'2020-01-01', 0", "'2020-01-01', 1")
        self.run_preset("age = at", "index = optional", "flag = deleted", options=("--require-flag",))
        self.assertEqual({1}, self.left())

    def test_what_is_no_table_is_told_as_such(self):
        self.make("at DATETIME")
        self.glance.query("CREATE VIEW v AS SELECT * FROM w")
        self.refuse("v", "'v' is no table but a VIEW")

    @mariadb_only("system versioning")
    def test_a_table_that_keeps_what_was_is_told_as_such(self):
        self.glance.query("CREATE TABLE x (id INT PRIMARY KEY, at DATETIME) WITH SYSTEM VERSIONING")
        self.refuse("x", "'x' is system-versioned")

    def refuse(self, name, words):
        result = self.purge("--age-in-days", 30, status=1,
                            preset=self.file(f"[{name}]\nkey = id\nage = at\nindex = optional\n"))
        self.assertIn(words, result.stderr)


class SameValue(MarksCase):
    WORDS = 'does it mean \\"not deleted\\"?'

    def test_a_dry_run_warns_when_most_of_what_is_due_bears_one_value(self):
        self.make("deleted_at DATETIME", *["'1999-12-31'"] * 3, "'2020-01-01'", "'2020-01-02'")
        dry = self.run_preset("age = deleted_at", "index = optional", options=("--dryrun",))
        self.assertIn("(3 of 5 rows) has the same deleted_at, 1999-12-31 00:00:00", dry.stderr)
        self.assertIn(self.WORDS, dry.stderr)

    def test_it_does_not_when_they_differ(self):
        self.make("deleted_at DATETIME", *["'1999-12-31'"] * 2, "'2020-01-01'", "'2020-01-02'")
        dry = self.run_preset("age = deleted_at", "index = optional", options=("--dryrun",))
        self.assertNotIn(self.WORDS, dry.stderr)


class Flags(MarksCase):
    LINES = ("age = deleted_at", "index = optional", "flag = deleted")

    def flagged(self, kind, *values):
        self.make(f"deleted {kind}, deleted_at DATETIME DEFAULT '2020-01-01'",
                  *[f"{value}, DEFAULT" for value in values])

    def purge_flagged(self, *lines, status=0):
        return self.run_preset(*self.LINES, *lines, options=("--require-flag",), status=status)

    def test_numbers_and_bits_are_deleted_when_they_are_not_0(self):
        for kind, values in (("INT", ("0", "1", "77", "NULL")), ("BIT(1)", ("b'0'", "b'1'", "b'1'", "NULL"))):
            with self.subTest(kind=kind):
                self.flagged(kind, *values)
                self.purge_flagged()
                self.assertEqual({1, 4}, self.left())
                self.glance.query("DROP TABLE w")

    def test_text_without_a_word_is_refused(self):
        for kind, values in (("ENUM('n','y')", ("'n'", "'y'")), ("VARCHAR(9)", ("'true'", "'7c'")),
                             ("DECIMAL(3,1)", ("0.4", "1")), ("SET('a')", ("''", "'a'")), ("DATE", ("NULL", "'2020-01-01'"))):
            with self.subTest(kind=kind):
                self.flagged(kind, *values)
                result = self.purge_flagged(status=1)
                self.assertIn("--require-flag: column 'deleted' of table 'w'", result.stderr)
                self.assertEqual({1, 2}, self.left())
                self.glance.query("DROP TABLE w")

    def test_a_word_is_compared_to_the_letter(self):
        cases = (("ENUM('n','y','yes')", ("'n'", "'y'", "NULL"), "y", {1, 3}),
                 ("VARCHAR(9)", ("'y'", "'Y'", "'y '", "'ý'", "NULL", "'yes'"), "y", {2, 3, 4, 5, 6}),
                 ("CHAR(36) CHARACTER SET latin1", ("'ja'", "'JA'", "'nein'"), "ja", {2, 3}),
                 ("VARCHAR(9)", ("'ja''x'", "'ja'"), "ja'x", {2}))
        for kind, values, word, stays in cases:
            with self.subTest(kind=kind, word=word):
                self.flagged(kind, *values)
                self.purge_flagged(f"flag_deleted = {word}")
                self.assertEqual(stays, self.left())
                self.glance.query("DROP TABLE w")

    def test_a_word_that_means_live_leaves_all_that_may_be_it(self):
        values = ("'False'", "'FALSE '", "'false'", "''", "NULL", "'0b1f9c3e-7777-4a4a-8888-123456789abc'", "'True'")
        for kind in ("VARCHAR(36) NULL DEFAULT 'False'", "CHAR(36) CHARACTER SET latin1"):
            with self.subTest(kind=kind):
                self.flagged(kind, *values)
                self.purge_flagged("flag_live = False")
                self.assertEqual({1, 2, 3, 4, 5}, self.left())
                self.glance.query("DROP TABLE w")

    def test_a_word_that_does_not_fit_the_column_is_refused(self):
        for kind, word in (("ENUM('n','yes')", "y"), ("ENUM('n','a''y')", "y"), ("INT", "1")):
            with self.subTest(kind=kind):
                self.flagged(kind, "1")
                result = self.purge_flagged(f"flag_deleted = {word}", status=1)
                self.assertIn("'flag_deleted'", result.stderr)
                self.assertEqual({1}, self.left())
                self.glance.query("DROP TABLE w")


class Along(MarksCase):
    def test_rows_that_go_along_are_refused_when_their_key_compares_otherwise(self):
        for parent, child in (("INT", "VARCHAR(9)"), ("VARCHAR(9)", "INT"),
                              ("VARCHAR(9) COLLATE utf8mb4_bin", "VARCHAR(9) COLLATE utf8mb4_general_ci")):
            with self.subTest(parent=parent, child=child):
                self.glance.query(f"CREATE TABLE w (id {parent} PRIMARY KEY, deleted_at DATETIME)")
                self.glance.query(f"CREATE TABLE parts (w {child}, KEY (w))")
                result = self.purge("--age-in-days", 30, preset=self.file(
                    "[parts]\nkey = w\ngoes_with = w\n[w]\nkey = id\nage = deleted_at\nindex = optional\n"), status=1)
                self.assertIn("column 'w' of table 'parts'", result.stderr)
                self.glance.query("DROP TABLE w, parts")


if __name__ == "__main__":
    main()
