#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""softdelete_slow_test: a server that ends statements after a time of its own, and reads that take longer than ours."""
from glance_case import GlanceCase, main
from harness.mariadb import ON_MYSQL, mariadb_only, numbers

PRESET = "[w]\nkey = id\nage = deleted_at\nindex = optional\n"


class Slow(GlanceCase):
    def fill(self, rows):
        self.glance.query("CREATE TABLE w (id INT PRIMARY KEY, deleted_at DATETIME, pad VARCHAR(100) DEFAULT '')")
        self.glance.query("INSERT INTO w (id, deleted_at) SELECT seq, '2020-01-01' + INTERVAL (seq * 7919) % 100000 SECOND "
                          f"FROM {numbers(rows)}")

    def limit(self, ms):
        name, value = ("max_execution_time", ms) if ON_MYSQL else ("max_statement_time", ms / 1000)
        self.glance.query(f"SET GLOBAL {name} = {value}")
        self.addCleanup(self.glance.query, f"SET GLOBAL {name} = 0")

    def run_preset(self, *options, more="", status=0):
        return self.purge("--age-in-days", 30, *options, preset=self.file(PRESET + more), status=status)

    def test_its_limit_does_not_end_our_reads(self):
        self.fill(400000)
        self.limit(30)
        self.assertEqual(1, self.run_preset("--max-rows", 1).summary["purged"])

    @mariadb_only("a limit for more than SELECT")
    def test_its_limit_ends_our_deletes_and_says_which_it_is(self):
        self.fill(9)
        self.glance.query("CREATE TRIGGER slow BEFORE DELETE ON w FOR EACH ROW BEGIN IF OLD.id = 7 THEN DO SLEEP(60); "
                          "END IF; END")
        self.limit(200)
        result = self.run_preset("--max-rows", -1, status=3)
        self.assertEqual({7}, self.glance.ids("w"))
        self.assertIn("1969: max_statement_time = 0.200000 (seconds) of the server; cure: a greater one, or "
                      "ALTER USER ... WITH MAX_STATEMENT_TIME 3600", result.stderr)

    def test_a_read_that_takes_longer_than_we_wait_says_what_to_do(self):
        """Each row's flag costs milliseconds."""
        self.fill(2000)
        self.glance.query("UPDATE w SET pad = REPEAT('x', 100)")
        self.glance.query("ALTER TABLE w ADD flag INT AS (LENGTH(SHA2(REPEAT(pad, 10000), 512)) > 0) VIRTUAL")
        result = self.run_preset("--max-rows", 10, "--require-flag", "--max-per-loop", 1,
                                 "--database-url", self.glance.url() + "?read_timeout=2", more="flag = flag\n", status=1)
        self.assertIn("table 'w' could not be read in time: ", result.stderr)
        self.assertIn("cure: an index on deleted_at, or a greater read_timeout", result.stderr)
        self.assertEqual(2000, self.glance.count("w"))


if __name__ == "__main__":
    main()
