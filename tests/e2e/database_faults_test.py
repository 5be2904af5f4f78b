#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""database_faults_test: the database fails in the middle of a run: connections die, the server goes."""
import os
import select
import signal
import socket
import socketserver
import threading
import time
from pathlib import Path

from case import main, wait_until  # first: it chooses the Python
import pymysql
from harness.tcp_server import TcpServer
from harness.users import NO_NODE
from purger_case import PurgerCase


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


class FaultCase(PurgerCase):
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
