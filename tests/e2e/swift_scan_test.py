#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""swift_scan_test: which containers of which accounts a pass finds on a node, and what it leaves and names."""
import fcntl
import os
import shutil
import time

from swift_case import SwiftCase, main


class PagesTest(SwiftCase):
    def test_accounts_with_containers_of_the_same_name_are_all_found_in_one_pass(self):
        accounts = [self.account, self.new_account(), self.new_account()]
        for account in accounts:
            self.fill("o", account=account)
            self.delete(account)
        result = self.run_on(self.swift.nodes[0], "--all-shards")
        self.assertEqual((3, 3, 6), tuple(result.summary[key] for key in ("purged", "rows", "removed_rows")))
        for account in accounts:
            self.assert_reaped(account)

    def test_an_account_of_many_containers_is_read_page_by_page(self):
        self.delete()
        node = self.swift.nodes[0]
        place = f"/d{node.number}/{self.swift.partition_of(self.account)}/{self.account}"
        for number in range(1100):
            self.swift.direct(node, "account", "PUT", f"{place}/c{number}", {
                "X-Account-Override-Deleted": "yes", "X-Put-Timestamp": f"{time.time():016.5f}",
                "X-Delete-Timestamp": "0", "X-Object-Count": "0", "X-Bytes-Used": "0"})
        result = self.run_on(node, "--all-shards", "--dryrun")
        self.assertEqual(1100, result.summary["would_purge"])
        self.assertEqual(1100, result.summary["rows"])


class TroubleTest(SwiftCase):
    """What is named, and left to the next pass."""

    def setUp(self):
        super().setUp()
        self.fill("o")
        self.delete()
        self.swift.forget_requests()
        self.node = self.swift.nodes[0]
        self.database = self.swift.databases(self.account)[0]

    def tearDown(self):
        """The next test has this account no more."""
        self.run_everywhere("--all-shards")
        self.assert_reaped()
        super().tearDown()

    def assert_named(self, *words, status=3, options=()):
        result = self.run_on(self.node, "--all-shards", *options, status=status)
        for word in words:
            self.assertIn(word, result.stderr)
        self.assertEqual([], self.deletes("object") + self.deletes("container"))

    def test_an_account_whose_server_is_away_is_left_and_named(self):
        self.node.stop()
        try:
            self.assert_named(self.database.name, "its account server cannot be asked")
        finally:
            self.node.start().wait()

    def test_an_account_that_its_server_does_not_know_ends_the_run(self):
        devices = self.swift.dir / "elsewhere"
        shutil.copytree(self.node.devices, devices)
        away = self.database.parent.rename(self.swift.dir / "away")
        try:
            self.assert_named("its account server does not know it", status=1, options=("--devices", devices))
        finally:
            away.rename(self.database.parent)
            shutil.rmtree(devices)

    def test_an_account_in_the_place_of_another_partition_is_left_and_named(self):
        accounts = self.database.parents[3]
        own = self.database.parents[2]
        other = accounts / str((int(own.name) + 1) % 64)
        was_there = other.exists()
        shutil.copytree(own / self.database.parents[1].name, other / self.database.parents[1].name)
        hidden = own.rename(self.swift.dir / "hidden")
        try:
            self.assert_named(f"belongs into partition {own.name}")
        finally:
            hidden.rename(own)
            shutil.rmtree(other / self.database.parents[1].name if was_there else other)

    def test_an_account_whose_containers_cannot_be_read_is_left_and_named(self):
        self.swift.change(self.database, "ALTER TABLE container RENAME TO bucket")
        try:
            self.assert_named(self.database.name, "its containers cannot be read", "no such table: container")
        finally:
            self.swift.change(self.database, "ALTER TABLE bucket RENAME TO container")

    def test_a_directory_that_cannot_be_read_is_named_and_the_others_go_on(self):
        used = {path.name for path in self.database.parents[3].iterdir()}
        free = next(str(number) for number in range(64) if str(number) not in used)
        loop = self.database.parents[3] / free
        loop.symlink_to(loop)
        try:
            result = self.run_on(self.node, "--all-shards", status=3)
        finally:
            loop.unlink()
        self.assertIn(f"{loop}' cannot be read", result.stderr)
        self.assertEqual(1, result.summary["purged"])

    def test_one_process_at_a_time_works_on_the_devices_of_a_node(self):
        lock = os.open(self.node.devices, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assert_named("another process has", str(self.node.devices), status=1)
            self.run_on(self.swift.nodes[1], "--all-shards")  # that of another node is another one
            self.assert_reaped()
        finally:
            os.close(lock)

    def test_devices_of_a_deleted_account_are_only_read(self):
        self.run_on(self.node, "--dryrun", "--all-shards")  # its server merges what is pending
        before = self.swift.tree()
        self.run_on(self.node, "--dryrun", "--all-shards")
        self.assertEqual(before, self.swift.tree())


if __name__ == "__main__":
    main()
