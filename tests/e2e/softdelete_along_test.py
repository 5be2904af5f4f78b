#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""softdelete_along_test: rows that go with others count for the size of a transaction, too."""
from glance_case import GlanceCase, main
from harness.mariadb import ON_MYSQL, mariadb_only, numbers
from harness.wait import wait_until

PRESET = """[line]
key = document
goes_with = document
[document]
key = id
age = deleted_at
index = optional
"""

# Each row of `went` tells the transaction that wrote it, in `trx`.
COLUMNS_OF_WENT = "trx VARCHAR(40), what VARCHAR(9), id INT)" if ON_MYSQL else (
    "trx BIGINT UNSIGNED GENERATED ALWAYS AS ROW START, till BIGINT UNSIGNED GENERATED ALWAYS AS ROW END, what VARCHAR(9), "
    "id INT, PERIOD FOR SYSTEM_TIME (trx, till)) WITH SYSTEM VERSIONING")
TRANSACTION = ("(SELECT CONCAT(THREAD_ID, '-', EVENT_ID) FROM performance_schema.events_transactions_current "
               "WHERE THREAD_ID = PS_CURRENT_THREAD_ID())")


class Along(GlanceCase):
    server_options = ("--performance-schema=on",) if ON_MYSQL else ()

    def setUp(self):
        super().setUp()
        self.glance.query("CREATE TABLE document (id INT PRIMARY KEY, deleted_at DATETIME)")
        self.glance.query("CREATE TABLE line (id INT PRIMARY KEY AUTO_INCREMENT, document INT, "
                          "FOREIGN KEY (document) REFERENCES document (id))")
        self.glance.query(f"CREATE TABLE went ({COLUMNS_OF_WENT}")
        for table in ("document", "line"):
            more = f", trx = {TRANSACTION}" if ON_MYSQL else ""
            self.glance.query(f"CREATE TRIGGER went_{table} AFTER DELETE ON {table} FOR EACH ROW "
                              f"INSERT INTO went SET what = '{table}', id = OLD.id{more}")

    def documents(self, *lines, first=1):
        """Old documents with so many lines each."""
        for number, count in enumerate(lines, first):
            self.glance.query("INSERT INTO document VALUES (%s, '2020-01-01')", number)
            if count > 0:
                self.glance.query(f"INSERT INTO line (document) SELECT {number} FROM {numbers(count)}")

    def transactions(self):
        return self.glance.query("SELECT COUNT(*), SUM(what = 'document') FROM went GROUP BY trx ORDER BY trx")

    def run_preset(self, *options, status=0):
        return self.purge("--age-in-days", 30, *options, preset=self.file(PRESET), status=status)

    def test_no_transaction_is_larger_than_was_asked_for(self):
        self.documents(*[20] * 30, 0, 0, 49, 50)
        result = self.run_preset("--max-rows", -1, "--chunk-rows", 50)
        sizes = [int(rows) for rows, _ in self.transactions()]
        self.assertEqual(30 * 21 + 2 + 50 + 51, sum(sizes))
        self.assertLessEqual(max(sizes), 50)
        self.assertLess(len(sizes), 2 * sum(sizes) / 50, "hardly any transaction is as large as it may be")
        self.assertEqual((34, 30 * 20 + 99), (result.summary["purged"], result.summary["removed_rows"] - 34))
        self.assertIn("Deleted 699 row(s) from table line", result.stderr)
        self.assertEqual((0, 0), (self.glance.count("document"), self.glance.count("line")))

    def test_lines_of_one_document_go_in_pieces_and_the_document_last(self):
        self.documents(1000, 3)
        self.run_preset("--max-rows", -1, "--chunk-rows", 100)
        told = self.transactions()
        self.assertLessEqual(max(rows for rows, _ in told), 100)
        self.assertEqual(10, sum(documents == 0 for _, documents in told))
        self.assertEqual((1000, 3, 2), (*(self.glance.query(
            "SELECT SUM(id <= 1000), SUM(id > 1000) FROM went WHERE what = 'line'")[0]),
            self.glance.query("SELECT COUNT(*) FROM went WHERE what = 'document'")[0][0]))

    def test_one_row_at_a_time(self):
        self.documents(2, 0, 1)
        self.run_preset("--chunk-rows", 1)
        self.assertEqual([1] * 6, [rows for rows, _ in self.transactions()])

    def test_limits_count_documents(self):
        self.documents(*[30] * 10)
        for options in (("--max-rows", 3), ("--max-rows", -1, "--max-records", 3)):
            self.assertEqual(3, self.run_preset("--chunk-rows", 20, *options).summary["purged"])
        self.assertEqual((4, 4 * 30), (self.glance.count("document"), self.glance.count("line")))

    def test_a_document_that_is_in_use_keeps_its_lines(self):
        self.documents(30, 5, 30, 5)
        self.glance.query("CREATE TABLE uses (document INT, FOREIGN KEY uses_it (document) REFERENCES document (id))")
        self.glance.query("INSERT INTO uses VALUES (1), (2)")
        result = self.run_preset("--chunk-rows", 20, status=3)
        self.assertEqual((2, 2), (result.summary["purged"], result.summary["failed"]))
        self.assertEqual({1, 2}, self.glance.ids("document"))
        self.assertEqual(35, self.glance.count("line"))

    def test_a_document_that_comes_into_use_between_two_pieces_keeps_the_rest_of_its_lines(self):
        self.documents(1000)
        self.glance.query("CREATE TABLE uses (document INT, FOREIGN KEY uses_it (document) REFERENCES document (id))")
        # As another session would between the third and the fourth piece.
        self.glance.query("CREATE TRIGGER use_it AFTER DELETE ON line FOR EACH ROW FOLLOWS went_line "
                          "INSERT INTO uses SELECT 1 FROM (SELECT COUNT(*) AS count FROM went) AS so_far WHERE count = 300")
        result = self.run_preset("--chunk-rows", 100, status=3)
        self.assertEqual((1, 300), (result.summary["failed_blocked"], result.summary["removed_rows"]))
        self.assertEqual((1, 700), (self.glance.count("document"), self.glance.count("line")))

    @mariadb_only("a lock that stops nothing but commits")
    def test_lines_of_a_commit_whose_end_was_not_heard_are_told(self):
        for table in ("document", "line"):  # a server whose COMMIT is killed tells no more transactions
            self.glance.query(f"DROP TRIGGER went_{table}")
        self.documents(20000)
        url = self.mariadb.add_user("few", "ALL ON glance.*", database="glance")
        program = self.start("--age-in-days", 30, "--chunk-rows", 10, "--database-url", url, preset=self.file(PRESET))
        wait_until(lambda: self.glance.count("line") < 19950, "some pieces")
        self.glance.query("ALTER USER 'few'@'127.0.0.1' ACCOUNT LOCK")  # so that it cannot look
        with self.mariadb.connect("glance") as connection, connection.cursor() as cursor:
            for stage in ("START", "FLUSH", "BLOCK_DDL", "BLOCK_COMMIT"):
                cursor.execute(f"BACKUP STAGE {stage}")
            ids = wait_until(lambda: self.glance.query("SELECT id FROM information_schema.processlist "
                                                       "WHERE info = 'COMMIT' AND state LIKE 'Waiting%%'"), "the COMMIT")
            self.glance.query("KILL %s", ids[0][0])
        result = program.wait()
        gone = 20000 - self.glance.count("line")
        [told] = [line for line in result.lines if line["message"].startswith("the database was lost in a commit")]
        self.assertEqual(10, told["rows_at_most"])
        self.assertIn(gone - result.summary["removed_rows"], (0, 10))


if __name__ == "__main__":
    main()
