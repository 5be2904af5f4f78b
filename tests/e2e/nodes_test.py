#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""nodes_test: how nodes are treated: no more than they can bear, and not given up too soon."""
from case import PurgeCase, main, wait_until
from harness.users import NO_NODE


class Treatment(PurgeCase):
    def gap_s(self, index=1):
        """The time between a request and the one before."""
        return self.node.requests[index].at_s - self.node.requests[index - 1].at_s

    def test_of_one_that_asks_for_time_is_patience_for_all_its_rows(self):
        uids = self.tables.many_old(4, [self.nodeid])
        before = self.tables.snapshot()
        self.node.fail(503, times=1, headers={"Retry-After": "1"})
        self.assert_summary(self.purge("--node-inflight", 1), state="complete", purged=4)
        self.assert_removed(before, uids)
        self.assertGreater(self.gap_s(), 0.9)

    def test_of_one_that_asks_for_time_while_it_works(self):
        for header in ("X-Backoff", "X-Weave-Backoff"):
            with self.subTest(header):
                self.tables.many_old(3, [self.nodeid])
                self.node.requests.clear()
                self.node.fail(200, times=1, headers={header: "1"})
                self.assert_summary(self.purge("--node-inflight", 1), purged=3)
                self.assertGreater(self.gap_s(), 0.9)
                self.assertLess(self.gap_s(2), 0.9)

    def test_of_one_that_comes_back_is_forgiving(self):
        uids = self.tables.many_old(40, [self.nodeid])
        before = self.tables.snapshot()
        self.node.down()
        program = self.start("--oneshot")
        program.wait_line("connections to the node fail")
        self.node.up()
        result = program.wait()
        self.assertEqual([self.node.url], [line["node"] for line in program.lines("node is in use again")])
        self.assertEqual(0, result.status, result)
        self.assert_removed(before, uids)

    def test_of_one_that_is_away_is_sparing(self):
        self.tables.many_old(500, [self.nodeid])
        self.tables.old(NO_NODE)
        self.node.fail(drop=True)
        self.purge("--retry-time", "1.5", status=3)
        self.assertLess(len(self.node.requests), 100)

    def test_keeps_to_the_limit_of_requests_at_once(self):
        self.tables.many_old(60, [self.nodeid])
        self.node.fail(delay_s=0.01)
        self.purge("--node-inflight", 3)
        self.assertEqual(60, len(self.node.deletes))
        self.assertLessEqual(self.node.most_at_once, 3)

    def test_of_many_nodes_is_at_once(self):
        nodeids = [self.nodeid] + [self.add_node()[1] for _ in range(11)]
        self.tables.many_old(12, nodeids)
        for node in self.nodes:
            node.hold()
        program = self.start("--oneshot")
        for node in self.nodes:
            wait_until(lambda node=node: node.waiting == 1, "a request to each node")
        for node in self.nodes:
            node.release()
        self.assertEqual(0, program.wait().status)


class Way(PurgeCase):
    def test_is_direct_whatever_the_environment_says(self):
        uid = self.tables.old(self.nodeid)
        proxies = {name: "http://127.0.0.1:1" for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY")}
        self.purge(env=proxies)
        self.assert_deleted([uid])

    def test_is_by_a_proxy_when_asked(self):
        self.tables.old(self.nodeid)
        proxy, _ = self.add_node()
        self.purge("--proxy", proxy.url, "--attempts", 1, status=None)
        self.assertEqual([], self.node.requests)
        self.assertTrue(proxy.requests[0].target.startswith(self.node.url))

    def test_names_the_program(self):
        self.tables.old(self.nodeid)
        self.purge()
        self.assertRegex(self.node.requests[0].headers["user-agent"], r"^purgefleet/\d")

    def test_sends_no_body(self):
        self.tables.old(self.nodeid)
        self.purge()
        headers = self.node.requests[0].headers
        self.assertEqual("0", headers.get("content-length", "0"))
        self.assertNotIn("transfer-encoding", headers)


if __name__ == "__main__":
    main()
