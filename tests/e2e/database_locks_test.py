#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""database_locks_test: rows, nodes and the table are locked in the middle of a run, or the database refuses a row."""
import time

from case import main, wait_until  # first: it chooses the Python
import pymysql
from harness.mariadb import ON_MYSQL
from harness.users import NO_NODE
from purger_case import PurgerCase


class Locks(PurgerCase):
    def status(self, name):
        return int(self.tables.query("SHOW GLOBAL STATUS LIKE %s", name)[0]["Value"])

    def deadlocks(self):
        if not ON_MYSQL:
            return self.status("Innodb_deadlocks")
        return self.tables.query("SELECT COUNT FROM information_schema.INNODB_METRICS WHERE NAME = 'lock_deadlocks'")[0]["COUNT"]

    def test_deadlock_with_another_session_costs_no_row(self):
        uids = self.tables.many_old(60, [NO_NODE])  # no requests: all in one batch
        before = self.tables.snapshot()
        self.tables.query("CREATE TABLE ballast (i INT PRIMARY KEY) ENGINE=InnoDB")
        other = self.mariadb.connect()
        other.begin()
        with other.cursor() as cursor:
            # Who changed less is the victim of a deadlock: that must be the program.
            cursor.executemany("INSERT INTO ballast VALUES (%s)", [(i,) for i in range(3000)])
            cursor.execute("SELECT uid FROM users WHERE uid = %s FOR UPDATE", (uids[-1],))
            program = self.start("--oneshot", env=self.purger())
            wait_until(lambda: self.status("Innodb_row_lock_current_waits") > 0,
                       "the program's wait for the lock")
            cursor.execute("SELECT uid FROM users WHERE uid = %s FOR UPDATE", (uids[0],))
        other.rollback()
        result = program.wait()
        self.assertEqual(0, result.status, result)
        self.assertGreaterEqual(self.deadlocks(), 1)
        self.assert_removed(before, uids)
        self.assert_summary(result, state="complete", purged=60, failed=0)

    def test_deadlocks_over_and_over_cost_no_row(self):
        """A second session takes the same rows and nodes in the other order, all the time."""
        other_node, other_id = self.add_node()
        uids = self.tables.many_old(400, [self.nodeid, other_id])
        before = self.tables.snapshot()
        other = self.mariadb.connect()
        program = self.start("--oneshot", "--batch-rows", 20, "--attempts", 50,
                             "--max-fraction", 0, env=self.purger())
        with other.cursor() as cursor:
            while not program.ended():
                try:
                    other.begin()
                    for uid in reversed(uids[::40]):
                        cursor.execute("SELECT uid FROM users WHERE uid = %s FOR UPDATE", (uid,))
                    for nodeid in (other_id, self.nodeid):
                        cursor.execute("UPDATE nodes SET backoff = backoff WHERE id = %s", (nodeid,))
                    other.rollback()
                except pymysql.err.OperationalError:
                    other.rollback()  # 1213: it was the victim
        result = program.wait()
        self.assertEqual(0, result.status, result)
        self.assert_removed(before, uids)
        self.assertEqual(200, len(other_node.deletes))

    def test_row_that_stays_locked_fails_alone_and_goes_by_the_next_run(self):
        uids = self.tables.many_old(8, [self.nodeid])
        before = self.tables.snapshot()
        locker = self.mariadb.connect()
        locker.begin()
        with locker.cursor() as cursor:
            cursor.execute("SELECT uid FROM users WHERE uid = %s FOR UPDATE", (uids[2],))
        # A short time-out of reading makes that of locks a short one, too.
        result = self.purge("--attempts", 1, env=self.purger("?read_timeout=2"), status=3)
        self.assert_summary(result, state="partial", purged=7, failed=1, failed_database=1)
        self.assert_removed(before, set(uids) - {uids[2]})
        failed = [line for line in result.lines if line["message"] == "row failed"]
        self.assertEqual(("database", str(uids[2])), (failed[0]["reason"], failed[0]["id"]))
        self.assertIn("1205", failed[0]["error"])
        locker.rollback()
        self.purge()
        self.assert_removed(before, uids)

    def test_locked_nodes_row_fails_no_row_of_another_node(self):
        _, locked_id = self.add_node()
        uids = self.tables.many_old(64, [self.nodeid, locked_id])
        locked = set(uids[1::2])
        before = self.tables.snapshot()
        locker = self.mariadb.connect()
        locker.begin()
        with locker.cursor() as cursor:
            cursor.execute("UPDATE nodes SET backoff = backoff WHERE id = %s", (locked_id,))
        began = time.monotonic()
        result = self.purge("--attempts", 2, env=self.purger("?read_timeout=2"), status=3)
        self.assertLess(time.monotonic() - began, 20)
        self.assert_summary(result, state="partial", purged=32, failed=32, failed_database=32,
                            postponed=0)
        self.assert_removed(before, set(uids) - locked)
        failed = [line for line in result.lines if line["message"] == "row failed"]
        self.assertEqual(locked, {int(line["id"]) for line in failed})
        for line in failed:
            self.assertIn("the row of its node is locked: 1205: ", line["error"])
        self.assert_deleted(uids)
        locker.rollback()
        self.assert_summary(self.purge(), purged=32, gone=0)
        self.assert_removed(before, uids)

    def test_many_locked_nodes_hold_up_no_row_of_another_node(self):
        locked_ids = [self.add_node()[1] for _ in range(6)]
        free_ids = [self.add_node()[1] for _ in range(3)]
        ids = locked_ids + free_ids
        uids = self.tables.many_old(90, ids)
        free = {uid for number, uid in enumerate(uids) if ids[number % 9] in free_ids}
        before = self.tables.snapshot()
        locker = self.mariadb.connect()
        locker.begin()
        with locker.cursor() as cursor:
            for nodeid in locked_ids:
                cursor.execute("UPDATE nodes SET backoff = backoff WHERE id = %s", (nodeid,))
        result = self.purge("--retry-time", 2, env=self.purger("?read_timeout=2"), status=3)
        self.assert_removed(before, free)
        self.assert_summary(result, state="partial", purged=30)
        self.assertEqual(60, sum(result.summary.get(name, 0) for name in ("failed_database", "postponed_database")))
        locker.rollback()
        self.purge()
        self.assert_removed(before, uids)

    def test_rows_locked_among_others_fail_none_of_them(self):
        uids = self.tables.many_old(24, [NO_NODE])
        before = self.tables.snapshot()
        locked = set(uids[3::4])
        locker = self.mariadb.connect()
        locker.begin()
        with locker.cursor() as cursor:
            for uid in locked:
                cursor.execute("SELECT uid FROM users WHERE uid = %s FOR UPDATE", (uid,))
        began = time.monotonic()
        result = self.purge("--attempts", 1, "--retry-time", 30, env=self.purger("?read_timeout=2"),
                            status=3)
        self.assertLess(time.monotonic() - began, 45)
        failed = {int(line["id"]) for line in result.lines if line["message"] == "row failed"}
        self.assertLessEqual(failed, locked)
        left = self.tables.uids() & set(uids)
        self.assertLessEqual(locked, left)
        self.assert_removed(before, set(uids) - left)
        self.assert_summary(result, state="partial", purged=24 - len(left), failed=len(failed),
                            postponed=len(left) - len(failed))
        locker.rollback()
        self.purge()
        self.assert_removed(before, uids)

    def test_table_that_is_locked_as_a_whole_ends_the_run_in_time(self):
        uids = self.tables.many_old(40, [NO_NODE])
        before = self.tables.snapshot()
        locker = self.mariadb.connect()
        locker.begin()
        with locker.cursor() as cursor:
            cursor.execute("SELECT uid FROM users FOR UPDATE")
        began = time.monotonic()
        result = self.purge("--retry-time", 1, env=self.purger("?read_timeout=2"), status=3)
        self.assertLess(time.monotonic() - began, 40)
        self.assert_summary(result, state="partial", purged=0, gone=0)
        failed, postponed = (result.summary[name] for name in ("failed_database", "postponed_database"))
        self.assertEqual(40, failed + postponed, result)
        self.assertGreater(postponed, 20, result)  # few rows were tried one by one
        self.assert_removed(before, [])
        locker.rollback()
        self.purge()
        self.assert_removed(before, uids)


    def test_server_that_has_no_room_is_not_asked_hundreds_of_times_a_second(self):
        uids = self.tables.many_old(1000, [NO_NODE])
        before = self.tables.snapshot()
        self.tables.query("CREATE TRIGGER full BEFORE DELETE ON users FOR EACH ROW "
                          "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1021, MESSAGE_TEXT = 'Disk full'")
        asked = self.deletes()
        result = self.purge("--max-fraction", 0, "--retry-time", 2, env=self.purger(), status=3)
        self.assertEqual(1000, sum(result.summary[name] for name in ("failed_database", "postponed_database")))
        self.assertLess(self.deletes() - asked, 400)
        self.assert_removed(before, [])
        self.tables.query("DROP TRIGGER full")
        self.purge("--max-fraction", 0)
        self.assert_removed(before, uids)

    def deletes(self):
        """How many DELETEs the server has been asked for."""
        return int(self.tables.query("SHOW GLOBAL STATUS LIKE 'Com_delete_multi'")[0]["Value"])


class Rows(PurgerCase):
    def test_that_no_statement_can_take_fail_alone(self):
        """One row is held by a foreign key of another table, one by a trigger."""
        uids = self.tables.many_old(50, [self.nodeid])
        before = self.tables.snapshot()
        self.tables.query("CREATE TABLE holder (uid BIGINT, FOREIGN KEY (uid) REFERENCES users (uid))"
                          " ENGINE=InnoDB")
        self.tables.query("INSERT INTO holder VALUES (%s)", uids[11])
        self.tables.query("CREATE TRIGGER no_delete BEFORE DELETE ON users FOR EACH ROW BEGIN"
                          f" IF OLD.uid = {uids[33]} THEN SIGNAL SQLSTATE '45000'"
                          " SET MESSAGE_TEXT = 'not this one'; END IF; END")
        result = self.purge(status=3)
        self.assert_summary(result, state="partial", purged=48, failed=2, failed_unknown=2)
        self.assert_removed(before, set(uids) - {uids[11], uids[33]})
        self.assertIn("not this one", result.stderr)

    def test_whose_values_a_trigger_meets_again_do_not_get_into_the_log(self):
        """The server quotes the value that it refuses: 1062, 1366, and a text of the trigger's own."""
        of = "audit." if ON_MYSQL else ""
        cases = {
            "INSERT INTO audit (email) VALUES (OLD.email)": f"1062: Duplicate entry '…' for key '{of}email'",
            "INSERT INTO audit (kid) VALUES (OLD.client_state)": f"1062: Duplicate entry '…' for key '{of}kid'",
            "INSERT INTO audit (number) VALUES (OLD.email)": "1366: Incorrect ",
            "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'very.private@example.com is kept'":
                "1644: … is kept",
        }
        uid = self.tables.old(self.nodeid, email="very.private@example.com")
        self.tables.query("CREATE TABLE audit (email VARCHAR(255) UNIQUE, kid VARCHAR(64) UNIQUE, number INT)")
        self.tables.query("INSERT INTO audit SELECT email, client_state, NULL FROM users")
        state = self.tables.query("SELECT client_state FROM users WHERE uid = %s", uid)[0]["client_state"]
        for statement, words in cases.items():
            with self.subTest(statement):
                self.tables.query("DROP TRIGGER IF EXISTS quoting")
                self.tables.query(f"CREATE TRIGGER quoting BEFORE DELETE ON users FOR EACH ROW {statement}")
                result = self.purge("-v", status=None)
                failed = [line for line in result.lines if line["message"] == "row failed"]
                self.assertEqual([str(uid)], [line["id"] for line in failed], result)
                self.assertIn(words, failed[0]["error"])
                for secret in ("very.private", "example.com", state):
                    self.assertNotIn(secret, result.stderr)


if __name__ == "__main__":
    main()
