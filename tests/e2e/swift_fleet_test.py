#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""swift_fleet_test: a producer on each node, and workers anywhere."""
import os
import re
import signal

from swift_case import SwiftCase, main
from harness import purgefleet
from harness.broker import Broker
from harness.wait import wait_until

QUICK = ("--kafka.session.timeout.ms=3000", "--kafka.heartbeat.interval.ms=300",
         "--kafka.reconnect.backoff.max.ms=500")
TIERS = ("--retry-tiers", "1s")


class FleetTest(SwiftCase):
    topics_made = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.broker = Broker()
        cls.addClassCleanup(cls.broker.close)

    def setUp(self):
        super().setUp()
        FleetTest.topics_made += 1
        self.prefix = f"t{os.getpid()}x{FleetTest.topics_made}"
        words = ["topics", "swift", "create", *self.kafka(), "--partitions", "4", "--range-width", "1",
                 "--replication", "1", *TIERS]
        result = purgefleet.run(words, purgefleet.environment())
        self.assertEqual(0, result.status, result)

    def kafka(self):
        return ["--brokers", self.broker.address, "--topic-prefix", self.prefix]

    def produce(self, status=0):
        """One pass of the producer of each node."""
        results = [purgefleet.run(self.words(node, "--oneshot", *self.kafka(), command="produce"),
                                  purgefleet.environment()) for node in self.swift.nodes]
        for result in results:
            self.assertEqual(status, result.status, result)
        return results

    def worker(self, *options):
        """Far from the nodes: it has rings and swift.conf alone."""
        words = ["work", "swift", "--swift-dir", str(self.swift.etc), "--devices", "/nowhere", *self.kafka(), *QUICK,
                 *TIERS, *map(str, options)]
        program = purgefleet.Program(words, purgefleet.environment())
        self.addCleanup(program.close)
        self.programs.append(program)
        return program

    def drain(self, *options):
        result = self.worker("--until-drained", *options).wait(120)
        self.assertEqual(0, result.status, result)
        return result

    def fill_many(self, containers, objects):
        names = [f"o{number}" for number in range(objects)]
        for number in range(containers):
            self.fill(*names, container=f"c{number}", policy=("gold", "silver")[number % 2])
        return names

    def test_producers_publish_and_a_worker_far_away_reaps(self):
        names = self.fill_many(6, 5)
        self.delete()
        self.swift.forget_requests()
        self.produce()
        self.assertEqual([], self.deletes("object"), "a producer deletes nothing")
        result = self.drain()
        for number in range(6):
            self.assert_no_object_is_left(self.account, f"c{number}", *names,
                                          policy=("gold", "silver")[number % 2])
        self.assert_reaped()

    def test_the_lines_of_all_workers_add_up_to_what_became_of_the_account(self):
        self.fill_many(6, 5)
        self.delete()
        workers = [self.worker() for _ in range(2)]
        for worker in workers:
            worker.wait_line("partitions assigned")
        self.produce()
        wait_until(lambda: set(self.containers_left()) == {0}, "all is gone", 60)
        lines = []
        for worker in workers:
            worker.signal(signal.SIGTERM)
            lines += [line["message"] for line in worker.wait().lines
                      if line["message"].startswith(f"Completed pass on account {self.account},")]
        for wanted, words in ((6, "containers deleted"), (3 * 5 * 3 + 3 * 5 * 2, "objects deleted")):
            numbers = [int(found[1]) for line in lines for found in [re.search(rf", (\d+) {words}", line)] if found]
            self.assertEqual(wanted, sum(numbers), lines)

    def test_many_workers_send_no_delete_twice(self):
        self.fill_many(12, 8)
        self.delete()
        self.swift.forget_requests()
        workers = [self.worker() for _ in range(3)]
        for worker in workers:
            worker.wait_line("partitions assigned")
        self.produce()
        wait_until(lambda: set(self.containers_left()) == {0}, "all is gone", 60)
        sent = [(line["node"], line["path"]) for line in self.deletes("object")]
        self.assertEqual(6 * 8 * 3 + 6 * 8 * 2, len(sent))
        self.assertEqual(len(sent), len(set(sent)))
        for worker in workers:
            worker.signal(signal.SIGTERM)
            self.assertEqual(0, worker.wait().status)

    def test_what_a_killed_worker_had_is_done_by_another(self):
        names = self.fill_many(8, 25)
        self.delete()
        self.swift.forget_requests()
        self.produce()
        worker = self.worker("--node-inflight", 1)
        wait_until(lambda: len(self.deletes("object")) > 50 or worker.ended(), "it deletes")
        worker.signal(signal.SIGKILL)
        worker.close()
        self.drain()
        for number in range(8):
            self.assert_no_object_is_left(self.account, f"c{number}", *names,
                                          policy=("gold", "silver")[number % 2])
        self.assert_reaped()

    def test_what_a_killed_producer_did_not_publish_the_next_pass_publishes(self):
        accounts = [self.account, self.new_account()]
        for account in accounts:
            for number in range(8):
                self.fill("o", account=account, container=f"c{number}")
            self.delete(account)
        for node in self.swift.nodes:
            producer = self.start(node, *self.kafka(), "--max-per-loop", 1, command="produce")
            # What it found in the first one is published by then.
            wait_until(lambda said=producer: said.said.count("Beginning pass on account AUTH_") == 2, "both begin")
            producer.signal(signal.SIGKILL)
            producer.close()
        self.produce()
        self.swift.forget_requests()
        result = self.drain()
        for account in accounts:
            self.assert_reaped(account)
        [ended] = [line for line in result.lines if line["message"] == "worker ended"]
        self.assertEqual((0, 0), (ended["failed"], ended["postponed"]))
        self.assertGreater(ended["taken"], 2 * 8, "some were published twice")
        sent = [(line["node"], line["path"]) for line in self.swift.requests(method="DELETE", server="object")]
        self.assertEqual(2 * 8 * 3, len(sent))
        self.assertEqual(len(sent), len(set(sent)))

    def test_what_several_passes_published_is_in_work_once_at_a_time(self):
        self.fill_many(4, 30)
        self.delete()
        for _ in range(3):
            self.produce()
        self.swift.forget_requests()
        result = self.drain()
        [ended] = [line for line in result.lines if line["message"] == "worker ended"]
        self.assertEqual((4, 8), (ended["purged"], ended["left"] + ended["gone"]), ended)
        self.assertGreater(ended["left"], 0)
        sent = [(line["node"], line["path"]) for line in self.deletes("object")]
        self.assertEqual(2 * 30 * 3 + 2 * 30 * 2, len(sent))
        self.assertEqual(len(sent), len(set(sent)))
        self.assert_reaped()

    def test_an_account_that_was_undeleted_meanwhile_is_left_alone(self):
        self.fill_many(2, 3)
        self.delete()
        self.produce()
        for path in self.swift.databases(self.account):
            self.swift.change(path, "UPDATE account_stat SET status = '', put_timestamp = '9999999999.00000'")
        self.swift.forget_requests()
        self.drain()
        self.assertEqual([], self.deletes("object"))
        self.assertEqual(3, len(self.swift.listing(self.account, "c0")))

    def test_a_worker_of_another_cluster_refuses(self):
        self.fill("o")
        self.delete()
        self.produce()
        self.swift.forget_requests()
        self.addCleanup(self.swift.write_etc)
        self.swift.write_etc(suffix="another")
        result = self.worker("--until-drained").wait(60)
        self.assertNotEqual(0, result.status)
        self.assertIn("cluster", result.stderr)
        self.assertEqual([], self.swift.requests(method="DELETE"))


if __name__ == "__main__":
    main()
