#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""harness_test: the harness itself: the node believes only what Mozilla's libraries signed."""
import contextlib
import http.client
import io
import time
import unittest
from pathlib import Path

from case import SECRET, MetricsSink, PurgeCase, main, purgefleet
from harness.admin import free_port
from harness.storage_node import NodeProcess

import hawkauthlib
import tokenlib
import webob


class Client:
    """Signs as the script does that the program replaces."""

    def __init__(self, node):
        self.node = node
        self.connection = http.client.HTTPConnection(node.url.removeprefix("http://"), timeout=10)

    def authorize(self, uid, /, **changes):
        content = {"uid": uid, "node": self.node.url, "fxa_uid": "u", "fxa_kid": "k",
                   "salt": "0a1b2c", "expires": time.time() + 300, **changes}
        tokens = tokenlib.TokenManager(secret=SECRET)
        token = tokens.make_token(content)
        request = webob.Request.blank(f"{self.node.url}/1.5/{uid}", method="DELETE")
        return hawkauthlib.sign_request(request, token, tokens.get_derived_secret(token))

    def delete(self, uid, authorization=None, **headers):
        authorization = authorization or self.authorize(uid)
        self.connection.request("DELETE", f"/1.5/{uid}",
                                headers={"Authorization": authorization, **headers})
        answer = self.connection.getresponse()
        answer.read()
        return answer.status


class Harness(PurgeCase):
    def setUp(self):
        super().setUp()
        self.client = Client(self.node)
        self.addCleanup(self.client.connection.close)

    def test_node_believes_what_the_libraries_signed(self):
        self.assertEqual(200, self.client.delete(7))
        self.assertEqual(200, self.client.delete(8))
        self.assert_deleted([7, 8])
        self.assertEqual(("u", "k", self.node.url),
                         (self.node.requests[0].fxa_uid, self.node.requests[0].fxa_kid,
                          self.node.requests[0].node))
        self.assertEqual([1, 1], [request.connection for request in self.node.requests])

    def test_node_refuses_what_is_not_right(self):
        right = self.client.authorize(7)
        cases = (
            ("nonce used twice", right),
            ("token of another uid", self.client.authorize(7, uid=8)),
            ("token of another node", self.client.authorize(7, node="http://127.0.0.1:1")),
            ("expired", self.client.authorize(7, expires=time.time() - 1)),
            ("expires too late", self.client.authorize(7, expires=time.time() + 900)),
            ("request for another uid", self.client.authorize(8)),
            ("not a token", 'Hawk id="x", ts="1", nonce="x", mac="x"'),
            ("not Hawk", "Basic eA=="),
        )
        self.assertEqual(200, self.client.delete(7, right))
        for name, authorization in cases:
            with self.subTest(name):
                self.assertEqual(401, self.client.delete(7, authorization))
        self.assertEqual(len(cases), len(self.node.refused))
        self.assertEqual([7], self.node.deleted_uids)

    def test_node_refuses_another_secret(self):
        other, _ = self.add_node(secret="another secret")
        client = Client(other)
        self.addCleanup(client.connection.close)
        self.assertEqual(401, client.delete(7))

    def test_node_keeps_what_was_written_later(self):
        self.node.modified[7] = 1000.5
        header = {"X-If-Unmodified-Since": "1000.49"}
        self.assertEqual(412, self.client.delete(7, **header))
        header = {"X-If-Unmodified-Since": "1000.50"}
        self.assertEqual(200, self.client.delete(7, **header))
        self.assertEqual([7], self.node.deleted_uids)

    def test_node_fails_on_demand(self):
        self.node.fail(503, times=1)
        self.node.fail(400, uids={8})
        self.assertEqual([503, 200, 400],
                         [self.client.delete(uid) for uid in (7, 7, 8)])
        self.node.fail(drop=True)
        with self.assertRaises((http.client.HTTPException, ConnectionError)):
            self.client.delete(9)

    def test_node_that_is_down_refuses_connections_until_it_is_up(self):
        self.node.down()
        with self.assertRaises(ConnectionRefusedError):
            self.client.delete(7)
        self.client.connection.close()
        self.node.up()
        self.assertEqual(200, self.client.delete(7))

    def test_node_in_a_process_of_its_own_says_what_it_deleted_and_refused(self):
        node = NodeProcess(SECRET)
        self.addCleanup(node.close)
        client = Client(node)
        self.addCleanup(client.connection.close)
        right = client.authorize(7)
        self.assertEqual([200, 401, 200],
                         [client.delete(7, right), client.delete(7, right), client.delete(8)])
        self.assertEqual(([7, 8], ["signature or nonce"]), node.stop())

    def test_sink_has_all_that_was_sent_before(self):
        sink = MetricsSink()
        self.addCleanup(sink.close)
        sink._send(b"tokenserver.a:1|c\ntokenserver.a:2|c|#type:x")
        sink._send(b"tokenserver.g:5|g")
        sink._send(b"tokenserver.a:3|c")
        self.assertEqual(
            {"tokenserver.a": 4, "tokenserver.a#type:x": 2, "tokenserver.g": [5]}, sink.totals()
        )

    def test_tables_know_what_a_removal_changes(self):
        uid, other = self.tables.old(self.nodeid), self.tables.live(self.nodeid)
        before = self.tables.snapshot()
        self.assert_removed(before, [])
        self.tables.query("DELETE FROM users WHERE uid = %s", uid)
        with self.assertRaises(AssertionError):
            self.assert_removed(before, [uid])
        self.assert_removed(before, [uid], counters=False)
        self.tables.query("UPDATE nodes SET available = 101, current_load = 49")
        self.assert_removed(before, [uid])
        self.assertEqual({other}, self.tables.uids())

    def test_many_rows_are_spread_over_the_nodes(self):
        _, second = self.add_node()
        uids = self.tables.many_old(5, [self.nodeid, second])
        self.assertEqual([self.nodeid, second] * 2 + [self.nodeid],
                         [self.tables.user(uid)["nodeid"] for uid in uids])

    def test_database_comes_back_on_its_port(self):
        self.tables.old(self.nodeid)
        port = self.mariadb.port
        self.mariadb.restart()
        self.assertEqual(port, self.mariadb.port)
        connection = self.mariadb.connect()
        with connection.cursor() as cursor:
            self.assertEqual(1, cursor.execute("SELECT uid FROM users"))

    def test_a_free_port_is_none_that_an_outgoing_connection_gets(self):
        first, last = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split())
        for _ in range(20):
            self.assertNotIn(free_port(), range(first, last + 1))

    def test_program_is_waited_for(self):
        result = purgefleet.run(
            ["-c", "echo '{\"message\":\"run ended\",\"severity\":\"INFO\"}' >&2; exit 3"],
            purgefleet.environment(), binary="/bin/sh",
        )
        self.assertEqual((3, "INFO"), (result.status, result.summary["severity"]))
        with self.assertRaisesRegex(AssertionError, "does not end"):
            purgefleet.run(["-c", "exec tail -f /dev/null"], purgefleet.environment(),
                           binary="/bin/sh", timeout_s=0.1)

    def test_lines_of_a_program_are_taken_one_after_the_other(self):
        words = "".join(f"echo '{{\"message\":\"pass\",\"n\":{n}}}' >&2;" for n in (1, 2, 3))
        program = purgefleet.Program(["-c", words], purgefleet.environment(), binary="/bin/sh")
        self.addCleanup(program.close)
        self.assertEqual([1, 3], [program.next_line("pass")["n"], program.next_line("pass", n=3)["n"]])
        with self.assertRaisesRegex(AssertionError, "ended without 'pass'"):
            program.next_line("pass")
        self.assertEqual(2, program.wait_line("pass", 2)["n"])

    def test_a_test_that_fails_shows_what_its_programs_said(self):
        class Story(PurgeCase):
            mariadb = self.mariadb
            ends_well = False

            def runTest(self):
                self.start("-c", "echo it broke >&2", words=(), binary="/bin/sh").wait()
                self.assertTrue(self.ends_well)

        for story, words in ((Story(), 1), (type("Good", (Story,), {"ends_well": True})(), 0)):
            with self.subTest(words), contextlib.redirect_stderr(io.StringIO()) as shown:
                story.run(unittest.TestResult())
                self.assertEqual(words, shown.getvalue().count("it broke"))


if __name__ == "__main__":
    main()
