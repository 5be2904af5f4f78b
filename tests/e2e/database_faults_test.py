#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""database_faults_test: the database fails in the middle of a run: connections die, rows are locked, the server goes."""
import os
import select
import signal
import socket
import socketserver
import threading
import time
from pathlib import Path

from case import PurgeCase, main, wait_until  # first: it chooses the Python
import pymysql
from harness.mariadb import ON_MYSQL
from harness.tcp_server import TcpServer
from harness.users import NO_NODE


class CommitLoser:
    """Stands between the program and the server, and ends the first connection that commits: before the server
    hears of it, or when it is done and the program does not know."""

    def __init__(self, port, after):
        self.server_port, self.after = port, after
        self.lost = threading.Event()
        self.server = TcpServer(self, _CommitLoserConnection)

    def close(self):
        self.server.close()


class _CommitLoserConnection(socketserver.BaseRequestHandler):
    def handle(self):
        node = self.server.node
        with socket.create_connection(("127.0.0.1", node.server_port)) as upstream:
            while True:
                for side in select.select([self.request, upstream], [], [])[0]:
                    other = upstream if side is self.request else self.request
                    data = side.recv(65536)
                    is_first_commit = data[5:] == b"COMMIT" and not node.lost.is_set()
                    if is_first_commit:
                        node.lost.set()
                    if not data or (is_first_commit and not node.after):
                        return
                    other.sendall(data)
                    if is_first_commit:
                        upstream.recv(65536)  # done
                        return


class BeginLoser:
    """Stands between the program and the server as a proxy whose server is not there: it lets connect, and ends the first
    `times` connections where a transaction begins."""

    def __init__(self, port, times):
        self.server_port, self.left = port, times
        self.server = TcpServer(self, _BeginLoserConnection)

    def close(self):
        self.server.close()


class _BeginLoserConnection(socketserver.BaseRequestHandler):
    def handle(self):
        node = self.server.node
        with socket.create_connection(("127.0.0.1", node.server_port)) as upstream:
            while True:
                for side in select.select([self.request, upstream], [], [])[0]:
                    data = side.recv(65536)
                    if data[5:] == b"START TRANSACTION" and node.left > 0:
                        node.left -= 1
                        return
                    if not data:
                        return
                    (upstream if side is self.request else self.request).sendall(data)


class FaultCase(PurgeCase):
    def setUp(self):
        super().setUp()
        self.url = self.mariadb.add_user("purger", "SELECT, DELETE, UPDATE ON tokenserver.*")

    def purger(self, query=""):
        return {"SYNC_TOKENSERVER__DATABASE_URL": self.url + query}

    def tables_again(self):
        self.tables.connection = self.mariadb.connect(database="tokenserver")


class Connections(FaultCase):
    def kill_all(self):
        self.mariadb.kill_connections("user = 'purger'")

    def test_killed_in_mid_run_are_made_anew(self):
        uids = self.tables.many_old(1500, [self.nodeid, NO_NODE])
        before = self.tables.snapshot()
        program = self.start("--oneshot", "--batch-rows", 20, "--max-per-loop", 50,
                             "--max-fraction", 0, env=self.purger())
        for _ in range(12):
            left = len(self.tables.uids())
            wait_until(lambda left=left: len(self.tables.uids()) < left - 30 or program.ended(),
                       "fewer rows")
            self.kill_all()
        result = program.wait()
        self.assertEqual(0, result.status, result)
        self.assert_summary(result, state="complete", failed=0, left=0, postponed=0)
        self.assertEqual(1500, result.summary["removed_rows"], result)
        self.assert_removed(before, uids)
        self.assertTrue([line for line in result.lines
                         if line["message"] == "lost the database; waiting for it"], result)

    def test_lost_in_a_commit_leave_no_row_uncounted(self):
        for after in (False, True):
            with self.subTest(after=after):
                uids = self.tables.many_old(40, [self.nodeid, NO_NODE])
                before = self.tables.snapshot()
                loser = CommitLoser(self.mariadb.port, after)
                self.addCleanup(loser.close)
                url = self.url.replace(f":{self.mariadb.port}/", f":{loser.server.port}/")
                result = self.purge(env={"SYNC_TOKENSERVER__DATABASE_URL": url})
                self.assertTrue(loser.lost.is_set())
                self.assertIn("lost the database", result.stderr)
                self.assert_summary(result, state="complete", purged=40, gone=0, removed_rows=40)
                self.assert_removed(before, uids)

    def test_killed_before_a_commit_claim_no_row_that_another_took(self):
        uids = self.tables.many_old(5, [NO_NODE])
        before = self.tables.snapshot()
        other = self.mariadb.connect()
        other.begin()
        with other.cursor() as cursor:
            cursor.execute("SELECT uid FROM users FOR UPDATE")
            program = self.start("--oneshot", env=self.purger())
            waiting = ("SELECT id FROM information_schema.processlist"
                       " WHERE user = 'purger' AND info LIKE '%%FOR UPDATE%%'")
            wait_until(lambda: self.tables.query(waiting), "the program's wait for the rows")
            cursor.execute("DELETE FROM users")
            self.kill_all()
            program.wait_line("lost the database")
            other.commit()
        result = program.wait()
        self.assertEqual(0, result.status, result)
        self.assert_summary(result, state="complete", purged=0, gone=5, removed_rows=0)
        self.assert_removed(before, uids)

    def test_refused_for_a_while_are_waited_for(self):
        uids = self.tables.many_old(40, [self.nodeid])
        before = self.tables.snapshot()
        program = self.start_held("--oneshot", env=self.purger())
        self.tables.query("SET GLOBAL max_connections = 10")
        self.addCleanup(self.tables.query, "SET GLOBAL max_connections = DEFAULT")
        others = []
        self.kill_all()
        try:
            while True:
                others.append(self.mariadb.connect())
        except pymysql.err.OperationalError:
            pass  # 1040: too many connections
        self.node.release()
        program.wait_line("lost the database")
        for other in others:
            other.close()
        result = program.wait()
        self.assertEqual(0, result.status, result)
        self.assert_removed(before, uids)


    def test_lost_at_the_first_statement_each_time_blame_no_row(self):
        uids = self.tables.many_old(6, [self.nodeid])
        before = self.tables.snapshot()
        loser = BeginLoser(self.mariadb.port, 10)
        self.addCleanup(loser.close)
        url = self.url.replace(f":{self.mariadb.port}/", f":{loser.server.port}/")
        result = self.purge("--batch-rows", 1, env={"SYNC_TOKENSERVER__DATABASE_URL": url})
        self.assertEqual(0, loser.left)
        self.assert_summary(result, purged=6, failed=0, postponed=0)
        self.assert_removed(before, uids)


class Locks(FaultCase):
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


class Rows(FaultCase):
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


class Server(FaultCase):
    def begin(self, *options, query=""):
        self.uids = self.tables.many_old(40, [self.nodeid])
        self.before = self.tables.snapshot()
        return self.start_held(*options, env=self.purger(query))

    def server_pid(self):
        return int(Path(self.mariadb.dir, "pid").read_text(encoding="ascii"))

    def test_gone_for_longer_than_the_patience_fails_the_run_in_clear_words(self):
        program = self.begin("--oneshot", "--database-patience", 1)
        self.mariadb.kill()
        self.node.release()
        result = program.wait()
        self.mariadb.start()
        self.tables_again()
        self.assertEqual(1, result.status, result)
        self.assertIn("did not come back within --database-patience", result.summary["error"])
        self.assert_summary(result, state="failed", purged=0)
        self.assert_removed(self.before, [])

    def test_that_becomes_a_replica_for_a_while_is_waited_for(self):
        self.tables.many_old(200, [self.nodeid])
        program = self.start_held("--oneshot", env=self.purger())
        self.tables.query("SET GLOBAL read_only = 1")
        self.addCleanup(self.tables.query, "SET GLOBAL read_only = 0")
        self.node.release()
        program.wait_line("lost the database; waiting for it")
        self.tables.query("SET GLOBAL read_only = 0")
        result = program.wait()
        self.assert_summary(result, state="complete", purged=200, failed=0)

    def test_gone_in_one_run_is_waited_for_in_the_next(self):
        program = self.begin("--purge-interval", "0.2", "--database-patience", 6)
        self.mariadb.kill()
        self.node.release()
        self.assertEqual("failed", program.wait_line("run ended")["state"])
        self.mariadb.start()
        self.tables_again()
        wait_until(lambda: not self.tables.uids() & set(self.uids), "the end of the rows")
        more = self.tables.many_old(10, [self.nodeid])
        self.node.hold()
        wait_until(lambda: self.node.waiting > 0, "a request")
        runs, losses = len(program.lines("run ended")), len(program.lines("lost the database"))
        self.mariadb.kill()
        self.node.release()
        program.wait_line("lost the database", losses + 1)
        self.mariadb.start()
        line = program.wait_line("run ended", runs + 1)
        self.tables_again()
        self.assertEqual("complete", line["state"], line)
        self.assertEqual(set(), self.tables.uids() & set(more))
        self.stop(program)

    def test_gone_while_the_table_is_read_is_waited_for(self):
        uids = self.tables.many_old(3000, [NO_NODE])
        before = self.tables.snapshot()
        program = self.start("--oneshot", "--max-fraction", 0, "--max-per-loop", 1,
                             "--batch-rows", 1, env=self.purger())
        wait_until(lambda: len(self.tables.uids()) < 2990, "the first rows' end")
        self.mariadb.kill()
        program.wait_line("lost the database")
        self.mariadb.start()
        result = program.wait()
        self.tables_again()
        self.assertEqual(0, result.status, result)
        self.assert_removed(before, uids)
        self.assertEqual(3000, result.summary["removed_rows"], result)

    def test_that_says_nothing_is_given_up_and_asked_again(self):
        program = self.begin("--oneshot", query="?read_timeout=1&connect_timeout=1")
        pid = self.server_pid()
        os.kill(pid, signal.SIGSTOP)
        try:
            self.node.release()
            program.wait_line("lost the database")
        finally:
            os.kill(pid, signal.SIGCONT)
        result = program.wait()
        self.assertEqual(0, result.status, result)
        self.assert_removed(self.before, self.uids)
        self.assertEqual(40, result.summary["purged"] + result.summary["gone"], result)

    def test_that_is_waited_for_costs_no_processor(self):
        program = self.begin("--oneshot", "--database-patience", 20)
        self.mariadb.kill()
        self.node.release()
        program.wait_line("lost the database")
        used = program.cpu_s()
        began = time.monotonic()
        wait_until(lambda: time.monotonic() - began > 2, "two seconds")
        self.assertLess(program.cpu_s() - used, 0.2)
        self.mariadb.start()
        result = program.wait()
        self.tables_again()
        self.assertEqual(0, result.status, result)
        self.assert_removed(self.before, self.uids)

    def test_that_is_away_does_not_keep_the_program_from_stopping(self):
        program = self.begin("--oneshot", "--database-patience", 60)
        self.mariadb.kill()
        self.node.release()
        program.wait_line("lost the database")
        program.signal(signal.SIGTERM)
        result = program.wait(timeout_s=10)
        self.mariadb.start()
        self.tables_again()
        self.assertEqual(1, result.status, result)
        self.assertIn("the database was lost", result.summary["error"])
        self.assert_removed(self.before, [])


if __name__ == "__main__":
    main()
