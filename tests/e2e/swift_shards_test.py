#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""swift_shards_test: containers whose objects are elsewhere: in shards, or in rows of another policy."""
from swift_case import SwiftCase, main
from harness.swift_cluster import POLICY_TEXT

NAMES = [f"o{number:02}" for number in range(60)]


class ShardsTest(SwiftCase):
    def run_and_say(self, *options):
        """All that a pass of all nodes said; some of it may have to wait."""
        results = self.run_everywhere("-v", *options, status=None)
        self.assertTrue(all(result.status in (0, 3) for result in results), "\n".join(map(str, results)))
        return "\n".join(result.stderr for result in results)

    def assert_all_gone(self):
        self.assert_no_object_is_left(self.account, "big", *NAMES)
        self.assert_reaped()

    def test_objects_in_shards_go_and_the_container_when_the_sharder_has_said_so(self):
        self.fill(*NAMES, container="big")
        self.swift.shard(self.account, "big", 20)
        self.delete()
        self.swift.forget_requests()
        said = self.run_and_say()
        self.assertIn('"reason": "blocked"', said.replace('":"', '": "'))
        self.assert_no_object_is_left(self.account, "big", *NAMES)
        objects = self.deletes("object")
        self.assertEqual(180, len(objects))
        for line in objects:
            self.assertTrue(line["headers"]["x-backend-quoted-container-path"].startswith(
                f".shards_{self.account}/big-"), line)
            self.assertIn(f"/{self.account}/big/", line["path"])
        self.assertEqual([], [line for line in self.deletes("container") if "/.shards_" in line["path"]
                              and line["path"].count("/") == 4], "no shard is deleted")
        self.swift.run_everywhere("container-sharder")
        self.run_and_say()
        self.assert_all_gone()

    def test_a_container_that_is_just_being_sharded_is_emptied(self):
        self.fill(*NAMES, container="big")
        for node in self.swift.nodes:
            node.write_confs(cleave=1)
            self.addCleanup(node.write_confs)
        self.swift.shard(self.account, "big", 20, passes=1)
        states = {self.swift.state(node, self.account, "big") for node in self.swift.nodes}
        self.assertIn("sharding", states)
        self.delete()
        self.run_and_say()
        self.assert_no_object_is_left(self.account, "big", *NAMES)
        for _ in range(5):
            self.swift.run_everywhere("container-sharder")
        self.run_and_say()
        self.assert_all_gone()

    def test_rows_of_another_policy_are_found_when_the_container_does_not_go(self):
        self.fill(container="c")
        self.swift.put_behind(self.account, "c", "lost", policy="silver")
        self.delete()
        self.run_and_say()
        self.assert_no_object_is_left(self.account, "c", "lost", policy="silver")
        self.assert_reaped()


class PoliciesTest(SwiftCase):
    def test_objects_of_a_policy_that_is_not_known_stay_and_are_named(self):
        self.fill("o", policy="silver")
        self.fill("p", container="d")
        self.delete()
        self.swift.write_etc(policies=POLICY_TEXT.replace("[storage-policy:1]\nname = silver", ""))
        self.addCleanup(self.swift.write_etc)
        said = "\n".join(result.stderr for result in self.run_everywhere(status=None))
        self.assertIn("storage policy 1 is not in", said)
        self.assertEqual({1}, set(self.containers_left()), "the other container went: " + said)
        self.swift.write_etc()
        self.run_everywhere()
        self.assert_reaped()

    def test_objects_of_a_policy_without_a_ring_stay_and_are_named(self):
        self.fill("o", policy="silver")
        self.delete()
        ring = self.swift.etc / "object-1.ring.gz"
        away = ring.rename(ring.with_suffix(".away"))
        self.addCleanup(lambda: away.exists() and away.rename(ring))
        results = self.run_everywhere(status=None)
        self.assertIn("object-1.ring.gz", "\n".join(result.stderr for result in results))
        self.assertIn(3, [result.status for result in results])
        away.rename(ring)
        self.run_everywhere()
        self.assert_reaped()


class FewAccountServersTest(SwiftCase):
    replicas = {"account": 2}

    def test_more_container_than_account_servers_are_all_told(self):
        self.fill("o", "p")
        self.delete()
        self.run_everywhere()
        self.assert_reaped()
        self.assertEqual(2, len(self.swift.databases(self.account)))


if __name__ == "__main__":
    main()
