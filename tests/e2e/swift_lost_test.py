#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""swift_lost_test: nothing is called gone that is there, and nobody is held up by others."""
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from swift_case import SwiftCase, main
from harness.metrics_sink import MetricsSink
from harness.swift_cluster import now
from harness.wait import wait_until

QUICK = ("--request-timeout", 0.5, "--retry-time", 2)
NAMES = [f"o{number:02}" for number in range(60)]


class RingTest(SwiftCase):
    def other_etc(self, **changes):
        """A copy of /etc/swift, with rings that are changed."""
        place = tempfile.TemporaryDirectory(prefix="purgefleet-etc-")
        self.addCleanup(place.cleanup)
        etc = Path(place.name)
        for file in self.swift.etc.glob("*"):
            shutil.copy(file, etc / file.name)
        rings = json.loads((etc / "rings.json").read_text())
        (etc / "rings.json").write_text(json.dumps({name: {**rings[name], **values} for name, values in changes.items()}))
        words = self.swift.words("rings")
        words[words.index(self.swift.etc)] = etc
        subprocess.run(words, env=self.swift.environment(), check=True)
        return etc

    def test_an_object_ring_of_before_its_partitions_doubled_loses_nothing(self):
        names = NAMES[:20]
        self.fill(*names)
        self.delete()
        self.swift.forget_requests()
        etc = self.other_etc(object={"part_power": 5})
        result = self.run_on(self.swift.nodes[0], "--all-shards", "--swift-dir", etc, "--retry-time", 1, status=None)
        self.assertNotEqual(0, result.status, result)
        self.assertIn("listed objects are on none of their servers: is the object ring of policy 0", result.stderr)
        self.assertEqual([], self.deletes("object"))
        self.run_everywhere()
        self.assert_no_object_is_left(self.account, "c", *names)
        self.assert_reaped()

    def test_objects_that_were_lost_leave_with_the_others_and_are_told_of(self):
        self.fill("a", "b", "c")
        for place in self.swift.object_places(self.account, "c", "b"):
            shutil.rmtree(place)
        self.delete()
        results = self.run_everywhere()
        self.assertEqual(1, sum(result.stderr.count("No server has 1 of the listed objects of container") for result in results))
        self.assert_reaped()

    def test_a_container_whose_objects_were_all_lost_waits_for_a_word(self):
        self.fill("a", "b")
        for name in ("a", "b"):
            for place in self.swift.object_places(self.account, "c", name):
                shutil.rmtree(place)
        self.delete()
        self.run_on(self.swift.nodes[0], "--all-shards", "--retry-time", 1, status=None)
        self.assertEqual({1}, set(self.containers_left()))
        self.run_on(self.swift.nodes[0], "--all-shards", "--reap-absent")
        self.assert_reaped()

    def test_one_of_three_that_has_deleted_it_is_no_proof(self):
        self.fill("o", "p")
        self.delete()
        primaries = self.swift.primaries(self.account, "c", ring="container")
        last = self.swift.nodes[primaries[-1]]
        place = f"/d{last.number}/{self.swift.partition_of(self.account, 'c')}/{self.account}/c"
        for name in ("o", "p"):
            self.swift.direct(last, "container", "DELETE", f"{place}/{name}", {"X-Backend-Storage-Policy-Index": "0"})
        self.assertEqual(204, self.swift.direct(last, "container", "DELETE", place).status)
        for number in primaries[:2]:
            # Its account server goes on.
            self.swift.nodes[number].hang()
            self.addCleanup(self.swift.nodes[number].resume)
        result = self.run_on(last, "--all-shards", *QUICK, status=None)
        self.assertNotEqual(0, result.status, result)
        self.assertEqual((0, 0), (result.summary["purged"], result.summary["gone"]))


class ShardTest(SwiftCase):
    def shard_of(self, name):
        rows = self.swift.look(self.swift.databases(self.account, "big")[0],
                               "SELECT name, lower, upper FROM shard_range WHERE deleted = 0")
        [shard] = [row[0] for row in rows if row[1] < name <= (row[2] or "z") and row[0].startswith(".shards_")]
        return shard.split("/")

    def tell_shards(self):
        for daemon in ("object-updater", "container-sharder", "container-sharder", "container-updater"):
            self.swift.run_everywhere(daemon)

    def reap_until_it_is_gone(self):
        wait_until(lambda: self.run_everywhere(status=None) and (self.tell_shards() or set(self.containers_left()) == {0}),
                   "the container is gone", 60)

    def test_a_row_of_another_policy_in_a_shard_is_found(self):
        self.fill(*NAMES, container="big")
        self.swift.shard(self.account, "big", 20)
        account, container = self.shard_of("o05")
        headers = {"X-Backend-Storage-Policy-Index": "1", "X-Timestamp": now(), "X-Size": "1", "X-Content-Type": "t",
                   "X-Etag": "9dd4e461268c8034f5c8564e155c67a6"}
        self.swift.put_behind(self.account, "big", "o05x", "silver")
        for node in self.swift.nodes:
            root = f"/d{node.number}/{self.swift.partition_of(self.account, 'big')}/{self.account}/big/o05x"
            self.swift.direct(node, "container", "DELETE", root, {"X-Backend-Storage-Policy-Index": "1"})
            place = f"/d{node.number}/{self.swift.partition_of(account, container)}/{account}/{container}/o05x"
            self.swift.direct(node, "container", "PUT", place, headers)
        self.assertEqual(["o05x"], self.swift.kept(self.account, "big", ["o05x"], "silver"))
        self.delete()
        self.reap_until_it_is_gone()
        self.assertEqual([], self.swift.kept(self.account, "big", ["o05x"], "silver"))

    def test_objects_of_a_container_that_waits_are_counted(self):
        sink = MetricsSink()
        self.addCleanup(sink.close)
        self.fill(*NAMES, container="big")
        self.swift.shard(self.account, "big", 20)
        self.delete()
        options = ("--metric-host", "127.0.0.1", "--metric-port", sink.port)
        removed = sum(result.summary["removed_rows"] for result in self.run_everywhere(*options, status=None))
        self.assertEqual((60, 60), (removed, sink.totals()["swift.objects.deleted"]))


class StrayTest(SwiftCase):
    def test_one_stray_database_holds_up_nobody_else(self):
        self.fill("o")
        self.delete()
        database = [path for path in self.swift.databases(self.account) if self.swift.nodes[0].devices in path.parents][0]
        stray = database.parents[2] / "abc" / "0123456789abcdef0123456789abcabc"
        stray.mkdir(parents=True)
        self.addCleanup(shutil.rmtree, stray)
        shutil.copy(database, stray / f"{stray.name}.db")
        result = self.run_on(self.swift.nodes[0], "--all-shards", status=3)
        self.assertIn("it is a stray, or the hash prefix and suffix", result.stderr)
        self.assertEqual(1, result.summary["troubles"])
        self.assert_reaped()


if __name__ == "__main__":
    main()
