#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""swift_faults_test: nodes that are away or hang, databases that cannot be read, files of another cluster."""
import contextlib
import fcntl
import gzip
import os
import signal
import sqlite3

from swift_case import SwiftCase, main
from harness.wait import wait_until

QUICK = ("--request-timeout", 0.5, "--retry-time", 2)


class NodesTest(SwiftCase):
    def test_a_node_that_is_away_is_done_without_and_learns_of_it_when_it_is_back(self):
        names = [f"o{number}" for number in range(20)]
        self.fill(*names)
        self.delete()
        away = self.swift.nodes[2]
        away.stop()
        self.run_on(self.swift.nodes[0], "--all-shards", *QUICK)
        for name in names:
            files = self.swift.object_files(self.account, "c", name)
            self.assertTrue(files["node1"][0].endswith(".ts") and files["node2"][0].endswith(".ts"))
            self.assertTrue(files["node3"][0].endswith(".data"))
        away.start().wait()
        # Its own databases still have it all.
        wait_until(lambda: self.run_on(away, "--all-shards", status=None) and set(self.containers_left()) == {0},
                   "the node that was away is empty too")
        self.assert_no_object_is_left(self.account, "c", *names)

    def test_a_node_that_hangs_holds_nothing_up_for_good(self):
        names = [f"o{number}" for number in range(20)]
        self.fill(*names)
        self.delete()
        hung = self.swift.nodes[1]
        hung.hang()
        self.addCleanup(hung.resume)
        result = self.run_on(self.swift.nodes[0], "--all-shards", *QUICK, status=None)
        self.assertIn(result.status, (0, 3), result)
        hung.resume()
        wait_until(lambda: self.run_on(hung, "--all-shards", status=None) and set(self.containers_left()) == {0},
                   "all is gone after it")
        self.assert_no_object_is_left(self.account, "c", *names)

    def test_what_a_killed_run_left_is_taken_by_the_next_one(self):
        names = [f"o{number:03}" for number in range(150)]
        self.fill(*names)
        self.fill(*names, container="d", policy="silver")
        self.delete()
        for least in (20, 150):
            self.swift.forget_requests()
            program = self.start(self.swift.nodes[0], "--oneshot", "--all-shards", "--node-inflight", 1)
            wait_until(lambda least=least: len(self.deletes("object")) > least or program.ended(), "it deletes")
            program.signal(signal.SIGKILL)
            program.close()
        self.run_on(self.swift.nodes[0], "--all-shards")
        self.assert_no_object_is_left(self.account, "c", *names)
        self.assert_no_object_is_left(self.account, "d", *names, policy="silver")
        self.assert_reaped()

    def test_a_stop_ends_it_soon_and_loses_nothing(self):
        names = [f"o{number:03}" for number in range(150)]
        self.fill(*names)
        self.delete()
        program = self.start(self.swift.nodes[0], "--oneshot", "--all-shards", "--node-inflight", 1)
        wait_until(lambda: len(self.deletes("object")) > 20 or program.ended(), "it deletes")
        program.signal(signal.SIGTERM)
        program.wait()
        self.run_on(self.swift.nodes[0], "--all-shards")
        self.assert_reaped()


class DatabasesTest(SwiftCase):
    """Of one account; the others go on."""

    def setUp(self):
        super().setUp()
        self.other = self.new_account()
        self.fill("o")
        self.fill("o", account=self.other)
        self.delete()
        self.delete(self.other)
        self.node = self.swift.nodes[0]
        self.database = self.swift.databases(self.account)[0]

    def run_troubled(self, *words):
        result = self.run_on(self.node, "--all-shards", status=3)
        for word in words:
            self.assertIn(word, result.stderr)
        self.assert_reaped(self.other)
        self.assertEqual(1, result.summary["purged"], result)
        return result

    def put_back(self):
        """The account goes when its database is as it was."""
        self.run_on(self.node, "--all-shards")
        self.assert_reaped()

    def test_pending_rows_that_cannot_be_merged_wait_for_the_next_pass(self):
        self.swift.make_container_behind(self.account, "late")
        with open(self.database.parent / ".lock", "a", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.run_troubled(self.database.name, "pending")
        self.put_back()

    def test_a_database_that_is_locked_waits_for_the_next_pass(self):
        with contextlib.closing(sqlite3.connect(self.database, isolation_level=None)) as lock:
            lock.execute("BEGIN EXCLUSIVE")
            self.run_troubled(self.database.name, "locked")
            lock.execute("ROLLBACK")
        self.put_back()

    def test_a_damaged_database_is_named(self):
        good = self.database.read_bytes()
        self.database.write_bytes(good[:100] + b"\xff" * 3000 + good[3100:])
        self.run_troubled(self.database.name)
        self.database.write_bytes(good)
        self.put_back()

    def test_a_database_of_another_schema_is_named(self):
        self.swift.change(self.database, "ALTER TABLE account_stat RENAME COLUMN status TO state")
        self.run_troubled(self.database.name, "no such column: status")
        self.swift.change(self.database, "ALTER TABLE account_stat RENAME COLUMN state TO status")
        self.put_back()

    def test_an_empty_file_in_its_place_is_named(self):
        good = self.database.read_bytes()
        os.truncate(self.database, 0)
        self.run_troubled(self.database.name, "empty")
        self.database.write_bytes(good)
        self.put_back()


class ClusterTest(SwiftCase):
    """Files that are not of this cluster: nothing is touched."""

    def setUp(self):
        super().setUp()
        self.fill("o")
        self.delete()
        self.swift.forget_requests()
        self.node = self.swift.nodes[0]

    def assert_refused(self, *words, options=()):
        result = self.run_on(self.node, "--all-shards", *options, status=1)
        for word in words:
            self.assertIn(word, result.stderr)
        self.assertEqual([], self.swift.requests(method="DELETE"))

    def test_another_hash_suffix_is_refused_and_nothing_is_deleted(self):
        self.addCleanup(self.swift.write_etc)
        self.swift.write_etc(suffix="another")
        self.assert_refused("swift.conf", "nothing is touched")

    def test_a_ring_that_was_cut_off_is_refused(self):
        ring = self.swift.etc / "account.ring.gz"
        good = ring.read_bytes()
        self.addCleanup(ring.write_bytes, good)
        ring.write_bytes(good[:-10])
        self.assert_refused("account.ring.gz")
        ring.write_bytes(gzip.compress(b"no ring"))
        self.assert_refused("account.ring.gz")
        ring.unlink()
        self.assert_refused("account.ring.gz")

    def test_a_swift_conf_without_a_hash_is_a_wrong_use(self):
        self.addCleanup(self.swift.write_etc)
        (self.swift.etc / "swift.conf").write_text("[swift-hash]\n")
        result = self.run_on(self.node, status=2)
        self.assertIn("swift_hash_path_suffix", result.stderr)

    def test_a_device_that_is_not_mounted_is_passed_over(self):
        result = self.run_on(self.node, "--mount-check", "true", "--all-shards")
        self.assertIn("is not mounted", result.stderr)
        self.assertEqual([], self.swift.requests(method="DELETE"))
        (self.node.devices / "d1" / ".ismount").touch()
        self.addCleanup((self.node.devices / "d1" / ".ismount").unlink)
        result = self.run_on(self.node, "--mount-check", "true", "--all-shards")
        self.assertEqual(1, result.summary["purged"])

    def test_a_port_that_is_not_in_the_ring_is_told_of(self):
        result = self.run_on(self.node, "--bind-port", 1, "--all-shards")
        self.assertIn("no device of this node in the account ring", result.stderr)
        self.assertEqual([], self.swift.requests(method="DELETE"))

    def test_bad_values_are_named_with_their_place(self):
        for option, value in (("--delay-reaping", "1.5"), ("--reap-warn-after", "abc"), ("--mount-check", "yess"),
                              ("--bind-port", "70000")):
            result = self.run_on(self.node, option, value, status=2)
            self.assertIn(option, result.stderr)
        self.node.write_confs("delay_reaping = 1.5")
        self.addCleanup(self.node.write_confs)
        result = self.run_on(self.node, status=2)
        self.assertIn("delay_reaping", result.stderr)
        self.assertIn(str(self.node.conf("account")), result.stderr)
        self.node.write_confs("interval = 0.5.5")
        result = self.run_on(self.node, status=2)
        self.assertIn(f"file {self.node.conf('account')} line", result.stderr)
        self.assertIn("--purge-interval", result.stderr)


if __name__ == "__main__":
    main()
