#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""failover_test: the database's address moves to a replica that lags, or the primary becomes one: nothing is deleted on
what a replica says."""
import contextlib
import select
import socket
import socketserver

from case import PurgeCase, main
from harness.mariadb import MariaDB
from harness.tcp_server import TcpServer
from harness.users import Tables


class MovingAddress:
    """Hands each new connection on to `to_port`, and knows those that are open."""

    def __init__(self, to_port):
        self.to_port, self.open = to_port, []
        self.on_query = lambda query: None
        self.server = TcpServer(self, _MovingAddressConnection)

    def move(self, to_port):
        self.to_port = to_port
        for connection in self.open:
            with contextlib.suppress(OSError):  # its end came first
                connection.shutdown(socket.SHUT_RDWR)
        self.open.clear()


class _MovingAddressConnection(socketserver.BaseRequestHandler):
    def handle(self):
        moving = self.server.node
        with socket.create_connection(("127.0.0.1", moving.to_port)) as upstream:
            moving.open.append(upstream)
            other = {self.request: upstream, upstream: self.request}
            while True:
                for side in select.select(list(other), [], [])[0]:
                    data = side.recv(65536)
                    if side is self.request:
                        moving.on_query(data)
                    if not data:
                        return
                    other[side].sendall(data)


class Failover(PurgeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.replica = MariaDB()
        cls.addClassCleanup(cls.replica.close)

    def setUp(self):
        super().setUp()
        self.url = self.mariadb.add_user("purger", "SELECT, DELETE, UPDATE ON tokenserver.*")
        self.address = MovingAddress(self.mariadb.port)
        self.addCleanup(self.address.server.close)

    def at_address(self):
        port = self.address.server.port
        return {"SYNC_TOKENSERVER__DATABASE_URL":
                self.url.replace(f":{self.mariadb.port}/", f":{port}/")}

    def start_at(self, *options):
        """The first row is with its node; the others wait for their turn."""
        return self.start_held("--oneshot", "--node-keys", "uid", "--node-inflight", 1,
                               "--check-ttl", 0.1, *options, env=self.at_address())

    def copy_to_replica(self):
        tables = Tables(self.replica.reset())
        self.replica.add_user("purger", "SELECT, DELETE, UPDATE ON tokenserver.*")
        for name in ("nodes", "users"):
            tables.query(f"DELETE FROM {name}")
            for row in self.tables.query(f"SELECT * FROM {name}"):
                marks = ", ".join(["%s"] * len(row))
                tables.query(f"INSERT INTO {name} ({', '.join(row)}) VALUES ({marks})",
                             *row.values())
        tables.query("SET GLOBAL read_only = 1")

    def release(self):
        self.node.fail(delay_s=0.2, times=1)  # longer than a judgement holds
        self.node.release()

    def bring_back(self, uids):
        for uid in uids:
            self.tables.query("UPDATE users SET replaced_at = NULL WHERE uid = %s", uid)

    def test_to_a_replica_deletes_no_data_of_users_who_came_back(self):
        uids = self.tables.many_old(6, [self.nodeid])
        self.copy_to_replica()
        program = self.start_at("--database-patience", 1)
        first = self.node.requests[0].uid
        self.bring_back(set(uids) - {first})
        self.address.move(self.replica.port)
        self.release()
        result = program.wait()
        self.assertEqual(1, result.status, result)
        self.assertIn("the server is read-only", result.summary["error"])
        self.assert_deleted([first])

    def test_to_a_replica_and_back_is_waited_for(self):
        uids = self.tables.many_old(6, [self.nodeid])
        self.copy_to_replica()
        program = self.start_at()
        first = self.node.requests[0].uid
        self.bring_back(set(uids) - {first})
        self.address.move(self.replica.port)
        self.release()
        program.wait_line("lost the database")
        self.address.move(self.mariadb.port)
        result = program.wait()
        self.assertEqual(0, result.status, result)
        self.assert_summary(result, purged=1, left=5)
        self.assert_deleted([first])

    def test_in_mid_scan_deletes_no_data_of_users_who_came_back(self):
        uids = self.tables.many_old(20, [self.nodeid])[::-1]  # as they are scanned
        self.copy_to_replica()
        self.bring_back(uids[6:])
        pages = []

        def move_at_third_page(query):
            if b"JOIN services s" in query:
                pages.append(query)
                if len(pages) == 3:
                    self.address.move(self.replica.port)

        self.address.on_query = move_at_third_page
        result = self.purge("--node-keys", "uid", "--max-per-loop", 2, "--database-patience", 1,
                            "--check-ttl", 60, env=self.at_address(), status=1)
        self.assertIn("the server is read-only", result.summary["error"])
        self.assertEqual(set(), set(self.node.deleted_uids) - set(uids[:4]))

    def test_of_a_primary_that_keeps_its_connections_is_noticed(self):
        uids = self.tables.many_old(6, [self.nodeid])
        program = self.start_at()
        first = self.node.requests[0].uid
        self.addCleanup(self.tables.query, "SET GLOBAL read_only = 0")
        self.tables.query("SET GLOBAL read_only = 1")
        self.release()
        program.wait_line("lost the database")
        self.assertEqual({first}, {request.uid for request in self.node.requests})
        self.tables.query("SET GLOBAL read_only = 0")
        result = program.wait()
        self.assertEqual(0, result.status, result)
        self.assert_deleted(uids)

    def test_to_a_replica_leaves_a_dry_run_alone(self):
        self.tables.many_old(6, [self.nodeid])
        self.tables.query("SET GLOBAL read_only = 1")
        self.addCleanup(self.tables.query, "SET GLOBAL read_only = 0")
        result = self.purge("--dryrun", status=None,
                            env={"SYNC_TOKENSERVER__DATABASE_URL": self.url})
        self.assert_summary(result, would_purge=6)


if __name__ == "__main__":
    main()
