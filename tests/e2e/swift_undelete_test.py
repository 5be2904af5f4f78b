#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""swift_undelete_test: accounts that are undeleted while they are reaped, and clocks that are wrong."""
from swift_case import SwiftCase, main
from harness.swift_cluster import now
from harness.wait import wait_until

PAGE = 10
QUICK = ("--request-timeout", 0.5, "--retry-time", 2)


class UndeleteTest(SwiftCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.swift.write_etc(f"[swift-constraints]\ncontainer_listing_limit = {PAGE}\n")
        for node in cls.swift.nodes:
            node.restart()
        cls.swift.restart_proxy()

    def undelete_at(self, *places):
        """As an operator does it, at some of the servers: replication tells the others of the time, not of the status."""
        primaries = self.swift.primaries(self.account, ring="account")
        when = now()
        for path in self.swift.databases(self.account):
            is_one = any(f"/d{primaries[place] + 1}/" in str(path) for place in places)
            status = "status = ''," if is_one else ""
            self.swift.change(path, f"UPDATE account_stat SET {status} put_timestamp = '{when}'")

    def undelete_in_the_middle(self, place):
        names = [f"o{number:03}" for number in range(100)]
        self.fill(*names)
        self.delete()
        self.swift.forget_requests()
        program = self.start(self.swift.nodes[0], "--oneshot", "--all-shards", "--node-inflight", 1, "--node-rate", 100)
        wait_until(lambda: len(self.deletes("object")) > 30 or program.ended(), "it deletes")
        self.undelete_at(place)
        before = len(self.swift.kept(self.account, "c", names))
        result = program.wait(60)
        after = len(self.swift.kept(self.account, "c", names))
        # The page that was in work, and perhaps the answer of the server that was just asked.
        self.assertLessEqual(before - after, 2 * PAGE)
        self.assertGreater(after, 0)
        self.assertEqual((0, 100 - after), (result.summary["purged"], result.summary["removed_rows"]))
        [warning] = [line for line in result.lines if "was undeleted while it was reaped" in line["message"]]
        self.assertIn(f"Account {self.account} was undeleted while it was reaped: {100 - after} objects", warning["message"])

    def test_one_server_is_enough_to_stop_it_whichever(self):
        for place in range(3):
            with self.subTest(place=place):
                self.account = self.new_account()
                self.undelete_in_the_middle(place)

    def test_when_the_others_are_silent_a_node_that_has_missed_it_does_nothing(self):
        names = [f"o{number}" for number in range(5)]
        self.fill(*names)
        self.delete()
        primaries = self.swift.primaries(self.account, ring="account")
        stale = self.swift.nodes[primaries[0]]
        self.undelete_at(1, 2)
        for path in self.swift.databases(self.account):
            if stale.devices in path.parents:  # nobody told it even the time
                self.swift.change(path, "UPDATE account_stat SET put_timestamp = '0000000001.00000'")
        for node in self.swift.nodes:
            if node is not stale:
                node.hang()
                self.addCleanup(node.resume)
        self.swift.forget_requests()
        result = self.run_on(stale, "--all-shards", *QUICK, status=None)
        self.assertNotEqual(0, result.status, result)
        self.assertEqual([], self.deletes("object"))


class ClockTest(SwiftCase):
    def run_at(self, offset, *options):
        return self.run_on(self.swift.nodes[0], "--all-shards", *options, status=None, env={
            "LD_PRELOAD": "/usr/$LIB/faketime/libfaketimeMT.so.1", "FAKETIME": offset,
            "FAKETIME_DONT_FAKE_MONOTONIC": "1"})

    def test_nothing_is_deleted_by_a_clock_that_is_ahead(self):
        self.fill("o")
        self.delete()
        self.swift.forget_requests()
        result = self.run_at("+2m")
        self.assertNotEqual(0, result.status, result)
        self.assertRegex(result.stderr, r"our clock is 1[12]\d s ahead of that of '127.0.0.1': nothing is deleted")
        self.run_at("+25h", "--delay-reaping", 86400)
        self.assertEqual([], self.deletes("object") + self.deletes("container"))


if __name__ == "__main__":
    main()
